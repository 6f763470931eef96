"""Chains out of what callers have: logs, maps, matrices, counts."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.errors import InvalidInput
from journeykit.markov.chain import AbsorbingChain
from journeykit.markov.setting import Setting, by_name, number

if TYPE_CHECKING:
    from journeykit.events import EventLog
    from journeykit.journey import JourneyMap


def absorbing_chain(
    source: EventLog | JourneyMap | Mapping[str, Mapping[str, float]] | Any,
    *,
    start: str | Mapping[str, float] | None = None,
    ends: Sequence[str] | None = None,
    reward: Mapping[str, float] | None = None,
    end_reward: Mapping[str, float] | None = None,
    sojourn: Mapping[str, timedelta | float] | None = None,
    sojourn_variance: Mapping[str, float] | None = None,
    counts: bool = False,
    names: Sequence[str] | None = None,
    prior: float = 0.0,
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    threads: int = 0,
) -> AbsorbingChain:
    """The absorbing chain of a journey: from touchpoint to touchpoint until an end.

    Parameters
    ----------
    source : EventLog, JourneyMap, mapping or square matrix
        A log: states are its touchpoints, ends are how cases ended (``completed``, ``failed``, ``abandoned``); open
        cases are censored: their moves count, an end is not invented. A map: its transitions, and what leaves a
        touchpoint otherwise goes to ``exit``; touchpoints without transitions are ends. A mapping
        ``{touchpoint: {next: number}}``: names that are no keys are ends. A matrix (rows of numbers, numpy, or scipy
        CSR): rows that lead only to themselves are ends.
    start : str or mapping, optional
        Where journeys begin: a touchpoint, or shares that add up to 1. Default: as counted in a log or map, else the
        first touchpoint.
    ends : sequence of str, optional
        Touchpoints that end a journey when they are first reached (log, map), such as a call to the hotline.
    reward, end_reward : mapping of str to float, optional
        What each visit of a touchpoint, and each end, brings: cost, money, experience. Missing ones bring 0.
    sojourn : mapping of str to timedelta or float, optional
        Mean time at each touchpoint (seconds); default for a log: as measured, by where the move leads.
    sojourn_variance : mapping of str to float, optional
        Its variance in seconds², default 0.
    counts : bool, default False
        Whether a mapping or matrix has counts; probabilities must add up to 1 in every row.
    names : sequence of str, optional
        Of the rows of a matrix; default "0", "1", …
    prior : float, default 0
        Added to each count before the probabilities are taken: 0 shares as counted, 0.5 posterior means (Jeffreys).
        Only moves that are there, with a count of 0 or more, are allowed and get it.
    confidence : float, default 0.95
    replicates : int, default 1000
        Draws from the posterior (Dirichlet, Jeffreys) behind the intervals; 0: no intervals.
    seed, threads : int, default 0
        The result does not depend on threads; 0: all cores.

    Returns
    -------
    AbsorbingChain

    Raises
    ------
    InvalidInput
        No end is reached from a loop of touchpoints (they are named), rows that do not add up, NaN, negative numbers,
        nothing there.
    NotFound
        An unknown touchpoint in start, ends or reward.

    Notes
    -----
    With Q the moves among touchpoints and R those to ends: N = (I − Q)⁻¹, B = NR, t = N·1 [1]_. A first-order chain
    forgets how a customer came to a touchpoint, which flatters recovery: look at :meth:`AbsorbingChain.order_test`.

    References
    ----------
    .. [1] Kemeny, J. G. & Snell, J. L. (1960). Finite Markov Chains.

    Examples
    --------
    >>> import journeykit as jk
    >>> chain = jk.absorbing_chain(
    ...     {
    ...         "Start": {"Order": 50, "Contact": 30, "Lost": 20},
    ...         "Order": {"Kept": 80, "Failure": 20},
    ...         "Contact": {"Order": 60, "Failure": 20, "Lost": 20},
    ...         "Failure": {"Contact": 50, "Kept": 10, "Lost": 40},
    ...     },
    ...     counts=True,
    ... )
    >>> round(chain.probability("Kept"), 6)
    0.623333
    >>> best = chain.shifts("Kept", points=0.01).rows()[0]
    >>> best["touchpoint"], best["from"], best["to"]
    ('Start', 'Lost', 'Order')
    """
    log: Any = None
    facts: dict[str, Any] = {}
    move_seconds: list[float] = []
    variance: list[float] = []
    wanted = _names(ends, "ends")
    core = getattr(source, "_core", None)
    if isinstance(core, _core.EventLog):
        log = source
        parts, move_seconds, variance, facts = _core.parts_of_log(core, wanted)
    elif isinstance(core, _core.JourneyMap):
        parts = _core.parts_of_map(core, wanted)
    elif wanted:
        raise InvalidInput("ends are named for a log or a map; in a mapping or matrix they are what leads nowhere else")
    elif isinstance(source, Mapping):
        parts = _of_mapping(source, counts)
    else:
        parts = _of_matrix(source, names, counts)
    if start is not None:
        parts.set_start(_start(start, parts.states))
    elif isinstance(core, _core.JourneyMap) and not parts.has_start:
        raise InvalidInput("the map does not say where journeys begin; give start, a touchpoint or shares")
    model = _core.ChainModel(parts, prior=prior, dense_states=2500, threads=threads)
    mean: list[float] = []
    if sojourn is not None:
        mean = [_seconds(x) for x in by_name(sojourn, model.states, "sojourn", complete=True)]
        variance = by_name(sojourn_variance, model.states, "sojourn_variance")
        move_seconds = []
    elif sojourn_variance is not None:
        raise InvalidInput("sojourn_variance needs sojourn, the mean times")
    setting = Setting(
        reward=by_name(reward, model.states, "reward"),
        end_reward=by_name(end_reward, model.ends, "end_reward"),
        sojourn=mean,
        sojourn_variance=variance,
        move_seconds=move_seconds,
        confidence=confidence,
        replicates=replicates,
        seed=seed,
        threads=threads,
        prior=prior,
        case_count=facts.get("cases"),
        open_case_count=facts.get("open_cases", 0),
        left_out=tuple(facts.get("left_out", ())),
        ends=tuple(wanted),
    )
    return AbsorbingChain(model, setting, log=log)


def _names(value: object, option: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, Iterable):
        raise InvalidInput(f"{option} is a {type(value).__name__}; expected names")
    out = list(value)
    if not all(isinstance(name, str) for name in out):
        raise InvalidInput(f"{option} holds something that is no name (text)")
    return out


def _seconds(value: Any) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def _start(start: str | Mapping[str, float], states: list[str]) -> list[float]:
    if isinstance(start, str):
        start = {start: 1.0}
    return by_name(start, states, "start")


def _of_mapping(source: Mapping[str, Mapping[str, float]], counts: bool) -> _core.ChainParts:
    states = list(source)
    ends: dict[str, None] = {}
    for name, row in source.items():
        if not isinstance(name, str) or not isinstance(row, Mapping):
            raise InvalidInput("a chain as a mapping is {touchpoint: {next: number}}")
        ends.update((target, None) for target in row if target not in source)
    if not all(isinstance(name, str) for name in ends):
        raise InvalidInput("the names of touchpoints and ends must be text")
    place = {name: k for k, name in enumerate([*states, *ends])}
    moves = [
        (place[name], place[target], number(value, f"the row of {name!r:.80}"))
        for name, row in source.items()
        for target, value in row.items()
    ]
    return _core.ChainParts(states=states, ends=list(ends), moves=moves, counts=counts)


def _of_matrix(source: Any, names: Sequence[str] | None, counts: bool) -> _core.ChainParts:
    if hasattr(source, "indptr"):
        rows = _names(names, "names") or [str(k) for k in range(len(source.indptr) - 1)]
        return _core.parts_of_rows(source.indptr, source.indices, source.data, rows, counts)
    matrix = source
    if isinstance(source, Sequence):
        table = [list(row) for row in source]
        width = len(table)
        if width == 0 or any(len(row) != width for row in table):
            raise InvalidInput("a matrix needs a row and a column for each state and end; got rows of other lengths")
        numbers = array("d", (number(x, "the matrix") for row in table for x in row))
        matrix = memoryview(numbers).cast("B").cast("d", (width, width))
    elif hasattr(source, "astype"):
        matrix = source.astype("float64", order="C", copy=False)
    elif not hasattr(source, "__buffer__") and not isinstance(source, memoryview):
        raise InvalidInput(
            f"a chain cannot be made of a {type(source).__name__}; give a log, a map, a mapping or a matrix"
        )
    shape = getattr(matrix, "shape", ())
    rows = _names(names, "names") or [str(k) for k in range(shape[0] if shape else 0)]
    return _core.parts_of_matrix(matrix, rows, counts)
