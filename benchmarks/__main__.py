"""journeykit side by side with its peers. `make bench` runs all of it; README.md says how to read the table."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from pathlib import Path

from benchmarks import machine, report
from benchmarks.rounds import Cost, Outcome, cost, measure
from benchmarks.tasks import SIZES, Row, cost_tasks, rows

RESULTS = Path(__file__).parent / "RESULTS.md"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="rows whose description has TEXT")
    parser.add_argument("--target", action="append", default=[], help="rows of this target of the plan, such as 4")
    parser.add_argument("--size", type=float, help="measure the rows of a shape at this size instead, such as 1e6")
    parser.add_argument("--rounds", type=int, default=7, help="rounds to keep per row (default 7)")
    parser.add_argument("--full", action="store_true", help="also the rows that take long or say little")
    parser.add_argument("--no-cost", action="store_true", help="without cost against size")
    parser.add_argument("--busy", action="store_true", help="keep disturbed rounds; never writes RESULTS.md")
    parser.add_argument("--date", default=os.environ.get("BENCH_DATE", ""), help="written into RESULTS.md")
    parser.add_argument("--list", action="store_true", help="only say what would be measured")
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> list[Row]:
    from dataclasses import replace

    chosen = [row for row in rows() if options.full or not row.full]
    if options.target:
        chosen = [row for row in chosen if row.group in options.target]
    for text in options.only:
        chosen = [row for row in chosen if text.lower() in row.key.lower()]
    if options.size:
        resized = [
            replace(row, data=replace(row.data, events=int(options.size))) if row.data.events else row for row in chosen
        ]
        chosen = list(dict.fromkeys(resized))
    return chosen


def main() -> int:
    options = _arguments()
    chosen = _chosen(options)
    if options.list:
        for row in chosen:
            print(f"{row.key} · {report.count(row.data.events)} · seed {row.data.seed} · target {row.target}")
        return 0
    if not chosen:
        print("no row fits; --list shows them")
        return 2
    partial = bool(options.only or options.target or options.size or options.busy)
    start = time.monotonic()
    outcomes: list[Outcome] = []
    for number, row in enumerate(chosen, 1):
        outcome = measure(row, options.rounds, options.busy)
        outcomes.append(outcome)
        print(f"[{number}/{len(chosen)}, {time.monotonic() - start:.0f} s] {' | '.join(report.line(outcome))}")
        sys.stdout.flush()
    costs: list[Cost] = []
    if not options.no_cost and not partial:
        costs = [cost(title, task, SIZES, min(5, options.rounds)) for title, task in cost_tasks()]
    command = f"python -m benchmarks {shlex.join(sys.argv[1:])}".strip()
    content = report.page(outcomes, costs, machine.describe(), command, options.date)
    print(f"\n{content}")
    if partial:
        print("\nRESULTS.md is not written: this was a part of the table, or a busy machine was accepted.")
    else:
        report.write(RESULTS, content)
    wrong = [outcome for outcome in outcomes if outcome.problem and "reference log" not in outcome.problem]
    for outcome in wrong:
        print(f"FAILED {outcome.row.key}: {outcome.problem}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
