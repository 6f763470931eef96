"""What a picture shows, read once from a journey map and, where given, its scorecard.

Everything here is plain and immutable: layouts and templates know neither the engine nor the names of its columns.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVIDENCE = ("observed", "partly_observed", "assumed")
COMPONENTS = ("experience", "friction", "completion")
ARROW = " → "
# A stage with more touchpoints than this is drawn two, then three columns wide.
_TOUCHPOINTS_PER_COLUMN = 5
_WIDEST_STAGE = 3


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


@dataclass(frozen=True)
class Failure:
    """Where the journey goes wrong: found in data (with a rank) or drawn by people (without)."""

    number: int  # as it is called on the page
    rank: int | None
    kind: str
    name: str
    where: str
    stage: str  # stage id
    evidence: str
    touchpoints: tuple[str, ...] = ()
    cases: int | None = None
    lost: Score | None = None  # completions lost, with interval
    points_lost: float | None = None
    share: float | None = None
    frequency_share: float | None = None
    loss_amount: float | None = None
    detection_share: float | None = None
    cause: str = ""
    contact_reasons: tuple[str, ...] = ()
    explanation: str = ""
    example_cases: tuple[str, ...] = ()


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
    metrics: tuple[Any, ...]
    volume_share: float | None  # of the largest touchpoint, 0 … 1
    score: Score | None
    failures: tuple[int, ...] = ()

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


def picture_of(journey_map: Any, card: Any = None, *, title: str | None = None) -> Picture:
    """Read a map, and a scorecard where there is one."""
    about = journey_map.about
    touchpoint_scores = _scores(card.touchpoints) if card is not None else {}
    stage_scores = _scores(card.stages) if card is not None else {}
    failures = _failures(journey_map, card)
    points = _touchpoints(journey_map, touchpoint_scores, failures)
    keys = {point.id: point.key for point in points}
    return Picture(
        name=title or about.name,
        description=about.description,
        currency=about.currency,
        cases=about.cases,
        events=about.events,
        stages=_stages(journey_map, points, failures, stage_scores),
        transitions=tuple(_transition(edge, keys) for edge in journey_map.transitions),
        failures=failures,
        journey=next(iter(_scores(card.journey).values()), Score(None)) if card is not None else None,
    )


def evidence_key(level: Any) -> str:
    """Level of evidence as the catalogue names it, from an enum or its text."""
    text = str(getattr(level, "value", level)) if not hasattr(level, "name") else str(level.name)
    key = "".join(f"_{c.lower()}" if c.isupper() else c for c in text).strip("_").replace(" ", "_").replace("__", "_")
    return key if key in EVIDENCE else "assumed"


def _number(value: Any) -> float | None:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else round(number)


def _scores(table: Any) -> dict[str, Score]:
    """Id (or name) → score, from a table of the scorecard."""
    scores: dict[str, Score] = {}
    for row in table.rows():
        points = tuple((part, row[part]) for part in COMPONENTS if _number(row.get(part)) is not None)
        scores[str(row.get("id", row.get("name", "")))] = Score(
            value=_number(row.get("score")),
            low=_number(row.get("low")),
            high=_number(row.get("high")),
            n=_whole(row.get("n")),
            customers=_whole(row.get("customers")),
            evidence=evidence_key(row.get("evidence") or "assumed"),
            points=points,
        )
    return scores


def _failures(journey_map: Any, card: Any) -> tuple[Failure, ...]:
    """Those found in data, by rank, then those drawn by people."""
    stage_of = {point.id: point.stage for point in journey_map.touchpoints}
    names = {point.id: point.name for point in journey_map.touchpoints}
    stage_ids = {key: stage.id for stage in journey_map.stages for key in (stage.name, stage.id)}
    ids = {key: point.id for point in journey_map.touchpoints for key in (point.name, point.id)}
    failures: list[Failure] = []
    for row in card.failures().rows() if card is not None else ():
        touched = _touched(str(row["where"]), ids)
        stage = stage_ids.get(str(row.get("stage") or ""), stage_of.get(touched[0], "") if touched else "")
        failures.append(
            Failure(
                number=len(failures) + 1,
                rank=_whole(row.get("rank")),
                kind=str(row["kind"]),
                name="",
                where=ARROW.join(names.get(id_, id_) for id_ in touched) or str(row["where"]),
                stage=stage,
                touchpoints=touched,
                evidence=evidence_key(row.get("evidence") or "observed"),
                cases=_whole(row.get("cases")),
                lost=Score(_number(row.get("lost_completions")), _number(row.get("low")), _number(row.get("high"))),
                points_lost=_number(row.get("score_points_lost")),
                share=_number(row.get("share")),
                explanation=str(row.get("explanation") or ""),
                example_cases=_texts(row.get("example_cases")),
            )
        )
    for point in journey_map.failure_points:
        touched = (point.touchpoint,) if point.touchpoint else (point.source, point.target)
        failures.append(
            Failure(
                number=len(failures) + 1,
                rank=None,
                kind="drawn",
                name=point.name,
                where=ARROW.join(names.get(id_, id_) for id_ in touched),
                stage=stage_of.get(touched[0], ""),
                touchpoints=tuple(touched),
                evidence=evidence_key(point.evidence),
                frequency_share=point.frequency_share,
                loss_amount=point.loss_amount,
                detection_share=point.detection_share,
                cause=point.cause,
                contact_reasons=tuple(point.contact_reasons),
                explanation=point.description,
            )
        )
    return tuple(failures)


def _touched(where: str, ids: Mapping[str, str]) -> tuple[str, ...]:
    """Touchpoint ids of a failure's place, which is a touchpoint or "A → B". A name may hold an arrow itself."""
    if where in ids:
        return (ids[where],)
    parts = where.split(ARROW)
    for k in range(1, len(parts)):
        source, target = ARROW.join(parts[:k]), ARROW.join(parts[k:])
        if source in ids and target in ids:
            return ids[source], ids[target]
    return ()


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    parts: Iterable[Any] = value.split(", ") if isinstance(value, str) else value
    return tuple(str(part) for part in parts)


