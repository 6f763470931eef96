"""Is a first-order chain enough, and where is it not?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base import Table
from journeykit.base.errors import InvalidInput
from journeykit.markov.asking import Asking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journeykit.events import EventLog


class Orders(Asking):
    """Tests of the chain's memory, from a log or from paths that are given."""

    _log: EventLog | None
    _with_model: Any  # of AbsorbingChain

    def order_test(self, triples: Iterable[tuple[str | None, str, str, float]] | None = None) -> Table:
        """At each touchpoint: does the next step depend on the one before?

        Parameters
        ----------
        triples : iterable of (before, touchpoint, next, count), optional
            What came before (``None``: the journey began here) and after; default: counted in the log.

        Returns
        -------
        Table
            touchpoint, n, g2, df, p, adjusted_p (Benjamini–Hochberg over the touchpoints that can be tested),
            smallest_expected (below 5: p is rough). Clearest first; df 0: nothing to compare.

        Notes
        -----
        G² = 2 Σ n_abc ln(n_abc n_b / (n_ab n_bc)), df = (befores − 1)(nexts − 1) [1]_. If rejected,
        :meth:`split` the touchpoint: a first-order chain lets customers forget their failure.

        References
        ----------
        .. [1] Anderson, T. W. & Goodman, L. A. (1957). Statistical inference about Markov chains. Annals of
           Mathematical Statistics 28(1).
        """
        found = _core.order_tests(self._triples(triples), len(self.touchpoints))
        order = sorted(range(len(self.touchpoints)), key=lambda k: (found["adjusted_p"][k], found["p"][k], k))
        import pyarrow as pa

        columns = {"touchpoint": list(self.touchpoints), **found}
        return Table(arrow=pa.table({name: [values[k] for k in order] for name, values in columns.items()}))

    def split(
        self,
        touchpoint: str,
        *,
        after: str | list[str],
        triples: Iterable[tuple[str | None, str, str, float]] | None = None,
    ) -> Any:
        """The chain in which `touchpoint`, entered from `after`, is a touchpoint of its own: "C after a".

        Parameters
        ----------
        touchpoint : str
        after : str or list of str
            The touchpoints before that make the difference.
        triples : iterable of (before, touchpoint, next, count), optional
            As in :meth:`order_test`; they must stand for every visit of the touchpoint.

        Returns
        -------
        AbsorbingChain
            Rewards and times of the new touchpoint are those of the old one.
        """
        before = [after] if isinstance(after, str) else list(after)
        state = self._place(touchpoint, self.touchpoints, "touchpoint")
        places = [self._place(name, self.touchpoints, "touchpoint") for name in before]
        model = _core.split_chain(self._model, self._triples(triples), state, places)
        return self._with_model(model, state)

    def order_selection(self, highest: int = 3) -> Table:
        """The order of the whole chain with its evidence.

        Parameters
        ----------
        highest : int, default 3
            Orders 0 to this, at most 8.

        Returns
        -------
        Table
            order, n (moves), log_likelihood, parameters, aic, bic, and g2, df, p of this order against the next one.

        Raises
        ------
        InvalidInput
            The chain was not made from a log.
        """
        import pyarrow as pa

        found = _core.order_evidence(self._journeys_of_log(), highest)
        return Table(arrow=pa.table({name: pa.array(values, from_pandas=True) for name, values in found.items()}))

    def _journeys_of_log(self) -> _core.Journeys:
        if self._log is None:
            raise InvalidInput("paths are counted in a log, and this chain was not made from one; give triples")
        return _core.journeys_of_log(self._log._core, list(self._setting.ends), self._model)

    def _triples(self, given: Iterable[tuple[str | None, str, str, float]] | None) -> list[tuple[int, int, int, float]]:
        if given is None:
            return list(_core.triples(self._journeys_of_log()))
        everything = (*self.touchpoints, *self.ends)
        out = []
        for before, state, following, count in given:
            first = _core.BEGIN if before is None else self._place(before, self.touchpoints, "touchpoint")
            middle = self._place(state, self.touchpoints, "touchpoint")
            out.append((first, middle, self._place(following, everything, "touchpoint or end"), float(count)))
        return out
