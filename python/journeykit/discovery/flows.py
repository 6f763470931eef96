"""Which touchpoint follows which, how often and how fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from journeykit import _core
from journeykit.base.arguments import quoted, whole
from journeykit.base.errors import InvalidInput
from journeykit.base.table import Table
from journeykit.discovery.arguments import names
from journeykit.events.keys import KeyColumns, log_or_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeykit.events import EventLog


class DirectlyFollows(Table):
    """The directly-follows graph: one row per edge; `touchpoints` has one row per touchpoint."""

    __slots__ = ("_by", "touchpoints")

    touchpoints: Table

    def __init__(self, edges: _core.Table, touchpoints: _core.Table, by: list[str]) -> None:
        super().__init__(edges)
        self.touchpoints = Table(touchpoints)
        self._by = by

    @property
    def starts(self) -> dict[str, int]:
        """Touchpoint to number of cases that start there, most first."""
        return self._counts("starts")

    @property
    def ends(self) -> dict[str, int]:
        """Touchpoint to number of cases whose last event (so far) stands there, most first."""
        return self._counts("ends")

    def _counts(self, column: str) -> dict[str, int]:
        if self._by:
            raise InvalidInput(f"{column} differ by segment; read the column {column!r} of touchpoints")
        table = self.touchpoints.to_arrow()
        pairs = zip(table["touchpoint"].to_pylist(), table[column].to_pylist(), strict=True)
        return dict(sorted((pair for pair in pairs if pair[1]), key=lambda pair: (-pair[1], pair[0])))


def directly_follows(
    log: EventLog | Any,
    *,
    case: str | None = None,
    touchpoint: str | None = None,
    time: str | None = None,
    by: str | Sequence[str] | None = None,
    times: Literal["all", "median", "mean"] = "all",
    threads: int = 0,
) -> DirectlyFollows:
    """How often each touchpoint directly follows another inside a case, and after how long.

    Parameters
    ----------
    log : EventLog, table, path or pattern
        A log; or anything that :func:`journeykit.read_events` reads, of which only three columns are looked at.
    case, touchpoint, time : str, optional
        The three columns of a table or file, guessed from common names when left out.
    by : str or several, optional
        Columns that split the cases into segments: a case belongs to its first known value, cases without one come
        last. Text, whole-number or boolean columns, at most 10,000 segments.
    times : {"all", "median", "mean"}
        "mean" and "median" (both) leave out what takes longer to count: distinct cases and customers, and the other
        times. A table whose cases stand in time order is then counted in one pass, and no log is made.
    threads : int, default 0
        Threads to count with; 0 takes all cores. The result is the same for any number.

    Returns
    -------
    DirectlyFollows
        One row per edge, by count descending, then source and target in byte order: source, target, count (steps),
        cases (with at least one), share (count / events at source, 0–1), and mean, median, p90, min, max in
        seconds. Its `touchpoints` has events, cases, customers, starts, ends, open_ends (ends of cases that are
        still open) and, where the log has end times, the durations of events in seconds. With `times` "mean" or
        "median" the edges have source, target, count, share and these times, the touchpoints events, starts, ends.

    Raises
    ------
    NotFound
        An unknown column.
    InvalidInput
        What :func:`journeykit.read_events` refuses; `by` with a table, or with other times than all.
    Unsupported
        A column of decimals or times in `by`.

    Notes
    -----
    The time of a step runs from the end of the source (its time where it has no end) to the time of the target; it
    is negative where the two overlap. Times are counted in whole nanoseconds: the sum is exact, the median is the
    mean of the middle two, the 90th percentile is interpolated linearly (type 7 [1]_). Linear in the number of
    events.

    References
    ----------
    .. [1] R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996.

    Examples
    --------
    >>> from journeykit import read_events
    >>> from journeykit.discovery import directly_follows
    >>> log = read_events({
    ...     "case": ["1", "1", "1", "2", "2"],
    ...     "touchpoint": ["search", "pay", "ship", "search", "pay"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-06 09:10",
    ...              "2026-01-05 12:00", "2026-01-05 12:30"],
    ... })
    >>> flows = directly_follows(log)
    >>> flows.rows()[0]["target"], flows.rows()[0]["count"], flows.rows()[0]["median_seconds"]
    ('pay', 2, 1200.0)
    >>> flows.starts, flows.ends
    ({'search': 2}, {'pay': 1, 'ship': 1})
    """
    columns = names(by, "by")
    cores = whole(threads, "threads", 0)
    if times not in ("all", "median", "mean"):
        raise InvalidInput(f"times is {quoted(times)}; expected 'all', 'median' or 'mean'")
    if columns and times != "all":
        raise InvalidInput(f"times is {times!r}, which is counted for the whole log; leave by or times out")
    given = log_or_keys(log, case=case, touchpoint=touchpoint, time=time, by=columns)
    if isinstance(given, KeyColumns) and given.in_table and times != "all":
        keys = (given.columns["case"], given.columns["touchpoint"], given.columns["time"])
        found = _core.flows_of_table(given.source, *keys, [""], times == "median", cores)
        if found is not None:
            return DirectlyFollows(found[0], found[1], columns)
    events = given.log() if isinstance(given, KeyColumns) else given
    if times == "all":
        edges, touchpoints = _core.directly_follows(events._core, columns, cores)
    else:
        edges, touchpoints = _core.flows_of_log(events._core, times == "median", cores)
    return DirectlyFollows(edges, touchpoints, columns)


def case_durations(log: EventLog, *, by: str | Sequence[str] | None = None) -> Table:
    """How long cases take, from their first event to the end of the event that ends last.

    Parameters
    ----------
    log : EventLog
    by : str or several, optional
        Columns that split the cases into segments, as in :func:`directly_follows`.

    Returns
    -------
    Table
        One row, or one per segment: cases, customers, events, and mean, median, p90, min, max in seconds.

    Notes
    -----
    Cases that are still open count with the time so far; ``log.with_endings(…)`` says when a case is over and
    ``log.filter(…)`` leaves some out.

    Examples
    --------
    >>> from journeykit import read_events
    >>> from journeykit.discovery import case_durations
    >>> log = read_events({
    ...     "case": ["1", "1", "2"],
    ...     "touchpoint": ["search", "pay", "search"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-05 12:00"],
    ... })
    >>> case_durations(log).rows()[0]["mean_seconds"]
    300.0
    """
    return Table(_core.case_durations(log._core, names(by, "by")))
