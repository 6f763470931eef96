"""Which step decides: sensitivities, fixes, and what would be without a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from journeykit.base import Table
from journeykit.base.arguments import whole
from journeykit.base.errors import InvalidInput
from journeykit.markov.asking import Asking
from journeykit.markov.setting import by_name, make_table, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeykit import _core


_DENSE = 2500  # touchpoints up to which N is there, so that a shift costs nothing
_MOST_RANKED = 1000


class Decisions(Asking):
    """Questions about what a change would bring; every outcome is an end, ``"value"``, ``"steps"`` or ``"time"``."""

    _ranks: dict[tuple[str, int], _core.RankedBands]

    def sensitivities(self, outcome: str = "value", *, top: int = 3) -> Table:
        """How the outcome answers to each move, when the other moves of its touchpoint shrink in proportion.

        Parameters
        ----------
        outcome : str, default "value"
            An end (its probability), or ``"value"``, ``"steps"``, ``"time"``.
        top : int, default 3
            ``p_in_top`` is the probability that a move is one of so many that decide most.

        Returns
        -------
        Table
            source, target, probability, slope (change per unit of probability), low, high, elasticity (relative change
            per relative change), rank (by the size of the slope, whichever way it points), rank_low, rank_high,
            p_in_top, n, method; in the order of the moves. Ranks are missing where only probabilities are known; their
            intervals and p_in_top also beyond rank 1,000.

        Notes
        -----
        slope = n_i (v_j − Σ_{k≠j} p_ik v_k / (1 − p_ij)) [1]_. For ``"time"``, v_j is the time from j on plus, in a
        chain of a log, the mean time of that move (m_ij): a move to a slower way costs its own wait too. With
        `sojourn`, or after a split, the time at a touchpoint does not depend on where the journey goes next. Replicates
        keep these times and all rewards as they are. Each replicate ranks the moves again, the first 1,000 of them.

        References
        ----------
        .. [1] Caswell, H. (2013). Sensitivity analysis of discrete Markov chains via matrix calculus. Linear Algebra
           and its Applications 438.
        """
        whole(top, "top", 1)
        sure = None
        if self._has_bands:
            key = (outcome, top)
            if key not in self._ranks:
                question = self._question(outcome)
                self._ranks[key] = self._model.ranked_bands(question, "slopes", **self._draws, by_size=True, top=top)
            sure = self._ranks[key]
        return Table(self._model.sensitivities(self._question(outcome), sure, self._method))

    def shifts(
        self,
        outcome: str = "value",
        *,
        points: float = 0.01,
        journeys_per_month: float | None = None,
        worth: float = 1.0,
        cost: float | Mapping[str, float] = 0.0,
        most: int = 20,
        top: int = 3,
    ) -> Table:
        """Which fix pays most: `points` of probability moved from one move of a touchpoint to another, best first.

        Parameters
        ----------
        outcome : str, default "value"
            An end (its probability), or ``"value"``, ``"steps"``, ``"time"``.
        points : float, default 0.01
            Probability to move; where a move has less, all it has.
        journeys_per_month : float, optional
            Adds money columns, and ranks by what is left: net = change · worth · journeys_per_month − cost.
        worth : float, default 1
            Money per unit of the outcome; 1 where the outcome is money, below 0 where less of it is better.
        cost : float or mapping of str to float, default 0
            Money per month of the fix, at each touchpoint.
        most : int, default 20
            Rows.
        top : int, default 3
            ``p_in_top`` is the probability that a shift is one of the best so many.

        Returns
        -------
        Table
            touchpoint, from, to, points, slope, linear_change, change (exact), low, high (of change), lowest, highest
            (points that leave probabilities), rank, rank_low, rank_high, p_in_top, and with journeys_per_month
            money_per_month, cost, net, by which they are ranked then, and net_low, net_high; n (visits of the
            touchpoint), method. How sure ranks are is missing where only probabilities are known.

        Notes
        -----
        slope = n_i (v_b − v_a); change = δ n_i (v_b − v_a) / (1 − δ (N_bi − N_ai)), rank-one update [1]_. A point is
        not equally easy everywhere: the table ranks, it does not promise. Times of moves count as in
        :meth:`sensitivities`.

        Each replicate (see :meth:`AbsorbingChain.with_customers`) prices the best 1,000 shifts again and ranks them
        again, so many points each, also where it has no room for them; beyond 2,500 touchpoints only those in the
        table. The first is the best of many, so its gain is rather too high than too low: look at rank_high and
        p_in_top before a budget is moved.

        References
        ----------
        .. [1] Caswell, H. (2013). Sensitivity analysis of discrete Markov chains via matrix calculus. Linear Algebra
           and its Applications 438.
        """
        whole(most, "most", 1)
        whole(top, "top", 1)
        everywhere = len(self.touchpoints)
        costs = by_name(cost, list(self.touchpoints), "cost") if isinstance(cost, Mapping) else []
        money = None if journeys_per_month is None else worth * journeys_per_month
        if money is not None:
            costs = costs or [number(cost, "cost")] * everywhere
        price: dict[str, Any] = {"worth": 1.0, "cost": []} if money is None else {"worth": money, "cost": costs}
        competing = max(most, _MOST_RANKED) if self._has_bands and everywhere <= _DENSE else most
        found = self._model.shifts(self._question(outcome), points, competing, **price)
        paid = [costs[k] for k in found["state"]] if money is not None else []
        shifts = list(zip(found["state"], found["from"], found["to"], found["amount"], strict=True))
        sure = None
        if shifts and self._has_bands:
            sure = self._model.ranked_bands(
                self._question(outcome, shifts=shifts),
                "shifts",
                **self._draws,
                worth=price["worth"],
                cost=paid,
                top=top,
            )
        shown = {name: values[:most] for name, values in found.items()}
        ranks: dict[str, list[Any]] = {"rank": [k + 1 if x == x else None for k, x in enumerate(shown["change"])]}
        for name in ("rank_low", "rank_high", "p_in_top"):
            values = getattr(sure, name)[:most] if sure is not None else [None] * len(shown["state"])
            ranks[name] = [None if x is None or x < 0 else x for x in values]
        bands = (sure.low[:most], sure.high[:most]) if sure is not None else None
        return self._shift_table(shown, bands, ranks, money, paid[:most])

    def shift(self, touchpoint: str, *, take_from: str, give_to: str, points: float, outcome: str = "value") -> Table:
        """One fix: `points` of probability at a touchpoint from one next step to another, also a new one.

        Returns
        -------
        Table
            One row as in :meth:`shifts`, without rank. A next step that the touchpoint did not have so far takes the
            mean time of the others.
        """
        everything = (*self.touchpoints, *self.ends)
        state = self._place(touchpoint, self.touchpoints, "touchpoint")
        source, target = (self._place(name, everything, "touchpoint or end") for name in (take_from, give_to))
        found = self._model.shift(self._question(outcome), state, source, target, points)
        bands = None
        if self._has_bands:
            bands = self._replicated(self._question(outcome, shifts=[(state, source, target, points)]), ("shifts",))
        return self._shift_table(found, bands)

    def removal(self, outcome: str = "value", *, lost: float = 0.0) -> Table:
        """Journeys that come to a touchpoint are lost there: what passes through it.

        Parameters
        ----------
        outcome : str, default "value"
        lost : float, default 0
            What a journey that was cut off brings.

        Returns
        -------
        Table
            touchpoint, without (the outcome), change, effect = 1 − without / outcome, share (of the sum of effects),
            low, high (of effect), n, method, counterfactual.

        Notes
        -----
        The removal effect of attribution [1]_. It measures traffic: the step that handles complaints earns a share,
        too. Use it between alternative marketing touchpoints; for failures look at :meth:`bypass`. Not causal.

        References
        ----------
        .. [1] Anderl, E., Becker, I., von Wangenheim, F. & Schumann, J. (2016). Mapping the customer journey.
           International Journal of Research in Marketing 33(3).
        """
        _, low, high = self._with_bands("removals", ("removals",), outcome, lost)
        found = self._model.removals(self._question(outcome, lost))
        total = sum(found["effect"])
        shares = [effect / total if total else None for effect in found["effect"]]
        return self._counterfactual(found, low, high, "removal: journeys that come here are lost", shares)

    def bypass(self, outcome: str = "value") -> Table:
        """A touchpoint is skipped; who would come goes on by the other moves: what it does to those who pass.

        Returns
        -------
        Table
            touchpoint, without, change, effect = without / outcome − 1, low, high, n, method, counterfactual. Missing
            where a loop would be left without an end.

        Notes
        -----
        Where the touchpoint is the only next step, journeys go on to where it leads. Not causal.
        """
        _, low, high = self._with_bands("bypasses", ("bypasses",), outcome)
        everything = list(range(len(self.touchpoints)))
        found = self._model.bypasses(self._question(outcome), everything, self._setting.threads)
        return self._counterfactual(found, low, high, "bypass: skipped, journeys go on by the other moves")

    def shapley(
        self, outcome: str = "value", *, touchpoints: Sequence[str] | None = None, permutations: int = 2000
    ) -> Table:
        """Shapley values of the touchpoints under removal: they add up to the outcome less what the start alone brings.

        Parameters
        ----------
        outcome : str, default "value"
        touchpoints : sequence of str, optional
            To share among these only; the others are always there. The values then add up to the outcome less what it
            is when journeys are lost that come to one of these. Default: all but the one where every journey starts.
        permutations : int, default 2000
            Random orders beyond 12 touchpoints; up to 12 the values are exact.

        Returns
        -------
        Table
            touchpoint, value, standard_error (0: exact), low, high (normal, of the sampling only), method. The
            touchpoint where every journey starts is no player, unless it is named.

        Raises
        ------
        Unsupported
            More than 2,500 touchpoints to share among.
        InvalidInput
            None is named, or one twice.

        Notes
        -----
        Named touchpoints are shared among in the chain seen at them alone (censored chain), so a few of them are exact
        in a chain of any size: a solution for each, then 2^k small ones.
        """
        from statistics import NormalDist

        setting = self._setting
        named = [] if touchpoints is None else [touchpoints] if isinstance(touchpoints, str) else list(touchpoints)
        players = [self._place(name, self.touchpoints, "touchpoint") for name in named]
        if len(set(players)) < len(players) or (touchpoints is not None and not players):
            raise InvalidInput("touchpoints names none, or one twice; expected each that shares once")
        states, values, errors = self._model.shapley(
            self._question(outcome),
            players=players,
            exact_players=12,
            permutations=permutations,
            seed=setting.seed,
            threads=setting.threads,
        )
        z = NormalDist().inv_cdf((1 + setting.confidence) / 2)
        pairs = list(zip(values, errors, strict=True))
        return make_table(
            {
                "touchpoint": [self.touchpoints[k] for k in states],
                "value": values,
                "standard_error": errors,
                "low": [value - z * error for value, error in pairs],
                "high": [value + z * error for value, error in pairs],
                "method": ["permutations" if len(states) > 12 else "exact"] * len(states),
            }
        )

    def _shift_table(
        self,
        found: dict[str, Any],
        bands: tuple[list[float], list[float]] | None,
        ranks: dict[str, list[Any]] | None = None,
        money: float | None = None,
        costs: Sequence[float] = (),
    ) -> Table:
        everything = (*self.touchpoints, *self.ends)
        rows = len(found["state"])
        low, high = bands if bands is not None else ([None] * rows, [None] * rows)
        columns = {
            "touchpoint": [everything[k] for k in found["state"]],
            "from": [everything[k] for k in found["from"]],
            "to": [everything[k] for k in found["to"]],
            "points": found["amount"],
            **{name: found[name] for name in ("slope", "linear_change", "change")},
            "low": low,
            "high": high,
            **{name: found[name] for name in ("lowest", "highest")},
            **(ranks or {}),
        }
        if money is not None:

            def less_cost(changes: list[Any]) -> list[Any]:
                return [None if x is None else x * money - cost for x, cost in zip(changes, costs, strict=True)]

            columns["money_per_month"] = [change * money for change in found["change"]]
            columns["cost"] = list(costs)
            columns["net"] = less_cost(found["change"])
            ends = sorted(("net_low", "net_high"), reverse=money >= 0)  # a worth below 0 turns the interval round
            columns |= dict(zip(ends, (less_cost(low), less_cost(high)), strict=True))
        columns["n"] = [self._visit_n[k] for k in found["state"]]
        columns["method"] = [self._method] * rows
        real = ("low", "high", "n", "net_low", "net_high", "p_in_top")
        return make_table(columns, real=real, whole=("rank", "rank_low", "rank_high"))

    def _counterfactual(
        self,
        found: dict[str, list[float]],
        low: list[Any],
        high: list[Any],
        label: str,
        shares: list[Any] | None = None,
    ) -> Table:
        columns: dict[str, list[Any]] = {
            "touchpoint": list(self.touchpoints),
            **{name: found[name] for name in ("without", "change", "effect")},
        }
        more = {"share": shares} if shares is not None else {}
        out = self._out(columns, low, high, self._visit_n, more).to_arrow()
        return Table(arrow=out.append_column("counterfactual", [[label] * len(out)]))
