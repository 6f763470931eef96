"""Logs that several tests read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import journeykit as jk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def running_example(shared_data: Path) -> jk.EventLog:
    return jk.read_events(shared_data / "event_logs" / "running-example.xes")


@pytest.fixture(scope="session")
def helpdesk(shared_data: Path) -> jk.EventLog:
    return jk.read_events(shared_data / "event_logs" / "helpdesk.xes.gz")
