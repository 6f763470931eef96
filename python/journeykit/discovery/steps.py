"""Cases step by step: variants, rework, and where the cases stand in each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from journeykit import _core
from journeykit.base.arguments import whole
from journeykit.base.errors import InvalidInput
from journeykit.base.table import Table
from journeykit.discovery.arguments import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from journeykit.events import EventLog

ENDED = "(ended)"


class Variants(Table):
    """Variants, most cases first. Column `touchpoints` holds each sequence as a list."""

    __slots__ = ("_steps",)

    _between = " → "

    def __init__(self, table: _core.Table, steps: _core.Table) -> None:
        super().__init__(table)
        self._steps = steps

    def to_arrow(self) -> pa.Table:
        """The rows as a ``pyarrow.Table``."""
        if self._arrow is None:
            import pyarrow as pa
            import pyarrow.compute as pc

            table = super().to_arrow()
            ends = pc.cumulative_sum_checked(table["steps"].combine_chunks().cast(pa.int32()))
            offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
            steps = pa.table(self._steps)["touchpoint"].combine_chunks()
            lists = pa.ListArray.from_arrays(offsets, steps)
            self._arrow = table.add_column(table.column_names.index("steps"), "touchpoints", lists)
        return self._arrow

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
        names = super().column_names
        if self._core is not None:
            names.insert(names.index("steps"), "touchpoints")
        return names

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_steps": None}


class Rework(Table):
    """Touchpoints that cases repeat, one row each; `overall` has one row for the log (or per segment)."""

    __slots__ = ("overall",)

    overall: Table

    def __init__(self, touchpoints: _core.Table, overall: _core.Table) -> None:
        super().__init__(touchpoints)
        self.overall = Table(overall)


def variants(log: EventLog, *, by: str | Sequence[str] | None = None) -> Variants:
    """The distinct paths that cases take, most frequent first.

    Parameters
    ----------
    log : EventLog
    by : str or several, optional
        Columns that split the cases into segments, as in :func:`journeykit.discovery.directly_follows`.

    Returns
    -------
    Variants
        One row per variant, by cases descending, then touchpoint after touchpoint in byte order: touchpoints (list),
        steps, cases, share (of the segment's cases, 0–1), median_seconds (duration of its cases), example_case (the
        smallest id in byte order).

    Notes
    -----
    Sequences are found by hash and compared touchpoint by touchpoint, so that two are never taken for one.

    Examples
    --------
    >>> from journeykit import read_events
    >>> log = read_events({
    ...     "case": ["1", "1", "2", "2", "3"],
    ...     "touchpoint": ["search", "pay", "search", "pay", "search"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-05 12:00",
    ...              "2026-01-05 12:30", "2026-01-06 08:00"],
    ... })
    >>> [(row["touchpoints"], row["cases"]) for row in log.variants().rows()]
    [(['search', 'pay'], 2), (['search'], 1)]
    """
    return Variants(*_core.variants(log._core, names(by, "by")))


def rework(log: EventLog, *, by: str | Sequence[str] | None = None) -> Rework:
    """Which touchpoints cases pass more than once.

    Parameters
    ----------
    log : EventLog
    by : str or several, optional
        Columns that split the cases into segments, as in :func:`journeykit.discovery.directly_follows`.

    Returns
    -------
    Rework
        One row per touchpoint, by repeating cases descending: touchpoint, events, cases, repeating_cases,
        repeating_share (of its cases, 0–1), repeats (events beyond the first of a case) = self_loops (directly
        again) + returns (after something else). Its `overall` counts the cases that repeat any touchpoint.

    Examples
    --------
    >>> from journeykit import read_events
    >>> log = read_events({
    ...     "case": ["1", "1", "1", "2"],
    ...     "touchpoint": ["call", "call", "fix", "call"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-05 12:00",
    ...              "2026-01-05 12:30"],
    ... })
    >>> row = log.rework().rows()[0]
    >>> row["touchpoint"], row["cases"], row["repeating_cases"], row["self_loops"], row["returns"]
    ('call', 2, 1, 1, 0)
    """
    return Rework(*_core.rework(log._core, names(by, "by")))


def step_matrix(
    log: EventLog,
    *,
    steps: int = 10,
    values: Literal["share", "count"] = "share",
    by: str | Sequence[str] | None = None,
) -> Table:
    """Where the cases stand in their first, second, … step.

    Parameters
    ----------
    log : EventLog
    steps : int, default 10
        Number of steps, 1 to 1000.
    values : {"share", "count"}
        Shares of all cases (0–1), or numbers of cases.
    by : str or several, optional
        Columns that split the cases into segments, as in :func:`journeykit.discovery.directly_follows`.

    Returns
    -------
    Table
        One row per touchpoint met in these steps, by its sum over the steps descending, then name, and last the row
        ``"(ended)"`` of the cases that ended before; columns touchpoint, step_1, step_2, … Each column adds up to
        1, or to the number of cases.

    Examples
    --------
    >>> from journeykit import read_events
    >>> log = read_events({
    ...     "case": ["1", "1", "2"],
    ...     "touchpoint": ["search", "pay", "search"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-05 12:00"],
    ... })
    >>> for row in log.step_matrix(steps=2).rows():
    ...     print(row)
    {'touchpoint': 'search', 'step_1': 1.0, 'step_2': 0.0}
    {'touchpoint': 'pay', 'step_1': 0.0, 'step_2': 0.5}
    {'touchpoint': '(ended)', 'step_1': 0.0, 'step_2': 0.5}
    """
    import pyarrow as pa

    if values not in ("share", "count"):
        raise InvalidInput(f"values is {values!r:.80}; expected 'share' or 'count'")
    table = pa.table(_core.step_matrix(log._core, whole(steps, "steps", 1), values == "count", names(by, "by")))
    at = table.column_names.index("touchpoint")
    labelled = table["touchpoint"].cast(pa.string()).fill_null(ENDED)
    return Table(arrow=table.set_column(at, "touchpoint", labelled))
