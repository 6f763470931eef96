"""Slow, plain versions of what the engine counts, and random logs to hold it to them."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

import journeykit as jk

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = 1_000_000_000


@dataclass
class Event:
    case: str
    touchpoint: str
    time: int
    end: int | None
    customer: str | None
    plan: str | None

    @property
    def over(self) -> int:
        return self.time if self.end is None else self.end


Cases = dict[str, list[Event]]


def random_events(seed: int, *, longest: int = 40) -> list[Event]:
    """Few touchpoints, tied times, missing values, rows in any order; small enough to try everything."""
    rng = random.Random(seed)
    cases, touchpoints = rng.randint(1, 7), "ABCDE"[: rng.randint(1, 5)]
    span = rng.choice([3, 50, 10**6])
    events = []
    for _ in range(rng.randint(1, longest)):
        time = rng.randint(-span, span) * SECOND + rng.randint(0, 2)
        end = time + rng.randint(0, 20) * SECOND if rng.random() < 0.5 else None
        case = rng.randint(0, cases)
        who = rng.choice(["ann", "bob", None]) if rng.random() < 0.3 else f"c{case // 2}"
        events.append(Event(f"{case:02d}", rng.choice(touchpoints), time, end, who, rng.choice(["x", "y", None])))
    return events


def read(events: list[Event]) -> jk.EventLog:
    stamp = pa.timestamp("ns", tz="UTC")
    table = pa.table(
        {
            "case": [e.case for e in events],
            "touchpoint": [e.touchpoint for e in events],
            "time": pa.array([e.time for e in events], stamp),
            "end": pa.array([e.end for e in events], stamp),
            "customer": pa.array([e.customer for e in events], pa.string()),
            "plan": pa.array([e.plan for e in events], pa.string()),
        }
    )
    return jk.read_events(
        table, case="case", touchpoint="touchpoint", time="time", end_time="end", customer="customer", idle="1h"
    )


def in_cases(events: list[Event]) -> Cases:
    """Cases in byte order of their ids, events by time, then row."""
    cases: Cases = defaultdict(list)
    for event in sorted(events, key=lambda e: (e.case.encode(), e.time)):
        cases[event.case].append(event)
    return dict(cases)


def first_known(case: list[Event], column: str) -> str | None:
    return next((value for event in case if (value := getattr(event, column)) is not None), None)


def customer(case: list[Event]) -> str:
    return first_known(case, "customer") or f"case {case[0].case}"


def by_plan(cases: Cases) -> Iterator[tuple[str | None, Cases]]:
    """Segments by plan, in order, the unknown last."""
    for plan in ["x", "y", None]:
        if part := {name: case for name, case in cases.items() if first_known(case, "plan") == plan}:
            yield plan, part


def summary(times_ns: list[int]) -> dict[str, float]:
    seconds = np.array(times_ns, dtype=np.float64) / 1e9
    return {
        "mean_seconds": sum(times_ns) / len(times_ns) / 1e9,
        "median_seconds": float(np.median(seconds)),
        "p90_seconds": float(np.percentile(seconds, 90)),
        "min_seconds": float(seconds.min()),
        "max_seconds": float(seconds.max()),
    }


def directly_follows(cases: Cases) -> list[dict[str, Any]]:
    times: dict[tuple[str, str], list[int]] = defaultdict(list)
    passing: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, case in cases.items():
        for one, two in itertools.pairwise(case):
            times[one.touchpoint, two.touchpoint].append(two.time - one.over)
            passing[one.touchpoint, two.touchpoint].add(name)
    events = Counter(event.touchpoint for case in cases.values() for event in case)
    return [
        {
            "source": source,
            "target": target,
            "count": len(taken),
            "cases": len(passing[source, target]),
            "share": len(taken) / events[source],
            **summary(taken),
        }
        for (source, target), taken in sorted(times.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def touchpoints(cases: Cases) -> dict[str, dict[str, Any]]:
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


def duration(case: list[Event]) -> int:
    return max(event.over for event in case) - case[0].time


def variants(cases: Cases) -> list[dict[str, Any]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, case in cases.items():
        groups[tuple(event.touchpoint for event in case)].append(name)
    return [
        {
            "variant": " → ".join(path),
            "steps": len(path),
            "cases": len(members),
            "share": len(members) / len(cases),
            "median_seconds": summary([duration(cases[name]) for name in members])["median_seconds"],
            "example_case": min(members),
            "touchpoints": list(path),
        }
        for path, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def rework(cases: Cases) -> dict[str, dict[str, int]]:
    rows: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("cases", "repeating", "loops", "returns"), 0))
    for case in cases.values():
        path = [event.touchpoint for event in case]
        for name in set(path):
            places = [k for k, touchpoint in enumerate(path) if touchpoint == name]
            loops = sum(b == a + 1 for a, b in itertools.pairwise(places))
            rows[name]["cases"] += 1
            rows[name]["repeating"] += len(places) > 1
            rows[name]["loops"] += loops
            rows[name]["returns"] += len(places) - 1 - loops
    return dict(rows)


def step_matrix(cases: Cases, steps: int) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = defaultdict(lambda: [0.0] * steps)
    for case in cases.values():
        for k in range(steps):
            rows[case[k].touchpoint if k < len(case) else "(ended)"][k] += 1
    return {name: [count / len(cases) for count in row] for name, row in rows.items()}


def chain(case: list[Event], steps: list[list[str]], within: int | None) -> tuple[int, ...]:
    """Positions of the deepest chain, by trying all; of equally deep ones the first in order of positions."""
    for depth in range(len(steps), 0, -1):
        for places in itertools.combinations(range(len(case)), depth):
            right = all(case[place].touchpoint in step for place, step in zip(places, steps, strict=False))
            if right and (within is None or case[places[-1]].time - case[places[0]].time <= within):
                return places
    return ()


def funnel(cases: Cases, steps: list[list[str]], within: int | None) -> list[dict[str, Any]]:
    chains = {name: chain(case, steps, within) for name, case in cases.items()}
    rows: list[dict[str, Any]] = []
    for k in range(len(steps)):
        there = [name for name, places in chains.items() if len(places) > k]
        times = [[cases[name][place].time for place in chains[name]] for name in there]
        timed = bool(there) and k > 0
        rows.append(
            {
                "step": k + 1,
                "cases": len(there),
                "customers": len({customer(cases[name]) for name in there}),
                "share_of_all": len(there) / len(cases),
                "share_of_first": len(there) / rows[0]["cases"] if k and rows[0]["cases"] else 1.0 if there else None,
                "share_of_previous": len(there) / rows[-1]["cases"] if k and rows[-1]["cases"] else None,
                "median_seconds_from_first": summary([t[k] - t[0] for t in times])["median_seconds"] if timed else None,
                "median_seconds_from_previous": summary([t[k] - t[k - 1] for t in times])["median_seconds"]
                if timed
                else None,
            }
        )
    return rows


def along(
    case: list[Event],
    contains: list[str],
    starts: list[str],
    ends: list[str],
    follows: tuple[str, str, int | None] | None,
    directly: bool,
) -> bool:
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
