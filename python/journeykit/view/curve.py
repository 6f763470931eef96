"""The experience curve: where its points, band and line lie."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeykit.view.model import Picture, Stage, Touchpoint

_SCALES = {"score": (0.0, 100.0), "emotion": (-1.0, 1.0)}


@dataclass(frozen=True)
class CurvePoint:
    """A measured place on the curve; y grows downwards."""

    x: float
    y: float
    value: float
    low: float | None
    high: float | None
    y_low: float | None
    y_high: float | None
    level: str  # good, fair, bad: upper, middle, lower third of the scale
    stage: Stage
    touchpoint: Touchpoint | None
    label_above: bool


@dataclass(frozen=True)
class Gap:
    """A stage without a measured value."""

    x: float
    stage: Stage


@dataclass(frozen=True)
class Curve:
    """Ready to draw in a field of `width` by `height`."""

    scale: str
    width: float
    height: float
    ticks: tuple[tuple[float, float], ...]  # value, y
    points: tuple[CurvePoint, ...]
    dots: tuple[CurvePoint, ...]
    gaps: tuple[Gap, ...]
    lines: tuple[str, ...]  # path data, one per unbroken run
    bands: tuple[str, ...]


def curve_of(picture: Picture, *, width: float, height: float, margin: float = 26) -> Curve | None:
    """The curve of a picture whose stage columns fill `width`; None where nothing was measured."""
    scale = picture.scale
    if scale is None:
        return None
    lowest, highest = _SCALES[scale]

    def y_of(value: float) -> float:
        inside = min(highest, max(lowest, value))
        return margin + (highest - inside) / (highest - lowest) * (height - 2 * margin)

    def point(x: float, stage: Stage, at: Touchpoint | None) -> CurvePoint | None:
        score = at.score if at else stage.score
        value = (at.emotion if at else None) if scale == "emotion" else (score.value if score else None)
        if value is None:
            return None
        low, high = (score.low, score.high) if scale == "score" and score else (None, None)
        third = (value - lowest) / (highest - lowest) * 3
        y = y_of(value)
        return CurvePoint(
            x=x,
            y=y,
            value=value,
            low=low,
            high=high,
            y_low=None if low is None else y_of(low),
            y_high=None if high is None else y_of(high),
            level="good" if third >= 2 else "fair" if third >= 1 else "bad",
            stage=stage,
            touchpoint=at,
            label_above=y > margin + 14,
        )

    unit = width / max(1, sum(stage.columns for stage in picture.stages))
    places: list[tuple[Stage, CurvePoint | None]] = []
    dots: list[CurvePoint] = []
    gaps: list[Gap] = []
    left = 0.0
    for stage in picture.stages:
        wide = stage.columns * unit
        spread = [left + wide * share for share in _spread(len(stage.shown), around_middle=scale == "score")]
        at_touchpoints = [point(x, stage, at) for x, at in zip(spread, stage.shown, strict=True)]
        middle = left + wide / 2
        if scale == "emotion":
            felt = [at for at in at_touchpoints if at is not None]
            places += [(stage, at) for at in felt] or [(stage, None)]
            missing = not felt
        else:
            dots += [at for at in at_touchpoints if at is not None]
            places.append((stage, here := point(middle, stage, None)))
            missing = here is None
        if missing:
            gaps.append(Gap(middle, stage))
        left += wide
    runs = _runs([place for _, place in places])
    return Curve(
        scale=scale,
        width=width,
        height=height,
        ticks=tuple((value, y_of(value)) for value in (highest, (highest + lowest) / 2, lowest)),
        points=tuple(place for _, place in places if place is not None),
        dots=tuple(dots),
        gaps=tuple(gaps),
        lines=tuple(monotone_path([(p.x, p.y) for p in run]) for run in runs if len(run) > 1),
        bands=tuple(_band(part) for run in runs for part in _runs([p if p.y_low is not None else None for p in run])),
    )


def _spread(count: int, *, around_middle: bool) -> list[float]:
    """Places of a stage's touchpoints as shares of its width; beside the middle where the stage's own point is."""
    if not around_middle:
        return [(k + 1) / (count + 1) for k in range(count)]
    before = (count + 1) // 2
    left = [0.13 + 0.26 * (k + 0.5) / before for k in range(before)]
    return left + [0.61 + 0.26 * (k + 0.5) / (count - before) for k in range(count - before)]


def _runs(places: Sequence[CurvePoint | None]) -> list[list[CurvePoint]]:
    """Split at the gaps: the line is not drawn over what nobody measured."""
    runs: list[list[CurvePoint]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def _band(run: Sequence[CurvePoint]) -> str:
    upper = [(p.x, p.y_high if p.y_high is not None else p.y) for p in run]
    lower = [(p.x, p.y_low if p.y_low is not None else p.y) for p in run]
    if len(run) == 1:  # a bar of its own around a lone point
        (x, top), (_, bottom) = upper[0], lower[0]
        return f"M{x - 6:.1f} {top:.1f}H{x + 6:.1f}V{bottom:.1f}H{x - 6:.1f}Z"
    return f"{monotone_path(upper)}L{monotone_path(lower[::-1])[1:]}Z"


def monotone_path(points: Sequence[tuple[float, float]]) -> str:
    """Smooth path data that never leaves the range of its neighbours (Fritsch & Carlson 1980), so that the drawn curve
    shows no peak that was not measured. x may run in either direction.
    """
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(points)]
    tangents = [slopes[0], *(_tangent(a, b) for a, b in pairwise(slopes)), slopes[-1]]
    data = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for k, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        third = (x1 - x0) / 3
        data += (
            f"C{x0 + third:.1f} {y0 + third * tangents[k]:.1f} {x1 - third:.1f} {y1 - third * tangents[k + 1]:.1f}"
            f" {x1:.1f} {y1:.1f}"
        )
    return data


def _tangent(before: float, after: float) -> float:
    """Harmonic mean of two slopes; flat at a peak or a trough."""
    return 0.0 if before * after <= 0 else 2 * before * after / (before + after)
