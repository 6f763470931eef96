"""How the parts of one log are read: the same columns and rules in every file, process and machine."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.events.scores import MetricColumn, metric_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from journeykit.events import EventLog

_COLUMNS = ("case", "touchpoint", "time", "end_time", "order", "channel", "department", "outcome")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Columns and rules for :func:`journeykit.read_events`; nothing is guessed, so that all parts are read alike.

    Parameters
    ----------
    case, touchpoint, time : str
        Columns that say whose journey it is, what happened, and when.
    end_time, order, channel, department, outcome : str, optional
        Further columns. A customer column has no place here: customers do not add up over parts.
    metrics : mapping of name to column, optional
        As for :func:`journeykit.read_events`.
    timezone, time_format, time_unit, on_missing
        As for :func:`journeykit.read_events`.

    Examples
    --------
    >>> Reading(case="case_id", touchpoint="activity", time="ts").columns
    ['case_id', 'activity', 'ts']
    """

    case: str
    touchpoint: str
    time: str
    end_time: str | None = None
    order: str | None = None
    channel: str | None = None
    department: str | None = None
    outcome: str | None = None
    metrics: Mapping[str, str | MetricColumn] | None = None
    timezone: str = "UTC"
    time_format: str | None = None
    time_unit: str | None = None
    on_missing: str = "raise"

    def __post_init__(self) -> None:
        for role in ("case", "touchpoint", "time"):
            if not isinstance(getattr(self, role), str):
                raise InvalidInput(f"{role} is {quoted(getattr(self, role))}; expected the name of its column")
        if self.on_missing not in ("raise", "drop"):
            raise InvalidInput(f"on_missing is {quoted(self.on_missing)}; expected 'raise' or 'drop'")
        object.__setattr__(self, "metrics", metric_columns(self.metrics))

    @property
    def columns(self) -> list[str]:
        """The columns that are read, each once."""
        roles = [getattr(self, role) for role in _COLUMNS]
        metrics = [metric.column for metric in self.metric_columns.values()]
        return list(dict.fromkeys(name for name in [*roles, *metrics] if name is not None))

    @property
    def metric_columns(self) -> dict[str, MetricColumn]:
        """Name of each metric and its column."""
        return {name: metric for name, metric in (self.metrics or {}).items() if isinstance(metric, MetricColumn)}

    def check_columns(self, known: Iterable[str], place: str) -> None:
        """Refuse a source that lacks a column.

        Raises
        ------
        NotFound
            With the nearest name.
        """
        names = list(known)
        for column in self.columns:
            if column not in names:
                raise NotFound(_core.not_found_message("column", column, place, names))

    def log(self, part: pa.Table) -> EventLog:
        """The events of one part. How its cases end is not asked here: the part does not know the whole log."""
        from journeykit.events import read_events

        options: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        return read_events(part, **options, idle="0s", guess=False)
