"""One state for logs of any size: whole cases go in, states add up, results come out."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.arguments import quoted, whole
from journeykit.base.duration import duration_ns
from journeykit.base.errors import InvalidInput, Unsupported
from journeykit.base.table import Table
from journeykit.events.arguments import moment_ns, names_of
from journeykit.events.scores import MetricColumn, core_metrics, metric_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from journeykit.discovery import Variants
    from journeykit.events import EventLog
    from journeykit.journey import JourneyMap
    from journeykit.metrics import MeasureTable
    from journeykit.metrics.kinds import Measure

_MAGIC = b"journeykit state\n"
EXACT_UP_TO = 100_000
MAX_VARIANTS = 1_000_000
SKETCH_ERROR = 1 / 128


class Flows(Table):
    """The directly-follows graph of a state: one row per edge; `touchpoints` has one row per touchpoint."""

    __slots__ = ("touchpoints",)

    touchpoints: Table

    def __init__(self, edges: _core.Table, touchpoints: _core.Table) -> None:
        super().__init__(edges)
        self.touchpoints = Table(touchpoints)


class State:
    """What is known of a log of any size: counts, sums and times that add up exactly over parts of whole cases.

    Any split of the cases, merged in any order and any tree, gives the same state: ``to_bytes()`` is equal byte by
    byte. A state grows in place; :meth:`update` and :meth:`merge` return it, and leave it as it was when they raise.

    Parameters
    ----------
    metrics : mapping of name to kind or MetricColumn, optional
        What is measured, as ``log.metrics`` gives it. Scales have 2 to 101 whole points.
    completed, failed : str or sequence of str
        Touchpoints (or values of the outcome column) that end a case well or badly.
    idle : timedelta or str, optional
        How long a case may stay silent before it counts as abandoned.
    observed_until : datetime or str, optional
        Until when the whole log was observed. Both `idle` and `observed_until` or neither: no part of a log knows
        them, and without them it is not counted which cases are open, completed, failed or abandoned.
    variants : bool, default False
        Count the variants too. There may be as many as cases, so this is the one part that grows with the log.
    max_variants : int, default 1_000_000
        More distinct variants raise :class:`Unsupported`.
    exact_up_to : int, default 100_000
        Median and 90th percentile of each edge, touchpoint, variant and of the cases are exact up to this number of
        times, and off by at most 1/128 of themselves beyond it; the column `times` says which. Number, mean, least
        and most are exact always.

    Raises
    ------
    InvalidInput
        One of `idle` and `observed_until` without the other, endings without them, an ending in both lists.
    Unsupported
        A scale of more than 101 points.

    Notes
    -----
    *Customers.* Each case is its own customer: distinct customers do not add up over parts. Logs with a customer
    column are refused.

    *Sketch.* Beyond `exact_up_to` times are counted in buckets with fixed bounds, 64 to each doubling, as HdrHistogram
    does; merging adds the counts. Which of the two holds depends on the number of times alone, never on the order.

    *Sums* of times are integers in nanoseconds; sums of decimals are exact (a long accumulator [1]_); intervals come
    from counts, and products of counts, of answers per case.

    References
    ----------
    .. [1] U. Kulisch, "Grundzüge der Intervallrechnung", 1971.

    Examples
    --------
    >>> from journeykit import read_events
    >>> log = read_events({
    ...     "case": ["1", "1", "2", "2"],
    ...     "touchpoint": ["search", "pay", "search", "ask"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-05 12:00", "2026-01-05 12:30"],
    ... })
    >>> whole = State().update(log)
    >>> parts = [State().update(log.filter(touchpoints=name, keep="cases")) for name in ("ask", "pay")]
    >>> parts[0].merge(parts[1]).to_bytes() == whole.to_bytes()
    True
    >>> whole.directly_follows().rows()[0]["median_seconds"], whole.cases
    (1800.0, 2)
    """

    __slots__ = ("_flow", "_lock", "_score")

    def __init__(
        self,
        *,
        metrics: Mapping[str, str | MetricColumn] | None = None,
        completed: str | Sequence[str] = (),
        failed: str | Sequence[str] = (),
        idle: timedelta | str | None = None,
        observed_until: datetime | str | None = None,
        variants: bool = False,
        max_variants: int = MAX_VARIANTS,
        exact_up_to: int = EXACT_UP_TO,
    ) -> None:
        well, badly = names_of(completed, "completed"), names_of(failed, "failed")
        status = None
        if idle is not None and observed_until is not None:
            until_ns = moment_ns(observed_until, "observed_until")
            status = _core.StatusRule(sorted(set(well)), sorted(set(badly)), duration_ns(idle, name="idle"), until_ns)
        elif idle is not None or observed_until is not None or well or badly:
            raise InvalidInput(
                "how cases end needs idle= and observed_until= of the whole log, since no part of it knows them; give "
                "both, or leave completed, failed, idle and observed_until out"
            )
        max_variants = whole(max_variants, "max_variants", 1, 2**40)
        exact_up_to = whole(exact_up_to, "exact_up_to", 1, 2**40)
        scales = metric_columns(metrics)
        self._lock = Lock()
        self._flow = _core.FlowState(status, exact_up_to, max_variants if variants else 0)
        self._score = _core.ScoreState(status, core_metrics(dict(sorted(scales.items()))))

    @classmethod
    def _of(cls, flow: _core.FlowState, score: _core.ScoreState) -> State:
        made = cls.__new__(cls)
        made._lock = Lock()
        made._flow, made._score = flow, score
        return made

    # what goes in

    def update(self, log: EventLog) -> State:
        """Add a log of whole cases; none of them may have been added before.

        Parameters
        ----------
        log : EventLog
            Its own endings and idle limit are not looked at.

        Returns
        -------
        State
            This one.

        Raises
        ------
        InvalidInput
            A log with a customer column, a metric of another scale.
        NotFound
            A metric that the log does not have.
        Unsupported
            More than `max_variants` distinct variants.
        """
        with self._lock:
            self._flow, self._score = self._flow.updated(log._core), self._score.updated(log._core)
        return self

    def merge(self, other: State) -> State:
        """Add another state of the same rules, over other cases.

        Returns
        -------
        State
            This one; `other` stays as it is.

        Raises
        ------
        InvalidInput
            States of other rules, or the same state.
        Unsupported
            More than `max_variants` distinct variants.
        """
        if not isinstance(other, State):
            raise InvalidInput(f"merge got a {type(other).__name__}; expected a State")
        if other is self:
            raise InvalidInput("merge got the state itself, whose cases would count twice; expected another State")
        first, second = sorted((self, other), key=id)  # one order of the two locks, whoever asks
        with first._lock, second._lock:
            self._flow, self._score = self._flow.merged(other._flow), self._score.merged(other._score)
        return self

    def to_bytes(self) -> bytes:
        """The state as bytes: a header, a version, a checksum, and one form for one content."""
        with self._lock:
            flow, score = self._flow.to_bytes(), self._score.to_bytes()
        return b"".join((_MAGIC, len(flow).to_bytes(8, "little"), flow, score))

    @classmethod
    def from_bytes(cls, data: bytes) -> State:
        """The state that ``to_bytes()`` wrote.

        Raises
        ------
        InvalidInput
            Bytes that are changed, cut short or something else.
        Unsupported
            Bytes of another version.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise InvalidInput(f"from_bytes got a {type(data).__name__}; expected bytes")
        data = bytes(data)
        at = len(_MAGIC) + 8
        size = int.from_bytes(data[len(_MAGIC) : at], "little")
        if not data.startswith(_MAGIC) or len(data) < at + size:
            raise InvalidInput("these are no bytes of a state, or not all of them; expected what to_bytes() gave")
        flow = _core.FlowState.from_bytes(data[at : at + size])
        score = _core.ScoreState.from_bytes(data[at + size :])
        if score.cases != flow.cases:
            raise InvalidInput("the two halves of these bytes are of different logs; expected what to_bytes() gave")
        return cls._of(flow, score)

    def __reduce__(self) -> tuple[Any, tuple[bytes]]:
        return State.from_bytes, (self.to_bytes(),)

    def __eq__(self, other: object) -> bool:
        return self.to_bytes() == other.to_bytes() if isinstance(other, State) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"State: {self.events:,} events, {self.cases:,} cases, {len(self.touchpoints):,} touchpoints"

    # what comes out

    @property
    def events(self) -> int:
        """Number of events."""
        return self._flow.events

    @property
    def cases(self) -> int:
        """Number of cases."""
        return self._flow.cases

    @property
    def touchpoints(self) -> list[str]:
        """Names of the touchpoints, in byte order."""
        return self._flow.touchpoint_names

    @property
    def metrics(self) -> dict[str, MetricColumn]:
        """What is measured; the columns are those of the metrics' own names."""
        return {
            metric.name: MetricColumn(
                metric.name,
                kind=metric.kind,
                low=None if metric.kind == "number" else metric.low,
                high=None if metric.kind == "number" else metric.high,
                high_is_good=metric.high_is_good,
            )
            for metric in self._score.metrics
        }

    def directly_follows(self) -> Flows:
        """As :func:`journeykit.directly_follows`, with the column `times`: "exact" or "sketch"."""
        with self._lock:
            return Flows(self._flow.edge_table(), self._flow.touchpoint_table())

    def case_durations(self) -> Table:
        """As :func:`journeykit.case_durations`, with the column `times`: "exact" or "sketch"."""
        with self._lock:
            return Table(self._flow.case_duration_table())

    def variants(self) -> Variants:
        """As ``log.variants()``, with the column `times`: "exact" or "sketch".

        Raises
        ------
        InvalidInput
            A state that has counted no variants.
        """
        from journeykit.discovery import Variants

        with self._lock:
            return Variants(self._flow.variant_table(), self._flow.variant_steps())

    def discover(self, *, stages: Any = None, minimum_cases: int = 1, name: str = "") -> JourneyMap:
        """As :func:`journeykit.discover`: the same map as of the log in memory, up to sketched medians."""
        from journeykit.discovery.maps import stage_plan
        from journeykit.journey import JourneyMap

        plan, least = stage_plan(stages), whole(minimum_cases, "minimum_cases", 1)
        with self._lock:
            return JourneyMap._of(self._flow.discover(plan, least, name))

    def measure(
        self,
        metric: str | Measure | Sequence[str | Measure],
        *,
        by: str | None = None,
        minimum_n: int = 30,
        confidence: float = 0.95,
    ) -> MeasureTable:
        """As :func:`journeykit.measure`, for answers (NPS, CSAT, CES, means) and how cases end (completion, drop-off,
        silent exit), over the whole log or ``by="touchpoint"``.

        Raises
        ------
        Unsupported
            Another measure or another `by`: these need the log.
        InvalidInput
            How cases end, without `idle` and `observed_until`.
        NotFound
            An unknown metric.
        """
        import pyarrow as pa

        from journeykit.metrics import MeasureTable
        from journeykit.metrics.kinds import Ces, Csat, Mean, Nps
        from journeykit.metrics.measuring import described
        from journeykit.metrics.operations import Completion, DropOff, SilentExit

        if by not in (None, "touchpoint"):
            raise Unsupported(
                f"by is {quoted(by)}; a state keeps numbers for the whole log and by='touchpoint'. Make one state for "
                "each value of another column, or measure a log in memory"
            )
        minimum_n = whole(minimum_n, "minimum_n", 0)
        metrics = [metric] if isinstance(metric, str) or not hasattr(metric, "__iter__") else list(metric)
        if not metrics:
            raise InvalidInput("metric is empty; expected at least one name such as 'nps'")
        tables = []
        for one in [described(each, self) for each in metrics]:
            if not isinstance(one, Nps | Csat | Ces | Mean | Completion | DropOff | SilentExit):
                raise Unsupported(
                    f"metric {one.key!r} cannot be had from a state, which keeps answers and how cases end; measure it "
                    "on a log in memory"
                )
            spec, called = one._spec(self)  # type: ignore[arg-type]  # it asks for the metrics alone
            with self._lock:
                table = self._score.measure(spec, called, by is not None, float(confidence), minimum_n)
            tables.append(pa.table(table))
        return MeasureTable(arrow=pa.concat_tables(tables).unify_dictionaries().combine_chunks())


def merged(states: Sequence[State]) -> State:
    """All states as one, pair by pair; the first one grows.

    Raises
    ------
    InvalidInput
        No state.
    """
    left = list(states)
    if not left:
        raise InvalidInput("no state to merge; expected at least one")
    while len(left) > 1:
        left = [a.merge(b) for a, b in zip(left[::2], left[1::2], strict=False)] + left[len(left) & ~1 :]
    return left[0]
