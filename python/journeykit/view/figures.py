"""Maps and scorecards as self-contained HTML: figures for notebooks, whole pages for files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.collection import without_collection
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
    from journeykit.journey import JourneyMap
    from journeykit.scoring import Scorecard
    from journeykit.view.model import Picture

_CURVE_HEIGHT = 178
_TABLE_ROWS = 1_000
_TONES = {"onwards": "bar", "back": "back", "again": "bad"}  # colour of each kind of arrow


@without_collection
def map_html(
    journey_map: JourneyMap, card: Scorecard | None = None, *, lang: str = "en", title: str | None = None
) -> str:
    """The journey map as one HTML figure, for a notebook or a page of your own.

    Stages are columns; lanes show what customers want, touchpoints with their volume, channels and evidence, the
    experience curve, failure points, channels and departments. Lanes without anything to show are left out.

    Parameters
    ----------
    journey_map : JourneyMap
        The map to draw.
    card : Scorecard, optional
        Adds scores (the curve shows them, 0 to 100, with their intervals) and the failure points found in data.
        Without it the curve shows the emotion of each touchpoint, −1 to 1, where the map has any.
    lang : {"en", "zh"}
        Language of all words that are not labels of the data.
    title : str, optional
        Instead of the map's name.

    Returns
    -------
    str
        One ``<div>`` with a style that reaches nothing else; no script, nothing fetched. Labels are escaped and
        isolated. At most 160 touchpoints are drawn, the busiest of each stage; the figure says how many are not.

    Raises
    ------
    InvalidInput
        Another language.

    Examples
    --------
    >>> import journeykit as jk
    >>> journey = jk.JourneyMap.build("Shop", stages=["Buy"], touchpoints=[{"id": "<pay>", "stage": "Buy"}])
    >>> "&lt;pay&gt;</bdi>" in map_html(journey)
    True
    """
    context = _context("map", picture_of(journey_map, card, title=title), lang=lang)
    return str(render("map_figure.html.j2", **context))


@without_collection
def page_html(
    journey_map: JourneyMap, card: Scorecard | None = None, *, lang: str = "en", title: str | None = None
) -> str:
    """The whole page that :func:`save_map` writes: map, failure points, scores, flow and every number as a table.

    Parameters
    ----------
    journey_map, card, lang, title
        As for :func:`map_html`.

    Returns
    -------
    str
        An HTML document that opens with the network cut: no script, and a policy that lets none run. Tables hold at
        most 1,000 rows and say how many are left out.

    Raises
    ------
    InvalidInput
        Another language.

    Examples
    --------
    >>> import journeykit as jk
    >>> page_html(jk.JourneyMap.build("Shop"), lang="zh").splitlines()[0]
    '<!DOCTYPE html>'
    """
    picture = picture_of(journey_map, card, title=title)
    context = _context("page", picture, lang=lang, with_flow=True, with_tables=True)
    chosen = {
        "map": True,
        "failures": bool(picture.failures),
        "scores": picture.journey is not None,
        "flow": context["flow"] is not None,
        "numbers": True,
        "reading": True,
    }
    return str(render("page.html.j2", **context, sections=[name for name, shown in chosen.items() if shown]))


@without_collection
def card_html(card: Scorecard, *, lang: str = "en", title: str | None = None) -> str:
    """A scorecard as one HTML figure: the costliest failure points, and every score with its parts.

    Parameters
    ----------
    card : Scorecard
        The scorecard to show.
    lang, title
        As for :func:`map_html`.

    Returns
    -------
    str
        One ``<div>`` as from :func:`map_html`.

    Raises
    ------
    InvalidInput
        Another language.

    Examples
    --------
    >>> import journeykit as jk
    >>> rows = {"case": ["a", "a", "b"], "step": ["look", "buy", "look"], "at": ["2024-01-01T10:00:00Z"] * 3}
    >>> log = jk.read_events(rows, case="case", touchpoint="step", time="at", completed=["buy"])
    >>> "Whole journey" in card_html(jk.score(jk.discover(log), log))
    True
    """
    picture = picture_of(card.map, card, title=title)
    return str(render("card_figure.html.j2", **_context("card", picture, lang=lang)))


@without_collection
def map_svg(
    journey_map: JourneyMap, card: Scorecard | None = None, *, lang: str = "en", title: str | None = None
) -> str:
    """The journey map as a stand-alone SVG picture, for slides and documents.

    Parameters
    ----------
    journey_map, card, lang, title
        As for :func:`map_html`.

    Returns
    -------
    str
        Well-formed XML 1.0. Long labels are cut; they stand in full in the title of their shape.

    Raises
    ------
    InvalidInput
        Another language.

    Examples
    --------
    >>> import journeykit as jk
    >>> map_svg(jk.JourneyMap.build("Shop"))[:4]
    '<svg'
    """
    picture = picture_of(journey_map, card, title=title)
    context = _context("map-svg", picture, lang=lang)
    texts = Texts(lang)
    words = Words(texts, currency=picture.currency, slow_seconds=picture.slow_seconds)
    sheet = sheet_of(picture, words, texts, context["icons"])
    return str(render("map.svg.j2", **{**context, "sheet": sheet, "map_text": words.map_text(picture)}))


@without_collection
def flow_svg(journey_map: JourneyMap, *, lang: str = "en", title: str | None = None) -> str:
    """The moves between touchpoints as a stand-alone SVG picture.

    Touchpoints stand in the columns of their stage. Drawn are the most frequent moves until they make 95 % of all or
    as many as can be read, every touchpoint repeated at once, and the strongest move of each touchpoint that would
    stand alone; the description of the picture says how many that are. The width of an arrow is in proportion to its
    count.

    Parameters
    ----------
    journey_map, lang, title
        As for :func:`map_html`.

    Returns
    -------
    str
        Well-formed XML 1.0.

    Raises
    ------
    InvalidInput
        The map has no transitions, or another language.

    Examples
    --------
    >>> import journeykit as jk
    >>> moves = [{"source": "look", "target": "buy", "count": 3}, {"source": "look", "target": "look", "count": 1}]
    >>> steps = [{"id": "look", "stage": "Shop"}, {"id": "buy", "stage": "Shop"}]
    >>> picture = flow_svg(jk.JourneyMap.build(stages=["Shop"], touchpoints=steps, transitions=moves))
    >>> "All 2 kinds of moves are shown." in picture
    True
    """
    context = _context("flow-svg", picture_of(journey_map, title=title), lang=lang, with_flow=True)
    if context["flow"] is None:
        raise InvalidInput("the map has no transitions to draw; expected at least one (discover(log) finds them)")
    return str(render("flow.svg.j2", **{**context, "standalone": True}))


def save_map(
    journey_map: JourneyMap,
    path: str | os.PathLike[str],
    card: Scorecard | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
) -> Path:
    """Save the map as one self-contained file.

    Parameters
    ----------
    journey_map, card, lang, title
        As for :func:`map_html`.
    path : str or path
        ``.html`` or ``.htm`` for the whole page (:func:`page_html`), ``.svg`` for the map alone (:func:`map_svg`).

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

    Examples
    --------
    >>> import journeykit as jk, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_map(jk.JourneyMap.build("Shop"), f"{folder}/shop.svg").name
    'shop.svg'
    """
    suffix = Path(path).suffix.lower()
    draw = {".html": page_html, ".htm": page_html, ".svg": map_svg}.get(suffix)
    if draw is None:
        raise InvalidInput(f"path ends in {suffix!r:.20}; expected .html or .htm (the page) or .svg (the map alone)")
    _core.save_atomically(os.fsencode(path), draw(journey_map, card, lang=lang, title=title).encode())
    return Path(path)


def _context(
    kind: str,
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
        "prefix": _prefix(kind, picture, lang),
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


def _prefix(kind: str, picture: Picture, lang: str) -> str:
    """Start of every id of a figure: figures in one notebook differ, the same figure is the same to the byte."""
    content = f"{kind} {lang} {picture!r}".encode("utf-8", "backslashreplace")
    return "jk" + hashlib.sha256(content).hexdigest()[:8]


def _notes(picture: Picture) -> list[str]:
    """What a reader must not conclude."""
    notes = ["association", "order"]
    if picture.journey is not None:
        notes += ["survey", "interval", "open"]
    if "assumed" in picture.evidence_levels:
        notes.append("drawn")
    return notes
