"""Measures of experience and operations, each with n, interval and method, and the intervals they rest on."""

from journeykit.metrics.kinds import (
    Abandonment,
    Ces,
    Completion,
    ContactRate,
    Csat,
    DropOff,
    Fcr,
    Mean,
    Measure,
    Nps,
    RepeatContacts,
    ResolutionTime,
    ResponseTime,
    ServiceLevel,
    SilentExit,
    Transfers,
)
from journeykit.metrics.measuring import MeasureTable, measure

__all__ = [
    "Abandonment",
    "Ces",
    "Completion",
    "ContactRate",
    "Csat",
    "DropOff",
    "Fcr",
    "Mean",
    "Measure",
    "MeasureTable",
    "Nps",
    "RepeatContacts",
    "ResolutionTime",
    "ResponseTime",
    "ServiceLevel",
    "SilentExit",
    "Transfers",
    "measure",
]
