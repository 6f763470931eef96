"""What must not change the answer, and what must change it in a known way."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import journeykit as jk
from discovery import twins
from discovery.answers import answers, without_ties

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = range(100)


def test_the_order_of_rows_does_not_matter() -> None:
    for seed in SEEDS:
        events = without_ties(seed)
        shuffled = random.Random(seed).sample(events, len(events))
        assert answers(twins.read(events)) == answers(twins.read(shuffled)), seed


def test_the_number_of_threads_does_not_matter() -> None:
    for seed in SEEDS:
        log = twins.read(twins.random_events(seed))
        assert answers(log, 1) == answers(log, 2) == answers(log, 8), seed


def test_shifting_all_times_changes_nothing() -> None:
    for seed in SEEDS:
        events = twins.random_events(seed)
        later = [replace(e, time=e.time + 10**15, end=None if e.end is None else e.end + 10**15) for e in events]
        assert answers(twins.read(events)) == answers(twins.read(later)), seed


def test_new_names_in_the_same_order_give_the_same_numbers() -> None:
    for seed in SEEDS:
        log = twins.read(twins.random_events(seed))
        renamed = log.rename({name: f"步骤 {name}" for name in log.touchpoints})
        text = repr(answers(log)["variants"])
        for name in log.touchpoints:
            text = text.replace(f"'{name}'", f"'步骤 {name}'")
        before, after = answers(log), answers(renamed)
        numbers: Callable[[list[dict[str, Any]]], Any] = lambda rows: [  # noqa: E731
            [value for value in row.values() if isinstance(value, int | float)] for row in rows
        ]
        for part in ("edges", "touchpoints", "variants", "rework", "steps", "funnel", "durations"):
            assert numbers(before[part]) == numbers(after[part]), (seed, part)


def test_each_case_twice_doubles_counts_and_keeps_shares_and_medians() -> None:
    for seed in SEEDS:
        events = twins.random_events(seed)
        twice = events + [replace(e, case=e.case + "'") for e in events]
        once, double = answers(twins.read(events)), answers(twins.read(twice))
        for part in ("edges", "variants", "rework", "steps", "funnel"):
            for one, two in zip(once[part], double[part], strict=True):
                for column, value in one.items():
                    if column in ("count", "cases", "events", "repeats", "self_loops", "returns", "repeating_cases"):
                        assert two[column] == 2 * value, (seed, part, column)
                    elif column.endswith("share") or column.startswith(("share", "step_", "min_", "max_", "median_")):
                        assert two[column] == value, (seed, part, column)


def test_segments_add_up_to_the_whole() -> None:
    for seed in SEEDS:
        log = twins.read(twins.random_events(seed))
        whole = {(row["source"], row["target"]): row["count"] for row in jk.directly_follows(log).rows()}
        parts: dict[tuple[str, str], int] = {}
        for row in jk.directly_follows(log, by="plan").rows():
            edge = row["source"], row["target"]
            parts[edge] = parts.get(edge, 0) + row["count"]
        assert parts == whole, seed
        assert sum(row["cases"] for row in jk.case_durations(log, by="plan").rows()) == log.case_count, seed


def test_a_very_long_limit_of_a_funnel_is_no_limit() -> None:
    for seed in SEEDS:
        log = twins.read(twins.random_events(seed))
        steps = log.touchpoints[:3]
        assert log.funnel(steps).rows() == log.funnel(steps, within="5000w").rows(), seed


def test_a_path_filter_and_its_negation_split_the_cases() -> None:
    for seed in SEEDS:
        log = twins.read(twins.random_events(seed))
        name = log.touchpoints[0]
        kept = []
        for negate in (False, True):
            try:
                part = log.filter_paths(contains=name, negate=negate)
            except jk.InvalidInput:  # none left
                continue
            kept += [row["case"] for row in part.cases().rows()]
        assert sorted(kept) == [row["case"] for row in log.cases().rows()], seed


def test_incidents_add_up(shared_data: Any) -> None:
    """UCI incident log: 141,712 rows, 24,918 incidents, so 116,794 steps."""
    import zipfile

    import pyarrow.compute as pc
    from pyarrow import csv

    with zipfile.ZipFile(shared_data / "event_logs" / "uci_incident_event_log.zip") as archive:
        name = next(one for one in archive.namelist() if one.endswith(".csv"))
        with archive.open(name) as file:
            table = csv.read_csv(file, convert_options=csv.ConvertOptions(strings_can_be_null=False))
    state = next(column for column in table.column_names if column.endswith("_state"))
    times = pc.strptime(table["sys_updated_at"].cast("string"), format="%d/%m/%Y %H:%M", unit="s")
    wanted = ["number", state, "sys_mod_count", "made_sla"]
    table = table.select(wanted).append_column("sys_updated_at", times)
    log = jk.read_events(table, case="number", touchpoint=state, time="sys_updated_at", order="sys_mod_count")
    flows = jk.directly_follows(log)
    assert (log.case_count, log.event_count) == (24_918, 141_712)
    assert sum(row["count"] for row in flows.rows()) == 141_712 - 24_918
    assert sum(flows.starts.values()) == sum(flows.ends.values()) == 24_918
    by_sla = jk.case_durations(log, by="made_sla").rows()
    assert sum(row["events"] for row in by_sla) == 141_712


@pytest.mark.parametrize("answer", ["edges", "variants", "rework", "steps", "funnel", "durations"])
def test_one_event_is_enough_for_every_answer(answer: str) -> None:
    log = jk.read_events({"case": ["1"], "touchpoint": ["A"], "time": ["2026-01-05"]})
    rows = answers(log)[answer]
    assert len(rows) == {"edges": 0, "steps": 2}.get(answer, 1)
