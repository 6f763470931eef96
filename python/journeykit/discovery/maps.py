"""From a log to the observed map, and a log loaded onto a drawn one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from journeykit import _core
from journeykit.base.arguments import whole
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.discovery.arguments import names
from journeykit.events.keys import KeyColumns, log_or_keys

if TYPE_CHECKING:
    from journeykit.events import EventLog
    from journeykit.journey import JourneyMap


class JourneyMaps(Mapping[Any, "JourneyMap"]):
    """One map per segment, in the order of the segments.

    The key is the value of the `by` column, a tuple for several columns; None stands for cases without a known value.
    """

    __slots__ = ("_by", "_maps")

    def __init__(self, by: Sequence[str], maps: Mapping[Any, JourneyMap]) -> None:
        self._by = tuple(by)
        self._maps: dict[Any, JourneyMap] = dict(maps)

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that split the cases."""
        return self._by

    def __getitem__(self, key: Any) -> JourneyMap:
        if key not in self:
            place = f"the segments by {', '.join(self._by)}"
            raise NotFound(_core.not_found_message("segment", str(key), place, list(map(str, self._maps))))
        return self._maps[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._maps)

    def __len__(self) -> int:
        return len(self._maps)

    def get(self, key: Any, default: Any = None) -> Any:
        """The map of a segment, or `default` when there is no such segment."""
        return self._maps[key] if key in self else default

    def __contains__(self, key: object) -> bool:
        return any(key == known for known in self._maps)  # also for what cannot be hashed

    def __repr__(self) -> str:
        lines = [f"JourneyMaps: {len(self)} segment{'' if len(self) == 1 else 's'} by {', '.join(self._by)}"]
        lines += [f"  {key!r:.60}: {journey!r}" for key, journey in list(self.items())[:20]]
        if len(self) > 20:
            lines.append(f"  … {len(self) - 20} more")
        return "\n".join(lines)


