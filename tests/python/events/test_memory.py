"""Large blocks that are freed are kept to be used again; memory does not grow by them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import os, sys
import numpy as np, pyarrow as pa
import journeykit as jk

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def read(events):
    k = np.arange(events)
    table = pa.table({"case": k % (events // 10), "touchpoint": pa.array(["a", "b"]).take(pa.array(k % 2)),
                      "time": pa.array(k * 10**9).cast(pa.timestamp("ns", "UTC"))})
    log = jk.read_events(table, case="case", touchpoint="touchpoint", time="time")
    return log.event_count, sum(row["cases"] for row in log.variants().rows())

sizes = [1_000_000, 700_000, 1_300_000, 400_000]
for events in sizes * 2:
    read(events)
before = resident()
for events in sizes * 6:
    assert read(events) == (events, events // 10)
sys.stdout.write(str((resident() - before) // 2**20))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux says how much memory is resident")
def test_reading_again_and_again_takes_no_more_memory() -> None:
    # 24 logs of 30 to 100 MB each are read; what one of them leaves may stay
    grown = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    assert int(grown) < 150
