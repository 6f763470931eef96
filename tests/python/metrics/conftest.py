"""Small logs for the tests of the metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import journeykit as jk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

START = datetime(2026, 1, 5, tzinfo=UTC)


def moments(seconds: Sequence[float]) -> list[datetime]:
    """Seconds after Monday 2026-01-05 00:00 UTC as times."""
    return [START + timedelta(seconds=s) for s in seconds]


@pytest.fixture
def make_log() -> Callable[..., jk.EventLog]:
    """make_log(case=[…], touchpoint=[…], seconds=[…], **columns and options of read_events)."""

    def make(
        *,
        case: Sequence[str],
        touchpoint: Sequence[str],
        seconds: Sequence[float],
        until: float | None = None,
        **more: Any,
    ) -> jk.EventLog:
        options = {key: more.pop(key) for key in ("metrics", "completed", "failed", "idle") if key in more}
        roles = {
            key: key for key in ("customer", "channel", "department", "agent", "outcome", "end_time") if key in more
        }
        columns = {"case": list(case), "touchpoint": list(touchpoint), "time": moments(seconds), **more}
        log = jk.read_events(columns, case="case", touchpoint="touchpoint", time="time", **roles, **options)
        return log if until is None else log.with_observed_until(START + timedelta(seconds=until))

    return make
