"""Do intervals hold what they promise? Simulated logs of customers who are alike to themselves: how often the interval
at 95 % holds the number of the whole population. `python -m benchmarks.coverage` prints the table."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

import journeykit as jk

if TYPE_CHECKING:
    from collections.abc import Iterator

CUSTOMERS = 300  # of a world
POPULATION = 120_000
NAMES = ("look", "ask", "pay", "gone")
Key = tuple[str, str, str]  # result, number, method


def world(customers: int, seed: int) -> jk.EventLog:
    """Customers with one to six cases. Each has a leaning of its own to ask, to complete, to be slow and to grumble.

    look → (ask →)* pay, or gone; the last touchpoint is observed, waits are skew, half of the visits are answered.
    """
    chance = np.random.default_rng([seed, customers])
    asks, patience = chance.beta(1.5, 2.5, customers), chance.beta(3, 2, customers)
    slow, mood = np.exp(0.6 * chance.standard_normal(customers)), chance.standard_normal(customers)
    who = np.repeat(np.arange(customers), 1 + chance.binomial(5, 0.35, customers))
    cases = len(who)
    again = np.minimum(chance.geometric(1 - 0.9 * asks[who]) - 1, 4)
    done = chance.random(cases) < patience[who] * 0.9**again
    steps = again + 2
    case = np.repeat(np.arange(cases), steps)
    within = np.arange(steps.sum()) - np.repeat(np.cumsum(steps) - steps, steps)
    last = within + 1 == np.repeat(steps, steps)
    touchpoint = np.where(within == 0, 0, np.where(last, np.where(np.repeat(done, steps), 2, 3), 1))
    waits = np.where(within == 0, 0.0, slow[who[case]] * chance.lognormal(5, 0.8, len(case)))
    starts = np.repeat(chance.uniform(0, 1e7, cases), steps)
    passed = np.cumsum(waits)
    time = starts + passed - np.repeat(passed[np.cumsum(steps) - steps], steps)
    answer = np.clip(
        np.round(3.4 + mood[who[case]] - 0.8 * (touchpoint == 1) + chance.standard_normal(len(case))), 1, 5
    )
    answer[chance.random(len(case)) < 0.5] = np.nan
    table = pa.table(
        {
            "case": pa.array(case.astype(np.int64)),
            "touchpoint": pa.DictionaryArray.from_arrays(pa.array(touchpoint.astype(np.int32)), list(NAMES)),
            "customer": pa.array(who[case].astype(np.int64)),
            "time": pa.array((1.7e18 + 1e9 * time).astype(np.int64), pa.timestamp("ns", "UTC")),
            "csat": pa.array(answer, from_pandas=True),
        }
    )
    return jk.read_events(
        table, case="case", touchpoint="touchpoint", time="time", customer="customer", metrics={"csat": "csat"},
        completed=["pay"], failed=["gone"], idle="0s",
    )  # fmt: skip


def intervals(
    log: jk.EventLog, methods: tuple[str, ...], replicates: int
) -> Iterator[tuple[Key, float, float | None, float | None]]:
    """Every number of map, metrics and scorecard with its interval."""
    for method in methods:
        for row in jk.map_intervals(log, method=method, replicates=replicates).rows():  # type: ignore[arg-type]
            place = " → ".join(name for name in (row["touchpoint"], row["target"]) if name is not None)
            name = f"{place} {row['number']}".strip()
            yield ("map", name, row["method"].split(" of ")[0]), row["value"], row["low"], row["high"]
    for metric in ("csat", "completion", "resolution_time"):
        for row in jk.measure(log, metric).rows():
            yield ("metrics", row["metric"], row["method"]), row["value"], row["low"], row["high"]
    card = jk.score(jk.discover(log, stages={"*": "all"}), log, slow_after="5min", minimum_n=1)
    for level, table in (("journey", card.journey), ("touchpoint", card.touchpoints)):
        for row in table.rows():
            name = f"{level} {row['id'] or ''}".strip()
            yield ("scorecard", name, "linearised t"), row["score"], row["low"], row["high"]
    for level in ("journey", "touchpoint"):
        for row in card.contributions(level).rows():
            name = f"{level} {row['id'] or ''}".strip()
            yield ("components", f"{name} {row['component']}", row["method"]), row["value"], row["low"], row["high"]
    for row in card.points_lost.rows():
        name = f"{row['touchpoint']} {row['component']}"
        yield ("points lost", name, row["method"]), row["points_lost"], row["low"], row["high"]
    for row in card.failures(replicates=replicates).rows():
        name = f"{row['kind']} {row['touchpoint']}"
        if row["lost_completions"] is not None:
            per = row["reached" if row["kind"] == "drop_off" else "cases"]  # what the interval takes as given
            losses = [None if row[end] is None else row[end] / per for end in ("low", "high")]
            yield (
                ("failures", f"{name} lost per case", "linearised t"),
                row["lost_completions"] / per,
                *losses,
            )
        if row["rank"] is not None:
            yield ("failures", f"{name} points", "bootstrap"), row["points_lost"], row["points_low"], row["points_high"]


@dataclass
class Coverage:
    """Of one number: in how many worlds the interval held the truth, lay below it or above it."""

    truth: float
    held: int = 0
    below: int = 0
    above: int = 0

    @property
    def worlds(self) -> int:
        """Worlds with an interval."""
        return self.held + self.below + self.above


def coverage(
    worlds: int, *, methods: tuple[str, ...] = ("analytic", "bootstrap"), seed: int = 0, replicates: int = 1000
) -> dict[Key, Coverage]:
    """Coverage of every number over so many worlds. Left out is what fewer than nine in ten worlds have, and shares
    that are 0 or 1 by the way the worlds are made."""
    truth = {key: value for key, value, _, _ in intervals(world(POPULATION, seed), methods[:1], 100)}
    truth = {(result, name): value for (result, name, _), value in truth.items()}
    out: dict[Key, Coverage] = {}
    for k in range(worlds):
        for key, _, low, high in intervals(world(CUSTOMERS, 100_000 * (seed + 1) + k), methods, replicates):
            if key[:2] not in truth:
                continue
            one = out.setdefault(key, Coverage(truth[key[:2]]))
            if low is None or high is None:
                continue
            one.below += high < one.truth
            one.above += low > one.truth
            one.held += low <= one.truth <= high
    return {key: one for key, one in out.items() if one.worlds >= 0.9 * worlds and one.truth not in (0.0, 1.0, 100.0)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = coverage(options.worlds, seed=options.seed)
    print(f"{CUSTOMERS} customers with 1 to 6 cases a world, {options.worlds} worlds, intervals at 95 %.\n")
    print("| result | number | method | worlds | covered | too low | too high |")
    print("|---|---|---|---|---|---|---|")
    for (result, name, method), one in sorted(found.items()):
        shares: list[Any] = [f"{100 * n / one.worlds:.1f} %" for n in (one.held, one.below, one.above)]
        print(f"| {result} | {name} | {method} | {one.worlds} | {' | '.join(shares)} |")


if __name__ == "__main__":
    main()
