"""Shares of variants and funnels with their intervals: against the plain twin, and what their limits are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

import journeykit as jk
from scoring import map_twin
from scoring.test_map_intervals import HAND, log_of, random_rows

if TYPE_CHECKING:
    from collections.abc import Callable


def paths_of(rows: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    cases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        cases[row["case"]].append(row)
    return {
        case: tuple(row["touchpoint"] for row in sorted(own, key=lambda row: row["at"])) for case, own in cases.items()
    }


def customer_of(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["case"]: row["customer"] or f"case {row['case']}" for row in rows}


def twin(rows: list[dict[str, Any]], base: Any, part: Any, confidence: float) -> tuple[float, float] | None:
    """Interval of the share of cases with `part` among those with `base`, both asked of the path."""
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    who = customer_of(rows)
    for case, path in paths_of(rows).items():
        if base(path):
            pairs[who[case]].append((float(part(path)), 1.0))
    return map_twin.interval("share", list(pairs.values()), confidence) if pairs else None


def depth(path: tuple[str, ...], steps: list[str]) -> int:
    reached = 0
    for name in path:
        if reached < len(steps) and name == steps[reached]:
            reached += 1
    return reached


def reaches(steps: list[str], k: int) -> Callable[[tuple[str, ...]], bool]:
    return lambda path: depth(path, steps) >= k


def runs(touchpoints: list[str]) -> Callable[[tuple[str, ...]], bool]:
    return lambda path: list(path) == touchpoints


@pytest.mark.parametrize("seed", range(8))
def test_shares_of_variants_equal_the_twin(seed: int) -> None:
    rows = random_rows(seed, customers=4 + 3 * seed)
    if seed % 3 == 0:
        rows = [{**row, "customer": None} for row in rows]
    found = jk.variant_intervals(log_of(rows), confidence=0.9).rows()
    assert [(row["touchpoints"], row["cases"], row["share"]) for row in found] == [
        (row["touchpoints"], row["cases"], row["share"]) for row in log_of(rows).variants().rows()
    ]
    for row in found:
        low, high = twin(rows, reaches([], 0), runs(row["touchpoints"]), 0.9) or (None, None)
        assert row["low"] == pytest.approx(low, rel=1e-9), row["touchpoints"]
        assert row["high"] == pytest.approx(high, rel=1e-9), row["touchpoints"]


@pytest.mark.parametrize("seed", range(8))
def test_shares_of_funnels_equal_the_twin(seed: int) -> None:
    rows = random_rows(seed, customers=5 + 3 * seed)
    steps = ["a", "b", "c"]
    table = {row["step"]: row for row in log_of(rows).funnel(steps).rows()}
    for row in jk.funnel_intervals(log_of(rows), steps).rows():
        k = row["step"]
        assert row["value"] == table[k][row["number"]], row
        least = {"share_of_all": 0, "share_of_first": 1, "share_of_previous": k - 1}[row["number"]]
        low, high = twin(rows, reaches(steps, least), reaches(steps, k), 0.95) or (None, None)
        assert (row["low"] is None) == (low is None)
        assert low is None or row["low"] == pytest.approx(low, rel=1e-9, abs=1e-12)
        assert high is None or row["high"] == pytest.approx(high, rel=1e-9, abs=1e-12)


def test_rare_variants_are_left_out_and_shares_stay() -> None:
    rows = jk.variant_intervals(log_of(HAND), minimum_cases=3).rows()
    assert [(row["touchpoints"], row["share"], row["n"], row["customers"]) for row in rows] == [(["a", "b"], 0.6, 5, 3)]


def test_a_funnel_that_one_case_enters_counts_it_alone() -> None:
    log = log_of([*HAND, {"case": "6", "touchpoint": "z", "customer": "k9", "at": 0}])
    rows = jk.funnel_intervals(log, ["z", "a"]).rows()
    assert [(row["number"], row["n"], row["value"]) for row in rows] == [
        ("share_of_all", 6, pytest.approx(1 / 6)),
        ("share_of_all", 6, 0),
        ("share_of_first", 1, 0),
        ("share_of_previous", 1, 0),
    ]


@pytest.mark.parametrize("options", [{"minimum_cases": 0}, {"confidence": 1.5}])
def test_options_that_do_not_fit_variants_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(jk.InvalidInput):
        jk.variant_intervals(log_of(HAND), **options)


def test_a_funnel_of_unknown_or_no_touchpoints_is_refused() -> None:
    with pytest.raises(jk.NotFound):
        jk.funnel_intervals(log_of(HAND), ["a", "nowhere"])
    with pytest.raises(jk.InvalidInput):
        jk.funnel_intervals(log_of(HAND), [])
    with pytest.raises(jk.InvalidInput):
        jk.funnel_intervals(log_of(HAND), "a")
