"""How sure the shares of variants and funnels are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from journeykit import _core
from journeykit.base import InvalidInput, Table, duration_ns
from journeykit.base.arguments import whole
from journeykit.discovery.arguments import names
from journeykit.discovery.steps import Variants

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from journeykit.events import EventLog


def variant_intervals(log: EventLog, *, minimum_cases: int = 1, confidence: float = 0.95) -> Variants:
    """The variants of a log, each share with an interval that holds when one customer's cases are alike.

    Parameters
    ----------
    log : EventLog
        Its customer column says who is independent of whom; without one every case is a customer.
    minimum_cases : int, default 1
        Variants of fewer cases are left out; the shares stay those of all cases.
    confidence : float, default 0.95

    Returns
    -------
    Table
        As of ``log.variants()``, with low, high (of the share, 0–1), n (cases of the log), customers, method, warning.

    Raises
    ------
    InvalidInput
        confidence outside (0, 1), minimum_cases below 1.

    Notes
    -----
    Wilson on the effective number of cases, as in :func:`journeykit.measure`. Intervals hold one at a time: of a
    thousand variants some fifty miss. A variant that no case takes has no row, but its share need not be 0.

    Examples
    --------
    >>> import journeykit as jk
    >>> log = jk.read_events({
    ...     "case": ["1", "1", "2", "2", "3"],
    ...     "touchpoint": ["search", "pay", "search", "pay", "search"],
    ...     "time": ["2026-01-05", "2026-01-06", "2026-01-05", "2026-01-06", "2026-01-07"],
    ... })
    >>> row = jk.variant_intervals(log).rows()[0]
    >>> row["touchpoints"], row["cases"], round(row["low"], 3), round(row["high"], 3)
    (['search', 'pay'], 2, 0.208, 0.939)
    """
    least = whole(minimum_cases, "minimum_cases", 1)
    return Variants(*_core.variant_intervals(log._core, minimum_cases=least, confidence=float(confidence)))


def funnel_intervals(
    log: EventLog,
    steps: Iterable[str | Sequence[str]],
    *,
    within: timedelta | str | None = None,
    confidence: float = 0.95,
) -> Table:
    """The shares of a funnel, each with an interval that holds when one customer's cases are alike.

    Parameters
    ----------
    log : EventLog
    steps : sequence of str, or of several str
        As in ``log.funnel``.
    within : timedelta or str, optional
        A step counts only if it begins no later than this after the first one.
    confidence : float, default 0.95

    Returns
    -------
    Table
        step, name, number ("share_of_all" of the cases; from the second step on "share_of_first", "share_of_previous"
        too), value, low, high, n (cases that the share is of), customers, method, warning.

    Raises
    ------
    NotFound
        A touchpoint that is not in the log.
    InvalidInput
        No step, a step without touchpoints, confidence outside (0, 1).

    Notes
    -----
    Wilson on the effective number of cases, as in :func:`journeykit.measure`. Cases that are still open count with the
    steps they have reached so far.

    Examples
    --------
    >>> import journeykit as jk
    >>> log = jk.read_events({
    ...     "case": ["1", "1", "2", "2", "3"],
    ...     "touchpoint": ["search", "pay", "search", "pay", "search"],
    ...     "time": ["2026-01-05", "2026-01-06", "2026-01-05", "2026-01-06", "2026-01-07"],
    ... })
    >>> row = jk.funnel_intervals(log, ["search", "pay"]).rows()[-1]
    >>> row["name"], row["number"], row["n"], round(row["low"], 3), round(row["high"], 3)
    ('pay', 'share_of_previous', 3, 0.208, 0.939)
    """
    if isinstance(steps, str | bytes) or not isinstance(steps, Iterable):
        raise InvalidInput(
            f"steps is a {type(steps).__name__}; expected a list of touchpoints such as ['search', 'pay']"
        )
    limit = None if within is None else duration_ns(within, name="within")
    return Table(_core.funnel_intervals(log._core, [names(step, "steps") for step in steps], limit, float(confidence)))
