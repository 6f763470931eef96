"""The chain as a value: numbers with intervals, each as a table."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.arguments import whole
from journeykit.base.errors import InvalidInput
from journeykit.markov.decisions import Decisions
from journeykit.markov.orders import Orders
from journeykit.markov.setting import Setting, by_name, make_table
from journeykit.markov.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from journeykit.base import Table
    from journeykit.events import EventLog


class AbsorbingChain(Decisions, Shape, Orders):
    """A journey as an absorbing chain: made by :func:`absorbing_chain`. Immutable; every answer is a Table.

    Attributes
    ----------
    touchpoints, ends : tuple of str
        The states and the ends, in order.

    Notes
    -----
    Tables carry ``n`` (visits, or journeys, that the number rests on), ``low`` and ``high`` (missing where only
    probabilities are known) and the ``method`` of the interval.
    """

    def __init__(self, model: _core.ChainModel, setting: Setting, *, log: EventLog | None = None) -> None:
        self._model = model
        self.touchpoints = tuple(model.states)
        self.ends = tuple(model.ends)
        self._setting = setting
        self._log = log
        self._questions = {}
        self._known = {}
        self._bands = {}
        self._ranks = {}

    @property
    def start(self) -> dict[str, float]:
        """Where journeys begin, as shares."""
        return {name: share for name, share in zip(self.touchpoints, self._model.start, strict=True) if share > 0}

    @property
    def open_case_count(self) -> int:
        """Cases of the log that are still open: their moves count, their end does not exist yet."""
        return self._setting.open_case_count

    @property
    def left_out(self) -> tuple[str, ...]:
        """Touchpoints of the log from which no case has ended so far; they are not in the chain."""
        return self._setting.left_out

    @cached_property
    def fundamental(self) -> _core.Numbers:
        """N = (I − Q)⁻¹, visits to column from row; ``numpy.asarray()`` takes it. Up to 2,500 touchpoints."""
        return self._model.fundamental()

    def probability(self, end: str, *, start: str | None = None) -> float:
        """P(end), from the start of the chain or from one touchpoint."""
        column = self._place(end, self.ends, "end")
        if start is None:
            return self._numbers("endings")[column]
        row = self._place(start, self.touchpoints, "touchpoint")
        return self._numbers("endings_by_state")[row * len(self.ends) + column]

    def moves(self) -> Table:
        """Every move: source, target, probability, count, n (counts out of source), posterior mean, low, high, method.

        Notes
        -----
        Posterior mean and interval of Beta(count + ½, rest) over the moves that are there (Jeffreys), exact; in a chain
        of :meth:`by_segment` of Beta(count + κ·p, rest) with p of the whole.
        """
        source, target = self._move_names
        probabilities, counts = list(self._model.probabilities), list(self._model.counts)
        missing: list[Any] = [None] * len(source)
        mean, low, high = missing, missing, missing
        if counts:
            mean, low, high = self._model.move_bands(0.5, self._setting.confidence)
        return make_table(
            {
                "source": source,
                "target": target,
                "probability": probabilities,
                "count": counts or missing,
                "n": self._move_n,
                "posterior_mean": mean,
                "low": low,
                "high": high,
                "method": [f"beta ({self._prior_name})" if counts else "given"] * len(source),
            },
            real=("count", "n", "posterior_mean", "low", "high"),
        )

    def endings(self, *, by_start: bool = False) -> Table:
        """Probability of each end.

        Parameters
        ----------
        by_start : bool, default False
            A row for each touchpoint and end: from there. Otherwise from the start.

        Returns
        -------
        Table
            (start,) end, probability (0–1; they add up to 1), low, high, n, method.
        """
        ends = list(self.ends)
        if not by_start:
            values, low, high = self._with_bands("endings", self._basic)
            n = [self._journeys] * len(ends)
            return self._out({"end": ends, "probability": values}, low, high, n)
        values, low, high = self._with_bands("endings_by_state", ("endings_by_state",))
        names = [name for name in self.touchpoints for _ in ends]
        n = [x for x in self._visit_n for _ in ends]
        return self._out({"start": names, "end": ends * len(self.touchpoints), "probability": values}, low, high, n)

    def visits(self) -> Table:
        """Expected visits of each touchpoint in one journey, and the probability to come there at all.

        Returns
        -------
        Table
            touchpoint, visits, low, high, ever (probability of at least one visit), ever_low, ever_high, n (visits
            counted), method.
        """
        values, low, high = self._with_bands("visits", self._basic)
        ever, ever_low, ever_high = self._with_bands("ever_visited", self._basic)
        columns: dict[str, list[Any]] = {"touchpoint": list(self.touchpoints), "visits": values}
        more = {"ever": ever, "ever_low": ever_low, "ever_high": ever_high}
        return self._out(columns, low, high, self._visit_n, more)

    def steps(self, *, by_start: bool = False) -> Table:
        """Touchpoints passed until the end: mean, sd (of single journeys) and the interval of the mean."""
        return self._spread("steps", by_start)

    def time(self, *, by_start: bool = False) -> Table:
        """Seconds until the end, from the times at the touchpoints (semi-Markov): mean, sd, interval of the mean.

        Raises
        ------
        InvalidInput
            No times are known; give ``sojourn``.
        """
        if not self._setting.sojourn and not self._setting.move_seconds:
            raise InvalidInput("this chain has no times; give sojourn, the mean time at each touchpoint")
        return self._spread("time", by_start)

    def value(self, *, by_start: bool = False) -> Table:
        """What a journey brings: rewards of its visits and of its end; mean, sd, interval of the mean.

        Raises
        ------
        InvalidInput
            The chain has no reward and no end_reward.
        """
        if not self._setting.reward and not self._setting.end_reward:
            raise InvalidInput("this chain has no value; give reward or end_reward")
        return self._spread("value", by_start)

    def worst_moment(self, experience: Mapping[str, float] | None = None) -> Table:
        """The exact law of the worst moment: P(some visit is at `level` or worse), levels ascending.

        Parameters
        ----------
        experience : mapping of str to float, optional
            Of each touchpoint; default the chain's reward.

        Raises
        ------
        Unsupported
            More than 2,500 touchpoints with more than 1,000 levels of experience: each takes a solution of its own.

        Notes
        -----
        P(worst moment ≤ c) = P(ever at a touchpoint of experience ≤ c), a hitting probability; nothing is simulated.
        """
        names = list(self.touchpoints)
        values = self._setting.reward if experience is None else by_name(experience, names, "experience", complete=True)
        if not values:
            raise InvalidInput("the worst moment needs the experience of each touchpoint")
        level, probability = self._model.worst_moment(values)
        return make_table({"level": level, "probability": probability})

    def standard_error(self, outcome: str = "value") -> float:
        """Analytic standard error of the outcome: every row of counts multinomial (delta method)."""
        return float(self._model.standard_error(self._question(outcome)))

    def with_replicates(self, counts: Any) -> AbsorbingChain:
        """The same chain with intervals from replicates of its counts, such as a bootstrap of whole customers.

        Parameters
        ----------
        counts : array of float64, shape (replicates, moves + starts)
            Counts of the moves in the order of :meth:`moves`, then, where starts were counted, of the touchpoints.
        """
        changed = replace(self._setting, counts=counts, counts_method="replicates")
        return AbsorbingChain(self._model, changed, log=self._log)

    def with_customers(self, *, replicates: int = 1000, seed: int = 0) -> AbsorbingChain:
        """The same chain with intervals that hold when the journeys of one customer are alike.

        Parameters
        ----------
        replicates : int, default 1000
            How often the customers are drawn again, with all of their journeys; 100 or more.
        seed : int, default 0
            The result is the same for any number of threads and any order of rows.

        Raises
        ------
        InvalidInput
            The chain is not of a log, or was split; the log has a single customer; fewer than 100 replicates.

        Notes
        -----
        Percentiles over replicates, as in :meth:`with_replicates`. Beyond 2,048 customers what is drawn are groups of
        equal size, see :func:`journeykit.map_intervals`. The Dirichlet intervals that a chain has otherwise take every
        visit as independent, and are too narrow where customers repeat themselves.
        """
        if self._log is None:
            raise InvalidInput("only a chain of a log has customers; take absorbing_chain(log, …), not split")
        whole(replicates, "replicates", 100, 1_000_000)
        whole(seed, "seed", 0, 2**63 - 1)
        setting = self._setting
        counts = _core.customer_replicates(
            self._log._core,
            list(setting.ends),
            self._model,
            replicates=replicates,
            seed=seed,
            threads=setting.threads,
        )
        changed = replace(self._setting, counts=counts, counts_method="bootstrap of customers")
        return AbsorbingChain(self._model, changed, log=self._log)

    @property
    def shrinkage(self) -> float | None:
        """κ of a chain of :meth:`by_segment`: how many visits the whole is worth at each touchpoint. Else None."""
        return self._setting.shrinkage

    def by_segment(self, by: str | Sequence[str]) -> dict[Any, AbsorbingChain]:
        """A chain for each segment of the log, its rows with few visits shrunk to those of the whole.

        Parameters
        ----------
        by : str or several
            Columns that split the cases into segments, as in :func:`journeykit.discover`: a case belongs to its first
            known value, cases without one come last.

        Returns
        -------
        dict of AbsorbingChain
            By the value of the column (a tuple for several, None for cases without one), in its order. All have the
            touchpoints, ends and moves of this chain, its rewards and its times, and their own counts.

        Raises
        ------
        InvalidInput
            The chain is not of a log, or was split; over 10,000 segments.
        NotFound
            No such column.
        Unsupported
            A column of decimals or times.

        Notes
        -----
        Row i of a segment is a draw from Dirichlet(κ·p_i) around the row p_i of the whole, so its probabilities are the
        posterior means (n_ij + κ·p_ij) / (n_i + κ): nothing but the whole where the segment was never seen, its own
        shares where n_i is far above κ. One κ for all, :attr:`shrinkage`, makes the counts of all segments and rows
        likeliest (Dirichlet–multinomial [1]_; between 0.001 and 1,000,000, which is where segments do not differ beyond
        chance). Starts are as counted, without shrinkage. Intervals are those of this posterior, given κ; they take
        every visit as independent. O(segments · moves) for each of about 100 κ.

        References
        ----------
        .. [1] Minka, T. (2000). Estimating a Dirichlet distribution. MIT.
        """
        import pyarrow as pa

        if self._log is None:
            raise InvalidInput("only a chain of a log has segments; take absorbing_chain(log, …), not split")
        columns = [by] if isinstance(by, str) else list(by)
        if not columns:
            raise InvalidInput("by names no column; expected one or several that split the cases")
        keys, models, kappa = _core.segment_chains(self._log._core, list(self._setting.ends), self._model, columns)
        rows = pa.table(keys).to_pylist()
        names = [row[columns[0]] if len(columns) == 1 else tuple(row.values()) for row in rows]
        own = replace(self._setting, counts=None, shrinkage=kappa)
        return {name: AbsorbingChain(model, own) for name, model in zip(names, models, strict=True)}

    def _with_model(self, model: _core.ChainModel, copied: int) -> AbsorbingChain:
        """After a split: the new touchpoint has the reward and times of the one it comes from, moves have none."""
        setting = self._setting
        mean = setting.sojourn
        if setting.move_seconds:
            offsets, p, seconds = self._model.offsets, self._model.probabilities, setting.move_seconds
            mean = [sum(p[k] * seconds[k] for k in range(begin, end)) for begin, end in itertools.pairwise(offsets)]

        def grown(values: list[Any]) -> list[Any]:
            return [*values, values[copied]] if values else []

        changed = replace(
            setting,
            reward=grown(setting.reward),
            sojourn=grown(mean),
            sojourn_variance=grown(setting.sojourn_variance),
            move_seconds=[],
            counts=None,
        )
        return AbsorbingChain(model, changed)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._model, self._setting, self._log)

    def __repr__(self) -> str:
        chances = ", ".join(f"{p:.1%} {end}" for end, p in zip(self.ends[:4], self._numbers("endings"), strict=False))
        return f"<AbsorbingChain: {len(self.touchpoints)} touchpoints, {len(self._sources)} moves; {chances}>"

    def _repr_html_(self) -> str:
        return self.endings()._repr_html_()


def _unpickled(model: _core.ChainModel, setting: Setting, log: EventLog | None) -> AbsorbingChain:
    return AbsorbingChain(model, setting, log=log)
