"""Shapley values among some touchpoints, the others always there."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import pytest

import journeykit as jk
from chains import by, named, probabilities, random_rows


def shapley_of(worth: dict[frozenset[str], float], players: list[str]) -> dict[str, float]:
    """By the definition: what a player adds, over all orders."""
    out = dict.fromkeys(players, 0.0)
    for order in itertools.permutations(players):
        there: frozenset[str] = frozenset()
        for name in order:
            out[name] += (worth[there | {name}] - worth[there]) / math.factorial(len(players))
            there |= {name}
    return out


def without(rows: dict[str, dict[str, float]], gone: set[str], end: str) -> float:
    """P(end) when journeys that come to one of `gone` are lost."""
    changed: dict[str, dict[str, float]] = {}
    for name, row in rows.items():
        if name not in gone:
            moves: dict[str, float] = {}
            for to, p in row.items():
                moves["gone" if to in gone else to] = moves.get("gone" if to in gone else to, 0.0) + p
            changed[name] = moves
    chain = jk.absorbing_chain(changed, start=next(iter(rows)))
    return chain.probability(end) if end in chain.ends else 0.0


def test_all_but_the_start_is_what_is_shared_without_names() -> None:
    expected = by(probabilities().shapley("K"), "touchpoint", "value")
    found = by(probabilities().shapley("K", touchpoints=["O", "C", "F"]), "touchpoint", "value")
    assert found == pytest.approx({"O": 0.497889, "C": 0.096222, "F": 0.029222}, abs=5e-7)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_values_among_some_are_those_of_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    rows = named(random_rows(rng, 7, 2), 2)
    players = rng.sample(["s1", "s2", "s3", "s4", "s5", "s6"], 3)
    worth = {
        frozenset(kept): without(rows, set(players) - set(kept), "e0")
        for size in range(4)
        for kept in itertools.combinations(players, size)
    }
    chain = jk.absorbing_chain(rows)
    assert "e0" in chain.ends
    found = by(chain.shapley("e0", touchpoints=players), "touchpoint", "value")
    assert list(found) == players
    assert found == pytest.approx(shapley_of(worth, players), abs=1e-12)


def test_a_few_are_shared_among_exactly_in_a_chain_of_any_size() -> None:
    # 3,000 touchpoints in a row, each lost with one in 10,000: three of them have a third of the outcome each
    names = [f"t{k}" for k in range(3001)]
    rows: dict[str, Any] = {
        name: {after: 0.9999, "lost": 0.0001} for name, after in itertools.pairwise([*names, "kept"])
    }
    table = jk.absorbing_chain(rows).shapley("kept", touchpoints=["t7", "t1500", "t3000"])
    for row in table.rows():
        assert row["value"] == pytest.approx(0.9999**3001 / 3, rel=1e-6)
        assert (row["standard_error"], row["method"]) == (0, "exact")
    # where all of them start nobody is left without it
    [row] = jk.absorbing_chain(rows).shapley("kept", touchpoints="t0").rows()
    assert row["value"] == pytest.approx(0.9999**3001, rel=1e-6)


def test_the_value_of_a_single_player_is_what_its_removal_takes() -> None:
    chain = probabilities(reward={"S": -1.0, "O": -5.0, "C": -8.0, "F": -25.0}, end_reward={"K": 100})
    [row] = chain.shapley("value", touchpoints=["F"]).rows()
    removed = {r["touchpoint"]: r for r in chain.removal("value").rows()}["F"]
    assert row["value"] == pytest.approx(-removed["change"])


@pytest.mark.parametrize("names", [[], ["O", "O"]])
def test_no_player_or_one_twice_is_refused(names: list[str]) -> None:
    with pytest.raises(jk.InvalidInput, match="touchpoints names none, or one twice"):
        probabilities().shapley("K", touchpoints=names)
    with pytest.raises(jk.NotFound, match="'X' is not in the chain"):
        probabilities().shapley("K", touchpoints=["X"])
