"""Interrupts every public call that can last, at random moments, by SIGINT from another process.

Prints one JSON line per call: how often it was heard, how late in milliseconds, and what was found wrong. The clock is
CLOCK_MONOTONIC, which both processes share.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

import journeykit as jk
from journeykit import view

if TYPE_CHECKING:
    from collections.abc import Callable


def nanoseconds() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class Interrupter:
    """A process that sends SIGINT to this one after a pause, and says when it did."""

    def __init__(self) -> None:
        hear, self._ask = os.pipe()
        self._answer, tell = os.pipe()
        victim = os.getpid()
        if os.fork() == 0:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.close(self._ask)
            while order := os.read(hear, 8):
                time.sleep(int.from_bytes(order, "little") / 1e9)
                sent = nanoseconds()
                os.kill(victim, signal.SIGINT)
                os.write(tell, sent.to_bytes(8, "little"))
            os._exit(0)
        os.close(hear)
        os.close(tell)

    def during(self, act: Callable[[], object], pause_ns: int) -> tuple[float | None, BaseException | None]:
        """Milliseconds from the signal to the exception of `act` (None where `act` was faster), and that exception."""
        heard, wrong = None, None
        try:
            os.write(self._ask, pause_ns.to_bytes(8, "little"))
            try:
                act()
            except BaseException as raised:  # noqa: BLE001  judged by the caller
                heard, wrong = nanoseconds(), raised
                if not isinstance(raised, KeyboardInterrupt):
                    time.sleep(2 * pause_ns / 1e9 + 1)  # the signal is still to come
            else:
                time.sleep(2 * pause_ns / 1e9 + 60)
        except KeyboardInterrupt:
            pass
        sent = int.from_bytes(os.read(self._answer, 8), "little")
        return (None if heard is None else (heard - sent) / 1e6), wrong


def big_table(events: int) -> pa.Table:
    """Rows in any order: cases of five events, thirty touchpoints, answers, channels, money."""
    draw = np.random.default_rng(1)
    case = draw.integers(0, events // 5, events)
    code = draw.integers(0, 30, events)
    names = pa.array([f"touchpoint {k}" for k in range(30)])
    start = 1_767_225_600_000_000_000
    when = start + case * 50_000_000_000 + draw.integers(0, 5 * 86_400, events) * 1_000_000_000
    return pa.table(
        {
            "case": pa.array(case).cast(pa.string()),
            "activity": names.take(pa.array(code)),
            "time": pa.array(when).cast(pa.timestamp("ns", "UTC")),
            "channel": pa.array(["web", "app", "phone"]).take(pa.array(draw.integers(0, 3, events))),
            "customer": pa.array(case // 2).cast(pa.string()),
            "csat": pa.array(draw.integers(1, 6, events), mask=draw.random(events) < 0.8),
            "spend": pa.array(draw.random(events)),
        }
    )


def big_map(touchpoints: int) -> dict[str, Any]:
    """What :meth:`JourneyMap.build` takes."""
    return {
        "stages": [f"s{k}" for k in range(20)],
        "touchpoints": [{"id": f"t{k}", "stage": f"s{k % 20}", "tags": ["a", "b"]} for k in range(touchpoints)],
        "transitions": [
            {"source": f"t{k}", "target": f"t{(k * 7 + j) % touchpoints}", "probability": 0.5}
            for k in range(touchpoints)
            for j in (1, 2)
        ],
    }


def calls(folder: Path, events: int, touchpoints: int) -> dict[str, Callable[[], Any]]:
    """Name to call; each gives something that can be compared with what it gave before."""
    table = big_table(events)
    pa.csv.write_csv(table, folder / "log.csv")
    pa.parquet.write_table(table, folder / "log.parquet")
    ends = {"completed": "touchpoint 1", "failed": "touchpoint 2", "metrics": {"csat": "csat", "spend": "spend"}}
    read = partial(jk.read_events, **ends)
    log = read(table)
    journey = jk.discover(log, stages={f"touchpoint {k}": f"stage {k % 5}" for k in range(30)})
    card = jk.score(journey, log)
    contents = big_map(touchpoints)
    large = jk.JourneyMap.build("large", **contents)
    other = large.update_about(name="other").update_touchpoint("t1", owner="Ann")
    text = large.to_json()
    large.save(folder / "large.json")
    frame = table.slice(0, events // 2).to_pandas()
    pickled = pickle.dumps(log)
    mask = np.zeros(events, bool)
    mask[::3] = True
    answering = events // 20
    answers = pa.table(
        {
            "customer": [str(k) for k in range(answering)],
            "nps": [9] * answering,
            "time": ["2027-01-01T09:00"] * answering,
        }
    )

    def size(made: jk.EventLog) -> tuple[int, int, list[str]]:
        return made.event_count, made.case_count, made.touchpoints

    def rows(made: jk.Table) -> Any:
        return made.to_arrow()

    return {
        "read_events(arrow)": lambda: size(read(table)),
        "read_events(pandas)": lambda: size(read(frame)),
        "read_events(csv)": lambda: size(read(folder / "log.csv")),
        "read_events(parquet)": lambda: size(read(folder / "log.parquet")),
        "log.filter(touchpoints)": lambda: size(log.filter(touchpoints="touchpoint 3")),
        "log.filter(mask)": lambda: size(log.filter(mask=mask)),
        "log.filter(where, keep='cases')": lambda: size(log.filter(where={"channel": "web"}, keep="cases")),
        "log.filter(since)": lambda: size(log.filter(since="2026-01-10")),
        "log.rename": lambda: size(log.rename({"touchpoint 3": "three"})),
        "log.to_stages": lambda: size(log.to_stages({"*": "all"})),
        "log.sessions": lambda: size(log.sessions("1d")),
        "log.collapse_repeats": lambda: size(log.collapse_repeats()),
        "log.sample": lambda: size(log.sample(events // 10)),
        "log.with_endings": lambda: size(log.with_endings(completed="touchpoint 4")),
        "log.with_observed_until": lambda: size(log.with_observed_until("2030-01-01")),
        "log.with_survey": lambda: size(log.with_survey(answers, within="1000d", metrics={"nps": "nps"})),
        "log.filter_paths": lambda: size(log.filter_paths(follows=("touchpoint 1", "touchpoint 2"))),
        "log.cases": lambda: rows(log.cases()),
        "log.quality": lambda: view.log_html(read(table.slice(0, events // 4))),
        "log.to_pandas": lambda: log.to_pandas().shape,
        "directly_follows": lambda: rows(jk.directly_follows(log)),
        "directly_follows(by)": lambda: rows(jk.directly_follows(log, by="channel")),
        "variants": lambda: rows(log.variants()),
        "rework": lambda: rows(log.rework()),
        "step_matrix": lambda: rows(log.step_matrix()),
        "funnel": lambda: rows(log.funnel(["touchpoint 1", "touchpoint 2", "touchpoint 3"])),
        "case_durations": lambda: rows(jk.case_durations(log, by="channel")),
        "discover": lambda: jk.discover(log),
        "discover(like)": lambda: jk.discover(log, like=journey),
        "compare": lambda: rows(jk.compare(journey, log)),
        "measure": lambda: rows(jk.measure(log, ["csat", "completion", "resolution_time", "fcr"])),
        "measure(by, window)": lambda: rows(jk.measure(log, ["csat", "silent_exit"], by="channel", window="day")),
        "attribute": lambda: rows(jk.attribute(log, replicates=200)),
        "attribute(order)": lambda: rows(jk.attribute(log, order=3, replicates=0)),
        "attribute(shapley)": lambda: rows(jk.attribute(log, model="shapley", worth="chain", replicates=0)),
        "map_intervals": lambda: rows(jk.map_intervals(log)),
        "map_intervals(bootstrap)": lambda: rows(jk.map_intervals(log, method="bootstrap", replicates=200)),
        "variant_intervals": lambda: rows(jk.variant_intervals(log, minimum_cases=2)),
        "funnel_intervals": lambda: rows(jk.funnel_intervals(log, log.touchpoints[:3])),
        "absorbing_chain": lambda: rows(jk.absorbing_chain(log).endings()),
        "chain.with_customers": lambda: rows(jk.absorbing_chain(log).with_customers(replicates=200).endings()),
        "chain.shifts": lambda: rows(jk.absorbing_chain(log).with_customers(replicates=200).shifts("steps")),
        "chain.order_test": lambda: rows(jk.absorbing_chain(log).order_test()),
        "chain.by_segment": lambda: len(jk.absorbing_chain(log).by_segment("channel")),
        "score": lambda: rows(jk.score(journey, log).journey),
        "card.failures": lambda: (card._failures.clear(), rows(card.failures()))[1],
        "card.failing_slices": lambda: rows(card.failing_slices("channel")),
        "card html": lambda: len(view.page_html(journey, card)),
        "JourneyMap.build": lambda: jk.JourneyMap.build("large", **contents),
        "map.to_json": lambda: large.to_json(),
        "JourneyMap.from_json": lambda: jk.JourneyMap.from_json(text),
        "map.save": lambda: large.save(folder / "saved.json"),
        "JourneyMap.load": lambda: jk.JourneyMap.load(folder / "large.json"),
        "map.validate": lambda: len(large.validate()),
        "map.diff": lambda: len(large.diff(other)),
        "JourneyMap.merge": lambda: jk.JourneyMap.merge(large, large, other).map,
        "map.add_touchpoint": lambda: large.add_touchpoint("new"),
        "map == map": lambda: large == other,
        "map.touchpoints": lambda: len(jk.JourneyMap.merge(large, large, large).map.touchpoints),
        "map html": lambda: len(view.map_html(large)),
        "map page": lambda: len(view.page_html(large)),
        "map svg": lambda: len(view.map_svg(large)),
        "map.to_networkx": lambda: large.to_networkx().number_of_edges(),
        "pickle map": lambda: len(pickle.dumps(large)),
        "pickle log": lambda: len(pickle.dumps(log)),
        "unpickle log": lambda: size(pickle.loads(pickled)),
    }


def main(folder: Path, events: int, touchpoints: int, tries: int, wanted: str) -> None:
    draw = random.Random(1)
    named = calls(folder, events, touchpoints)
    interrupter = Interrupter()
    for name in wanted.split("|") if wanted else named:
        act = named[name]
        act()
        start = nanoseconds()
        right = act()
        lasts = nanoseconds() - start
        late, found, again = [], [], 0
        enough = tries if lasts > 200e6 else min(tries, 5)
        while len(late) < enough and again < 3 * enough:
            again += 1
            heard, wrong = interrupter.during(act, int(draw.random() * lasts))
            if wrong is None:
                continue
            if not isinstance(wrong, KeyboardInterrupt):
                found.append(f"{name}: {type(wrong).__name__}: {wrong}")
            late.append(heard)
        if act() != right:
            found.append(f"{name}: another result after it was interrupted")
        line = {
            "name": name,
            "seconds": lasts / 1e9,
            "tried": again,
            "heard": len(late),
            "late_ms": late,
            "found": found,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
