"""The journey map: what the customer goes through, drawn or learned."""

from journeykit.journey.element import Evidence, Visibility
from journeykit.journey.elements import (
    About,
    FailurePoint,
    MetricSummary,
    Scene,
    Stage,
    TimeSummary,
    Touchpoint,
    TouchpointStatistics,
    Transition,
)
from journeykit.journey.map import JourneyMap
from journeykit.journey.reports import Change, Conflict, Conflicts, Finding, Findings, MapDiff, MergeResult
from journeykit.journey.schema import json_schema

__all__ = [
    "About",
    "Change",
    "Conflict",
    "Conflicts",
    "Evidence",
    "FailurePoint",
    "Finding",
    "Findings",
    "JourneyMap",
    "MapDiff",
    "MergeResult",
    "MetricSummary",
    "Scene",
    "Stage",
    "TimeSummary",
    "Touchpoint",
    "TouchpointStatistics",
    "Transition",
    "Visibility",
    "json_schema",
]
