"""What an edit may give, so that editors and type checkers know the names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from journeykit.journey.element import Evidence, Visibility
    from journeykit.journey.elements import MetricSummary, TimeSummary, TouchpointStatistics


class AboutFields(TypedDict, total=False):
    """Fields of the map that an edit may give."""

    name: str
    description: str
    currency: str
    cases: int | None
    events: int | None


class StageFields(TypedDict, total=False):
    """Fields of a stage that an edit may give."""

    name: str
    phase: str
    description: str
    evidence: Evidence


class SceneFields(TypedDict, total=False):
    """Fields of a scene that an edit may give."""

    name: str
    stage: str
    description: str
    evidence: Evidence


class TouchpointFields(TypedDict, total=False):
    """Fields of a touchpoint that an edit may give."""

    name: str
    stage: str
    scene: str
    description: str
    channels: str | Iterable[str]
    departments: str | Iterable[str]
    visibility: Visibility
    need: str
    emotion: float | None
    metrics: Iterable[MetricSummary | Mapping[str, Any]]
    statistics: TouchpointStatistics | Mapping[str, Any] | None
    owner: str
    tags: str | Iterable[str]
    evidence: Evidence


class TransitionFields(TypedDict, total=False):
    """Fields of a transition that an edit may give."""

    count: int | None
    cases: int | None
    probability: float | None
    times: TimeSummary | Mapping[str, Any] | None
    evidence: Evidence


class FailurePointFields(TypedDict, total=False):
    """Fields of a failure point that an edit may give."""

    name: str
    touchpoint: str
    source: str
    target: str
    cause: str
    description: str
    contact_reasons: str | Iterable[str]
    frequency_share: float | None
    loss_amount: float | None
    detection_share: float | None
    evidence: Evidence
