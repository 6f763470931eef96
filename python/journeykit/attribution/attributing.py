"""Attribution of conversions to channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from journeykit import _core
from journeykit.attribution.columns import buffers, customers_of_rows
from journeykit.base import InvalidInput, Table, duration_ns
from journeykit.base.arguments import quoted, whole
from journeykit.events import EventLog
from journeykit.events.tables import to_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

Model = Literal["markov", "first", "last", "last_non_direct", "linear", "position", "time_decay", "shapley"]
Worth = Literal["conversions", "rate", "chain"]
_DAY_NS = 86_400_000_000_000


def attribute(
    source: Any,
    *,
    path: str | None = None,
    conversions: str | None = None,
    nulls: str | None = None,
    value: str | None = None,
    customer: str | None = None,
    separator: str = ">",
    model: Model = "markov",
    order: int = 1,
    times: str | None = None,
    direct: str | Sequence[str] = "direct",
    position: tuple[float, float, float] = (0.4, 0.2, 0.4),
    half_life: float | timedelta | str | None = None,
    worth: Worth = "conversions",
    permutations: int = 1000,
    replicates: int | None = None,
    confidence: float = 0.95,
    top: int = 3,
    minimum_n: int = 10,
    seed: int = 0,
    threads: int = 0,
) -> Table:
    """Share conversions out among the channels that customers met on their way.

    The removal effect measures **traffic, not benefit**: a channel that most customers pass gets most of the credit,
    even if it only stood in the way. No model here is causal; only an experiment that withholds a channel is.

    Parameters
    ----------
    source : table, or EventLog
        Anything with ``__arrow_c_stream__`` (pandas, polars, pyarrow, duckdb), a dictionary of columns or a list of
        dictionaries, one row per path; or a log, whose closed cases are the paths.
    path : str
        Column of text with the channels in the order they were met, ``"search > mail > shop"``. White space around
        names is cut off (the ideographic space too), everything else counts: ``Mail`` is not ``mail``.
    conversions : str
        Column with how many customers went this way and converted: numbers from 0, need not be whole; true and false
        count 1 and 0.
    nulls : str, optional
        Column with how many went this way and did not convert. Without it only the paths of converts are known: every
        chain converts with probability 1, and removal effects are shares of conversions whose path has the channel.
    value : str, optional
        Column with what the conversions of the row are worth together; for a log, a metric such as its order value.
    customer : str, optional
        Column with who went this way (text or whole numbers), where a customer may stand in several rows: intervals
        then draw whole customers. A row where it is missing is a customer of its own. A log says it by itself.
    separator : str, default ">"
    model : str, default "markov"
        ``markov``: conversions lost when moves into the channel are lost. ``first``, ``last``: all credit to one touch.
        ``last_non_direct``: the last touch that is not in `direct`, or the last if all are. ``linear``: each touch the
        same. ``position``: 40 % first, 40 % last, the rest between. ``time_decay``: half the credit per `half_life`
        before the conversion. ``shapley``: what the channel adds to sets of others, see `worth`.
    order : int, default 1
        For markov, 1–4: the next step depends on so many channels before it.
    times : str, optional
        For time_decay: column of text with the time of each touch, numbers with the same separator, none smaller than
        the one before. The conversion is at the time of the last touch. Without it time is counted in touches.
    direct : str or sequence of str, default "direct"
        For last_non_direct: names of the channels that are passed over, exactly as written.
    position : (first, middle, last), default (0.4, 0.2, 0.4)
        For position: shares that add up to 1. The middle is shared equally; a path of two touches has none, and the
        ends share all of it in proportion.
    half_life : float, or timedelta or text for a log, optional
        For time_decay: in touches (default 1), or in the unit of `times` (no default); for a log a duration such as
        ``"7d"`` (the default).
    worth : {"conversions", "rate", "chain"}, default "conversions"
        For shapley, of a set S of channels: conversions of the customers who met no channel outside S; the share of
        these customers that converted (0 where there are none; credit may be negative); conversions of the chain of
        order 1 when moves into channels outside S are lost.
    permutations : int, default 1000
        For shapley by rate or chain of more than 20 channels: orders sampled, with the standard error in its column.
        Up to 20 channels all 2^n sets are evaluated.
    replicates : int, optional
        Bootstrap replicates behind the intervals; 0 for none. Default 1,000, or 200 where each solves a system (order
        2 and more; shapley by rate or chain, and none of these above 12 channels).
    confidence : float, default 0.95
    top : int, default 3
        ``p_in_top`` is the share of replicates in which the channel is among the first so many.
    minimum_n : int, default 10
        A channel that fewer customers met has its numbers but no rank.
    seed : int, default 0
    threads : int, default 0
        0 takes all cores; the result is the same for any number.

    Returns
    -------
    Table
        One row per channel, most conversions first, ties by name: channel, removal_effect (0–1; markov only),
        conversions (they add up to the total), value (adds up to the total; missing without `value`), share (of the
        conversions; adds up to 1), n (customers whose path has the channel; where `customer` is known, paths);
        ``_low`` and ``_high`` of each of the four numbers; rank (missing below `minimum_n`), p_in_top,
        standard_error (of conversions, from sampled permutations only), evidence ("observed", "partly_observed" below
        `minimum_n`, missing for n = 0), method.

    Raises
    ------
    NotFound
        A column, model or worth that is not there.
    InvalidInput
        With the column and the first bad row: a missing path or count, a negative or infinite number, an empty name
        between separators, conversions of an empty path, a value that is missing where there are conversions or given
        where there are none, times that are no numbers, fall, or are not one for each touch. No conversion at all. An
        option out of range.
    Unsupported
        An order whose states do not fit into 64 bits (order 4 with more than 65,535 channels).
    NotConverged
        The chain was not solved to the accuracy promised.

    Notes
    -----
    **Rules.** A path that stands in several rows counts once with the sum. A row without customers is no observation:
    a channel that stands only in such rows is listed with n = 0, no removal effect, and nothing credited. An empty path
    (``""``) with nulls is a customer who met no channel: it counts in P(conversion); with conversions it is refused,
    because nobody can be credited with them. Repeats (``A > A > B``) are two touches for linear, position and
    time_decay, and do not matter to markov of order 1 and to shapley; from order 2 on they are states of their own.
    Rare channels are kept as they are, see `minimum_n`; nothing is grouped silently.

    **Markov.** The chain is fitted by counts. With f_x the probability to ever meet x, b_x that to convert from there,
    and b that of all customers, ``removal_effect_x = f_x·b_x / b``, which is 1 − P(conversion | moves into x are lost)
    / P(conversion) [1]_. Nothing is simulated. Order 1 is one elimination without subtractions for all channels:
    O(steps + channels³). Above, some twenty sweeps of O(channels·moves between states) stop when the error is certified
    to be below 1e-12·(effect + 0.01), because |error| ≤ Σ_s visits_s·|residual_s| and the visits are those counted. The
    effects do not add up to 1; conversions are shared in proportion to them, which is a convention. The value is shared
    by the value lost without the channel.

    **Shapley.** ``φ_x = Σ_S |S|!·(n − |S| − 1)!/n! · (v(S + x) − v(S))`` [2]_, as share of v(all) of the conversions.
    By conversions it equals one share for each distinct channel of a path [3]_, for any number of channels.

    **Log.** Closed cases are paths of touchpoints: completed ones converted, failed and abandoned ones did not. The
    touchpoints that end a case are no channels, and what follows the completing one is cut off. Open cases are
    censored: they are left out, and the method says how many.

    **Intervals.** Where customers are known (`customer`, or the customers of a log), whole customers are drawn again,
    with all of their paths and values: as many as there are; beyond 2,048 of them groups of equal size, see
    :func:`journeykit.map_intervals`. Where they are not, each unit of conversions and nulls (each case of a log) is
    taken for a customer: each counts so many times as a Poisson variable of mean 1 says, totals scaled back [4]_, and
    within a path conversions have the mean value. That is too narrow where customers stand in several rows. `method`
    says which; a single customer has no intervals. Quantiles of the replicates at (1 ± `confidence`)/2. Intervals do
    not depend on the order of rows (but beyond 2,048 customers on that of rows without one); of the numbers, only the
    last digits do. Replicates of order 2 and more are solved to 1e-6.

    References
    ----------
    .. [1] E. Anderl, I. Becker, F. von Wangenheim, J. H. Schumann, "Mapping the customer journey", Int. J. Research in
       Marketing 33, 2016, 457–474.
    .. [2] L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II, Princeton 1953.
    .. [3] K. Zhao, S. H. Mahboobi, S. R. Bagheri, "Shapley value methods for attribution modeling in online
       advertising", arXiv 1804.05327, 2018.
    .. [4] J. A. Hanley, B. MacGibbon, "Creating non-parametric bootstrap samples using Poisson frequencies", Comput.
       Methods Programs Biomed. 83, 2006, 57–62.

    Examples
    --------
    >>> import journeykit as jk
    >>> paths = {"path": ["a > a > b", "b > a", "c > b"], "conversions": [2, 1, 0], "nulls": [1, 3, 6]}
    >>> credit = jk.attribute(paths, path="path", conversions="conversions", nulls="nulls")
    >>> [(row["channel"], round(row["removal_effect"], 6), round(row["conversions"], 6)) for row in credit.rows()]
    [('b', 0.857143, 1.428557), ('a', 0.487179, 0.811957), ('c', 0.455696, 0.759486)]
    """
    is_log = isinstance(source, EventLog)
    for name, given, least in (
        ("order", order, 1),
        ("permutations", permutations, 2),
        ("replicates", 0 if replicates is None else replicates, 0),
        ("top", top, 1),
        ("minimum_n", minimum_n, 1),
        ("seed", seed, 0),
        ("threads", threads, 0),
    ):
        whole(given, name, least)
    if times is not None and model != "time_decay":
        raise InvalidInput(f"times is given, but the model {quoted(model)} does not look at it")
    first, last = _ends(position)
    options = _core.AttributionOptions(
        model=model,
        order=order,
        direct=[direct] if isinstance(direct, str) else list(direct),
        first_share=first,
        last_share=last,
        half_life=_half_life(half_life, is_log, times is not None),
        worth=worth,
        permutations=permutations,
        replicates=replicates,
        confidence=confidence,
        top=top,
        minimum_n=minimum_n,
        seed=seed,
        threads=threads,
    )
    if isinstance(source, EventLog):
        for name, column in (("path", path), ("conversions", conversions), ("nulls", nulls), ("times", times)):
            if column is not None:
                raise InvalidInput(f"{name} is given, but a log says by itself where its cases went and how they ended")
        if customer is not None:
            raise InvalidInput("customer is given, but a log says by itself who its customers are")
        return Table(_core.attribute_log(source._core, value or "", options))
    if path is None or conversions is None:
        raise InvalidInput("a table needs path= and conversions=, the names of its columns")
    given_columns = {"path": path, "conversions": conversions, "nulls": nulls, "value": value, "times": times}
    names = {what: name for what, name in given_columns.items() if name is not None}
    if customer is None:
        return Table(_core.attribute(buffers(source, names), names, separator, options))
    table = to_table(source)
    who = customers_of_rows(table, customer)
    return Table(_core.attribute(buffers(table, names), names, separator, options, None if who is None else who._core))


def _ends(position: Any) -> tuple[float, float]:
    shares = tuple(position) if isinstance(position, tuple | list) else ()
    if (
        len(shares) != 3
        or not all(isinstance(s, int | float) and s >= 0 for s in shares)
        or abs(sum(shares) - 1) > 1e-9
    ):
        raise InvalidInput(f"position is {quoted(position)}; expected three shares that add up to 1: (0.4, 0.2, 0.4)")
    first, middle, last = (float(share) for share in shares)
    return (first, last) if middle else (first, 1 - first)


def _half_life(given: Any, is_log: bool, timed: bool) -> float:
    if is_log:
        return duration_ns("7d" if given is None else given, name="half_life") / _DAY_NS
    if given is None:
        if timed:
            raise InvalidInput("times is given; say in its unit after how long credit halves: half_life=7")
        return 1.0
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise InvalidInput(f"half_life is {quoted(given)}; expected a number of touches, or of the unit of times")
    return float(given)
