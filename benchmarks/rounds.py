"""Interleaved rounds: ours, peer, ours, peer …, one at work at a time, every round with what others used of the CPU."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import answers
from benchmarks.files import ROOT, Data, ensure
from benchmarks.machine import Moment
from benchmarks.tasks import ENVIRONMENTS, Row

if TYPE_CHECKING:
    from types import TracebackType

QUIET = 0.1  # cores that others may use
LEAST_WINDOW = 0.5  # seconds a round lasts at least, because CPU time is counted in hundredths of a second
LEAST_WORK = 0.1  # seconds each side works in a warm round at least; short calls are repeated


class BrokenError(Exception):
    """A worker that ended or could not start."""


class Worker:
    """One side of one task in its own process."""

    def __init__(self, side: str, task: str, data: Data, *, thrifty: bool = False) -> None:
        """`thrifty`: libraries with an allocator of their own give freed memory back at once, so that memory can be
        measured; it costs them time."""
        own = side == "ours"
        python = sys.executable if own else str(ROOT / "build" / "bench-peers" / ENVIRONMENTS[side] / "bin" / "python")
        path, tiny = ensure(data), ensure(data.tiny)
        if path is None:
            raise BrokenError("the reference log is not here: set JOURNEYKIT_SHARED")
        if not Path(python).exists():
            raise BrokenError(f"{side} is not installed: make bench-peers")
        threads = dict.fromkeys(("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"), "2")
        environment = {**os.environ, **threads, "PYTHONHASHSEED": "0"}
        if thrifty:
            environment["_RJEM_MALLOC_CONF"] = "dirty_decay_ms:0,muzzy_decay_ms:0"  # polars
        if not own:
            environment.pop("PYTHONPATH", None)
        module = "ours" if own else f"with_{side}"
        self.name = f"{side}: {task}"
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  closed by __exit__
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", module, task, str(tiny), str(path)],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            encoding="utf-8",
        )  # fmt: skip
        self.versions: dict[str, str] = self._reply()["versions"]

    @property
    def pid(self) -> int:
        return self._process.pid

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            said = self._errors.read().strip().splitlines() or [""]
            why = said[-1].replace(str(ROOT), "…")
            raise BrokenError(f"{self.name} ended with code {self._process.returncode}: {why}")
        return dict(json.loads(line))

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._reply()

    def go(self, calls: int = 1) -> dict[str, Any]:
        return self.ask(do="go", calls=calls)

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        if self._process.poll() is None:
            self._process.stdin.close()
        self._process.wait()
        self._errors.close()


@dataclass
class Outcome:
    """What the rounds of a row gave."""

    row: Row
    ours: list[float] = field(default_factory=list)  # seconds, per kept round
    theirs: list[float] = field(default_factory=list)
    dropped: int = 0
    least: int = 1  # rounds that must be kept
    others: list[float] = field(default_factory=list)  # cores, per round
    our_peak: int = 0  # bytes of the first call in a new process
    their_peak: int = 0
    compared: list[str] = field(default_factory=list)
    problem: str = ""
    versions: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def ratios(self) -> list[float]:
        return [theirs / ours for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def measurable(self) -> bool:
        return not self.problem and len(self.ours) >= self.least

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def reached(self) -> bool | None:
        """None where there is no target or no number."""
        if self.row.measure == "memory" and not self.problem:
            return None if self.row.target is None else self.our_peak / self.row.data.events <= self.row.target
        if self.row.target is None or not self.measurable:
            return None
        return self.ratio >= self.row.target


def measure(row: Row, rounds: int, busy: bool = False) -> Outcome:
    """All rounds of a row, after its answers are found equal. `busy` keeps rounds that others disturbed."""
    wanted = min(rounds, row.rounds or rounds)
    outcome = Outcome(row, least=max(1, wanted * 5 // 7))
    try:
        with ExitStack() as open_workers:
            sides = _checked(row, outcome, open_workers)
            if row.measure == "memory":
                return outcome
            if row.call == "warm":
                _warm_rounds(sides, outcome, wanted, busy)
        if row.call == "first":
            _first_rounds(row, outcome, wanted, busy)
    except (BrokenError, answers.DifferenceError) as problem:
        outcome.problem = str(problem)
    return outcome


def _checked(row: Row, outcome: Outcome, open_workers: ExitStack) -> tuple[Worker, Worker]:
    """Both workers after their first call, its memory noted and its answers compared."""
    workers, found = [], []
    with tempfile.TemporaryDirectory() as folder:
        for side, task in (("ours", row.ours), (row.peer, row.theirs)):
            thrifty = row.measure == "memory"
            worker = open_workers.enter_context(Worker(side, task, row.data, thrifty=thrifty))
            peak = worker.go()["peak_bytes"]
            outcome.versions[side] = worker.versions
            if side == "ours":
                outcome.our_peak = peak
            else:
                outcome.their_peak = peak
            stored = Path(folder) / f"{side}.npz"
            worker.ask(do="answer", path=str(stored))
            workers.append(worker)
            found.append(answers.load(stored))
    if row.theirs != "scan":
        outcome.compared = answers.compare(found[0], found[1], row.absolute)
    return workers[0], workers[1]


def _warm_rounds(sides: tuple[Worker, Worker], outcome: Outcome, wanted: int, busy: bool) -> None:
    """Both processes live on: memory is theirs already."""
    calls = [_calls(statistics.median(worker.go(2)["seconds"])) for worker in sides]
    workers = tuple(worker.pid for worker in sides)
    tried = 0
    while len(outcome.ours) < wanted and tried < 2 * wanted:
        before = Moment.now(workers)
        times = [0.0, 0.0]
        for k in (0, 1) if tried % 2 == 0 else (1, 0):
            times[k] = statistics.median(sides[k].go(calls[k])["seconds"])
        time.sleep(max(0.0, LEAST_WINDOW - (time.perf_counter() - before.clock)))
        _keep(outcome, times, Moment.now(workers).others_since(before), busy)
        tried += 1


def _calls(seconds: float) -> int:
    return max(1, min(50, round(LEAST_WORK / max(seconds, 1e-6))))


def _first_rounds(row: Row, outcome: Outcome, wanted: int, busy: bool) -> None:
    """A new process for each call: its memory is new, its libraries have just been loaded."""
    tried = 0
    sides = (("ours", row.ours), (row.peer, row.theirs))
    while len(outcome.ours) < wanted and tried < 2 * wanted:
        before = Moment.now()
        times = [0.0, 0.0]
        for k in (0, 1) if tried % 2 == 0 else (1, 0):
            with Worker(*sides[k], row.data) as worker:
                times[k] = worker.go()["seconds"][0]
        _keep(outcome, times, Moment.now().others_since(before), busy)
        tried += 1


def _keep(outcome: Outcome, times: list[float], others: float, busy: bool) -> None:
    outcome.others.append(others)
    if others > QUIET and not busy:
        outcome.dropped += 1
        return
    outcome.ours.append(times[0])
    outcome.theirs.append(times[1])


@dataclass
class Cost:
    """Our own times over the sizes."""

    title: str
    seconds: dict[int, float]  # events → median seconds per call
    exponent: float  # slope of log time over log events


def cost(title: str, task: str, sizes: tuple[int, ...], rounds: int) -> Cost:
    """Median time of each size, the sizes taken in turn; 0 where others left too few rounds."""
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    with ExitStack() as open_workers:
        sides = {}
        for size in sizes:
            sides[size] = open_workers.enter_context(Worker("ours", task, Data("interleaved", size)))
        calls = {size: _calls(statistics.median(worker.go(3)["seconds"])) for size, worker in sides.items()}
        workers = tuple(worker.pid for worker in sides.values())
        for _ in range(rounds):
            before = Moment.now(workers)
            times = {size: statistics.median(worker.go(calls[size])["seconds"]) for size, worker in sides.items()}
            if Moment.now(workers).others_since(before) <= QUIET:
                for size, value in times.items():
                    seconds[size].append(value)
    if len(seconds[sizes[0]]) < max(1, rounds // 2):
        return Cost(title, dict.fromkeys(sizes, 0.0), math.nan)
    medians = {size: statistics.median(values) for size, values in seconds.items()}
    x, y = [math.log(size) for size in medians], [math.log(value) for value in medians.values()]
    return Cost(title, medians, statistics.linear_regression(x, y).slope)
