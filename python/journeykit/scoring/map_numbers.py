"""How sure the numbers of the map are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from journeykit import _core
from journeykit.base import InvalidInput, Table
from journeykit.base.arguments import whole

if TYPE_CHECKING:
    from journeykit.events import EventLog

_METHODS = ("analytic", "bootstrap")


def map_intervals(
    log: EventLog,
    *,
    confidence: float = 0.95,
    method: Literal["analytic", "bootstrap"] = "analytic",
    replicates: int = 1000,
    groups: int = 2048,
    seed: int = 0,
    threads: int = 0,
) -> Table:
    """Every number of the map that a log shows, with an interval that holds when one customer's events are alike.

    Parameters
    ----------
    log : EventLog
        Its customer column says who is independent of whom; without one every case is a customer.
    confidence : float, default 0.95
        Of the intervals, between 0 and 1.
    method : {"analytic", "bootstrap"}, default "analytic"
        The linearised variance over customers, or drawing whole customers again.
    replicates : int, default 1000
        For "bootstrap": how often customers are drawn again, 100 or more.
    groups : int, default 2048
        For "bootstrap": more customers than these are drawn in so many groups of equal size.
    seed : int, default 0
        For "bootstrap". The result is the same for any number of threads and any order of rows.
    threads : int, default 0
        0 takes all cores.

    Returns
    -------
    Table
        One row per number: element ("journey", "touchpoint", "transition"), touchpoint and target (missing where the
        number is of the whole), number, value, unit ("share" 0–1, "seconds", "per case"), low, high, n (observations),
        customers, method, warning. The journey first, then touchpoints by events, then transitions by count.

        Journey: events_per_case; repeating_share (of all cases, those that pass some touchpoint more than once);
        open_share (of all cases); completed_share and failed_share (of closed cases, where
        the log names endings), abandoned_share; mean_seconds, median_seconds, p90_seconds (of closed cases).
        Touchpoint: events_per_case (of all cases), cases_share, repeating_share (of the cases there, those that come
        more than once), customers_share, start_share; end_share (of closed cases); stop_probability (of its events, the
        share after which the case has, so far, ended); duration_mean_seconds, duration_median_seconds,
        duration_p90_seconds where the log has end times. Transition: probability (of the events at its source),
        cases_share (of all cases), mean_seconds, median_seconds, p90_seconds of the wait.

    Raises
    ------
    InvalidInput
        confidence outside (0, 1), another method, fewer than 100 replicates, fewer than 2 groups.

    Notes
    -----
    The customer is the unit of independence. *Shares and ratios* R = Σa/Σb: with e_g = a_g − R·b_g of customer g
    of the G that b counts, ``Var(R) = G/(G−1)·Σ e_g² / (Σb)²``, never below what independent observations would have
    (but for shares of events, which may rule each other out: a case stops once). Shares: Wilson on the effective
    number; ratios and means: t with G − 1 degrees of freedom. Times are skew, so their means have the skewness of
    customers removed [3]_. Both of these from 30 customers on.
    *Medians and 90th percentiles*: Woodruff's interval [1]_: the share at or below the number has the variance above;
    the interval are the values at the level ± z times its standard error, by interpolated ranks. Where a rank lies
    beyond the least or largest value that end is missing and the warning says so.
    *Bootstrap*: percentiles of replicates that draw customers with all of their cases, widened to agree with t for few
    customers [2]_; for medians the percentiles are those of the share at or below the number. Beyond `groups` customers
    what is drawn are groups of equal size, made by the order of a seeded hash of the customers' names: that leaves the
    variance as it is, and the standard error uncertain by 1/√(2·groups) of itself, less than 1,000 replicates do.

    O(events + numbers), with bootstrap O(events + replicates · groups · numbers) at most. Waits follow one another
    inside a case, and their lengths may depend on the path: these are intervals of what such customers show, not
    of what a change would do.

    References
    ----------
    .. [1] Woodruff, R. S. (1952). Confidence intervals for medians and other position measures. Journal of the
       American Statistical Association 47.
    .. [2] Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American Statistician 69(4).
    .. [3] Hall, P. (1992). On the removal of skewness by transformation. Journal of the Royal Statistical Society B 54.

    Examples
    --------
    >>> import journeykit as jk
    >>> log = jk.read_events({
    ...     "case": ["a", "a", "b", "b", "c", "d"],
    ...     "touchpoint": ["search", "pay", "search", "pay", "search", "search"],
    ...     "time": ["2026-01-05", "2026-01-06", "2026-01-05", "2026-01-07", "2026-01-05", "2026-01-20"],
    ... }, completed=["pay"], idle="7d")
    >>> rows = jk.map_intervals(log).rows()
    >>> [row] = [row for row in rows if row["element"] == "transition" and row["number"] == "probability"]
    >>> row["touchpoint"], row["target"], row["value"], row["n"], row["customers"]
    ('search', 'pay', 0.5, 4, 4)
    >>> round(row["low"], 3), round(row["high"], 3), row["method"]
    (0.15, 0.85, 'share, Wilson on customers')
    """
    if method not in _METHODS:
        raise InvalidInput(f"method is {method!r:.80}; expected 'analytic' or 'bootstrap'")
    core = _core.map_intervals(
        log._core,
        confidence=confidence,
        bootstrap=method == "bootstrap",
        replicates=whole(replicates, "replicates", 0),
        groups=whole(groups, "groups", 0),
        seed=whole(seed, "seed", 0, 2**63 - 1),
        threads=whole(threads, "threads", 0),
    )
    return Table(core)
