"""Measures over an event log, by segment, stage, touchpoint and calendar window."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from journeykit import _core
from journeykit.base.arguments import quoted, whole
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.base.table import Table
from journeykit.metrics.kinds import Ces, Csat, Mean, Measure, Nps
from journeykit.metrics.known import KINDS
from journeykit.metrics.windows import window_starts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from journeykit.events import EventLog, MetricColumn

_BY_KIND: dict[str, type[Nps] | type[Csat] | type[Ces] | type[Mean]] = {
    "nps": Nps,
    "csat": Csat,
    "ces": Ces,
    "number": Mean,
}


class MeasureTable(Table):
    """Measured numbers, one row per group and metric.

    The keys of the group come first, then metric, value, unit, low, high (the interval), n (observations), customers,
    method, evidence ("observed", "partly_observed" below the minimum number, missing without data) and warning.
    """

    __slots__ = ()


class Measured(Protocol):
    """What has metrics: a log, or the state of its parts."""

    @property
    def metrics(self) -> Mapping[str, MetricColumn]: ...


def described(metric: str | Measure, log: Measured) -> Measure:
    """The description of a metric that may be given by name."""
    if isinstance(metric, Measure):
        return metric
    if not isinstance(metric, str):
        raise InvalidInput(f"metric is a {type(metric).__name__}; expected a name such as 'nps', or jk.metrics.Fcr(…)")
    if metric in log.metrics:
        return _BY_KIND[log.metrics[metric].kind](of=metric)
    by_key = {kind.key: kind for kind in KINDS}
    if metric not in by_key:
        known = sorted({*by_key, *log.metrics})
        raise NotFound(_core.not_found_message("metric", metric, "the catalogue or the log", known))
    try:
        return by_key[metric]()
    except TypeError:
        kind = by_key[metric].__name__
        raise InvalidInput(
            f"metric {metric!r} needs options: jk.metrics.{kind}(…); see help(jk.metrics.{kind})"
        ) from None


def _stage_names(log: EventLog, stages: object) -> list[str]:
    """Stage of each touchpoint of the log, "" for none."""
    from journeykit.events.stages import stage_of, stage_patterns

    touchpoints = log.touchpoints
    # a JourneyMap, whose room lies above this one
    if hasattr(stages, "touchpoints") and hasattr(stages, "transitions"):
        of_map = {touchpoint.id: touchpoint.stage for touchpoint in stages.touchpoints}
        return [of_map.get(name, "") for name in touchpoints]
    patterns = stage_patterns(stages)
    return [stage_of(name, patterns) or "" for name in touchpoints]


def _keys(log: EventLog, by: str | Sequence[str] | None, stages: object) -> tuple[list[tuple[str, str]], list[str]]:
    names = [by] if isinstance(by, str) else list(by or ())
    keys = []
    for name in names:
        if not isinstance(name, str):
            raise InvalidInput(
                f"by has a {type(name).__name__}; expected column names, roles, 'stage' or 'case status'"
            )
        if name in ("case status", "case_status"):
            keys.append(("case status", name))
        elif name == "stage" and stages is not None:
            keys.append(("stage", name))
        else:
            keys.append(("column", name))
    if ("column", "stage") in keys and "stage" not in log.columns:
        raise InvalidInput("by='stage' needs the stages: pass stages=map, or stages={'pay*': 'Purchase', …}")
    if len(set(names)) != len(names):
        raise InvalidInput(f"by names a column twice: {quoted(', '.join(names))}")
    if stages is not None and ("stage", "stage") not in keys:
        raise InvalidInput("stages is given but by does not name 'stage'")
    return keys, _stage_names(log, stages) if stages is not None else []


def measure(
    log: EventLog,
    metric: str | Measure | Sequence[str | Measure],
    *,
    by: str | Sequence[str] | None = None,
    window: str | timedelta | None = None,
    timezone: str = "UTC",
    touchpoints: str | Sequence[str] = (),
    stages: object = None,
    minimum_n: int = 30,
    confidence: float = 0.95,
) -> MeasureTable:
    """Measure one metric or several over a log, each number with its interval, n, customers and warnings.

    Parameters
    ----------
    log : EventLog
    metric : str, Measure, or sequence of these
        A name of :func:`journeykit.metrics.catalogue` ("nps", "fcr", "completion", …), the name of a metric column of
        the log, or a description with options such as ``jk.metrics.Fcr(window="14d", issue="category")``.
    by : str or sequence of str, optional
        What divides the log: columns, role names ("touchpoint", "channel", "department", …), "stage" (with `stages`) or
        "case status". A missing value is a group of its own.
    window : {"day", "week", "month", "quarter", "year"}, timedelta or str, optional
        Calendar windows in `timezone`, or a length such as "12h"; adds the column window with the start of each.
    timezone : str
        IANA name for the windows.
    touchpoints : str or sequence of str
        Only what happened there: answers given, contacts made, waits begun there, cases that reached one.
    stages : JourneyMap, mapping or table, optional
        Stage of each touchpoint, for ``by="stage"``: a map, ``{"pay*": "Purchase"}``, or a table with columns
        touchpoint and stage.
    minimum_n : int
        Below this number of observations the row warns and its evidence is "partly_observed".
    confidence : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    MeasureTable
        One row per metric and group, groups in the order of their keys. Shares are from 0 to 1, times in seconds, NPS
        in points. Where nothing was observed the value is missing and the warning says "no data".

    Raises
    ------
    NotFound
        An unknown metric, column or touchpoint (with the nearest name), or a role that the log does not have.
    InvalidInput
        Options that do not fit, a column of decimals or times in `by`, a metric that needs an ending the log does not
        declare.

    Notes
    -----
    *Unit of independence.* All intervals take the customer as the unit. With R = Σ value / Σ weight and
    e_g the sum of value − R·weight over customer g of G: var(R) = G/(G−1) · Σ e_g² / (Σ weight)². Shares use Wilson
    on n_eff = n / deff, NPS adjusted Wald on n_eff, means t with G − 1 degrees of freedom; deff is never taken below
    1. One customer gives no interval.

    *Groups.* Answers, contacts and waits count in the group and window of the event where they happened or began.
    Measures of cases (completion, drop-off, silent exit, resolution time, transfers) count a case once in every group
    that it touches, in the window of its start; their groups may overlap.

    *Open cases* are left out of shares (with a warning above 10 %) and censored in times; they are never failures.

    Survey numbers describe those who answered: a warning says from how many cases. Observed differences are
    associations.

    Cost: O(events · log events) per metric. The result does not depend on the order of the source's rows, ties aside.

    References
    ----------
    Wilson (1927); Newcombe (1998); Kaplan & Meier (1958); Greenwood (1926); Aalen & Johansen
    (1978); Korn & Graubard (1998).

    Examples
    --------
    >>> import journeykit as jk
    >>> log = jk.read_events({
    ...     "case": ["a", "a", "b", "b", "c", "d"],
    ...     "touchpoint": ["search", "pay", "search", "pay", "search", "search"],
    ...     "time": ["2026-01-05", "2026-01-06", "2026-01-05", "2026-01-07", "2026-01-05", "2026-01-20"],
    ... }, completed=["pay"], idle="7d")
    >>> row = jk.measure(log, "completion").rows()[0]
    >>> round(row["value"], 3), row["n"], row["customers"]
    (0.667, 3, 3)
    >>> row["warning"]
    '25 % of the cases are still open and left out; only n = 3'
    """
    import pyarrow as pa

    metrics = list(metric) if isinstance(metric, Iterable) and not isinstance(metric, str) else [metric]
    if not metrics:
        raise InvalidInput("metric is empty; expected at least one name such as 'nps'")
    keys, stage_names = _keys(log, by, stages)
    chosen = [touchpoints] if isinstance(touchpoints, str) else list(touchpoints)
    minimum_n = whole(minimum_n, "minimum_n", 0)
    starts = _window_starts(log, window, timezone)
    tables = []
    for one in [described(each, log) for each in metrics]:
        spec, name = one._spec(log)
        table = _core.measure(log._core, spec, name, keys, stage_names, starts, chosen, float(confidence), minimum_n)
        tables.append(pa.table(table))
    return MeasureTable(arrow=_in_zone(pa.concat_tables(tables).unify_dictionaries().combine_chunks(), timezone))


def _window_starts(log: EventLog, window: str | timedelta | None, timezone: str) -> list[int]:
    if window is None:
        return []
    return window_starts(*_core.time_range(log._core), window, timezone)


def _in_zone(table: Any, timezone: str) -> Any:
    """The window column in the zone that was asked for: the same moments, shown there."""
    import pyarrow as pa

    if "window" not in table.column_names or not pa.types.is_timestamp(table["window"].type):
        return table
    at = table.column_names.index("window")
    return table.set_column(at, "window", table["window"].cast(pa.timestamp("ns", tz=timezone)))
