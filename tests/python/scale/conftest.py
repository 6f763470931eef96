"""One random log for the tests of this room, and what makes a state of it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

import journeykit as jk
from journeykit.scale import Reading, State

UNTIL = "2026-03-01"
RULES: dict[str, Any] = {"completed": "pay", "failed": "give up", "idle": "3d", "observed_until": UNTIL}
METRICS = {"nps": "nps", "csat": "csat", "spend": "spend"}
READING = Reading(case="case", touchpoint="what", time="when", end_time="done", channel="channel", metrics=METRICS)


def random_events(events: int, cases: int, seed: int) -> pa.Table:
    """Rows in any order, with answers, amounts, ends and channels here and there."""
    draw = random.Random(seed)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = []
    for k in range(events):
        when = start + timedelta(seconds=draw.randrange(60 * 86_400), microseconds=k)  # no ties
        rows.append(
            {
                "case": f"c{draw.randrange(cases)}",
                "what": draw.choice(["search", "ask", "pay", "give up", "支付", "ship"]),
                "when": when,
                "done": when + timedelta(minutes=draw.randrange(600)) if draw.random() < 0.5 else None,
                "channel": draw.choice(["web", "shop", None]),
                "nps": draw.choice([None, None, 0, 3, 6, 7, 9, 10]),
                "csat": draw.choice([None, None, 1, 2, 3, 4, 5, 9]),
                "spend": draw.choice([None, 0.1, 1e6 + 1 / 3, -7.25, 1e-9]),
            }
        )
    return pa.Table.from_pylist(rows)


def state_of(table: pa.Table, **options: Any) -> State:
    return State(metrics=READING.metric_columns, **{**RULES, **options}).update(READING.log(table))


@pytest.fixture(scope="session")
def events() -> pa.Table:
    return random_events(3_000, 300, seed=4)


@pytest.fixture(scope="session")
def log(events: pa.Table) -> jk.EventLog:
    whole = jk.read_events(
        events, case="case", touchpoint="what", time="when", end_time="done", channel="channel", metrics=METRICS,
        completed="pay", failed="give up", idle="3d", guess=False,
    )  # fmt: skip
    return whole.with_observed_until(UNTIL)
