"""Which step decides: sensitivities, counterfactuals, orders. Numbers: science notes §4, §6, §7."""

from __future__ import annotations

import itertools
import math
import random
from array import array

import numpy as np
import pytest

import journeykit as jk
from chains import COST, ROWS, by, example, named, probabilities, random_rows

VALUE = {"reward": {name: -cost for name, cost in COST.items()}, "end_reward": {"K": 100}}


def shift_table(
    chain: jk.AbsorbingChain, outcome: str, points: float = 0.01
) -> dict[tuple[str, str, str], dict[str, float]]:
    rows = chain.shifts(outcome, points=points, most=100).rows()
    return {(row["touchpoint"], row["from"], row["to"]): row for row in rows}


def test_one_point_is_worth_most_where_the_notes_say() -> None:
    found = shift_table(probabilities(**VALUE), "value")
    expected = {
        ("S", "L", "O"): 0.758333, ("O", "F", "K"): 0.718750, ("S", "L", "C"): 0.383333, ("S", "C", "O"): 0.375000,
        ("C", "L", "O"): 0.315972, ("C", "F", "O"): 0.298611, ("F", "L", "K"): 0.233333, ("C", "L", "F"): 0.017361,
    }  # fmt: skip
    for move, linear in expected.items():
        assert found[move]["linear_change"] == pytest.approx(linear, abs=5e-7), move
    kept = shift_table(probabilities(), "K")
    assert kept["S", "L", "O"]["linear_change"] == pytest.approx(0.008810, abs=5e-7)
    assert kept["O", "F", "K"]["linear_change"] == pytest.approx(0.004464, abs=5e-7)
    assert kept["F", "L", "K"]["linear_change"] == pytest.approx(0.002333, abs=5e-7)


def test_finite_changes_are_exact() -> None:
    found = shift_table(probabilities(), "K", 0.05)
    assert found["O", "F", "K"]["change"] == pytest.approx(0.02192982, abs=5e-9)
    assert found["O", "F", "K"]["linear_change"] == pytest.approx(0.02232143, abs=5e-9)
    assert found["C", "F", "O"]["change"] == pytest.approx(0.00968992, abs=5e-9)


def test_elasticities_are_those_of_the_notes() -> None:
    rows = probabilities().sensitivities("K").rows()
    found = {(row["source"], row["target"]): row["elasticity"] for row in rows}
    expected = {
        ("O", "K"): 0.572956,
        ("S", "O"): 0.413293,
        ("C", "O"): 0.272154,
        ("O", "F"): -0.143239,
        ("F", "L"): -0.101010,
    }
    for move, elasticity in expected.items():
        assert found[move] == pytest.approx(elasticity, abs=5e-7), move


@pytest.mark.parametrize("seed", range(20))
def test_every_exact_change_is_that_of_the_changed_chain(seed: int) -> None:
    rng = random.Random(seed)
    n, ends = rng.randint(2, 6), 2
    rows = named(random_rows(rng, n, ends), ends)
    chain = jk.absorbing_chain(rows, end_reward={"e0": 10.0} if "e0" in jk.absorbing_chain(rows).ends else {"e1": 10.0})
    before = chain.value().rows()[0]["mean"]
    for row in chain.shifts("value", points=0.07, most=1000).rows():
        changed = {name: dict(moves) for name, moves in rows.items()}
        moves = changed[row["touchpoint"]]
        moves[row["from"]] = max(0.0, moves[row["from"]] - row["points"])
        moves[row["to"]] += row["points"]
        try:
            after = jk.absorbing_chain(changed, end_reward=chain_reward(chain))
        except jk.InvalidInput:
            assert row["change"] is None  # the shift would close a loop
            continue
        assert row["change"] == pytest.approx(after.value().rows()[0]["mean"] - before, rel=1e-8, abs=1e-10)


def chain_reward(chain: jk.AbsorbingChain) -> dict[str, float]:
    return {"e0": 10.0} if "e0" in chain.ends else {"e1": 10.0}


def test_slopes_are_finite_differences() -> None:
    rows = {name: {to: count / 100 for to, count in row.items()} for name, row in ROWS.items()}
    chain = probabilities()
    for row in chain.sensitivities("K").rows():
        h = 1e-6
        moves = dict(rows[row["source"]])
        p = moves[row["target"]]
        changed = {to: (p + h if to == row["target"] else q * (1 - p - h) / (1 - p)) for to, q in moves.items()}
        after = jk.absorbing_chain({**rows, row["source"]: changed}).probability("K")
        assert (after - chain.probability("K")) / h == pytest.approx(row["slope"], rel=1e-4, abs=1e-5)


def test_money_ranks_the_fixes() -> None:
    chain = probabilities(**VALUE)
    table = chain.shifts(points=0.01, journeys_per_month=10_000, cost={"S": 9_000, "O": 100}, most=3)
    first = table.rows()[0]
    assert (first["touchpoint"], first["from"], first["to"]) == ("O", "F", "K")
    assert first["net"] == pytest.approx(first["change"] * 10_000 - 100)
    assert [row["net"] for row in table.rows()] == sorted((row["net"] for row in table.rows()), reverse=True)


