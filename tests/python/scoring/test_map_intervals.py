"""Intervals of the map's numbers against hand-worked journeys, a plain twin, and what must never change them."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

import journeykit as jk
from scoring import map_twin
from scoring.test_score import START, read


def random_rows(seed: int, customers: int = 9, *, ends: bool = False) -> list[dict[str, Any]]:
    """Customers with one to four cases; each keeps to some touchpoints more than others do."""
    chance = random.Random(seed)
    rows = []
    number = 0
    for who in range(customers):
        favourite = chance.choice("abcd")
        for _ in range(chance.randint(1, 4)):
            at = chance.randint(0, 1000)
            for _ in range(chance.randint(1, 6)):
                row = {"case": f"c{number:03}", "touchpoint": chance.choice("abcd" + favourite * 4), "at": at}
                row["customer"] = None if who == 0 else f"k{who}"
                if ends and chance.random() < 0.7:
                    row["end"] = at + chance.randint(0, 30)
                rows.append(row)
                at += 40 + chance.choice([0, 5, 5, chance.randint(0, 300)])
            number += 1
    return rows


def log_of(rows: list[dict[str, Any]], **options: Any) -> jk.EventLog:
    import pyarrow as pa

    table: dict[str, Any] = {
        name: pa.array([row[name] for row in rows], pa.string()) for name in ("case", "touchpoint", "customer")
    }
    table["at"] = pa.array([START + row["at"] for row in rows], pa.timestamp("s", "UTC"))
    roles = {"customer": "customer"}
    if any("end" in row for row in rows):
        ends = [None if row.get("end") is None else START + row["end"] for row in rows]
        table["end"] = pa.array(ends, pa.timestamp("s", "UTC"))
        roles["end_time"] = "end"
    met = {row["touchpoint"] for row in rows}
    given = {"completed": ["d"] if "d" in met else [], "failed": ["c"] if "c" in met else [], "idle": "5min", **options}
    return jk.read_events(pa.table(table), case="case", touchpoint="touchpoint", time="at", **roles, **given)


def by_key(table: jk.Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    out = {}
    for row in table.rows():
        place = tuple(name for name in (row["touchpoint"], row["target"]) if name is not None)
        out[(row["element"], *place, row["number"])] = row
    return out


def twin_customers(log: jk.EventLog, rows: list[dict[str, Any]]) -> list[map_twin.Customer]:
    status = {row["case"]: row["status"] for row in log.cases().to_arrow().to_pylist()}
    return map_twin.customers_of(rows, status)


#  Three customers; the customer, not the event, is the unit:
#  k1: a → b, a → b     k2: a → c     k3: a → b, a → c
HAND = [
    {"case": case, "touchpoint": touchpoint, "customer": who, "at": at}
    for case, who, path in [
        ("1", "k1", "ab"),
        ("2", "k1", "ab"),
        ("3", "k2", "ac"),
        ("4", "k3", "ab"),
        ("5", "k3", "ac"),
    ]
    for at, touchpoint in zip((0, 10), path, strict=True)
]


def test_probability_of_a_hand_worked_journey_counts_customers() -> None:
    # p = 3/5; e = k1: 2 − 1.2 = .8, k2: 0 − .6 = −.6, k3: 1 − 1.2 = −.2; Σe² = 1.04
    # clustered 3/2 · 1.04/25 = .0624; independent 5/4 · (5 · .24)/25 = .06; deff 1.04
    # few: (t₄/t₂)² = (2.776445/4.302653)² = .416393; n_eff = 5/1.04 · .416393 = 2.001891
    row = by_key(jk.map_intervals(log_of(HAND)))["transition", "a", "b", "probability"]
    assert (row["value"], row["n"], row["customers"]) == (0.6, 5, 3)
    z, n, p = 1.959963984540054, 2.001891, 0.6
    centre = (p * n + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(n * p * (1 - p) + z * z / 4)
    assert row["low"] == pytest.approx(centre - half, abs=1e-6)
    assert row["high"] == pytest.approx(centre + half, abs=1e-6)


def test_events_per_case_of_a_hand_worked_journey() -> None:
    # b: 3 events in 5 cases: the same numbers as above, but a ratio: .6 ± t₂ · √max(.0624, .06)
    row = by_key(jk.map_intervals(log_of(HAND)))["touchpoint", "b", "events_per_case"]
    half = 4.302652729911275 * math.sqrt(0.0624)
    assert row["value"] == 0.6
    assert row["low"] == pytest.approx(0.6 - half)
    assert row["high"] == pytest.approx(0.6 + half)


def test_design_effect_of_the_science_notes() -> None:
    # 178 of 200, four cases a customer, intra-class correlation .3: deff 1.9, Wilson .815973–.936564 (§0). The notes
    # take z and no correction for few customers: with 50 customers t₄₉ instead of t₁₉₉ widens by 1.9 %.
    from journeykit.metrics import wilson

    plain = wilson(178 / 1.9, 200 / 1.9)
    assert (plain.low, plain.high) == (pytest.approx(0.815973, abs=1e-6), pytest.approx(0.936564, abs=1e-6))
    # Completed cases of 50 customers, four cases each, whose deff is about that.
    counts = [4] * 37 + [3] * 7 + [2] * 3 + [1] * 3
    assert (len(counts), sum(counts)) == (50, 178)
    p = 178 / 200
    clustered = 50 / 49 * sum((k - 4 * p) ** 2 for k in counts) / 200**2
    deff = clustered / (p * (1 - p) / 199)
    assert deff == pytest.approx(1.9, abs=0.02)
    rows = [
        {"case": f"{who:02}{k}", "touchpoint": name, "customer": f"k{who}", "at": at}
        for who, completed in enumerate(counts)
        for k in range(4)
        for at, name in enumerate("ad" if k < completed else "ab")
    ]
    row = by_key(jk.map_intervals(log_of(rows, idle="0s")))["journey", "completed_share"]
    from scipy.stats import t

    n = 200 / deff * (t.ppf(0.975, 199) / t.ppf(0.975, 49)) ** 2
    wanted = wilson(p * n, n)
    assert (row["low"], row["high"]) == (pytest.approx(wanted.low), pytest.approx(wanted.high))


@pytest.mark.parametrize("seed", range(12))
def test_analytic_intervals_equal_the_twin(seed: int) -> None:
    rows = random_rows(seed, customers=3 + (5 if seed > 8 else 1) * seed, ends=seed % 2 == 1)
    log = log_of(rows)
    found = by_key(jk.map_intervals(log, confidence=0.9))
    wanted = map_twin.analytic(twin_customers(log, rows), 0.9)
    assert set(found) == set(wanted)
    for key, (value, low, high, n, customers) in wanted.items():
        row = found[key]
        assert (row["n"], row["customers"]) == (n, customers), key
        assert row["value"] == pytest.approx(value, rel=1e-12), key
        for end, expected in (("low", low), ("high", high)):
            assert (row[end] is None) == (expected is None), key
            assert expected is None or row[end] == pytest.approx(expected, rel=1e-9, abs=1e-9), key


@pytest.mark.parametrize("seed", range(4))
def test_bootstrap_equals_explicit_customers_with_explicit_weights(seed: int) -> None:
    rows = random_rows(seed, customers=8)
    log = log_of(rows)
    found = by_key(jk.map_intervals(log, method="bootstrap", replicates=150, seed=seed))
    customers = twin_customers(log, rows)
    times = [map_twin.drawn(len(customers), replicate, seed) for replicate in range(150)]
    wanted = map_twin.resampled(customers, times, 0.95)
    assert len(wanted) > 20
    for key, (low, high) in wanted.items():
        row = found[key]
        assert row["low"] == pytest.approx(min(low, row["value"]), rel=1e-9, abs=1e-12), key
        assert row["high"] == pytest.approx(max(high, row["value"]), rel=1e-9, abs=1e-12), key


@pytest.mark.parametrize("method", ["analytic", "bootstrap"])
@pytest.mark.parametrize("groups", [2048, 7])
def test_threads_and_the_order_of_rows_change_nothing(method: Any, groups: int) -> None:
    rows = [row for row in random_rows(3, customers=40) if row["at"] >= 0]
    for k, row in enumerate(rows):
        row["at"] = 50 * k  # no ties: the order of rows must not matter
    shuffled = random.Random(1).sample(rows, len(rows))
    options: dict[str, Any] = {"method": method, "replicates": 200, "groups": groups}
    wanted = jk.map_intervals(log_of(rows), threads=1, **options).rows()
    for threads in (2, 4):
        assert jk.map_intervals(log_of(rows), threads=threads, **options).rows() == wanted
    assert jk.map_intervals(log_of(shuffled), **options).rows() == wanted


def test_groups_of_customers_give_the_standard_error_of_customers() -> None:
    # 1,500 customers in 256 groups against one by one. Relative error of a standard error: 1/√512 = 4.4 % for groups,
    # 1/√(2·2000) = 1.6 % for replicates; four standard deviations of both together are 19 %.
    rows = random_rows(5, customers=1500)
    log = log_of(rows)
    exact = by_key(jk.map_intervals(log, method="bootstrap", replicates=2000, groups=2048))
    grouped = by_key(jk.map_intervals(log, method="bootstrap", replicates=2000, groups=256, seed=1))
    linear = by_key(jk.map_intervals(log))
    ratios = []
    for key, row in exact.items():
        if row["unit"] == "seconds" or row["low"] is None or not 0.02 < row["value"] < 0.98:
            continue
        width = grouped[key]["high"] - grouped[key]["low"]
        assert width == pytest.approx(row["high"] - row["low"], rel=0.19), key
        if row["number"] in ("cases_share", "events_per_case", "probability"):
            wide = linear[key]["high"] - linear[key]["low"]
            assert wide == pytest.approx(row["high"] - row["low"], rel=0.1), key
        ratios.append(width / (row["high"] - row["low"]))
    assert len(ratios) > 30
    assert sum(ratios) / len(ratios) == pytest.approx(1, abs=0.06)
    assert "256 groups of customers" in grouped["journey", "events_per_case"]["method"]


def test_numbers_equal_those_of_the_map() -> None:
    rows = random_rows(8, customers=30, ends=True)
    log = log_of(rows)
    found = by_key(jk.map_intervals(log))
    journey = jk.discover(log)
    for transition in journey.transitions:
        place = ("transition", transition.source, transition.target)
        assert found[*place, "probability"]["value"] == transition.probability
        assert found[*place, "mean_seconds"]["value"] == transition.times.mean_seconds
        assert found[*place, "median_seconds"]["value"] == transition.times.median_seconds
        assert found[*place, "p90_seconds"]["value"] == transition.times.p90_seconds
    for touchpoint in journey.touchpoints:
        statistics = touchpoint.statistics
        place = ("touchpoint", touchpoint.id)
        assert found[*place, "cases_share"]["value"] == statistics.cases / journey.about.cases
        assert found[*place, "duration_median_seconds"]["value"] == statistics.duration.median_seconds


def test_one_customer_has_numbers_but_no_interval() -> None:
    rows = [{"case": c, "touchpoint": t, "customer": "k", "at": at} for c in "12" for at, t in enumerate("ab")]
    for method in ("analytic", "bootstrap"):
        for row in jk.map_intervals(log_of(rows, idle="0s"), method=method).rows():  # type: ignore[arg-type]
            assert row["value"] is not None
            assert row["low"] is None
            assert "one customer: no interval" in row["warning"]


def test_without_a_customer_column_every_case_is_a_customer() -> None:
    log = read([{**row, "customer": None} for row in HAND], completed=["b"], idle="0s")
    row = by_key(jk.map_intervals(log))["journey", "completed_share"]
    assert (row["n"], row["customers"]) == (5, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confidence": 1.0}, "confidence"),
        ({"method": "guess"}, "method is 'guess'; expected 'analytic' or 'bootstrap'"),
        ({"method": "bootstrap", "replicates": 10}, "replicates is 10; expected 100"),
        ({"method": "bootstrap", "groups": 1}, "groups is 1; expected 2 or more"),
        ({"seed": -1}, "seed is -1; expected a whole number"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        jk.map_intervals(log_of(HAND), **options)
