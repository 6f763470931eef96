"""Run with the shim preloaded: every operation on files with its n-th call failing, n = 1, 2, 3 … until none fails.

Prints one JSON line per operation: how many runs, and what was found wrong.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import journeykit as jk
from faults.shim import Fault, Shim, sorts
from journey_maps import random_map
from journeykit.scale import read_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHANGING = ["open", "write", "fsync", "rename", "close", "stat"]
READING = ["open", "read", "close", "stat"]
MOST_CALLS = 200  # of one kind in one operation; more is a loop that does not end


def outcomes(
    shim: Shim,
    kinds: list[str],
    prepare: Callable[[], object],
    act: Callable[[], object],
    *,
    endless_interruptions: bool = True,
) -> Iterator[tuple[Fault, Exception | None, object]]:
    """Each fault that hit, the error it led to (None where `act` succeeded), and what `act` gave."""
    for kind, error, persistent in sorts(kinds, endless_interruptions=endless_interruptions):
        for nth in range(1, MOST_CALLS + 1):
            prepare()
            fault = Fault(kind, error, nth, persistent)
            wrong: Exception | None = None
            answer: object = None
            shim.arm(fault)
            try:
                answer = act()
            except Exception as raised:  # noqa: BLE001  whatever it is, it is judged
                wrong = raised
            if shim.disarm() == 0:
                break
            yield fault, wrong, answer
        else:
            raise AssertionError(f"{MOST_CALLS} calls of {kind}, and no end")


def saving(shim: Shim, folder: Path, save: Callable[[Path], object], suffix: str, over: str) -> tuple[int, list[str]]:
    """Saves over nothing, an old file or a link to one; afterwards the old bytes are there or the new ones."""
    target, link = folder / f"map{suffix}", folder / f"link{suffix}"
    path = link if over == "link" else target
    old = None if over == "nothing" else b"the old file"
    save(target)
    new = target.read_bytes()
    expected = {target.name, link.name} if over == "link" else {target.name}

    def prepare() -> None:
        for entry in folder.iterdir():
            entry.unlink()
        if old is not None:
            target.write_bytes(old)
        if over == "link":
            link.symlink_to(target)

    def judge(fault: Fault, wrong: Exception | None) -> str | None:
        now = target.read_bytes() if target.exists() else None
        if left := {entry.name for entry in folder.iterdir()} - expected:
            return f"left behind: {sorted(left)}"
        if over == "link" and not link.is_symlink():
            return "the link became a file"
        if wrong is None:
            if now != new:
                return "no error, and not the new file"
            return "no error" if fault.kind in {"write", "fsync", "rename"} and not fault.harmless else None
        if now != (new if str(wrong).startswith("saved, but") else old):
            return f"the file is not as the message says: {wrong}"
        return judged_error(fault, wrong)

    runs, found = 0, []
    for fault, wrong, _ in outcomes(shim, CHANGING, prepare, lambda: save(path)):
        runs += 1
        if said := judge(fault, wrong):
            found.append(f"{fault}: {said}")
    return runs, found


def judged_error(fault: Fault, wrong: Exception) -> str | None:
    if not isinstance(wrong, jk.Error):
        return f"{type(wrong).__name__}: {wrong}"
    return f"an interruption or a short count became an error: {wrong}" if fault.harmless else None


def reading(
    shim: Shim, read: Callable[[], object], *, by_python: bool, kinds: list[str] = READING, scratch: Path | None = None
) -> tuple[int, list[str]]:
    """Reads give the right answer or an error of ours. Python itself goes on for ever when calls are interrupted for
    ever, and hears Ctrl-C in between (PEP 475). Nothing is left behind in `scratch`."""
    right = read()
    runs, found = 0, []
    for fault, wrong, answer in outcomes(shim, kinds, lambda: None, read, endless_interruptions=not by_python):
        runs += 1
        said = judged_error(fault, wrong) if wrong else None if answer == right else "another result, and no error"
        if scratch is not None and (left := list(scratch.iterdir())):
            said = f"left behind: {left}"
        if said:
            found.append(f"{fault}: {said}")
    return runs, found


def main(folder: Path) -> None:
    shim = Shim(f"{folder}/watched")
    watched = folder / "watched"
    watched.mkdir()
    journey = random_map(11)
    log = jk.read_events({"case": ["a", "a", "b"], "touchpoint": ["x", "y", "x"], "time": ["2026-01-05T09:00"] * 3})

    def report(name: str, runs: int, found: list[str]) -> None:
        sys.stdout.write(json.dumps({"name": name, "runs": runs, "found": found}) + "\n")
        sys.stdout.flush()

    for suffix in (".json", ".svg", ".html"):
        for over in ("nothing", "old", "link") if suffix == ".json" else ("old",):
            place = watched / f"{over}{suffix}"
            place.mkdir()
            report(f"save {suffix} over {over}", *saving(shim, place, journey.save, suffix, over))

    journey.save(watched / "map.json")
    report("load map", *reading(shim, lambda: jk.JourneyMap.load(watched / "map.json"), by_python=False))

    import pyarrow.csv
    import pyarrow.parquet

    table = log.to_arrow()
    pyarrow.csv.write_csv(table, watched / "log.csv")
    (watched / "log.csv.gz").write_bytes(gzip.compress((watched / "log.csv").read_bytes()))
    pyarrow.parquet.write_table(table, watched / "log.parquet")
    for name in ("log.csv", "log.csv.gz", "log.parquet"):
        read = partial(lambda path: jk.read_events(path).to_arrow(), watched / name)
        report(f"read {name}", *reading(shim, read, by_python=True))

    logs, spill = watched / "logs", watched / "spill"
    logs.mkdir()
    spill.mkdir()
    for name in ("1.parquet", "2.parquet"):
        pyarrow.parquet.write_table(table, logs / name)
    columns = {"case": "case", "touchpoint": "touchpoint", "time": "time"}

    def count() -> bytes:
        return read_state(logs, **columns, spill=spill, workers=1, progress=False).to_bytes()

    kinds = ["open", "read", "write", "stat"]
    report("count a folder by way of the disk", *reading(shim, count, by_python=True, kinds=kinds, scratch=spill))


if __name__ == "__main__":
    main(Path(os.path.realpath(sys.argv[1])))
