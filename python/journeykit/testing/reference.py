"""What the engine counts, written down slowly and plainly: the reference that :func:`verified` holds it to.

Nothing here is shared with the engine. A log is a dictionary from case to its events in order (:func:`in_cases`);
rows are dictionaries with the columns of the function of the same name in :mod:`journeykit.discovery`. Times are whole
nanoseconds, lengths of time seconds.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pyarrow as pa

    from journeykit.events import EventLog


@dataclass
class Event:
    """One event; `more` holds the columns without a role."""

    case: str
    touchpoint: str
    time: int
    end: int | None = None
    customer: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def over(self) -> int:
        """When the event is over: its end, or its time where it has none."""
        return self.time if self.end is None else self.end


Cases = dict[str, list[Event]]


def events_of(log: EventLog) -> list[Event]:
    """The events of a log, in its order."""
    import pyarrow as pa

    table, roles = log.to_arrow(), log.roles
    columns = {}
    for name in table.column_names:
        column = table[name]
        columns[name] = (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
    empty = [None] * len(log)
    ends = columns.get(roles.get("end_time", ""), empty)
    customers = columns.get(roles.get("customer", ""), empty)
    return [
        Event(case, touchpoint, time, end, customer, {name: columns[name][k] for name in columns})
        for k, (case, touchpoint, time, end, customer) in enumerate(
            zip(
                columns[roles["case"]],
                columns[roles["touchpoint"]],
                columns[roles["time"]],
                ends,
                customers,
                strict=True,
            )
        )
    ]


def events_of_table(table: pa.Table, case: str, touchpoint: str, time: str) -> list[Event]:
    """The events of a table of three columns, row by row; ids that are numbers as text."""
    import pyarrow as pa

    texts = [table[name].cast(pa.string()).to_pylist() for name in (case, touchpoint)]
    moments = table[time].cast(pa.timestamp("ns", tz=table[time].type.tz)).cast(pa.int64()).to_pylist()
    return [Event(*row) for row in zip(*texts, moments, strict=True)]


def in_cases(events: Iterable[Event]) -> Cases:
    """Cases in byte order of their ids, events by time, then row."""
    cases: Cases = defaultdict(list)
    for event in sorted(events, key=lambda e: (e.case.encode(), e.time)):
        cases[event.case].append(event)
    return dict(cases)


def customer(case: Sequence[Event]) -> tuple[str, str]:
    """Whose case it is: its first known customer, or itself where none is known."""
    known = next((event.customer for event in case if event.customer is not None), None)
    return ("case", case[0].case) if known is None else ("customer", known)


def segments(cases: Cases, by: Sequence[str]) -> dict[tuple[Any, ...], Cases]:
    """The cases by the first known value of each column."""
    out: dict[tuple[Any, ...], Cases] = defaultdict(dict)
    for name, case in cases.items():
        first = [next((e.more[column] for e in case if e.more[column] is not None), None) for column in by]
        out[tuple(first)][name] = case
    return dict(out)


def summary(times_ns: Sequence[int]) -> dict[str, float]:
    """Mean, median, 90th percentile (linear at rank 0.9 (n - 1)), least and most, in seconds."""
    ordered = sorted(times_ns)
    n = len(ordered)
    rank, rest = divmod(9 * (n - 1), 10)
    above = ordered[rank + 1] if rest else ordered[rank]
    return {
        "mean_seconds": sum(ordered) / n / 1e9,
        "median_seconds": (ordered[(n - 1) // 2] + ordered[n // 2]) / 2 / 1e9,
        "p90_seconds": (ordered[rank] * (10 - rest) + above * rest) / 10 / 1e9,
        "min_seconds": ordered[0] / 1e9,
        "max_seconds": ordered[-1] / 1e9,
    }


def directly_follows(cases: Cases) -> list[dict[str, Any]]:
    """One row per pair that follows, most steps first."""
    times: dict[tuple[str, str], list[int]] = defaultdict(list)
    passing: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, case in cases.items():
        for one, two in itertools.pairwise(case):
            times[one.touchpoint, two.touchpoint].append(two.time - one.over)
            passing[one.touchpoint, two.touchpoint].add(name)
    events = Counter(event.touchpoint for case in cases.values() for event in case)
    order = sorted(times, key=lambda pair: (-len(times[pair]), pair[0].encode(), pair[1].encode()))
    return [
        {
            "source": pair[0],
            "target": pair[1],
            "count": len(times[pair]),
            "cases": len(passing[pair]),
            "share": len(times[pair]) / events[pair[0]],
            **summary(times[pair]),
        }
        for pair in order
    ]


def touchpoints(cases: Cases) -> dict[str, dict[str, Any]]:
    """Touchpoint to its counts."""
    rows: dict[str, dict[str, Any]] = {}
    for name in {event.touchpoint for case in cases.values() for event in case}:
        passing = [case for case in cases.values() if any(event.touchpoint == name for event in case)]
        here = [event for case in passing for event in case if event.touchpoint == name]
        lengths = [event.end - event.time for event in here if event.end is not None]
        rows[name] = {
            "events": len(here),
            "cases": len(passing),
            "customers": len({customer(case) for case in passing}),
            "starts": sum(case[0].touchpoint == name for case in passing),
            "ends": sum(case[-1].touchpoint == name for case in passing),
            "duration_median_seconds": summary(lengths)["median_seconds"] if lengths else None,
        }
    return rows


def duration(case: Sequence[Event]) -> int:
    """From the start of the first event to the end of the event that ends last."""
    return max(event.over for event in case) - case[0].time


def case_durations(cases: Cases) -> dict[str, Any]:
    """The one row of a segment."""
    return {
        "cases": len(cases),
        "customers": len({customer(case) for case in cases.values()}),
        "events": sum(map(len, cases.values())),
        **summary([duration(case) for case in cases.values()]),
    }


def variants(cases: Cases) -> list[dict[str, Any]]:
    """One row per path, most cases first."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, case in cases.items():
        groups[tuple(event.touchpoint for event in case)].append(name)
    order = sorted(groups, key=lambda path: (-len(groups[path]), [name.encode() for name in path]))
    return [
        {
            "touchpoints": list(path),
            "steps": len(path),
            "cases": len(groups[path]),
            "share": len(groups[path]) / len(cases),
            "median_seconds": summary([duration(cases[name]) for name in groups[path]])["median_seconds"],
            "example_case": min(groups[path], key=str.encode),
        }
        for path in order
    ]