@overload
def discover(
    log: EventLog | Any,
    *,
    case: str | None = None,
    touchpoint: str | None = None,
    time: str | None = None,
    stages: Any = None,
    like: JourneyMap | None = None,
    minimum_cases: int = 1,
    by: None = None,
    name: str = "",
    threads: int = 0,
) -> JourneyMap: ...
@overload
def discover(
    log: EventLog | Any,
    *,
    case: str | None = None,
    touchpoint: str | None = None,
    time: str | None = None,
    by: str | Sequence[str],
    stages: Any = None,
    like: JourneyMap | None = None,
    minimum_cases: int = 1,
    name: str = "",
    threads: int = 0,
) -> JourneyMaps: ...
def discover(
    log: EventLog | Any,
    *,
    case: str | None = None,
    touchpoint: str | None = None,
    time: str | None = None,
    stages: Any = None,
    like: JourneyMap | None = None,
    minimum_cases: int = 1,
    by: str | Sequence[str] | None = None,
    name: str = "",
    threads: int = 0,
) -> JourneyMap | JourneyMaps:
    """The journey as the log shows it.

    Parameters
    ----------
    log : EventLog, table, path or pattern
        A log; or anything that :func:`journeykit.read_events` reads, of which only case, touchpoint and time are
        looked at: channels, customers and end times need a log.
    case, touchpoint, time : str, optional
        The three columns of a table or file, guessed from common names when left out.
    stages : mapping, table or sequence of pairs, optional
        Which stage each touchpoint belongs to: ``{"search": "Look", "pay*": "Buy"}``, a table with columns
        touchpoint and stage, or ``[("Look", ["search"]), ("Buy", ["pay*"])]``. A whole name wins over patterns
        (``*`` any characters, ``?`` one, ``[ab]`` one of these), earlier patterns over later ones. Touchpoints that
        nothing names stand in the stage "(no stage)". Without `stages` they are proposed, see Notes.
    like : JourneyMap, optional
        A drawn map to load the log onto: its stages, names, owners and failure points stay, statistics are filled in. A
        touchpoint of the log is the drawn one with this id, else the only one with this name.
    minimum_cases : int, default 1
        Touchpoints and transitions of fewer cases are left out (never those of `like`).
    by : str or several, optional
        Columns that split the cases into segments: a case belongs to its first known value, cases without one come
        last.
    name : str
        Name of the map; with `like` the drawn one stays.
    threads : int, default 0
        0 takes all cores. The result is the same for any number.

    Returns
    -------
    JourneyMap, or JourneyMaps with `by`
        Touchpoints by stage, then mean position in the cases, then name, with statistics (events, cases, customers,
        starts, ends, durations), channels and departments seen; transitions with count, cases, probability and
        times in seconds. All segments share the stages of the whole log.

    Raises
    ------
    NotFound
        A touchpoint or pattern of `stages` that fits nothing in the log; an unknown column in `by`.
    InvalidInput
        A touchpoint in two stages, `stages` together with `like`, `minimum_cases` below 1, a touchpoint without a name.

    Notes
    -----
    *Probability* of a transition: count / events at its source. What lacks to 1 is ``statistics.ends /
    statistics.events``, the share of events after which the case has (so far) ended.

    *Evidence*: what the log shows is "observed". With `like`, drawn elements that no case touches count 0 and are
    at most "partly_observed"; touchpoints that are not drawn join the stage "(not on the drawn map)".

    *Proposed stages*: each touchpoint's mean position is the mean of index / (length − 1) over its events (0.5 in
    cases of one event). Exact one-dimensional k-means [1]_ of these positions, rounded to 1/1000 and weighted by
    events, with the fewest of 3 to 5 stages that explain nine tenths of the variance. A stage bears the name of its
    touchpoint with the most cases; its evidence is "partly_observed", because the order is seen but the cut is a
    proposal.

    References
    ----------
    .. [1] H. Wang and M. Song, "Ckmeans.1d.dp: Optimal k-means clustering in one dimension by dynamic programming",
       The R Journal 3(2), 2011.

    Examples
    --------
    >>> import journeykit as jk
    >>> log = jk.read_events({
    ...     "case": ["1", "1", "1", "2", "2"],
    ...     "touchpoint": ["search", "pay", "ship", "search", "pay"],
    ...     "time": ["2026-01-05 09:00", "2026-01-05 09:10", "2026-01-06 09:10",
    ...              "2026-01-05 12:00", "2026-01-05 12:30"],
    ... })
    >>> journey = jk.discover(log, stages=[("Look", ["search"]), ("Buy", ["pay", "ship"])])
    >>> journey.transition("pay", "ship").probability
    0.5
    >>> journey.touchpoint("pay").statistics.ends
    1
    """
    from journeykit.journey import JourneyMap

    if stages is not None and like is not None:
        raise InvalidInput("discover takes stages or like; a drawn map brings its own stages")
    if like is not None and not isinstance(like, JourneyMap):
        raise InvalidInput(f"like is a {type(like).__name__}; expected a JourneyMap")
    columns = names(by, "by")
    given = log_or_keys(log, case=case, touchpoint=touchpoint, time=time, by=columns)
    events = given.log() if isinstance(given, KeyColumns) else given
    least, workers = whole(minimum_cases, "minimum_cases", 1), whole(threads, "threads", 0)
    if like is None:
        keys, cores = _core.discover(events._core, stage_plan(stages), least, columns, name, workers)
    else:
        keys, cores = _core.load_onto(like._core, events._core, least, columns, workers)
    maps = [JourneyMap._of(core) for core in cores]
    if by is None:
        return maps[0]
    return JourneyMaps(columns, dict(zip(_keys(keys, columns), maps, strict=True)))


def _keys(keys: _core.Table, columns: list[str]) -> list[Any]:
    import pyarrow as pa

    if not columns:
        raise InvalidInput("by is empty; name a column, or leave by out")
    table = pa.table(keys)
    values = [table[column].to_pylist() for column in columns]
    return values[0] if len(columns) == 1 else list(zip(*values, strict=True))


def stage_plan(stages: Any) -> list[tuple[str, list[str]]]:
    """Pairs of stage and touchpoints or patterns, in the order of the journey."""
    from journeykit.events.stages import stage_patterns

    if stages is None:
        return []
    if isinstance(stages, Mapping) or hasattr(stages, "__arrow_c_stream__"):
        plan: dict[str, list[str]] = {}
        for pattern, stage in stage_patterns(stages):
            plan.setdefault(stage, []).append(pattern)
        pairs = list(plan.items())
    else:
        pairs = (
            [_pair(one) for one in stages]
            if isinstance(stages, Iterable) and not isinstance(stages, str | bytes)
            else []
        )
    if not pairs:
        raise InvalidInput(
            "stages is empty or of another type; expected {touchpoint: stage} or [(stage, [touchpoints])]"
        )
    return pairs


def _pair(one: Any) -> tuple[str, list[str]]:
    if not isinstance(one, Sequence) or isinstance(one, str | bytes) or len(one) != 2 or not isinstance(one[0], str):
        raise InvalidInput("stages: expected pairs (stage, [touchpoints])")
    return one[0], names(one[1], f"stages: {one[0]!r:.80}")
