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

__all__ = [
    "About",
    "Evidence",
    "FailurePoint",
    "JourneyMap",
    "MetricSummary",
    "Scene",
    "Stage",
    "TimeSummary",
    "Touchpoint",
    "TouchpointStatistics",
    "Transition",
    "Visibility",
]
