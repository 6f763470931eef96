"""The engine against slow plain versions on random logs (seeds are fixed: a failure names its log)."""

from __future__ import annotations

import random
from typing import Any

import pytest

import journeykit as jk
from discovery import twins
from journeykit.discovery import case_durations, directly_follows, filter_paths, funnel, rework, step_matrix, variants
from journeykit.testing import reference

LOGS = range(1_000)


def same(found: Any, expected: Any) -> bool:
    """Integers and text exactly, decimals to 1e-12, rows by the columns expected."""
    if isinstance(expected, dict):
        return all(same(found[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-12, abs=1e-9)
    return bool(found == expected)


def shares(cases: reference.Cases, steps: int) -> dict[str, list[float]]:
    """The step matrix in shares, under the names that it shows."""
    counts = {None: [0] * steps, **reference.step_matrix(cases, steps)}
    return {name or "(ended)": [count / len(cases) for count in row] for name, row in counts.items()}


def of_plan(rows: list[dict[str, Any]], plan: str | None) -> list[dict[str, Any]]:
    return [row for row in rows if row["plan"] == plan]


@pytest.mark.parametrize("start", range(0, 1_000, 100))
def test_graphs_equal_their_twin(start: int) -> None:
    for seed in LOGS[start : start + 100]:
        events = twins.random_events(seed)
        log, cases = twins.read(events), reference.in_cases(events)
        flows = directly_follows(log)
        assert same(flows.rows(), reference.directly_follows(cases)), seed
        touchpoints = {row["touchpoint"]: row for row in flows.touchpoints.rows()}
        expected = reference.touchpoints(cases)
        assert touchpoints.keys() == expected.keys(), seed
        assert same(touchpoints, expected), seed
        parts = directly_follows(log, by="plan")
        for plan, part in twins.by_plan(cases):
            assert same(of_plan(parts.rows(), plan), reference.directly_follows(part)), (seed, plan)
            assert same(
                {row["touchpoint"]: row for row in of_plan(parts.touchpoints.rows(), plan)}, reference.touchpoints(part)
            ), (seed, plan)


@pytest.mark.parametrize("start", range(0, 1_000, 100))
def test_variants_and_durations_equal_their_twin(start: int) -> None:
    for seed in LOGS[start : start + 100]:
        events = twins.random_events(seed, longest=25)
        log, cases = twins.read(events), reference.in_cases(events)
        assert same(variants(log).rows(), reference.variants(cases)), seed
        assert same(case_durations(log).rows()[0], reference.case_durations(cases)), seed
        parts = variants(log, by="plan").rows()
        for plan, part in twins.by_plan(cases):
            assert same(of_plan(parts, plan), reference.variants(part)), (seed, plan)


@pytest.mark.parametrize("start", range(0, 1_000, 100))
def test_rework_and_step_matrix_equal_their_twin(start: int) -> None:
    for seed in LOGS[start : start + 100]:
        events = twins.random_events(seed)
        log, cases = twins.read(events), reference.in_cases(events)
        rows = {row["touchpoint"]: row for row in rework(log).rows()}
        expected = reference.rework(cases)
        assert rows.keys() == expected.keys(), seed
        assert same(rows, expected), seed
        repeating = sum(len({e.touchpoint for e in case}) < len(case) for case in cases.values())
        assert rework(log).overall.rows()[0]["repeating_cases"] == repeating, seed
        steps = random.Random(seed).randint(1, 8)
        matrix = {
            row["touchpoint"]: [row[f"step_{k + 1}"] for k in range(steps)]
            for row in step_matrix(log, steps=steps).rows()
        }
        assert same(matrix, shares(cases, steps)), seed
        parts = step_matrix(log, steps=3, by="plan").rows()
        for plan, part in twins.by_plan(cases):
            segment = {row["touchpoint"]: [row[f"step_{k}"] for k in (1, 2, 3)] for row in of_plan(parts, plan)}
            assert same(segment, shares(part, 3)), (seed, plan)


@pytest.mark.parametrize("start", range(0, 1_000, 100))
def test_funnels_equal_trying_everything(start: int) -> None:
    for seed in LOGS[start : start + 100]:
        events = twins.random_events(seed, longest=30)
        log, cases = twins.read(events), reference.in_cases(events)
        rng = random.Random(seed)
        steps = [rng.sample(log.touchpoints, rng.randint(1, min(2, len(log.touchpoints)))) for _ in range(4)]
        within = rng.choice([None, 0, 2, 30, 10**5])
        limit = None if within is None else within * twins.SECOND
        shown = None if within is None else f"{within}s"
        assert same(funnel(log, steps, within=shown).rows(), reference.funnel(cases, steps, limit)), seed
        parts = funnel(log, steps, within=shown, by="plan").rows()
        for plan, part in twins.by_plan(cases):
            assert same(of_plan(parts, plan), reference.funnel(part, steps, limit)), (seed, plan)


@pytest.mark.parametrize("start", range(0, 1_000, 100))
def test_path_filters_equal_their_twin(start: int) -> None:
    for seed in LOGS[start : start + 100]:
        events = twins.random_events(seed)
        log, cases = twins.read(events), reference.in_cases(events)
        rng = random.Random(seed)
        some = lambda: rng.sample(log.touchpoints, rng.randint(0, min(2, len(log.touchpoints))))  # noqa: B023, E731
        contains, starts, ends = some(), some(), some()
        source, target = rng.choice(log.touchpoints), rng.choice(log.touchpoints)
        within, directly, negate = rng.choice([None, 0, 3, 40]), rng.random() < 0.3, rng.random() < 0.3
        limit = None if within is None else within * twins.SECOND
        wanted = [
            name
            for name, case in cases.items()
            if reference.along(case, contains, starts, ends, (source, target, limit), directly) != negate
        ]
        follows = (source, target) if within is None else (source, target, f"{within}s")
        options: dict[str, Any] = {
            "contains": contains,
            "starts": starts,
            "ends": ends,
            "follows": follows,
            "directly": directly,
            "negate": negate,
        }
        if not wanted:
            with pytest.raises(jk.InvalidInput):
                filter_paths(log, **options)
        else:
            assert [row["case"] for row in filter_paths(log, **options).cases().rows()] == wanted, seed
