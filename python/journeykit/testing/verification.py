"""Everything computed twice: what the engine counts is held to the plain reference while it is asked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.events import EventLog
from journeykit.testing import check_attribution, check_chain, check_discovery, check_measure, check_score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass
class Verification:
    """How many answers were computed twice, and how many were left: the log too large, or no reference for them."""

    checked: int = 0
    skipped: int = 0


@contextmanager
def verified(*, max_events: int = 2_000) -> Iterator[Verification]:
    """While active, each answer of the engine is computed a second time by plain reference code.

    Covers directly_follows of logs and tables, case_durations, variants, rework, step_matrix, funnel and
    filter_paths, also where other functions ask for them, with segments; of measure the value, n and customers of
    answers, shares of cases and transfers; of score the scores of all places, their contributions and points lost,
    each with n and customers; of attribute the numbers by first, last, last_non_direct, linear, position and markov
    of order 1 (up to 12 channels); of markov.solve all numbers of chains of up to 12 states. Not the intervals. Whole
    numbers must be equal, decimals to 1e-12 (times also to 1 ns, scores and their points to 1e-10, credit to 1e-12 of
    all credit, chains to 1e-9 of their largest number).

    Parameters
    ----------
    max_events : int, default 2,000
        Larger logs are answered but not checked: the reference is slow.

    Yields
    ------
    Verification
        Its `checked` and `skipped` count the answers.

    Raises
    ------
    AssertionError
        The two differ: a bug of journeykit. Please report it with the log.

    Notes
    -----
    The functions of ``journeykit._core`` are replaced for the whole process until the block ends: do not nest
    blocks, or leave one in another thread.

    Examples
    --------
    >>> from journeykit import read_events
    >>> from journeykit.testing import verified
    >>> log = read_events({"case": ["1", "1"], "touchpoint": ["a", "b"], "time": ["2026-01-05", "2026-01-06"]})
    >>> with verified() as seen:
    ...     log.variants().rows()[0]["touchpoints"]
    ['a', 'b']
    >>> seen.checked
    1
    """
    seen = Verification()
    engine = {name: getattr(_core, name) for name in (*_CHECKS, *_ASKED)}

    def twice(name: str) -> Callable[..., Any]:
        def ask(*given: Any) -> Any:
            found = engine[name](*given)
            if found is None:  # the engine leaves it to another path
                return found
            known = [EventLog(one) if isinstance(one, _core.EventLog) else one for one in given]
            if _size(known) > max_events or not _CHECKS[name](found, *known):
                seen.skipped += 1
            else:
                seen.checked += 1
            return found

        return ask

    try:
        for name in engine:
            setattr(_core, name, twice(name) if name in _CHECKS else _ASKED[name])
        yield seen
    finally:
        for name, function in engine.items():
            setattr(_core, name, function)


def _size(given: Sequence[Any]) -> int:
    """Events of the log, or rows of the table, matrix or columns."""
    source: Any = next((one for one in given if isinstance(one, EventLog)), given[0])
    if isinstance(source, dict):
        source = source["conversions"]
    return len(source if hasattr(source, "__len__") else memoryview(source))


_ASKED: dict[str, Any] = {"AttributionOptions": check_attribution.AskedOptions}
_CHECKS: dict[str, Callable[..., bool]] = (
    check_discovery.CHECKS | check_measure.CHECKS | check_score.CHECKS | check_attribution.CHECKS | check_chain.CHECKS
)
