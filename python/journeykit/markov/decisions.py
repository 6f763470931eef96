"""Which step decides: sensitivities, fixes, and what would be without a step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from journeykit.base import Table
from journeykit.base.errors import InvalidInput
from journeykit.markov.setting import Setting, by_name, make_table, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeykit import _core


class Decisions:
    """Questions about what a change would bring; every outcome is an end, ``"value"``, ``"steps"`` or ``"time"``."""

    _model: _core.ChainModel
    _setting: Setting
    touchpoints: tuple[str, ...]
    ends: tuple[str, ...]

    def sensitivities(self, outcome: str = "value") -> Table:
        """How the outcome answers to each move, when the other moves of its touchpoint shrink in proportion.

        Parameters
        ----------
        outcome : str, default "value"
            An end (its probability), or ``"value"``, ``"steps"``, ``"time"``.

        Returns
        -------
        Table
            source, target, probability, slope (change per unit of probability), low, high, elasticity (relative change
            per relative change), n, method; in the order of the moves.
        """
        _, low, high = self._with_bands("slopes", ("slopes",), outcome)
        slope, elasticity = self._model.sensitivities(self._question(outcome))
        source, target = self._move_names
        probabilities = list(self._model.probabilities)
        columns: dict[str, list[Any]] = {
            "source": source,
            "target": target,
            "probability": probabilities,
            "slope": slope,
        }
        table: Table = self._out(columns, low, high, self._move_n, {"elasticity": elasticity})
        return table

    def shifts(
        self,
        outcome: str = "value",
        *,
        points: float = 0.01,
        journeys_per_month: float | None = None,
        worth: float = 1.0,
        cost: float | Mapping[str, float] = 0.0,
        most: int = 20,
    ) -> Table:
        """Which fix pays most: `points` of probability moved from one move of a touchpoint to another, best first.

        Parameters
        ----------
        outcome : str, default "value"
            An end (its probability), or ``"value"``, ``"steps"``, ``"time"``.
        points : float, default 0.01
            Probability to move; where a move has less, all it has.
        journeys_per_month : float, optional
            Adds money columns. With a cost for each touchpoint the best 10,000 shifts are ranked by what is left.
        worth : float, default 1
            Money per unit of the outcome; 1 where the outcome is money.
        cost : float or mapping of str to float, default 0
            Money per month of the fix, at each touchpoint.
        most : int, default 20
            Rows.

        Returns
        -------
        Table
            touchpoint, from, to, points, slope, linear_change, change (exact), low, high (of change), lowest, highest
            (points that leave probabilities), and with journeys_per_month money_per_month, cost, net, by which they are
            ranked then, and net_low, net_high; n (visits of the touchpoint), method.

        Notes
        -----
        slope = n_i (v_b − v_a); change = δ n_i (v_b − v_a) / (1 − δ (N_bi − N_ai)), rank-one update [1]_. A point is
        not equally easy everywhere: the table ranks, it does not promise.

        References
        ----------
        .. [1] Caswell, H. (2013). Sensitivity analysis of discrete Markov chains via matrix calculus. Linear Algebra
           and its Applications 438.
        """
        if most < 1:
            raise InvalidInput(f"most is {most}; expected a whole number from 1")
        ranked_by_money = journeys_per_month is not None and not isinstance(cost, int | float)
        cost_at = by_name(cost, list(self.touchpoints), "cost") if isinstance(cost, Mapping) else None
        found = self._model.shifts(self._question(outcome), points, 10_000 if ranked_by_money else most)
        if journeys_per_month is None:
            return self._shift_table(found, outcome)
        costs = [cost_at[k] if cost_at is not None else number(cost, "cost") for k in found["state"]]
        net = [change * worth * journeys_per_month - paid for change, paid in zip(found["change"], costs, strict=True)]
        order = sorted(range(len(net)), key=lambda k: -net[k] if net[k] == net[k] else math.inf)[:most]  # unknown last
        best = {name: [values[k] for k in order] for name, values in found.items()}
        return self._shift_table(best, outcome, worth * journeys_per_month, [costs[k] for k in order])

    def shift(self, touchpoint: str, *, take_from: str, give_to: str, points: float, outcome: str = "value") -> Table:
        """One fix: `points` of probability at a touchpoint from one next step to another, also a new one.

        Returns
        -------
        Table
            One row as in :meth:`shifts`.
        """
        everything = (*self.touchpoints, *self.ends)
        state = self._place(touchpoint, self.touchpoints, "touchpoint")
        source, target = (self._place(name, everything, "touchpoint or end") for name in (take_from, give_to))
        return self._shift_table(self._model.shift(self._question(outcome), state, source, target, points), outcome)

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

    def shapley(self, outcome: str = "value", *, permutations: int = 2000) -> Table:
        """Shapley values of the touchpoints under removal: they add up to the outcome less what the start alone brings.

        Parameters
        ----------
        outcome : str, default "value"
        permutations : int, default 2000
            Random orders beyond 12 touchpoints; up to 12 the values are exact.

        Returns
        -------
        Table
            touchpoint, value, standard_error (0: exact), low, high (normal, of the sampling only), method. The
            touchpoint where every journey starts is no player.
        """
        from statistics import NormalDist

        setting = self._setting
        states, values, errors = self._model.shapley(
            self._question(outcome),
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
        self, found: dict[str, Any], outcome: str, money: float | None = None, costs: Sequence[float] = ()
    ) -> Table:
        everything = (*self.touchpoints, *self.ends)
        shifts = list(zip(found["state"], found["from"], found["to"], found["amount"], strict=True))
        low: list[Any] = [None] * len(shifts)
        high = low
        if shifts and self._has_bands:
            low, high = self._replicated(self._question(outcome, shifts=shifts), ("shifts",))
        columns = {
            "touchpoint": [everything[k] for k in found["state"]],
            "from": [everything[k] for k in found["from"]],
            "to": [everything[k] for k in found["to"]],
            "points": found["amount"],
            **{name: found[name] for name in ("slope", "linear_change", "change")},
            "low": low,
            "high": high,
            **{name: found[name] for name in ("lowest", "highest")},
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
        columns["method"] = [self._method] * len(shifts)
        return make_table(columns, real=("low", "high", "n", "net_low", "net_high"))

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

    # of AbsorbingChain
    _with_bands: Any
    _replicated: Any
    _has_bands: Any
    _method: Any
    _question: Any
    _out: Any
    _place: Any
    _move_names: Any
    _move_n: Any
    _visit_n: Any