def _touchpoints(
    journey_map: Any, scores: Mapping[str, Score], failures: tuple[Failure, ...]
) -> tuple[Touchpoint, ...]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for failure in failures:
        for id_ in failure.touchpoints[:1]:
            numbers[id_].append(failure.number)
    scenes = {scene.id: scene.name for scene in journey_map.scenes}
    points = []
    for key, point in enumerate(journey_map.touchpoints):
        statistics = point.statistics
        duration = statistics.duration if statistics else None
        points.append(
            Touchpoint(
                key=key,
                id=point.id,
                name=point.name or point.id,
                stage=point.stage,
                scene=scenes.get(point.scene, point.scene),
                description=point.description,
                need=point.need,
                owner=point.owner,
                channels=tuple(point.channels),
                departments=tuple(point.departments),
                tags=tuple(point.tags),
                back_stage="back" in str(point.visibility).lower(),
                evidence=evidence_key(point.evidence),
                events=statistics.events if statistics else None,
                cases=statistics.cases if statistics else None,
                customers=statistics.customers if statistics else None,
                starts=statistics.starts if statistics else None,
                ends=statistics.ends if statistics else None,
                duration_seconds=duration.median_seconds if duration else None,
                emotion=_number(point.emotion),
                metrics=tuple(point.metrics),
                volume_share=None,
                score=scores.get(point.id, scores.get(point.name)) if scores else None,
                failures=tuple(numbers[point.id]),
            )
        )
    largest = max((point.cases or 0 for point in points), default=0)
    return tuple(
        point if point.cases is None or not largest else replace(point, volume_share=point.cases / largest)
        for point in points
    )


def _stages(
    journey_map: Any,
    points: tuple[Touchpoint, ...],
    failures: tuple[Failure, ...],
    scores: Mapping[str, Score],
) -> tuple[Stage, ...]:
    all_events = sum(point.events or 0 for point in points)
    stages = []
    known = {stage.id for stage in journey_map.stages}
    loose = any(point.stage not in known for point in points)
    for stage in [*journey_map.stages, *([None] if loose else [])]:
        if stage is None:  # touchpoints that no stage holds
            inside = tuple(point for point in points if point.stage not in known)
        else:
            inside = tuple(point for point in points if point.stage == stage.id)
        events = [point.events for point in inside if point.events is not None]
        stages.append(
            Stage(
                id=stage.id if stage else "",
                name=(stage.name or stage.id) if stage else "",
                phase=stage.phase if stage else "",
                description=stage.description if stage else "",
                evidence=evidence_key(stage.evidence) if stage else "assumed",
                touchpoints=inside,
                failures=tuple(f for f in failures if (f.stage == stage.id if stage else f.stage not in known)),
                events=sum(events) if events else None,
                event_share=sum(events) / all_events if events and all_events else None,
                score=scores.get(stage.id, scores.get(stage.name)) if stage and scores else None,
                columns=min(_WIDEST_STAGE, max(1, math.ceil(len(inside) / _TOUCHPOINTS_PER_COLUMN))),
            )
        )
    return tuple(stages)


def _transition(edge: Any, keys: Mapping[str, int]) -> Transition:
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
        evidence=evidence_key(edge.evidence),
    )
