"""Errors, durations and the table that every result is."""

from journeykit.base.duration import duration_ns, to_timedelta
from journeykit.base.errors import Cancelled, Error, InvalidInput, NotConverged, NotFound, Unsupported
from journeykit.base.table import Table

__all__ = [
    "Cancelled",
    "Error",
    "InvalidInput",
    "NotConverged",
    "NotFound",
    "Table",
    "Unsupported",
    "duration_ns",
    "to_timedelta",
]
