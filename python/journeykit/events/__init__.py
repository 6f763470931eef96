"""Event logs: read from any file or table, ordered once, checked, never changed."""

from journeykit.events.log import EventLog
from journeykit.events.quality import Quality
from journeykit.events.reader import read_events
from journeykit.events.scores import MetricColumn

__all__ = ["EventLog", "MetricColumn", "Quality", "read_events"]
