"""Does the drawn map agree with what the log shows?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from journeykit import _core
from journeykit.base.arguments import whole
from journeykit.base.errors import InvalidInput
from journeykit.base.table import Table

if TYPE_CHECKING:
    from journeykit.events import EventLog
    from journeykit.journey import JourneyMap

Edge = tuple[str | None, str]  # source (None: from outside) and target


class _Summary(NamedTuple):
    steps: int
    drawn_steps: int
    drawn_edges: int
    unused_edges: int
    undrawn_edges: int


class Comparison(Table):
    """Edges of a drawn map and of a log side by side; `touchpoints` does the same for touchpoints."""

    __slots__ = ("_summary", "touchpoints")

    touchpoints: Table

    def __init__(self, core: _core.Comparison) -> None:
        super().__init__(core.edges)
        self.touchpoints = Table(core.touchpoints)
        self._summary = _Summary(core.steps, core.drawn_steps, core.drawn_edges, core.unused_edges, core.undrawn_edges)

    @property
    def steps(self) -> int:
        """Steps of the log: its events, each entered from the one before it or from outside."""
        return int(self._summary.steps)

    @property
    def drawn_steps(self) -> int:
        """Steps that run along drawn edges."""
        return int(self._summary.drawn_steps)

    @property
    def drawn_share(self) -> float | None:
        """drawn_steps / steps, 0–1; None for an empty log."""
        return self.drawn_steps / self.steps if self.steps else None

    @property
    def unused(self) -> list[Edge]:
        """Drawn edges that no case takes."""
        return [(row["source"], row["target"]) for row in self.rows() if row["drawn"] and not row["count"]]

    def undrawn(self, *, minimum_cases: int = 1) -> list[Edge]:
        """Edges that cases take although they are not drawn, most frequent first: candidates to draw."""
        least = whole(minimum_cases, "minimum_cases", 1)
        return [(row["source"], row["target"]) for row in self.rows() if not row["drawn"] and row["cases"] >= least]

    def __repr__(self) -> str:
        core = self._summary
        share = "no data" if self.drawn_share is None else f"{self.drawn_share:.1%}"
        steps = f"{self.drawn_steps:,} of {self.steps:,} steps run along drawn edges ({share})"
        edges = f"{core.unused_edges:,} of {core.drawn_edges:,} drawn edges are never used"
        return f"Comparison: {steps}; {edges}, {core.undrawn_edges:,} are not drawn\n{super().__repr__()}"


def compare(drawn: JourneyMap, log: EventLog, *, threads: int = 0) -> Comparison:
    """Step by step, does the log run as the map is drawn?

    Parameters
    ----------
    drawn : JourneyMap
        A touchpoint of the log is the drawn one with this id, else the only one with this name.
    log : EventLog
    threads : int, default 0
        0 takes all cores. The result is the same for any number.

    Returns
    -------
    Comparison
        One row per edge, drawn or seen, by count descending: source (None: the case begins at the target), target,
        drawn, count, cases, share_of_steps (0–1). Its `drawn_share` says which share of the steps is drawn,
        `unused` lists drawn edges that no case takes, `undrawn()` those that cases take although nobody drew them,
        `touchpoints` compares the touchpoints.

    Notes
    -----
    Each event is one step into its touchpoint, so there are as many steps as events. A drawn entry is a touchpoint to
    which no drawn transition leads, except from itself, or at which cases start by the map's own statistics; where
    there is none, each touchpoint of the first stage is one. Where a case ends is not judged: it may be open. This
    counts steps as they stand; it does not look for the best way to explain a case by the map (alignment).

    Examples
    --------
    >>> import journeykit as jk
    >>> log = jk.read_events({
    ...     "case": ["1", "1", "2", "2"],
    ...     "touchpoint": ["search", "pay", "search", "call"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-05 12:00", "2026-01-05 12:30"],
    ... })
    >>> drawn = jk.JourneyMap.build("Shop", touchpoints=["search", "pay", "ship"], transitions=[
    ...     {"source": "search", "target": "pay"}, {"source": "pay", "target": "ship"}])
    >>> result = jk.compare(drawn, log)
    >>> result.drawn_share, result.unused, result.undrawn()
    (0.75, [('pay', 'ship')], [('search', 'call')])
    """
    from journeykit.journey import JourneyMap

    if not isinstance(drawn, JourneyMap):
        raise InvalidInput(f"drawn is a {type(drawn).__name__}; expected a JourneyMap")
    return Comparison(_core.compare(drawn._core, log._core, whole(threads, "threads", 0)))
