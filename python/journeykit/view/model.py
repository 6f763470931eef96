"""What a picture shows, read once from a journey map and, where given, its scorecard.

Everything here is plain and immutable: layouts and templates know neither the engine nor the names of its columns.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journeykit import journey
    from journeykit.journey import JourneyMap
    from journeykit.scoring import Scorecard

EVIDENCE = ("observed", "partly_observed", "assumed")
COMPONENTS = ("experience", "friction", "completion")
ARROW = " → "
_MOST_MARKED = 10  # failure points found in data that the map marks; the rest stand in their table
_MOST_CHIPS = 160  # of a map; the rest stand in its table
# A stage with more touchpoints than the first of these is drawn two, then three columns wide; where the whole map would
# get wider than a screen, the next is tried.
_TOUCHPOINTS_PER_COLUMN = (5, 8, 12)
_WIDEST_STAGE = 3
_EASY_COLUMNS = 9


@dataclass(frozen=True)
class Score:
    """A score from 0 to 100 with what it rests on; `value` is None where nobody measured."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    customers: int | None = None
    evidence: str = "assumed"
    points: tuple[tuple[str, float], ...] = ()  # component → points of the score
    warning: str = ""


@dataclass(frozen=True)
class Failure:
    """Where the journey goes wrong: found in data, or drawn by people."""

    number: int
    code: str  # as it is called on the page: 1, 2, … found in data, A, B, … drawn
    found: bool
    kind: str
    name: str
    where: str
    stage: str  # stage id
    evidence: str
    touchpoints: tuple[str, ...] = ()
    reached: int | None = None
    cases: int | None = None
    share: float | None = None
    completed_share: float | None = None
    others_completed_share: float | None = None
    lost: Score | None = None  # completions lost, with interval
    points_lost: float | None = None
    excess_repeats: float | None = None
    frequency_share: float | None = None
    loss_amount: float | None = None
    detection_share: float | None = None
    cause: str = ""
    description: str = ""
    contact_reasons: tuple[str, ...] = ()
    example_cases: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """Whether the map shows it: the costliest of those found, and all that people drew."""
        return not self.found or self.number <= _MOST_MARKED


@dataclass(frozen=True)
class Touchpoint:
    """One chip of the map."""

    key: int  # position in the map: ids of a page are made from this, never from labels
    id: str
    name: str
    stage: str
    scene: str
    description: str
    need: str
    owner: str
    channels: tuple[str, ...]
    departments: tuple[str, ...]
    tags: tuple[str, ...]
    back_stage: bool
    evidence: str
    events: int | None
    cases: int | None
    customers: int | None
    starts: int | None
    ends: int | None
    duration_seconds: float | None
    emotion: float | None
    metrics: tuple[journey.MetricSummary, ...]
    volume_share: float | None  # of the largest touchpoint, 0 … 1
    score: Score | None
    failures: tuple[Failure, ...] = ()  # those the map marks

    @property
    def never_seen(self) -> bool:
        """Drawn, in a map that data were loaded onto, but in no event."""
        return self.events == 0


@dataclass(frozen=True)
class Stage:
    """One column of the map."""

    id: str
    name: str
    phase: str
    description: str
    evidence: str
    touchpoints: tuple[Touchpoint, ...]
    shown: tuple[Touchpoint, ...]  # those drawn as chips: all, or the busiest
    failures: tuple[Failure, ...]
    events: int | None
    event_share: float | None
    score: Score | None
    columns: int  # how wide it is drawn


@dataclass(frozen=True)
class Transition:
    """One arrow of the flow."""

    source: int  # touchpoint keys
    target: int
    count: int | None
    cases: int | None
    probability: float | None
    median_seconds: float | None
    mean_seconds: float | None
    p90_seconds: float | None
    evidence: str


@dataclass(frozen=True)
class Picture:
    """All that is drawn."""

    name: str
    description: str
    currency: str
    cases: int | None
    events: int | None
    stages: tuple[Stage, ...]
    transitions: tuple[Transition, ...]
    failures: tuple[Failure, ...]
    journey: Score | None  # None without a scorecard
    slow_seconds: float | None = None  # a wait beyond this counts as slow

    @property
    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """All touchpoints, stage by stage."""
        return tuple(point for stage in self.stages for point in stage.touchpoints)

    @property
    def scale(self) -> str | None:
        """What the experience curve shows: "score", "emotion" or nothing."""
        if any(stage.score and stage.score.value is not None for stage in self.stages):
            return "score"
        return "emotion" if any(point.emotion is not None for point in self.touchpoints) else None

    @property
    def evidence_levels(self) -> tuple[str, ...]:
        """The levels that occur, best first."""
        found = {point.evidence for point in self.touchpoints} | {stage.evidence for stage in self.stages}
        return tuple(level for level in EVIDENCE if level in found)


