"""What a log lacks and where it contradicts itself, each with what it means and the way out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from journeykit.base.duration import to_timedelta
from journeykit.base.table import Table
from journeykit.events.rows import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

    from journeykit import _core


@dataclass(frozen=True)
class Quality:
    """Counts of what may mislead in a log; print it for the meaning of each and the way out.

    Attributes
    ----------
    rows_read, rows_dropped : int
        Rows of the source, and those left out because case, touchpoint or time is missing.
    duplicate_events : int
        Events with case, touchpoint and time of the event before.
    tied_events : int
        Events with case and time (and order value) of the event before: their order is that of the source.
    out_of_order_rows : int
        Rows of the source older than an earlier row of their case.
    ends_before_start : int
        Events whose end time lay before their start; it counts as missing.
    missing : mapping of column to count
        Rows without a value.
    out_of_scale : mapping of metric to count
        Answers beyond their scale; they count as missing.
    case_status : mapping of status to count
        Cases completed, failed, abandoned and open.
    idle : timedelta
        How long a case may be silent before it counts as abandoned.
    closing_rule : str
        What closes a case, in words.
    """

    rows_read: int
    rows_dropped: int
    duplicate_events: int
    tied_events: int
    out_of_order_rows: int
    ends_before_start: int
    missing: Mapping[str, int]
    out_of_scale: Mapping[str, int]
    case_status: Mapping[str, int]
    idle: timedelta
    closing_rule: str

    @cached_property
    def table(self) -> Table:
        """The findings, one per row: finding, count, meaning, way_out; what does not occur is left out."""
        import pyarrow as pa

        names = ("finding", "count", "meaning", "way_out")
        rows = list(self._findings())
        return Table(arrow=pa.table({name: [row[k] for row in rows] for k, name in enumerate(names)}))

    def to_dict(self) -> dict[str, Any]:
        """The counts as plain values, for JSON."""
        return {
            "rows_read": self.rows_read,
            "rows_dropped": self.rows_dropped,
            "duplicate_events": self.duplicate_events,
            "tied_events": self.tied_events,
            "out_of_order_rows": self.out_of_order_rows,
            "ends_before_start": self.ends_before_start,
            "missing": dict(self.missing),
            "out_of_scale": dict(self.out_of_scale),
            "case_status": dict(self.case_status),
            "idle_seconds": self.idle.total_seconds(),
            "closing_rule": self.closing_rule,
        }

    def __reduce__(self) -> tuple[Any, ...]:
        values = (getattr(self, field.name) for field in fields(self))
        return _quality, tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in values)

    def __repr__(self) -> str:
        lines = []
        for row in self.table.rows():
            way_out = f" ({row['way_out']})" if row["way_out"] else ""
            lines.append(f"{row['count']:>12,}  {clean(row['finding'])}: {row['meaning']}{way_out}")
        return "\n".join([*lines, clean(self.closing_rule)])

    def _repr_html_(self) -> str:
        return self.table._repr_html_()

    def _findings(self) -> Iterator[tuple[str, int, str, str]]:
        yield "rows read", self.rows_read, "rows of the source", ""
        yield from (
            row
            for row in (
                ("rows dropped", self.rows_dropped, "without case, touchpoint or time", "mend the source"),
                (
                    "duplicate events",
                    self.duplicate_events,
                    "same case, touchpoint and time",
                    "collapse_repeats(), or mend the source",
                ),
                (
                    "tied events",
                    self.tied_events,
                    "order inside a case is that of the rows",
                    "order= a column that orders them",
                ),
                (
                    "rows out of order",
                    self.out_of_order_rows,
                    "older than an earlier row of the case",
                    "none needed: the log is sorted",
                ),
                (
                    "ends before start",
                    self.ends_before_start,
                    "their end time counts as missing",
                    "check time= and end_time=",
                ),
            )
            if row[1]
        )
        for metric, count in self.out_of_scale.items():
            if count:
                yield (
                    f"out of scale: {metric}",
                    count,
                    "answers beyond the scale count as missing",
                    "MetricColumn(low=, high=)",
                )
        for column, count in self.missing.items():
            if count:
                yield f"missing: {column}", count, "rows without a value", ""
        yield (
            "open cases",
            self.case_status.get("open", 0),
            "may still go on; never counted as failures",
            "with_endings(completed=, failed=, idle=)",
        )


def quality_of(core: _core.EventLog) -> Quality:
    """The quality of the engine's log."""
    import pyarrow as pa

    counts = core.quality
    status = pa.table(core.cases())["status"].value_counts().to_pylist()
    by_status = {entry["values"]: entry["counts"] for entry in status}
    return Quality(
        **{
            name: counts[name]
            for name in (
                "rows_read",
                "rows_dropped",
                "duplicate_events",
                "tied_events",
                "out_of_order_rows",
                "ends_before_start",
            )
        },
        missing=MappingProxyType(dict(counts["missing"])),
        out_of_scale=MappingProxyType(dict(counts["out_of_scale"])),
        case_status=MappingProxyType(
            {name: by_status.get(name, 0) for name in ("completed", "failed", "abandoned", "open")}
        ),
        idle=to_timedelta(core.idle_ns),
        closing_rule=closing_rule(core),
    )


def _quality(*values: Any) -> Quality:
    """As it was pickled; its mappings cannot be changed."""
    made: Any = (MappingProxyType(value) if isinstance(value, dict) else value for value in values)
    return Quality(*made)


def closing_rule(core: _core.EventLog) -> str:
    """In words, what closes a case of this log."""
    what = "outcome" if "outcome" in core.roles else "touchpoint"
    parts = [
        f"{status} by {what} {', '.join(names)}"
        for status, names in (("completed", core.completed), ("failed", core.failed))
        if names
    ]
    idle = to_timedelta(core.idle_ns)
    source = "" if core.idle_given else ", the 95th percentile of the gaps between events"
    parts.append(f"abandoned after {idle} of silence{source}")
    return f"A case is {'; '.join(parts)}; otherwise open."