def rework(cases: Cases) -> dict[str, dict[str, int]]:
    """Touchpoint to how often cases pass it again."""
    zero = ("cases", "repeating_cases", "repeats", "self_loops", "returns")
    rows: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(zero, 0))
    for case in cases.values():
        path = [event.touchpoint for event in case]
        for name in set(path):
            places = [k for k, touchpoint in enumerate(path) if touchpoint == name]
            loops = sum(b == a + 1 for a, b in itertools.pairwise(places))
            row = rows[name]
            row["cases"] += 1
            row["repeating_cases"] += len(places) > 1
            row["repeats"] += len(places) - 1
            row["self_loops"] += loops
            row["returns"] += len(places) - 1 - loops
    return dict(rows)


def step_matrix(cases: Cases, steps: int) -> dict[str | None, list[int]]:
    """Touchpoint to the number of cases that stand there in each step; None: those that ended before."""
    rows: dict[str | None, list[int]] = defaultdict(lambda: [0] * steps)
    for case in cases.values():
        for k in range(steps):
            rows[case[k].touchpoint if k < len(case) else None][k] += 1
    return dict(rows)


def chain(case: Sequence[Event], steps: Sequence[Sequence[str]], within: int | None) -> tuple[int, ...]:
    """Places of the deepest chain, by trying all; of equally deep ones the first in order of places."""
    for depth in range(len(steps), 0, -1):
        for places in itertools.combinations(range(len(case)), depth):
            right = all(case[place].touchpoint in step for place, step in zip(places, steps, strict=False))
            if right and (within is None or case[places[-1]].time - case[places[0]].time <= within):
                return places
    return ()