def picture_of(journey_map: JourneyMap, card: Scorecard | None = None, *, title: str | None = None) -> Picture:
    """Read a map, and a scorecard where there is one."""
    about = journey_map.about
    failures = _failures(journey_map, card)
    points = _touchpoints(journey_map, _scores(card, "touchpoint"), failures)
    keys = {point.id: point.key for point in points}
    return Picture(
        name=title or about.name,
        description=about.description,
        currency=about.currency,
        cases=about.cases,
        events=about.events,
        stages=_stages(journey_map, points, failures, _scores(card, "stage")),
        transitions=tuple(_transition(edge, keys) for edge in journey_map.transitions),
        failures=failures,
        journey=_scores(card, "journey").get(""),
        slow_seconds=card.slow_after.total_seconds() if card is not None else None,
    )


def _number(value: Any) -> float | None:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _scores(card: Scorecard | None, level: str) -> dict[str, Score]:
    """Id → score of one level of the scorecard; the journey's id is empty."""
    if card is None:
        return {}
    parts: dict[str, dict[str, float]] = defaultdict(dict)
    for row in card.contributions(level).rows():
        points = parts[row["id"] or ""]
        points[row["group"]] = points.get(row["group"], 0.0) + row["points"]
    rows = {"journey": card.journey, "stage": card.stages, "touchpoint": card.touchpoints}[level].rows()
    return {row["id"] or "": _score(row, parts[row["id"] or ""]) for row in rows}


