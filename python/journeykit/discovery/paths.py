"""Questions about paths: ordered funnels, and the cases that run a certain way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from journeykit import _core
from journeykit.base.duration import duration_ns
from journeykit.base.errors import InvalidInput
from journeykit.base.table import Table
from journeykit.discovery.arguments import names

if TYPE_CHECKING:
    from datetime import timedelta

    from journeykit.events import EventLog


def funnel(
    log: EventLog,
    steps: Iterable[str | Sequence[str]],
    *,
    within: timedelta | str | None = None,
    by: str | Sequence[str] | None = None,
) -> Table:
    """How many cases reach each step of a path, in order.

    Parameters
    ----------
    log : EventLog
    steps : sequence of str, or of several str
        1 to 100 steps; each a touchpoint, or several of which any counts.
    within : timedelta or str, optional
        A step counts only if it begins no later than this after the first one (``"7d"``).
    by : str or several, optional
        Columns that split the cases into segments, as in :func:`journeykit.discovery.directly_follows`.

    Returns
    -------
    Table
        One row per step: step (from 1), name, cases, customers, open_cases (this is their deepest step and they are
        still open, so they may go on), share_of_all, share_of_first, share_of_previous (0–1, None where nothing to
        divide by), median_seconds_from_first, median_seconds_from_previous.

    Raises
    ------
    NotFound
        A touchpoint that is not in the log.
    InvalidInput
        No step, or a step without touchpoints.

    Notes
    -----
    A case reaches step k when k of its events, one after the other, with anything between, stand at steps 1 … k and
    the last begins in time. Each case counts with the chain that comes deepest; among those with the earliest first
    step, and the earliest event for each further one. Times run from start to start. Linear in events × steps.

    Examples
    --------
    >>> from journeykit import read_events
    >>> log = read_events({
    ...     "case": ["1", "1", "1", "2", "2"],
    ...     "touchpoint": ["search", "cart", "pay", "search", "cart"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-06 09:10",
    ...              "2026-01-05 12:00", "2026-01-05 12:30"],
    ... })
    >>> [(row["name"], row["cases"], row["share_of_first"]) for row in log.funnel(["search", "cart", "pay"]).rows()]
    [('search', 2, 1.0), ('cart', 2, 1.0), ('pay', 1, 0.5)]
    """
    if isinstance(steps, str | bytes) or not isinstance(steps, Iterable):
        raise InvalidInput(
            f"steps is a {type(steps).__name__}; expected a list of touchpoints such as ['search', 'pay']"
        )
    limit = None if within is None else duration_ns(within, name="within")
    return Table(_core.funnel(log._core, [names(step, "steps") for step in steps], limit, names(by, "by")))


def filter_paths(
    log: EventLog,
    *,
    contains: str | Sequence[str] | None = None,
    starts: str | Sequence[str] | None = None,
    ends: str | Sequence[str] | None = None,
    follows: tuple[str, str] | tuple[str, str, timedelta | str] | None = None,
    directly: bool = False,
    negate: bool = False,
) -> EventLog:
    """The cases that run a certain way, whole.

    Parameters
    ----------
    log : EventLog
    contains : str or several, optional
        Touchpoints that all stand somewhere in the case.
    starts, ends : str or several, optional
        Touchpoints of which one stands first, or last.
    follows : (source, target) or (source, target, within), optional
        The case has a source and later a target, at most `within` (``"7d"``) from the end of the source (its time
        where it has no end) to the time of the target.
    directly : bool
        For `follows`: nothing stands between.
    negate : bool
        The cases for which the conditions do not all hold.

    Returns
    -------
    EventLog

    Raises
    ------
    NotFound
        A touchpoint that is not in the log.
    InvalidInput
        No condition, or no case would be left.

    Examples
    --------
    >>> from journeykit import read_events
    >>> log = read_events({
    ...     "case": ["1", "1", "2", "2"],
    ...     "touchpoint": ["complain", "refund", "complain", "refund"],
    ...     "time": ["2026-01-05", "2026-01-06", "2026-01-05", "2026-02-05"],
    ... })
    >>> log.filter_paths(follows=("complain", "refund", "7d")).case_count
    1
    """
    pair: tuple[str, str] | None = None
    within = None
    if follows is not None:
        if isinstance(follows, str) or not isinstance(follows, Sequence) or len(follows) not in (2, 3):
            raise InvalidInput("follows takes (source, target) or (source, target, within)")
        source, target = names(list(follows[:2]), "follows")
        pair = (source, target)
        within = None if len(follows) == 2 else duration_ns(follows[2], name="within of follows")
    elif directly:
        raise InvalidInput("directly says how a target follows its source; give follows=(source, target) too")
    keep = _core.cases_along(
        log._core,
        names(contains, "contains"),
        names(starts, "starts"),
        names(ends, "ends"),
        pair,
        within,
        directly,
        negate,
    )
    return log._derived(log._core.select_cases(keep))