def funnel(cases: Cases, steps: Sequence[Sequence[str]], within: int | None) -> list[dict[str, Any]]:
    """One row per step."""
    chains = {name: chain(case, steps, within) for name, case in cases.items()}
    rows: list[dict[str, Any]] = []
    for k in range(len(steps)):
        there = [name for name, places in chains.items() if len(places) > k]
        times = [[cases[name][place].time for place in chains[name]] for name in there]
        timed = bool(there) and k > 0
        first = rows[0]["cases"] if k else len(there)
        rows.append(
            {
                "step": k + 1,
                "cases": len(there),
                "customers": len({customer(cases[name]) for name in there}),
                "share_of_all": len(there) / len(cases),
                "share_of_first": len(there) / first if first else None,
                "share_of_previous": len(there) / rows[-1]["cases"] if k and rows[-1]["cases"] else None,
                "median_seconds_from_first": summary([t[k] - t[0] for t in times])["median_seconds"] if timed else None,
                "median_seconds_from_previous": summary([t[k] - t[k - 1] for t in times])["median_seconds"]
                if timed
                else None,
            }
        )
    return rows


def along(
    case: Sequence[Event],
    contains: Sequence[str],
    starts: Sequence[str],
    ends: Sequence[str],
    follows: tuple[str, str, int | None] | None,
    directly: bool,
) -> bool:
    """Whether a case runs that way; the times of `follows` in nanoseconds."""
    path = [event.touchpoint for event in case]
    if not set(contains) <= set(path):
        return False
    if (starts and path[0] not in starts) or (ends and path[-1] not in ends):
        return False
    if follows is None:
        return True
    source, target, within = follows
    return any(
        path[i] == source
        and path[j] == target
        and (not directly or j == i + 1)
        and (within is None or case[j].time - case[i].over <= within)
        for i, j in itertools.combinations(range(len(case)), 2)
    )


Key = tuple[Any, ...]
Places = dict[str, list[int]]  # case to the places of its events in a group


def groups(cases: Cases, key_of: Callable[[Sequence[Event], int], Key | None]) -> dict[Key, Places]:
    """The events by the key of a case and place; None belongs nowhere."""
    out: dict[Key, Places] = defaultdict(lambda: defaultdict(list))
    for name, case in cases.items():
        for place in range(len(case)):
            if (key := key_of(case, place)) is not None:
                out[key][name].append(place)
    return out


def status(
    case: Sequence[Event],
    completed: Sequence[str],
    failed: Sequence[str],
    idle: int,
    until: int,
    outcome: str | None = None,
) -> str:
    """How a case ended: by a touchpoint anywhere, or its last known outcome; else silent for long enough, or open."""
    if outcome is None:
        seen = {event.touchpoint for event in case}
    else:
        known = [event.more[outcome] for event in case if event.more[outcome] is not None]
        seen = set(known[-1:])
    if seen & set(completed):
        return "completed"
    if seen & set(failed):
        return "failed"
    return "abandoned" if until - case[-1].time >= idle else "open"


Observations = list[tuple[Any, float]]  # customer and number


def answers(cases: Cases, places: Places, column: str, once_per_case: bool) -> Observations:
    """The answers that were given in a group, or the last one of each case."""
    out: Observations = []
    for name, own in places.items():
        case = cases[name]
        given = [(customer(case), case[k].more[column]) for k in own if case[k].more[column] is not None]
        out += given[-1:] if once_per_case else given
    return out


def coded(answer: float, number: str, top: int, low: float, high: float, high_is_good: bool) -> float:
    """What an answer on the scale from `low` to `high` counts: NPS 1, 0 or -1, a share 1 or 0, else itself."""
    if number == "nps":
        return (answer >= 9) - (answer <= 6)
    if number == "top_share":
        return answer > high - top if high_is_good else answer < low + top
    if number == "easy_share":
        return answer > (low + high) / 2 if high_is_good else answer < (low + high) / 2
    return answer


def case_share(case: Sequence[Event], own: Sequence[int], ended: str, outcome: str) -> bool:
    """Whether a closed case counts; a drop-off counts where the case was last seen."""
    if outcome == "drop_off":
        return ended != "completed" and own[-1] == len(case) - 1
    return ended == {"completion": "completed", "silent_exit": "abandoned"}[outcome]


def transfers(case: Sequence[Event], column: str, share: bool) -> int:
    """How often a column changes inside a case, or whether it does."""
    known = [event.more[column] for event in case if event.more[column] is not None]
    changes = sum(1 for one, two in itertools.pairwise(known) if one != two)
    return min(changes, 1) if share else changes


def average(observations: Observations, scale: float = 1) -> dict[str, Any]:
    """Value, n and customers of one row of a measure."""
    n = len(observations)
    return {
        "value": scale * math.fsum(value for _, value in observations) / n if n else None,
        "n": n,
        "customers": len({who for who, _ in observations}),
    }