def test_a_cost_at_a_touchpoint_that_is_not_there_is_refused() -> None:
    with pytest.raises(jk.NotFound, match="cost names 'Ordr', which is not in the chain"):
        probabilities(**VALUE).shifts(journeys_per_month=10_000, cost={"Ordr": 9_000})
    with pytest.raises(jk.InvalidInput, match="cost holds a str; expected a number"):
        probabilities(**VALUE).shifts(journeys_per_month=10_000, cost="much")


def test_shifts_that_leave_no_end_have_no_number_and_stand_last() -> None:
    # a → b or c, b → a or K, c → a and costs 1. a is passed 4 times and c twice: 10 − 2. Never c: + 2. b always to K:
    # a is passed twice and c once: + 1. Always c, or b always back: no end.
    moves = {"a": {"b": 0.5, "c": 0.5}, "b": {"a": 0.5, "K": 0.5}, "c": {"a": 1.0}}
    chain = jk.absorbing_chain(moves, end_reward={"K": 10.0}, reward={"c": -1.0})
    rows = chain.shifts(points=1.0).rows()
    assert [row["change"] for row in rows[:2]] == pytest.approx([2.0, 1.0])
    assert [row["change"] for row in rows[2:]] == [None, None]
    dear = chain.shifts(points=1.0, journeys_per_month=1, cost={"a": 100}).rows()
    assert [row["net"] for row in dear[:2]] == pytest.approx([1.0, -98.0])
    assert [row["net"] for row in dear[2:]] == [None, None]


def test_one_shift_also_to_a_new_target() -> None:
    chain = probabilities()
    row = chain.shift("S", take_from="L", give_to="K", points=0.1, outcome="K").rows()[0]
    assert row["change"] == pytest.approx(0.1)
    with pytest.raises(jk.InvalidInput, match="can be shifted"):
        chain.shift("S", take_from="L", give_to="K", points=0.3, outcome="K")


def test_removal_credits_the_complaint_step_and_bypassing_it_raises_retention() -> None:
    chain = probabilities()
    removal = by(chain.removal("K"), "touchpoint", "effect")
    assert [removal[name] for name in "OCF"] == pytest.approx([0.989305, 0.342246, 0.127273], abs=5e-7)
    bypass = chain.bypass("K")
    without = by(bypass, "touchpoint", "without")
    assert [without[name] for name in "FCO"] == pytest.approx([0.725, 0.6, 0.04], abs=1e-12)
    effect = by(bypass, "touchpoint", "effect")
    assert [effect[name] for name in "FC"] == pytest.approx([0.1631, -0.0374], abs=5e-5)
    assert bypass.rows()[0]["counterfactual"].startswith("bypass")
    assert chain.removal("K").rows()[0]["counterfactual"].startswith("removal")


def test_shapley_values_are_those_of_the_notes() -> None:
    values = by(probabilities().shapley("K"), "touchpoint", "value")
    assert values == pytest.approx({"O": 0.497889, "C": 0.096222, "F": 0.029222}, abs=5e-7)
    assert sum(values.values()) == pytest.approx(187 / 300)  # type: ignore[arg-type]


def test_sampled_shapley_values_agree_with_their_error() -> None:
    # 13 touchpoints in a row, each lost with 5 %; symmetric, so each has the same value
    names = [f"t{k}" for k in range(14)]
    rows = {name: {following: 0.95, "lost": 0.05} for name, following in itertools.pairwise([*names, "kept"])}
    table = jk.absorbing_chain(rows).shapley("kept", permutations=3000)
    expected = 0.95**14 / 13
    for row in table.rows():
        assert row["method"] == "permutations"
        assert abs(row["value"] - expected) < 4 * row["standard_error"]


TRIPLES = [
    ("S", "C", "O", 45), ("S", "C", "F", 10), ("S", "C", "L", 5),
    ("F", "C", "O", 15), ("F", "C", "F", 10), ("F", "C", "L", 15),
]  # fmt: skip


def test_the_order_test_finds_that_recovery_is_flattered() -> None:
    row = example(replicates=0).order_test(TRIPLES).rows()[0]
    assert row["touchpoint"] == "C"
    assert (row["g2"], row["df"]) == pytest.approx((16.902823, 2), abs=5e-7)
    assert row["p"] == pytest.approx(math.exp(-row["g2"] / 2), rel=1e-12)  # two degrees of freedom
    assert row["p"] == pytest.approx(2.135998e-4, rel=1e-5)  # the notes have 2.135998, exp(−16.902823 / 2) is 2.135987


def test_splitting_takes_the_flattery_away() -> None:
    rows = {
        **ROWS,
        "S": {"O": 100, "C": 60, "L": 40},
        "F": {"C": 40, "K": 8, "L": 32},
        "C": {"O": 60, "F": 20, "L": 20},
    }
    chain = jk.absorbing_chain(rows, counts=True, replicates=0)
    assert chain.probability("K", start="F") == pytest.approx(0.404762, abs=5e-7)
    split = chain.split("C", after="F", triples=TRIPLES)
    assert split.probability("K", start="F") == pytest.approx(0.298507, abs=5e-7)
    assert split.probability("K") == pytest.approx(0.638209, abs=5e-7)
    assert "C after F" in split.touchpoints


