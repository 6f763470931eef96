"""Times, peak memory and equality of journeykit.scale; each run is a process of its own, so that peaks are its own."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

BLOCK = 5_000_000  # events that are made at once; the rows of each case alternate between two files
RULES: dict[str, Any] = {
    "completed": "bought",
    "failed": "gave up",
    "idle": "2d",
    "observed_until": "2025-02-01",
}
COLUMNS: dict[str, Any] = {
    "case": "case",
    "touchpoint": "touchpoint",
    "time": "time",
    "channel": "channel",
    "metrics": {"csat": "score"},
}


def make(folder: Path, events: int, seed: int) -> None:
    """A folder of Parquet files: cases of the interleaved shape, of which nearly all stand in two files."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.shapes import CHANNELS, TOUCHPOINTS
    from benchmarks.shapes import make as shape

    folder.mkdir(parents=True)
    files = max(20, -(-events // BLOCK))
    first_case, left, writers = 0, events, {}
    each = -(-events // files)
    for block in range(files):
        log = shape("interleaved", min(each, left), seed * 1000 + block)
        left -= each
        names = {"touchpoint": (log.touchpoint, TOUCHPOINTS), "channel": (log.channel, CHANNELS)}
        columns = {"case": pa.array(log.case + np.int32(first_case))}
        for name, (codes, values) in names.items():
            columns[name] = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values))
        columns["time"] = pa.array(log.time).cast(pa.timestamp("us"))
        columns["score"] = pa.array(log.score, mask=np.isnan(log.score))
        table = pa.table(columns)
        first_case += int(log.case.max()) + 1
        for half in (0, 1):
            at = (block + half) % files
            if at not in writers:
                writers[at] = pq.ParquetWriter(folder / f"part{at:03}.parquet", table.schema, compression="snappy")
            writers[at].write_table(table.take(pa.array(np.arange(half, len(table), 2))))
    for writer in writers.values():
        writer.close()


def digest(state: Any) -> str:
    return hashlib.sha256(state.to_bytes()).hexdigest()


def peak_mb() -> int:
    """Most memory that this process ever held."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    raise AssertionError("no VmHWM")


def folder_run(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    from journeykit.scale import read_state

    begin = time.perf_counter()
    state = read_state(
        folder, **COLUMNS, **RULES, memory=asked.memory, workers=asked.workers, spill=asked.spill,
        exact_up_to=asked.exact_up_to,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    state.discover()
    state.measure(["csat", "completion", "silent_exit"], by="touchpoint")
    results = time.perf_counter() - begin - seconds
    times = state.directly_follows().to_arrow()["times"].to_pylist()
    return {
        "events": state.events, "cases": state.cases, "seconds": seconds, "results_seconds": results,
        "peak_mb": peak_mb(), "sha256": digest(state), "edges": len(times), "sketched_edges": times.count("sketch"),
    }  # fmt: skip


def memory_run(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """The log in memory, and whether every number of the state's results is the same there."""
    import pyarrow.parquet as pq

    import journeykit as jk
    from journeykit.scale import State, read_state

    begin = time.perf_counter()
    options = {name: value for name, value in RULES.items() if name != "observed_until"}
    log = jk.read_events(pq.read_table(folder), **COLUMNS, **options, guess=False)
    log = log.with_observed_until(RULES["observed_until"])
    flows, journey = jk.directly_follows(log), jk.discover(log)
    asked_for = ["csat", jk.metrics.Csat(statistic="mean"), "completion", "drop_off", "silent_exit"]
    measured = jk.measure(log, asked_for, by="touchpoint")
    seconds = time.perf_counter() - begin
    state = read_state(folder, **COLUMNS, **RULES, memory=asked.memory, spill=asked.spill, exact_up_to=2**39)
    ours = state.directly_follows()
    pairs = [
        (flows, ours),
        (flows.touchpoints, ours.touchpoints),
        (jk.case_durations(log), state.case_durations()),
        (measured, state.measure(asked_for, by="touchpoint")),
    ]
    numbers = sum(same(whole, part) for whole, part in pairs)
    whole = State(metrics=state.metrics, exact_up_to=2**39, **RULES).update(log)
    return {
        "events": log.event_count, "seconds": seconds, "numbers_compared": numbers,
        "maps_equal": journey == state.discover(), "states_equal": whole == state,
    }  # fmt: skip


def same(whole: Any, part: Any) -> int:
    """How many values were compared; whole numbers and texts are equal, decimals within 1e-12 of themselves."""
    rows, others = whole.rows(), part.rows()
    assert len(rows) == len(others)
    count = 0
    for row, other in zip(rows, others, strict=True):
        for name, value in row.items():
            near = isinstance(value, float) and abs(value - other[name]) <= 1e-12 * abs(value)
            assert value == other[name] or near, f"{name}: {value} in memory, {other[name]} by parts"
            count += 1
    return count


def spark_run(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    from pyspark.sql import SparkSession

    from journeykit.scale import Reading, read_state, spark_state

    os.environ["PYSPARK_PYTHON"] = sys.executable  # the workers' Python is the one that has journeykit
    begin = time.perf_counter()
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    for name in ("spark.driver.host", "spark.driver.bindAddress"):
        builder = builder.config(name, "127.0.0.1")
    spark = builder.config("spark.driver.memory", "3g").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    start = time.perf_counter() - begin
    options = {**RULES, "exact_up_to": asked.exact_up_to}
    begin = time.perf_counter()
    expected = digest(read_state(folder, **COLUMNS, **options, memory=asked.memory, spill=asked.spill))
    runs = {"one process": {"seconds": time.perf_counter() - begin, "equal": True}}
    for partitions in asked.partitions:
        begin = time.perf_counter()
        state = spark_state(str(folder), reading=Reading(**COLUMNS), spark=spark, partitions=partitions, **options)
        equal = digest(state) == expected
        runs[str(partitions)] = {"seconds": time.perf_counter() - begin, "equal": equal}
    spark.stop()
    return {"events": state.events, "session_seconds": start, "partitions": runs, "sha256": expected}


RUNS = {"folder": folder_run, "memory": memory_run, "spark": spark_run}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("run", choices=[*RUNS], nargs="+", help="what to run, one process each")
    parser.add_argument("--events", type=float, default=1e6)
    parser.add_argument("--data", type=Path, default=Path("build/bench-scale"), help="folder of the logs, kept")
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--spill", type=Path, default=None)
    parser.add_argument("--exact-up-to", type=int, default=100_000)
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    folder = asked.data / f"interleaved-{int(asked.events)}"
    if asked.here:
        print(json.dumps(RUNS[asked.run[0]](folder, asked)))
        return
    if not folder.exists():
        print(f"making {asked.events:,.0f} events in {folder}", flush=True)
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished, int(asked.events), seed=1)
        unfinished.rename(folder)
    rest = [word for word in sys.argv[1:] if word not in RUNS]
    for run in asked.run:
        line = [sys.executable, "-m", "benchmarks.scale", run, "--here", *rest]
        done = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True)
        print(run, json.dumps(json.loads(done.stdout.splitlines()[-1]), indent=2), flush=True)


if __name__ == "__main__":
    main()
