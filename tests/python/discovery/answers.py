"""All that the engine says of a log, as one value, and as a hash that processes can compare.

As a program: prints the hash of what is said of the first n random logs.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

import journeykit as jk
from discovery import twins

if TYPE_CHECKING:
    from journeykit.testing.reference import Event


def answers(log: jk.EventLog, threads: int = 0) -> dict[str, Any]:
    flows = jk.directly_follows(log, threads=threads)
    return {
        "edges": flows.rows(),
        "touchpoints": flows.touchpoints.rows(),
        "variants": log.variants().rows(),
        "rework": log.rework().rows(),
        "steps": log.step_matrix().rows(),
        "funnel": log.funnel(log.touchpoints[:3], within="30s").rows(),
        "durations": jk.case_durations(log).rows(),
        "map": jk.discover(log, threads=threads),
    }


def without_ties(seed: int) -> list[Event]:
    events = twins.random_events(seed)
    return [replace(e, time=e.time // twins.SECOND * twins.SECOND + k, end=None) for k, e in enumerate(events)]


def digest(log: jk.EventLog, threads: int = 0) -> str:
    said = answers(log, threads)
    said["map"] = said["map"].to_json()
    cases = log.cases().to_arrow()
    said["cases"] = [
        (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist() for column in cases
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()


if __name__ == "__main__":
    together = hashlib.sha256()
    for seed in range(int(sys.argv[1])):
        together.update(digest(twins.read(twins.random_events(seed))).encode())
    sys.stdout.write(together.hexdigest())