def _score(row: Mapping[str, Any], points: Mapping[str, float]) -> Score:
    return Score(
        value=_number(row["score"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        n=row["n"],
        customers=row["customers"],
        evidence=row["evidence"] or "assumed",
        points=tuple((part, points[part]) for part in COMPONENTS if part in points),
        warning=row["warning"] or "",
    )


def _failures(journey_map: JourneyMap, card: Scorecard | None) -> tuple[Failure, ...]:
    """Those found in data, costliest first, then those drawn by people."""
    stage_of = {point.id: point.stage for point in journey_map.touchpoints}
    names = {point.id: point.name for point in journey_map.touchpoints}
    failures: list[Failure] = []
    for row in card.failures().rows() if card is not None else ():
        failures.append(
            Failure(
                number=len(failures) + 1,
                code=str(len(failures) + 1),
                found=True,
                kind=row["kind"],
                name="",
                where=names[row["touchpoint"]],
                stage=row["stage"] or "",
                touchpoints=(row["touchpoint"],),
                evidence=row["evidence"],
                reached=row["reached"],
                cases=row["cases"],
                share=_number(row["share"]),
                completed_share=_number(row["completed_share"]),
                others_completed_share=_number(row["others_completed_share"]),
                lost=Score(_number(row["lost_completions"]), _number(row["low"]), _number(row["high"])),
                points_lost=_number(row["points_lost"]),
                excess_repeats=_number(row["excess_repeats"]),
                example_cases=tuple(row["example_cases"].split("; ")) if row["example_cases"] else (),
            )
        )
    for k, point in enumerate(journey_map.failure_points):
        touched = (point.touchpoint,) if point.touchpoint else (point.source, point.target)
        failures.append(
            Failure(
                number=len(failures) + 1,
                code=_letters(k),
                found=False,
                kind="drawn",
                name=point.name,
                where=ARROW.join(names[id_] for id_ in touched),
                stage=stage_of[touched[0]],
                touchpoints=tuple(touched),
                evidence=point.evidence,
                frequency_share=point.frequency_share,
                loss_amount=point.loss_amount,
                detection_share=point.detection_share,
                cause=point.cause,
                description=point.description,
                contact_reasons=tuple(point.contact_reasons),
            )
        )
    return tuple(failures)


def _letters(k: int) -> str:
    """A, B, …, Z, AA, AB, …"""
    text = ""
    while k >= 0:
        text = chr(ord("A") + k % 26) + text
        k = k // 26 - 1
    return text


def _touchpoints(
    journey_map: JourneyMap, scores: Mapping[str, Score], failures: tuple[Failure, ...]
) -> tuple[Touchpoint, ...]:
    marked: dict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        if failure.marked:
            marked[failure.touchpoints[0]].append(failure)
    scenes = {scene.id: scene.name for scene in journey_map.scenes}
    points = []
    for key, point in enumerate(journey_map.touchpoints):
        statistics = point.statistics
        duration = statistics.duration if statistics else None
        points.append(
            Touchpoint(
                key=key,
                id=point.id,
                name=point.name,
                stage=point.stage,
                scene=scenes.get(point.scene, point.scene),
                description=point.description,
                need=point.need,
                owner=point.owner,
                channels=tuple(point.channels),
                departments=tuple(point.departments),
                tags=tuple(point.tags),
                back_stage=point.visibility == "back_stage",
                evidence=point.evidence,
                events=statistics.events if statistics else None,
                cases=statistics.cases if statistics else None,
                customers=statistics.customers if statistics else None,
                starts=statistics.starts if statistics else None,
                ends=statistics.ends if statistics else None,
                duration_seconds=duration.median_seconds if duration else None,
                emotion=_number(point.emotion),
                metrics=tuple(point.metrics),
                volume_share=None,
                score=scores.get(point.id),
                failures=tuple(marked[point.id]),
            )
        )
    largest = max((point.cases or 0 for point in points), default=0)
    return tuple(
        point if point.cases is None or not largest else replace(point, volume_share=point.cases / largest)
        for point in points
    )


def _stages(
    journey_map: JourneyMap,
    points: tuple[Touchpoint, ...],
    failures: tuple[Failure, ...],
    scores: Mapping[str, Score],
) -> tuple[Stage, ...]:
    all_events = sum(point.events or 0 for point in points)
    stages = []
    known = {stage.id for stage in journey_map.stages}
    loose = any(point.stage not in known for point in points)
    room = _chips_per_stage(len(points), len(known) + loose)
    members: dict[str, list[Touchpoint]] = defaultdict(list)
    wrong: dict[str, list[Failure]] = defaultdict(list)
    for point in points:
        members[point.stage if point.stage in known else ""].append(point)
    for failure in failures:
        wrong[failure.stage if failure.stage in known else ""].append(failure)
    for stage in [*journey_map.stages, *([None] if loose else [])]:
        inside = tuple(members[stage.id if stage else ""])  # "": touchpoints that no stage holds
        busiest = sorted(inside, key=lambda point: (-(point.cases or 0), point.key))[:room]
        events = [point.events for point in inside if point.events is not None]
        stages.append(
            Stage(
                id=stage.id if stage else "",
                name=stage.name if stage else "",
                phase=stage.phase if stage else "",
                description=stage.description if stage else "",
                evidence=stage.evidence if stage else "assumed",
                touchpoints=inside,
                shown=tuple(sorted(busiest, key=lambda point: point.key)),
                failures=tuple(wrong[stage.id if stage else ""]),
                events=sum(events) if events else None,
                event_share=sum(events) / all_events if events and all_events else None,
                score=scores.get(stage.id) if stage else None,
                columns=1,
            )
        )
    widths = _column_counts([len(stage.shown) for stage in stages])
    return tuple(replace(stage, columns=columns) for stage, columns in zip(stages, widths, strict=True))


def _column_counts(sizes: list[int]) -> list[int]:
    """How many columns wide each stage is drawn, by its touchpoints."""
    widths: list[int] = []
    for most in _TOUCHPOINTS_PER_COLUMN:
        widths = [min(_WIDEST_STAGE, max(1, math.ceil(size / most))) for size in sizes]
        if sum(widths) <= _EASY_COLUMNS:
            break
    return widths


def _chips_per_stage(touchpoints: int, stages: int) -> int:
    return touchpoints if touchpoints <= _MOST_CHIPS else max(4, _MOST_CHIPS // max(1, stages))


def _transition(edge: journey.Transition, keys: Mapping[str, int]) -> Transition:
    times = edge.times
    return Transition(
        source=keys[edge.source],
        target=keys[edge.target],
        count=edge.count,
        cases=edge.cases,
        probability=edge.probability,
        median_seconds=times.median_seconds if times else None,
        mean_seconds=times.mean_seconds if times else None,
        p90_seconds=times.p90_seconds if times else None,
        evidence=edge.evidence,
    )