def test_benjamini_hochberg_over_the_touchpoints() -> None:
    even = [("S", "O", "K", 30), ("S", "O", "F", 30), ("F", "O", "K", 30), ("F", "O", "F", 30)]
    uneven = [("S", "C", "O", 45), ("S", "C", "F", 15), ("F", "C", "O", 15), ("F", "C", "F", 45)]
    triples = [*even, *uneven]
    rows = {row["touchpoint"]: row for row in example(replicates=0).order_test(triples).rows()}
    assert rows["C"]["adjusted_p"] == pytest.approx(2 * rows["C"]["p"])
    assert rows["O"]["adjusted_p"] == pytest.approx(1)
    assert rows["S"]["df"] == 0


def test_structure_names_loops_and_what_everybody_passes() -> None:
    chain = probabilities()
    assert chain.loops() == [["C", "O", "F"]] or sorted(chain.loops()[0]) == ["C", "F", "O"]
    assert chain.always_passed("K") == ["S"]
    assert chain.unreachable() == []
    rows = jk.absorbing_chain({"a": {"b": 1}, "b": {"c": 0.5, "d": 0.5}, "c": {"x": 1}, "d": {"x": 1}, "z": {"y": 1}})
    assert rows.always_passed("x") == ["a", "b"]
    assert rows.unreachable() == ["z"]
    assert [row["always_before"] for row in rows.structure().rows()] == ["x", "x", "", "", ""]


def test_best_paths_by_probability_and_by_effort() -> None:
    chain = probabilities()
    best = {row["end"]: row for row in chain.paths().rows()}
    assert best["K"]["path"] == "S → O"
    assert best["K"]["probability"] == pytest.approx(0.4)
    assert best["L"]["path"] == "S"
    easy = {row["end"]: row for row in chain.paths("least_effort", effort={"S": 1, "O": 9, "C": 1, "F": 1}).rows()}
    assert easy["K"]["path"] == "S → C → F"
    assert easy["K"]["effort"] == 3


def test_most_probable_paths_are_those_of_an_enumeration() -> None:
    rng = random.Random(5)
    for _ in range(10):
        rows = random_rows(rng, 5, 2)
        chain = jk.absorbing_chain(named(rows, 2))
        p = np.array(rows, dtype=float)
        for row in chain.paths().rows():
            end = 5 + int(row["end"][1:])
            best = 0.0
            for length in range(5):
                for middle in itertools.permutations(range(1, 5), length):
                    walk = (0, *middle, end)
                    best = max(best, float(np.prod([p[a, b] for a, b in itertools.pairwise(walk)])))
            assert row["probability"] == pytest.approx(best)


def test_shifts_carry_intervals_of_change_and_money() -> None:
    chain = probabilities()
    counted = jk.absorbing_chain(ROWS, counts=True, replicates=400, seed=3)
    assert chain.shifts("K").rows()[0]["low"] is None  # from probabilities nobody knows how sure
    rows = counted.shifts("K", points=0.01, most=3, journeys_per_month=1_000, worth=20, cost=5).rows()
    for row in rows:
        assert row["low"] < row["change"] < row["high"]
        assert row["net"] == pytest.approx(row["change"] * 20_000 - 5)
        assert (row["net_low"], row["net_high"]) == pytest.approx((row["low"] * 20_000 - 5, row["high"] * 20_000 - 5))
        assert row["method"] == "dirichlet (Jeffreys)"
    turned = counted.shifts("K", most=3, journeys_per_month=1_000, worth=-20).rows()
    assert all(row["net_low"] < row["net"] < row["net_high"] for row in turned)


def test_shifts_over_given_replicates_have_the_percentiles_of_their_exact_changes() -> None:
    counted = jk.absorbing_chain(ROWS, counts=True)
    moves = counted.moves().rows()
    replicates = [[move["count"] * (1 + 0.1 * ((3 * r + k) % 5)) for k, move in enumerate(moves)] for r in range(21)]
    matrix = memoryview(array("d", [x for row in replicates for x in row])).cast("B").cast("d", (21, len(moves)))
    [row] = counted.with_replicates(matrix).shift("O", take_from="F", give_to="K", points=0.05, outcome="K").rows()
    changes = []
    for counts in replicates:
        each: dict[str, dict[str, float]] = {}
        for move, count in zip(moves, counts, strict=True):
            each.setdefault(move["source"], {})[move["target"]] = count
        one = jk.absorbing_chain(each, counts=True, replicates=0)
        changes.append(one.shift("O", take_from="F", give_to="K", points=0.05, outcome="K").rows()[0]["change"])
    changes.sort()  # 21 of them: 2.5 % lies half way from the first to the second
    assert row["low"] == pytest.approx((changes[0] + changes[1]) / 2, rel=1e-12)
    assert row["high"] == pytest.approx((changes[-1] + changes[-2]) / 2, rel=1e-12)
