"""Maps and scorecards as self-contained HTML: figures for notebooks, whole pages for files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.errors import InvalidInput
from journeykit.view.curve import curve_of
from journeykit.view.flow import flow_of
from journeykit.view.groups import counted_labels, marked_failures, needs, scenes
from journeykit.view.model import COMPONENTS, picture_of
from journeykit.view.rendering import render
from journeykit.view.sheet import sheet_of
from journeykit.view.texts import Texts
from journeykit.view.words import Words, icon_of, icons, level

if TYPE_CHECKING:
    from journeykit.view.model import Picture

_CURVE_HEIGHT = 178
_TABLE_ROWS = 1_000
_TONES = {"onwards": "bar", "back": "back", "again": "bad"}  # colour of each kind of arrow


def map_html(journey_map: Any, card: Any = None, *, lang: str = "en", title: str | None = None) -> str:
    """The journey map as one HTML figure."""
    return str(render("map_figure.html.j2", **_context(picture_of(journey_map, card, title=title), lang=lang)))


def page_html(journey_map: Any, card: Any = None, *, lang: str = "en", title: str | None = None) -> str:
    """The whole page: map, failure points, scores, flow and every number as a table."""
    picture = picture_of(journey_map, card, title=title)
    context = _context(picture, lang=lang, with_flow=True, with_tables=True)
    chosen = {
        "map": True,
        "failures": bool(picture.failures),
        "scores": picture.journey is not None,
        "flow": context["flow"] is not None,
        "numbers": True,
        "reading": True,
    }
    return str(render("page.html.j2", **context, sections=[name for name, shown in chosen.items() if shown]))


def card_html(card: Any, *, lang: str = "en", title: str | None = None) -> str:
    """A scorecard as one HTML figure: scores with their parts, and the costliest failure points."""
    picture = picture_of(card.map, card, title=title)
    return str(render("card_figure.html.j2", **_context(picture, lang=lang)))


def map_svg(journey_map: Any, card: Any = None, *, lang: str = "en", title: str | None = None) -> str:
    """The journey map as a stand-alone SVG picture, for slides and documents."""
    picture = picture_of(journey_map, card, title=title)
    context = _context(picture, lang=lang)
    texts = Texts(lang)
    words = Words(texts, currency=picture.currency, slow_seconds=picture.slow_seconds)
    sheet = sheet_of(picture, words, texts, context["icons"])
    return str(render("map.svg.j2", **{**context, "sheet": sheet, "map_text": words.map_text(picture)}))


def flow_svg(journey_map: Any, *, lang: str = "en", title: str | None = None) -> str:
    """The moves between touchpoints as a stand-alone SVG picture; loops and moves back are drawn.

    Raises
    ------
    InvalidInput
        The map has no transitions.
    """
    context = _context(picture_of(journey_map, title=title), lang=lang, with_flow=True)
    if context["flow"] is None:
        raise InvalidInput("the map has no transitions to draw; expected at least one (discover(log) finds them)")
    return str(render("flow.svg.j2", **{**context, "standalone": True}))


def save_map(
    journey_map: Any,
    path: str | os.PathLike[str],
    card: Any = None,
    *,
    lang: str = "en",
    title: str | None = None,
) -> Path:
    """Save the map as one self-contained file.

    Parameters
    ----------
    journey_map : JourneyMap
        The map to draw.
    path : str or path
        ``.html`` or ``.htm`` for the whole page, ``.svg`` for the map alone.
    card : Scorecard, optional
        Adds scores, intervals and the failure points found in data.
    lang : {"en", "zh"}
        Language of all words that are not labels of the data.
    title : str, optional
        Instead of the map's name.

    Returns
    -------
    pathlib.Path
        The file, written whole or not at all.

    Raises
    ------
    InvalidInput
        Another suffix or language; the path is a directory, pipe or device.
    NotFound
        The folder does not exist.
    Error
        The system refuses; the old file is as it was.
    """
    suffix = Path(path).suffix.lower()
    draw = {".html": page_html, ".htm": page_html, ".svg": map_svg}.get(suffix)
    if draw is None:
        raise InvalidInput(f"path ends in {suffix!r:.20}; expected .html or .htm (the page) or .svg (the map alone)")
    _core.save_atomically(os.fsencode(path), draw(journey_map, card, lang=lang, title=title).encode())
    return Path(path)


def figure_prefix(picture: Picture) -> str:
    """Start of every id of a figure. Two figures in one notebook differ; the same figure is the same to the byte."""
    return "jk" + hashlib.sha256(repr(picture).encode("utf-8", "backslashreplace")).hexdigest()[:8]


def _context(
    picture: Picture,
    *,
    lang: str,
    with_flow: bool = False,
    with_tables: bool = False,
) -> dict[str, Any]:
    """All that templates read. `linked` and `listed`: touchpoints and failure points that the page can lead to."""
    texts = Texts(lang)
    words = Words(texts, currency=picture.currency, slow_seconds=picture.slow_seconds)
    points = picture.touchpoints
    by_id = {point.id: point for point in points}
    flow = flow_of(picture, words) if with_flow else None
    curve = curve_of(picture, width=1000, height=_CURVE_HEIGHT)
    found = [failure for failure in picture.failures if failure.found]
    drawn = [failure for failure in picture.failures if not failure.found][:_TABLE_ROWS]
    costliest = [failure for failure in found if failure.marked]
    methods = {name: getattr(words, name) for name in dir(words) if not name.startswith("_")}
    return {
        **methods,
        "lang": lang,
        "picture": picture,
        "prefix": figure_prefix(picture),
        "columns": sum(stage.columns for stage in picture.stages) or 1,
        "curve": curve,
        "curve_text": words.curve_text(curve),
        "flow": flow,
        "flow_text": words.flow_text(flow),
        "tones": _TONES,
        "standalone": False,
        "costliest_failures": costliest,
        "other_failures": found[len(costliest) : _TABLE_ROWS],
        "drawn_failures": drawn,
        "listed": {failure.number for failure in (*costliest, *drawn)} if with_tables else set(),
        "linked": {point.key for stage in picture.stages for point in stage.shown} if with_tables else set(),
        "places": lambda failure: [by_id[id_] for id_ in failure.touchpoints],
        "components": COMPONENTS,
        "notes": _notes(picture),
        "row_limit": _TABLE_ROWS,
        "table_rows": [(stage, point) for stage in picture.stages for point in stage.touchpoints][:_TABLE_ROWS],
        "moves": sorted(picture.transitions, key=lambda edge: -(edge.count or 0))[:_TABLE_ROWS],
        "names": {point.key: point.name for point in points},
        "icons": {name: icon["path"] for name, icon in icons().items()},
        "icon_of": icon_of,
        "level": level,
        "needs": needs,
        "scenes": scenes,
        "marked": marked_failures,
        "channels": lambda stage: counted_labels(stage, "channels"),
        "departments": lambda stage: counted_labels(stage, "departments"),
        "has": {
            "volume": any(stage.event_share is not None for stage in picture.stages),
            "needs": any(point.need for point in points),
            "channels": any(point.channels for point in points),
            "departments": any(point.departments for point in points),
            "failures": bool(picture.failures),
            "metrics": any(point.metrics for point in points),
            "durations": any(point.duration_seconds is not None for point in points),
            "unseen": any(point.never_seen for point in points),
            "back_stage": any(point.back_stage for point in points),
        },
    }


def _notes(picture: Picture) -> list[str]:
    """What a reader must not conclude."""
    notes = ["association", "order"]
    if picture.journey is not None:
        notes += ["survey", "interval", "open"]
    if "assumed" in picture.evidence_levels:
        notes.append("drawn")
    return notes
