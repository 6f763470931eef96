"""Random logs to hold the engine to its reference."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow as pa

import journeykit as jk
from journeykit.testing.reference import Cases, Event, segments

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = 1_000_000_000


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
        touchpoint = rng.choice(touchpoints)
        events.append(Event(f"{case:02d}", touchpoint, time, end, who, {"plan": rng.choice(["x", "y", None])}))
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
            "plan": pa.array([e.more["plan"] for e in events], pa.string()),
        }
    )
    return jk.read_events(
        table, case="case", touchpoint="touchpoint", time="time", end_time="end", customer="customer", idle="1h"
    )


def by_plan(cases: Cases) -> Iterator[tuple[str | None, Cases]]:
    """Segments by plan."""
    for (plan,), part in segments(cases, ["plan"]).items():
        yield plan, part
