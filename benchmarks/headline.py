"""Target 10: ten million events in a Parquet file → map, variants, metrics, scorecard and failure ranking, every number
with an interval that holds when the cases of one customer are alike. `python -m benchmarks.headline` prints seconds,
CPU seconds and the peak of resident memory after each step; nobody else does this, so there is no peer."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import journeykit as jk
from benchmarks.files import COLUMNS, Data, ensure

if TYPE_CHECKING:
    from collections.abc import Callable

METRICS = ("csat", "completion", "drop_off", "silent_exit", "resolution_time")
MISSING_ENDS = ("low", "points_low", "share_low")


def _peak_mb() -> int:
    line = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


class Steps:
    """Runs one step after the other and prints what each took."""

    def __init__(self) -> None:
        self.clock, self.cpu = time.perf_counter(), time.process_time()
        print(f"{'':<34}{'seconds':>9}{'CPU':>9}{'peak MB':>9}")

    def run(self, name: str, work: Callable[[], Any]) -> Any:
        clock, cpu = time.perf_counter(), time.process_time()
        out = work()
        print(f"{name:<34}{time.perf_counter() - clock:>9.2f}{time.process_time() - cpu:>9.2f}{_peak_mb():>9}")
        return out

    def total(self) -> None:
        clock, cpu = time.perf_counter() - self.clock, time.process_time() - self.cpu
        print(f"{'all':<34}{clock:>9.2f}{cpu:>9.2f}{_peak_mb():>9}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.headline", description=__doc__)
    parser.add_argument("--events", type=float, default=1e7)
    parser.add_argument("--file", type=Path, help="a Parquet file of another log; then name its columns and endings")
    parser.add_argument("--columns", nargs=3, default=COLUMNS, metavar=("CASE", "TOUCHPOINT", "TIME"))
    parser.add_argument("--score", default="score", help="column of answers 1 to 5")
    parser.add_argument("--completed", default="bought")
    parser.add_argument("--failed", default="gave up")
    options = parser.parse_args()
    path = options.file or ensure(Data("interleaved", int(options.events)))
    case, touchpoint, at = options.columns
    steps = Steps()
    log = steps.run(
        "read_events",
        lambda: jk.read_events(
            path, case=case, touchpoint=touchpoint, time=at, channel="channel", metrics={"csat": options.score},
            completed=[options.completed], failed=[options.failed],
        ),
    )  # fmt: skip
    journey = steps.run("discover, exact medians", lambda: jk.discover(log))
    numbers = steps.run("map_intervals", lambda: jk.map_intervals(log).to_arrow())
    variants = steps.run("variant_intervals", lambda: jk.variant_intervals(log).to_arrow())
    metrics = steps.run("measure, five metrics", lambda: jk.measure(log, METRICS).to_arrow())
    card = steps.run("score", lambda: jk.score(journey, log))
    scores = steps.run("tables of the scorecard", lambda: (card.journey.to_arrow(), card.touchpoints.to_arrow()))
    failures = steps.run("failures, 1,000 replicates", lambda: card.failures().to_arrow())
    steps.total()
    tables = {"map": numbers, "variants": variants, "metrics": metrics, "scores": scores[1], "failures": failures}
    for name, table in tables.items():
        ends = [column for column in MISSING_ENDS if column in table.column_names]
        without = {column: table[column].null_count for column in ends}
        print(f"{name}: {table.num_rows} rows; without a lower end: {without}")


if __name__ == "__main__":
    main()
