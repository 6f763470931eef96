"""Held to the exact fractions of naive.py on random small tables."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from scipy import sparse

import journeykit as jk
from attribution import naive

COLUMNS: dict[str, Any] = {"path": "path", "conversions": "conversions", "nulls": "nulls"}
NAMES = ["搜索", "mail", "direct", "shop", "tv"]


def random_table(seed: int, longest: int = 7) -> dict[str, list[Any]]:
    """Few channels, repeats, loops, empty paths, rows without customers and rows that stand twice."""
    chance = random.Random(seed)
    names = NAMES[: chance.randint(1, len(NAMES))]
    paths, conversions, nulls = [], [], []
    for _ in range(chance.randint(1, 12)):
        path = [chance.choice(names) for _ in range(chance.randint(0, longest))]
        paths.append(chance.choice([">", " > ", "> "]).join(path))
        conversions.append(chance.randint(0, 4) if path else 0)
        nulls.append(chance.choice([0, 0, 1, 5]))
    paths.append(names[0])
    conversions.append(1)
    nulls.append(1)
    return {"path": paths, "conversions": conversions, "nulls": nulls}


def check(found: jk.Table, column: str, expected: dict[str, Fraction], within: float = 1e-9) -> None:
    values = {row["channel"]: row[column] for row in found.rows() if row[column] is not None}
    known = {name: float(value) for name, value in expected.items()}
    assert {name: values.get(name, 0.0) for name in known} == pytest.approx(known, rel=within, abs=1e-13)
    assert all(value == 0 for name, value in values.items() if name not in known)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(15))
def test_removal_effects_are_the_exact_fractions(seed: int, order: int) -> None:
    table = random_table(seed)
    rows = naive.rows_of(table)
    found = jk.attribute(table, **COLUMNS, order=order, replicates=0)
    effects = naive.removal_effects(rows, order)
    check(found, "removal_effect", effects)
    check(found, "conversions", naive.in_proportion(effects, naive.total(rows)))


@pytest.mark.parametrize("model", sorted(naive.TOUCHES))
@pytest.mark.parametrize("seed", range(15))
def test_rules_by_touch_are_the_exact_fractions(seed: int, model: Any) -> None:
    table = random_table(seed)
    found = jk.attribute(table, **COLUMNS, model=model, replicates=0)
    check(found, "conversions", naive.by_touch(naive.rows_of(table), naive.TOUCHES[model]))


@pytest.mark.parametrize("worth", ["conversions", "rate", "chain"])
@pytest.mark.parametrize("seed", range(10))
def test_shapley_values_are_those_over_all_orders(seed: int, worth: Any) -> None:
    table = random_table(seed, longest=4)
    rows = naive.rows_of(table)
    game = {
        "conversions": naive.worth_by_conversions, "rate": naive.worth_by_rate, "chain": naive.worth_by_chain
    }[worth]  # fmt: skip
    values = naive.shapley(naive.channels_of(rows), lambda kept: game(rows, kept))
    found = jk.attribute(table, **COLUMNS, model="shapley", worth=worth, replicates=0)
    check(found, "conversions", naive.in_proportion(values, naive.total(rows)))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_rare_conversions_after_long_loops_keep_their_digits(order: int) -> None:
    # a and b go round and round; one customer in a million converts
    table = {
        "path": ["a>" * 40 + "b>a>c", "a>b>" * 20 + "a", "b"],
        "conversions": [1, 0, 0],
        "nulls": [0, 999_000, 999],
    }
    found = jk.attribute(table, **COLUMNS, order=order, replicates=0)
    check(found, "removal_effect", naive.removal_effects(naive.rows_of(table), order))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_endless_loops_are_solved_and_not_walked(order: int) -> None:
    table = {
        "path": ["a>" * 3000 + "b", "b>c", "a>b>" * 3000 + "c", "c>a"],
        "conversions": [1, 0, 1, 2],
        "nulls": [5, 3, 1, 9],
    }
    found = jk.attribute(table, **COLUMNS, order=order, replicates=0)
    check(found, "removal_effect", naive.removal_effects(naive.rows_of(table), order))


@pytest.mark.parametrize("order", [1, 2])
def test_the_value_is_shared_by_the_value_lost(order: int) -> None:
    table: dict[str, list[Any]] = {
        "path": ["a>b", "b>c", "c", "a>c>b"],
        "conversions": [3, 2, 1, 2],
        "nulls": [4, 1, 6, 0],
        "value": [30.0, 400.0, 7.0, 12.0],
    }
    found = jk.attribute(table, **COLUMNS, value="value", order=order, replicates=0)
    # value takes the place of the conversions: P scales by it, and every row keeps its customers
    rows = [
        (names, Fraction(value), conversions + nulls - Fraction(value))
        for (names, conversions, nulls), value in zip(naive.rows_of(table), table["value"], strict=True)
    ]
    effects = naive.removal_effects(rows, order)
    check(found, "value", naive.in_proportion(effects, Fraction(449)))


@pytest.mark.parametrize(("order", "channels"), [(2, 9), (3, 9), (4, 9), (2, 3), (2, 14), (3, 20)])
def test_thousands_of_states_agree_with_a_direct_solver(order: int, channels: int) -> None:
    chance = random.Random(order)
    names = [f"c{k}" for k in range(channels)]
    weights = [1 / (k + 1) for k in range(channels)]
    paths = [chance.choices(names, weights, k=min(60, int(chance.expovariate(1 / 6)) + 1)) for _ in range(4000)]
    rows = [(path, Fraction(chance.randint(0, 2)), Fraction(chance.randint(0, 3))) for path in paths]
    table = {
        "path": [">".join(path) for path in paths],
        "conversions": [int(row[1]) for row in rows],
        "nulls": [int(row[2]) for row in rows],
    }
    count = naive.moves(rows, order)
    place = {state: k for k, state in enumerate(count)}

    def chance_without(removed: str) -> float:
        matrix = sparse.lil_array((len(place), len(place)))
        right = [0.0] * len(place)
        for state, k in place.items():
            out = float(sum(count[state].values()))
            matrix[k, k] += 1
            right[k] = float(count[state].get(naive.WON, 0)) / out
            for following, customers in count[state].items():
                if following in place and following[-1] != removed:
                    matrix[k, place[following]] -= float(customers) / out
        return float(sparse.linalg.spsolve(matrix.tocsc(), right)[place[()]])

    whole = chance_without("")
    found = {
        r["channel"]: r["removal_effect"] for r in jk.attribute(table, **COLUMNS, order=order, replicates=0).rows()
    }
    assert len(place) >= min(81, channels + channels**2)
    for name in names[:: max(1, channels // 3)]:
        assert found[name] == pytest.approx(1 - chance_without(name) / whole, abs=1e-11)
