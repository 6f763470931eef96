"""The journey map as a drawing of its own, for slides and documents: the lanes of the page, laid out by hand because
SVG does not wrap text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from journeykit.view.curve import curve_of
from journeykit.view.groups import counted_labels, marked_failures, needs, scenes
from journeykit.view.labels import clean_label
from journeykit.view.measure import text_width, wrap
from journeykit.view.shapes import Face, Line, Mark, Part, Rect, Shape
from journeykit.view.words import icon_of, level

if TYPE_CHECKING:
    from journeykit.view.curve import Curve
    from journeykit.view.model import Failure, Picture, Stage, Touchpoint
    from journeykit.view.texts import Texts
    from journeykit.view.words import Words

_MARGIN = 20.0
_LANE_WIDTH = 112.0
_COLUMN = 180.0
_PADDING = 9.0
_GAP = 7.0
_HEADER = 66.0
_TITLE = 62.0
_CURVE_HEIGHT = 178.0
_RING = "M0 -4A4 4 0 1 1 0 4A4 4 0 1 1 0 -4Z"
_DASHES = {"observed": "", "partly_observed": "6 4", "assumed": "1.5 3"}


@dataclass(frozen=True)
class Sheet:
    """The whole drawing."""

    width: float
    height: float
    parts: tuple[Part, ...]


Block = tuple[float, Callable[[float, float], Part]]  # height, and how to draw it at (x, y)


def sheet_of(picture: Picture, words: Words, texts: Texts, icons: dict[str, str]) -> Sheet:
    """Lay the map out."""
    return _Layout(picture, words, texts, icons).sheet()


class _Layout:
    """One pass from top to bottom; `y` is how far it has come."""

    def __init__(self, picture: Picture, words: Words, texts: Texts, icons: dict[str, str]) -> None:
        self._picture = picture
        self._words = words
        self._t = texts
        self._icons = icons
        self._parts: list[Part] = []
        self._columns = sum(stage.columns for stage in picture.stages) or 1
        self._left = _MARGIN + _LANE_WIDTH
        self._width = self._left + _COLUMN * self._columns + _MARGIN
        self._y = _MARGIN

    def sheet(self) -> Sheet:
        picture = self._picture
        self._title()
        top = self._y
        self._header()
        if any(stage.event_share is not None for stage in picture.stages):
            self._lane("volume", self._volume)
        if any(point.need for point in picture.touchpoints):
            self._lane("needs", lambda stage, width: [self._need(need.text, width) for need in needs(stage)])
        self._lane("touchpoints", self._chips)
        self._curve_lane()
        if picture.failures:
            self._lane("failures", self._failures)
        for name in ("channels", "departments"):
            if any(getattr(point, name) for point in picture.touchpoints):
                self._lane(name, partial(self._pills, name))
        frame = Rect(_MARGIN, top, self._width - 2 * _MARGIN, self._y - top, 8, stroke="line")
        self._parts.append(Part("", (frame,)))
        self._legend()
        return Sheet(self._width, self._y + _MARGIN, tuple(self._parts))

    def _title(self) -> None:
        picture, t = self._picture, self._t
        name = clean_label(picture.name or t("map.untitled"))
        room = self._width - 2 * _MARGIN - 190
        shapes: list[Mark] = [
            Line(_MARGIN, self._y + 20, wrap(name, room, 20, bold=True, lines=1)[0], 20, bold=True),
            Line(_MARGIN, self._y + 42, wrap(self._words.summary(picture), room, 13, lines=1)[0], 13, "soft"),
        ]
        if picture.journey is not None:
            score = picture.journey
            right = self._width - _MARGIN
            shapes.append(Line(right, self._y + 24, self._words.interval(score), 20, bold=True, anchor="end"))
            shapes.append(Line(right, self._y + 42, t("score.journey"), 13, "soft", anchor="end"))
        self._parts.append(Part(name, tuple(shapes)))
        self._y += _TITLE

    def _header(self) -> None:
        x = self._left
        for k, stage in enumerate(self._picture.stages):
            width = stage.columns * _COLUMN
            notch = 0 if k == 0 else 14
            tip = x + width - (3 if k == len(self._picture.stages) - 1 else 0)
            top, middle, bottom = self._y, self._y + _HEADER / 2, self._y + _HEADER
            data = f"M{x:.1f} {top:.1f}H{tip - 14:.1f}L{tip:.1f} {middle:.1f}L{tip - 14:.1f} {bottom:.1f}H{x:.1f}"
            data += f"L{x + notch:.1f} {middle:.1f}Z"
            name = clean_label(stage.name or self._t("map.no_stage"))
            facts = [self._t.counted("events", stage.events)] if stage.events is not None else []
            facts += [clean_label(self._words.phase(stage.phase))] if stage.phase else []
            titles = wrap(name, width - 44, 14, bold=True, lines=max(1, 3 - len(facts)))
            center = x + width / 2
            y = self._y + (_HEADER - 16 * (len(titles) + len(facts))) / 2 + 12
            shapes: list[Mark] = [Shape(data, fill="deep")]
            for title in titles:
                shapes.append(Line(center, y, title, 14, "on-deep", bold=True, anchor="middle"))
                y += 16
            for fact in facts:
                line = wrap(fact, width - 44, 11.5, lines=1)[0]
                shapes.append(Line(center, y, line, 11.5, "on-deep-soft", anchor="middle"))
                y += 16
            self._parts.append(Part(self._words.stage_title(stage), tuple(shapes)))
            x += width
        self._y += _HEADER

    def _lane(self, name: str, blocks_of: Callable[[Stage, float], list[Block]]) -> None:
        """A row of cells; blocks fill a wide stage row by row."""
        top = self._y
        bottom = top + 30.0
        x = self._left
        for stage in self._picture.stages:
            across = stage.columns if name in ("touchpoints", "failures") else 1
            width = (stage.columns * _COLUMN - 2 * _PADDING - (across - 1) * _GAP) / across
            blocks = blocks_of(stage, width)
            y = top + _PADDING
            for k in range(0, len(blocks), across):
                row = blocks[k : k + across]
                for j, (_, draw) in enumerate(row):
                    self._parts.append(draw(x + _PADDING + j * (width + _GAP), y))
                y += max(height for height, _ in row) + _GAP
            bottom = max(bottom, y - _GAP + _PADDING)
            x += stage.columns * _COLUMN
        self._close_lane(name, bottom)

    def _close_lane(self, name: str, bottom: float) -> None:
        """The lane's name, and its lines to the next lane and between stages."""
        label = self._t(f"lane.{name}")
        lines = wrap(label, _LANE_WIDTH - 2 * _PADDING, 12.5, bold=True, lines=3)
        bottom = max(bottom, self._y + 2 * _PADDING + 16 * len(lines))
        shapes: list[Mark] = [
            Rect(_MARGIN, self._y, _LANE_WIDTH, bottom - self._y, fill="wash"),
            Shape(f"M{_MARGIN} {self._y:.1f}H{self._width - _MARGIN:.1f}", stroke="line"),
        ]
        shapes += [
            Line(_MARGIN + _PADDING, self._y + 22 + 16 * k, line, 12.5, bold=True) for k, line in enumerate(lines)
        ]
        x = self._left
        for stage in self._picture.stages:
            if x == self._left or name != "experience":
                shapes.append(Shape(f"M{x:.1f} {self._y:.1f}V{bottom:.1f}", stroke="line"))
            x += stage.columns * _COLUMN
        self._parts.append(Part(label, tuple(shapes)))
        self._y = bottom

    def _volume(self, stage: Stage, width: float) -> list[Block]:
        share = stage.event_share
        if share is None:
            return []
        text = self._words.share(stage.event_share)
        bar = width - 52

        def draw(x: float, y: float) -> Part:
            shapes = (
                Rect(x, y + 2, bar, 8, 4, fill="track"),
                Rect(x, y + 2, max(1.0, bar * share), 8, 4, fill="bar"),
                Line(x + width, y + 11, text, 12, anchor="end"),
            )
            return Part(self._words.stage_title(stage), shapes)

        return [(14, draw)]

    def _need(self, text: str, width: float) -> Block:
        lines = wrap(f"“{clean_label(text)}”", width, 12.5, lines=4)

        def draw(x: float, y: float) -> Part:
            marks = (Line(x, y + 12 + 16 * k, line, 12.5, "soft", italic=True) for k, line in enumerate(lines))
            return Part(text, tuple(marks))

        return 16.0 * len(lines), draw

    def _chips(self, stage: Stage, width: float) -> list[Block]:
        blocks: list[Block] = []
        for scene in scenes(stage):
            while scene.name and len(blocks) % stage.columns:  # a scene begins a row
                blocks.append((0, lambda _x, _y: Part("", ())))
            if scene.name:
                blocks.append(self._scene(scene.name, width))
                blocks += [(0, lambda _x, _y: Part("", ()))] * (stage.columns - 1)
            blocks += [self._chip(point, width) for point in scene.touchpoints]
        return blocks

    def _scene(self, name: str, width: float) -> Block:
        line = wrap(clean_label(name), width, 11.5, bold=True, lines=1)[0]
        return 15, lambda x, y: Part(name, (Line(x, y + 11, line, 11.5, "soft", bold=True),))

    def _chip(self, point: Touchpoint, width: float) -> Block:
        t, words = self._t, self._words
        badge = words.number(point.score.value) if point.score and point.score.value is not None else ""
        titles = wrap(clean_label(point.name), width - 20 - (36 if badge else 0), 13, bold=True, lines=4)
        facts = t("legend.never_seen") if point.never_seen else ""
        if not facts and point.cases is not None:
            facts = t.counted("cases", point.cases)
        marks = "  ".join(f"!{failure.code}" for failure in point.failures[:3])
        channels = self._channel_rows(point.channels[:4], width - 20)
        extra = (14 if point.volume_share is not None else 0) + (16 if facts or marks else 0)
        extra += 16 if point.back_stage else 0
        height = 12 + 17 * len(titles) + extra + 16 * len(channels)
        tone = "line" if point.never_seen else "back" if point.back_stage else "bar"
        ink = "soft" if point.never_seen else "ink"

        def draw(x: float, y: float) -> Part:
            fill = "" if point.never_seen else "back-wash" if point.back_stage else "wash"
            shapes: list[Mark] = [
                Rect(x, y, width, height, 6, fill, tone, 1.5, _DASHES[point.evidence]),
                Rect(x, y, 4, height, 2, tone),
            ]
            base = y + 19
            for title in titles:
                shapes.append(Line(x + 11, base, title, 13, ink, bold=True))
                base += 17
            if badge and point.score and point.score.value is not None:
                shade = level(point.score.value)
                shapes.append(Rect(x + width - 38, y + 7, 30, 17, 8.5, f"{shade}-wash", shade))
                shapes.append(Line(x + width - 23, y + 20, badge, 11.5, shade, bold=True, anchor="middle"))
            if point.volume_share is not None:
                shapes.append(Rect(x + 11, base - 8, width - 20, 4, 2, "track"))
                shapes.append(Rect(x + 11, base - 8, max(1.0, (width - 20) * point.volume_share), 4, 2, tone))
                base += 12
            if facts or marks:
                shapes.append(Line(x + 11, base, facts, 11.5, "soft"))
                shapes.append(Line(x + width - 9, base, marks, 11.5, "bad", bold=True, anchor="end"))
                base += 16
            if point.back_stage:
                shapes.append(Line(x + 11, base, t("chip.back_stage"), 11, "back"))
                base += 16
            for row in channels:
                for offset, icon, label in row:
                    shapes.append(self._icon(icon, x + 11 + offset, base - 10))
                    shapes.append(Line(x + 26 + offset, base, label, 11.5, "soft"))
                base += 16
            return Part(words.chip_title(point), tuple(shapes))

        return height, draw

    def _icon(self, name: str, x: float, y: float) -> Shape:
        return Shape(self._icons[name], stroke="soft", stroke_width=1.3, x=x, y=y, scale=0.75)

    def _channel_rows(self, channels: tuple[str, ...], width: float) -> list[list[tuple[float, str, str]]]:
        rows: list[list[tuple[float, str, str]]] = []
        x = width
        for channel in channels:
            label = wrap(clean_label(channel), width - 15, 11.5, lines=1)[0]
            needed = 15 + text_width(label, 11.5)
            if x + needed > width:
                rows.append([])
                x = 0
            rows[-1].append((x, icon_of(channel), label))
            x += needed + 8
        return rows

    def _failures(self, stage: Stage, width: float) -> list[Block]:
        return [self._failure(failure, width) for failure in marked_failures(stage)]

    def _failure(self, failure: Failure, width: float) -> Block:
        titles = wrap(clean_label(self._words.failure_title(failure)), width - 42, 13, bold=True, lines=4)
        facts = wrap(self._words.failure_facts(failure), width - 20, 11.5, lines=3)
        height = 14 + 17 * len(titles) + 15 * len(facts)

        def draw(x: float, y: float) -> Part:
            shapes: list[Mark] = [
                Rect(x, y, width, height, 6, "bad-wash", "bad", 1.5, _DASHES[failure.evidence]),
                Rect(x, y, 4, height, 2, "bad"),
                Rect(x + 11, y + 7, 19, 18, 9, "bad"),
                Line(x + 20.5, y + 20, failure.code, 11, "paper", bold=True, anchor="middle"),
            ]
            shapes += [Line(x + 35, y + 20 + 17 * k, line, 13, bold=True) for k, line in enumerate(titles)]
            base = y + 20 + 17 * len(titles)
            shapes += [Line(x + 11, base + 15 * k, line, 11.5, "soft") for k, line in enumerate(facts)]
            return Part(self._words.failure_sentence(failure), tuple(shapes))

        return height, draw

    def _pills(self, name: str, stage: Stage, width: float) -> list[Block]:
        labels = counted_labels(stage, name)
        placed: list[tuple[float, float, float, str, str]] = []
        x, y = 0.0, 0.0
        icon_room = 17 if name == "channels" else 0
        for label, names in labels:
            times = f" ×{len(names)}" if len(names) > 1 else ""
            text = wrap(clean_label(label), width - 18 - icon_room - text_width(times, 12), 12, lines=1)[0] + times
            needed = 18 + icon_room + text_width(text, 12)
            if x and x + needed > width:
                x, y = 0.0, y + 27
            placed.append((x, y, needed, text, icon_of(label)))
            x += needed + 5

        def draw(left: float, top: float) -> Part:
            shapes: list[Mark] = []
            for dx, dy, needed, text, icon in placed:
                shapes.append(Rect(left + dx, top + dy, needed, 22, 11, "wash", "line"))
                if icon_room:
                    shapes.append(self._icon(icon, left + dx + 8, top + dy + 5))
                shapes.append(Line(left + dx + 9 + icon_room, top + dy + 15.5, text, 12))
            return Part(", ".join(label for label, _ in labels), tuple(shapes))

        return [(y + 22, draw)] if placed else []

    def _curve_lane(self) -> None:
        curve = curve_of(self._picture, width=_COLUMN * self._columns, height=_CURVE_HEIGHT)
        if curve is None:
            middle = self._left + _COLUMN * self._columns / 2
            text = wrap(self._t("curve.none"), _COLUMN * self._columns - 20, 12.5, lines=1)[0]
            self._parts.append(Part(text, (Line(middle, self._y + 26, text, 12.5, "soft", anchor="middle"),)))
            self._close_lane("experience", self._y + 44)
            return
        self._curve(curve)
        self._close_lane("experience", self._y + _CURVE_HEIGHT)

    def _curve(self, curve: Curve) -> None:
        left, top, words = self._left, self._y, self._words
        shapes: list[Mark] = []
        for value, y in curve.ticks:
            shapes.append(Shape(f"M0 {y:.1f}H{curve.width:.1f}", stroke="line", x=left, y=top))
            shapes.append(Line(left + 6, top + y - 4, words.signed(value), 11, "soft"))
        shapes += [Shape(band, fill="bar", opacity=0.2, x=left, y=top) for band in curve.bands]
        shapes += [Shape(line, stroke="deep-ink", stroke_width=2.5, x=left, y=top) for line in curve.lines]
        for gap in curve.gaps:
            shapes.append(
                Line(left + gap.x, top + curve.height / 2 + 4, self._t("no_data"), 11, "soft", anchor="middle")
            )
        self._parts.append(Part(words.curve_text(curve), tuple(shapes)))
        for dot in curve.dots:
            shape = Shape(_RING, fill="paper", stroke=dot.level, stroke_width=1.8, x=left + dot.x, y=top + dot.y)
            self._parts.append(Part(words.point_title(dot), (shape,)))
        for point in curve.points:
            here: list[Mark] = [Face(left + point.x, top + point.y, point.level)]
            if curve.scale == "score":
                y = top + point.y + (-17 if point.label_above else 26)
                here.append(
                    Line(left + point.x, y, words.number(point.value), 13, bold=True, anchor="middle", halo=True)
                )
            self._parts.append(Part(words.point_title(point), tuple(here)))

    def _legend(self) -> None:
        t, picture = self._t, self._picture
        box = Rect(0, -10, 22, 13, 3, "wash", "bar", 1.5)
        keys: list[tuple[Mark, str]] = [
            (replace(box, dash=_DASHES[name]), t(f"evidence.{name}")) for name in picture.evidence_levels
        ]
        if any(point.back_stage for point in picture.touchpoints):
            keys.append((replace(box, fill="back-wash", stroke="back"), t("chip.back_stage")))
        if any(point.never_seen for point in picture.touchpoints):
            keys.append((replace(box, fill="", stroke="line", dash=_DASHES["assumed"]), t("legend.never_seen")))
        if picture.scale is not None:
            keys += [(Face(11, -4, name), t(f"legend.{picture.scale}.{name}")) for name in ("good", "fair", "bad")]
        if picture.scale == "score":
            keys.append((replace(box, fill="band", stroke="", radius=0), t("legend.band")))
            keys.append((Shape(_RING, fill="paper", stroke="fair", stroke_width=1.8, x=11, y=-4), t("legend.dot")))
        if picture.failures:
            keys.append((Rect(2, -12, 18, 17, 8.5, "bad"), t("legend.failure")))
        x, y = _MARGIN, self._y + 26
        for mark, text in keys:
            needed = 28 + text_width(text, 12) + 18
            if x > _MARGIN and x + needed > self._width - _MARGIN:
                x, y = _MARGIN, y + 24
            key = replace(mark, x=mark.x + x, y=mark.y + y)
            self._parts.append(Part(text, (key, Line(x + 28, y, text, 12, "soft"))))
            x += needed
        self._y = y
