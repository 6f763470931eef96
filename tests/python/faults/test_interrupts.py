"""Ctrl-C at any moment of a long call: it is heard, what was there is as it was, and the next call works."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Calls that last long enough even on small data; `make faults` takes all.
FEW = ("read_events(arrow)", "read_events(csv)", "log.filter(where, keep='cases')", "score", "card html", "map.to_json")
FEW_MAPS = ("JourneyMap.build", "JourneyMap.from_json", "map.validate", "JourneyMap.merge", "map svg", "unpickle log")


def test_ctrl_c_is_heard_in_every_call_and_changes_nothing(tmp_path: Path, run_child, tally, heavy: bool) -> None:
    size = (3_000_000, 100_000, 50, "") if heavy else (30_000, 2_000, 2, "|".join((*FEW, *FEW_MAPS)))
    lines = run_child("interrupt_child", tmp_path, *size, timeout=7200).stdout.splitlines()
    calls = [json.loads(line) for line in lines]
    assert len(calls) > 40 if heavy else len(calls) == len((*FEW, *FEW_MAPS))
    for call in calls:
        figures = ""
        if call["late_ms"]:
            late = f"heard after {median(call['late_ms']):.0f} ms, at most {max(call['late_ms']):.0f} ms"
            figures = f"lasts {1e3 * call['seconds']:,.0f} ms; {late}"
        tally("R8", call["name"], call["tried"], call["found"], figures)
    assert sum(call["heard"] for call in calls) > len(calls)


def test_a_jupyter_kernel_is_interrupted_in_a_long_call_and_goes_on(run_child, tally, heavy: bool) -> None:
    tries = 20 if heavy else 2
    told = json.loads(run_child("kernel_child", tries).stdout)
    figures = f"answer after {median(told['late_ms']):.0f} ms, at most {max(told['late_ms']):.0f} ms"
    tally("R8", "Jupyter kernel interrupt", tries, told["found"], figures)
