"""Numbers that were worked elsewhere: REFERENCES "Attribution, toy" and SCIENCE §5 and §7."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

import journeykit as jk
from journeykit.attribution import shapley

COLUMNS: dict[str, Any] = {"path": "path", "conversions": "conversions", "nulls": "nulls"}


def by_channel(table: jk.Table, column: str) -> dict[str, Any]:
    return {row["channel"]: row[column] for row in table.rows()}


def close(found: dict[str, float], expected: dict[str, float], within: float) -> None:
    assert found == pytest.approx(expected, abs=within)


def test_removal_effects_of_the_three_path_toy() -> None:
    # C1 > C2 > C3 converts; C1 does not; C2 > C3 does not
    paths = {"path": ["C1>C2>C3", "C1", "C2>C3"], "conversions": [1, 0, 0], "nulls": [0, 1, 1]}
    credit = jk.attribute(paths, **COLUMNS, replicates=0)
    close(by_channel(credit, "removal_effect"), {"C1": 0.5, "C2": 1, "C3": 1}, 1e-12)
    close(by_channel(credit, "share"), {"C1": 0.2, "C2": 0.4, "C3": 0.4}, 1e-12)


def test_removal_effects_of_grouped_paths_with_nulls() -> None:
    paths = {"path": ["a>a>b", "b>a", "c>b"], "conversions": [2, 1, 0], "nulls": [1, 3, 6]}
    credit = jk.attribute(paths, **COLUMNS, replicates=0)
    close(by_channel(credit, "removal_effect"), {"a": 0.487179, "b": 0.857143, "c": 0.455696}, 5e-7)
    close(by_channel(credit, "conversions"), {"a": 0.811957, "b": 1.428557, "c": 0.759486}, 5e-7)


def test_shapley_values_of_a_game_given_set_by_set() -> None:
    worth = {("O",): 7, ("F",): 6, ("D",): 4, ("O", "F"): 15, ("O", "D"): 7, ("F", "D"): 9, ("O", "F", "D"): 19}
    close(shapley(worth), {"O": 7.6667, "F": 8.1667, "D": 3.1667}, 5e-5)


def test_shapley_values_of_the_kept_chain_set_by_set() -> None:
    worth = {
        (): 0, ("O",): 0.4, ("C",): 0, ("F",): 0, ("O", "C"): 0.544, ("O", "F"): 0.41, ("C", "F"): 0.006667,
        ("O", "C", "F"): 0.623333,
    }  # fmt: skip
    close(shapley(worth), {"O": 0.497889, "C": 0.096222, "F": 0.029222}, 1e-6)


def chain_as_paths() -> dict[str, list[Any]]:
    """1,200 customers whose moves have exactly the shares of SCIENCE §5: S→O .5, C .3, L .2 · O→K .8, F .2 ·
    C→O .6, F .2, L .2 · F→C .5, K .1, L .4. One closed walk over all moves (Hierholzer), cut at the start."""
    left = {
        "S": {"O": 600, "C": 360, "L": 240}, "O": {"K": 720, "F": 180}, "C": {"O": 300, "F": 100, "L": 100},
        "F": {"C": 140, "K": 28, "L": 112}, "K": {"S": 748}, "L": {"S": 452},
    }  # fmt: skip
    stack, walk = ["S"], []
    while stack:
        following = next((name for name, count in left[stack[-1]].items() if count), None)
        if following is None:
            walk.append(stack.pop())
        else:
            left[stack[-1]][following] -= 1
            stack.append(following)
    walk.reverse()
    assert len(walk) == 1 + sum((1200, 900, 500, 280, 748, 452))
    ends: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    steps: list[str] = []
    for name in walk[1:]:
        if name in "KL":
            ends[">".join(steps)][name == "L"] += 1
        elif name == "S":
            steps = []
        else:
            steps.append(name)
    rows = list(ends.items())
    return {
        "path": [path for path, _ in rows], "conversions": [k for _, (k, _) in rows], "nulls": [n for _, (_, n) in rows]
    }  # fmt: skip


def test_the_running_chain_credits_the_complaint_step_with_an_eighth() -> None:
    credit = jk.attribute(chain_as_paths(), **COLUMNS, replicates=0)
    effects = by_channel(credit, "removal_effect")
    close(effects, {"O": 0.989305, "C": 0.342246, "F": 0.127273}, 5e-7)
    assert sum(effects.values()) == pytest.approx(1.458824, abs=5e-7)
    close(by_channel(credit, "share"), {"O": 0.678152, "C": 0.234604, "F": 0.087243}, 5e-7)


def test_shapley_by_chain_of_the_running_chain() -> None:
    credit = jk.attribute(chain_as_paths(), **COLUMNS, model="shapley", worth="chain", replicates=0)
    per_customer = {name: conversions / 1200 for name, conversions in by_channel(credit, "conversions").items()}
    close(per_customer, {"O": 0.497889, "C": 0.096222, "F": 0.029222}, 5e-7)
    assert sum(per_customer.values()) == pytest.approx(187 / 300, abs=1e-12)
