"""How a chain is asked: outcomes as rewards, numbers kept once worked out, and their replicates."""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.markov.setting import Setting, make_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeykit.base import Table


class Asking:
    """What every question to a chain needs."""

    _model: _core.ChainModel
    _setting: Setting
    _questions: dict[tuple[str | None, float], _core.ChainQuestion]
    _known: dict[tuple[Any, ...], list[float]]
    _bands: dict[tuple[Any, ...], tuple[list[float], list[float]]]
    touchpoints: tuple[str, ...]
    ends: tuple[str, ...]

    @property
    def _basic(self) -> tuple[str, ...]:
        setting = self._setting
        time = ("time",) if setting.sojourn or setting.move_seconds else ()
        value = ("value",) if setting.reward or setting.end_reward else ()
        return ("endings", "visits", "ever_visited", "steps", *time, *value)

    @cached_property
    def _journeys(self) -> float | None:
        counts = self._model.start_counts
        return sum(counts) if counts else None

    @cached_property
    def _visit_n(self) -> list[float | None]:
        counts, offsets = self._model.counts, self._model.offsets
        if not counts:
            return [None] * len(self.touchpoints)
        return [sum(counts[begin:end]) for begin, end in itertools.pairwise(offsets)]

    @cached_property
    def _sources(self) -> list[int]:
        offsets = self._model.offsets
        return [i for i in range(len(self.touchpoints)) for _ in range(offsets[i], offsets[i + 1])]

    @cached_property
    def _move_names(self) -> tuple[list[str], list[str]]:
        everything = (*self.touchpoints, *self.ends)
        return [everything[k] for k in self._sources], [everything[k] for k in self._model.targets]

    @property
    def _move_n(self) -> list[float | None]:
        return [self._visit_n[k] for k in self._sources]

    def _place(self, name: str, names: tuple[str, ...], what: str) -> int:
        try:
            return names.index(name)
        except ValueError:
            known = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
            raise NotFound(f"{what} {name!r:.80} is not in the chain ({known})") from None

    def _target(self, outcome: str) -> dict[str, list[float]]:
        """Rewards per visit, by end and by move that the outcome stands for."""
        setting = self._setting
        if outcome in self.ends:
            return {"end_target": [1.0 if end == outcome else 0.0 for end in self.ends]}
        if outcome == "steps":
            return {"target": [1.0] * len(self.touchpoints)}
        if outcome == "value" and (setting.reward or setting.end_reward):
            return {"target": setting.reward, "end_target": setting.end_reward}
        if outcome == "time" and setting.sojourn:
            return {"target": setting.sojourn}
        if outcome == "time" and setting.move_seconds:
            return {"move_target": setting.move_seconds}
        if outcome in ("value", "time"):
            needed = "reward or end_reward" if outcome == "value" else "sojourn"
            raise InvalidInput(
                f"this chain has no {outcome}: give {needed}, or name an end ({', '.join(self.ends[:12])})"
            )
        raise NotFound(
            f"outcome {outcome!r:.80} is no end of the chain ({', '.join(self.ends[:12])}), 'value', 'steps' or 'time'"
        )

    def _question(
        self, outcome: str | None = None, lost: float = 0.0, shifts: Sequence[tuple[int, int, int, float]] = ()
    ) -> _core.ChainQuestion:
        key = (outcome, lost)
        if not shifts and key in self._questions:
            return self._questions[key]
        setting = self._setting
        question = _core.ChainQuestion(
            reward=setting.reward,
            end_reward=setting.end_reward,
            mean=setting.sojourn,
            variance=setting.sojourn_variance,
            move_mean=setting.move_seconds,
            **({} if outcome is None else self._target(outcome)),
            lost=lost,
            shifts=list(shifts),
        )
        if not shifts:
            self._questions[key] = question
        return question

    def _numbers(self, part: str, outcome: str | None = None, lost: float = 0.0) -> list[float]:
        key = (part, outcome, lost)
        if key not in self._known:
            self._known[key] = self._model.numbers(self._question(outcome, lost), [part])
        return self._known[key]

    @cached_property
    def _has_bands(self) -> bool:
        return bool(self._model.counts) and (self._setting.replicates > 0 or self._setting.counts is not None)

    @property
    def _prior_name(self) -> str:
        return "Jeffreys" if self._setting.shrinkage is None else "shrunk to the whole"

    @cached_property
    def _method(self) -> str:
        if not self._has_bands:
            return "given" if not self._model.counts else "none"
        return self._setting.counts_method if self._setting.counts is not None else f"dirichlet ({self._prior_name})"

    def _with_bands(
        self, part: str, group: tuple[str, ...], outcome: str | None = None, lost: float = 0.0
    ) -> tuple[list[float], list[Any], list[Any]]:
        """Numbers of a part with their interval; the replicates of a group of parts are worked out together."""
        values = self._numbers(part, outcome, lost)
        if not self._has_bands:
            return values, [None] * len(values), [None] * len(values)
        key = (group, outcome, lost)
        if key not in self._bands:
            self._bands[key] = self._replicated(self._question(outcome, lost), group)
        low, high = self._bands[key]
        begin = sum(len(self._numbers(name, outcome, lost)) for name in group[: group.index(part)])
        return values, low[begin : begin + len(values)], high[begin : begin + len(values)]

    @property
    def _draws(self) -> dict[str, Any]:
        """What the replicates of this chain are."""
        names = ("counts", "replicates", "confidence", "seed", "threads")
        return {name: getattr(self._setting, name) for name in names}

    def _replicated(self, question: _core.ChainQuestion, group: tuple[str, ...]) -> tuple[list[float], list[float]]:
        low, high = self._model.bands(question, list(group), **self._draws)
        return low, high

    def _spread(self, part: str, by_start: bool) -> Table:
        if by_start:
            values, low, high = self._with_bands(f"{part}_by_state", (f"{part}_by_state",))
            n = len(self.touchpoints)
            columns: dict[str, list[Any]] = {"start": list(self.touchpoints), "mean": values[:n]}
            return self._out(columns, low[:n], high[:n], self._visit_n, {"sd": values[n:]})
        values, low, high = self._with_bands(part, self._basic)
        return self._out({"mean": values[:1]}, low[:1], high[:1], [self._journeys], {"sd": values[1:]})

    def _out(
        self,
        columns: dict[str, list[Any]],
        low: list[Any],
        high: list[Any],
        n: list[float | None],
        more: dict[str, list[Any]] | None = None,
    ) -> Table:
        rows = len(low)
        everything = {**columns, "low": low, "high": high, **(more or {}), "n": n, "method": [self._method] * rows}
        return make_table(everything, real=("low", "high", "n", *(more or {})))
