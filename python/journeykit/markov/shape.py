"""The shape of a chain: loops, steps that every journey passes, best paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journeykit.base import Table
from journeykit.markov.asking import Asking
from journeykit.markov.setting import by_name

if TYPE_CHECKING:
    from collections.abc import Mapping


class Shape(Asking):
    """Questions about the moves themselves, by those of positive probability."""

    def structure(self) -> Table:
        """One row per touchpoint: loop (its number; missing: in none), reached from the start, always_before.

        Returns
        -------
        Table
            touchpoint, loop, reached, always_before (the ends, joined by "; ", that no journey comes to without
            passing here: dominators [1]_).

        References
        ----------
        .. [1] Lengauer, T. & Tarjan, R. E. (1979). A fast algorithm for finding dominators in a flowgraph. ACM
           Transactions on Programming Languages and Systems 1(1).
        """
        import pyarrow as pa

        loop: list[int | None] = [None] * len(self.touchpoints)
        for number, states in enumerate(self._model.loops()):
            for k in states:
                loop[k] = number
        before: list[list[str]] = [[] for _ in self.touchpoints]
        for number, end in enumerate(self.ends):
            for k in self._model.passed_always(len(self.touchpoints) + number):
                before[k].append(end)
        return Table(
            arrow=pa.table(
                {
                    "touchpoint": pa.array(self.touchpoints, pa.string()),
                    "loop": pa.array(loop, pa.int64()),
                    "reached": [bool(x) for x in self._model.reached_from_start()],
                    "always_before": ["; ".join(ends) for ends in before],
                }
            )
        )

    def always_passed(self, target: str) -> list[str]:
        """Touchpoints that every journey passes before it first comes to `target`, a touchpoint or an end, in order."""
        everything = (*self.touchpoints, *self.ends)
        place = self._place(target, everything, "touchpoint or end")
        return [self.touchpoints[k] for k in self._model.passed_always(place)]

    def loops(self) -> list[list[str]]:
        """Touchpoints that lead to each other, or to themselves."""
        return [[self.touchpoints[k] for k in states] for states in self._model.loops()]

    def unreachable(self) -> list[str]:
        """Touchpoints that no journey from the start comes to."""
        return [name for name, seen in zip(self.touchpoints, self._model.reached_from_start(), strict=True) if not seen]

    def paths(self, kind: str = "most_probable", *, effort: Mapping[str, float] | None = None) -> Table:
        """The best path from the start to each end that is reached.

        Parameters
        ----------
        kind : {"most_probable", "least_effort"}, default "most_probable"
            Dijkstra on −ln p, or on the effort of the touchpoints.
        effort : mapping of str to float, optional
            Per visit, from 0; default 1.

        Returns
        -------
        Table
            end, path ("A → B"), probability (of exactly this path), effort.
        """
        from journeykit.base.errors import InvalidInput

        find = {"most_probable": self._model.most_probable_paths, "least_effort": self._model.least_effort_paths}
        if kind not in find:
            raise InvalidInput(f"kind is {kind!r:.80}; expected 'most_probable' or 'least_effort'")
        each = by_name(effort, list(self.touchpoints), "effort") or [1.0] * len(self.touchpoints)
        import pyarrow as pa

        rows = [
            (self.ends[end], " → ".join(self.touchpoints[k] for k in states), probability, total)
            for end, states, probability, total in find[kind](each)
        ]
        kinds = (pa.string(), pa.string(), pa.float64(), pa.float64())
        columns = [pa.array([row[k] for row in rows], kinds[k]) for k in range(4)]
        return Table(arrow=pa.table(columns, names=["end", "path", "probability", "effort"]))
