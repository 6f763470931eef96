"""The numbers of absorbing chains, against the science notes, fractions and a plain inverse."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest

import journeykit as jk
from chains import COST, ROWS, by, exact_inverse, example, named, probabilities, random_rows
from journeykit.markov import solve


def test_the_running_example_has_its_visits() -> None:
    visits = by(example(replicates=0).visits(), "touchpoint", "visits")
    assert visits == pytest.approx({"S": 1, "O": 3 / 4, "C": 5 / 12, "F": 7 / 30}, abs=1e-15)
    ever = by(example(replicates=0).visits(), "touchpoint", "ever")
    assert ever["F"] == pytest.approx(0.196, abs=1e-12)


def test_the_running_example_ends_as_worked_out_by_hand() -> None:
    chain = probabilities()
    assert chain.probability("K") == pytest.approx(187 / 300, abs=1e-15)
    kept = [chain.probability("K", start=name) for name in "SOCF"]
    assert kept == pytest.approx([0.623333, 0.880952, 0.609524, 0.404762], abs=5e-7)
    rows = chain.endings().rows()
    assert [row["method"] for row in rows] == ["given", "given"]
    assert [row["low"] for row in rows] == [None, None]
    assert sum(row["probability"] for row in rows) == pytest.approx(1, abs=1e-12)


def test_steps_have_mean_and_variance() -> None:
    row = probabilities().steps().rows()[0]
    assert row["mean"] == pytest.approx(2.4, abs=1e-14)
    assert row["sd"] ** 2 == pytest.approx(1.687619, abs=5e-7)


def test_cost_and_value_until_the_end() -> None:
    cost = probabilities(reward=COST).value().rows()[0]
    assert (cost["mean"], cost["sd"]) == pytest.approx((13.916667, 17.557869), abs=5e-7)
    both = probabilities(reward={name: -c for name, c in COST.items()}, end_reward={"K": 100})
    by_start = by(both.value(by_start=True), "start", "mean")
    assert list(by_start.values()) == pytest.approx([48.416667, 75.833333, 38.333333, 4.166667], abs=5e-7)
    assert both.value().rows()[0]["sd"] == pytest.approx(52.222215, abs=5e-7)


def test_experience_adds_up_over_the_steps() -> None:
    chain = probabilities(reward={"S": 0.1, "O": 0.5, "C": -0.2, "F": -0.9})
    total = chain.value().rows()[0]["mean"]
    assert total == pytest.approx(0.181667, abs=5e-7)
    assert total / chain.steps().rows()[0]["mean"] == pytest.approx(0.075694, abs=5e-7)


def test_the_worst_moment_is_a_hitting_probability() -> None:
    experience = {"S": 0.1, "O": 0.5, "C": -0.2, "F": -0.9}
    law = by(probabilities().worst_moment(experience), "level", "probability")
    assert law[-0.9] == pytest.approx(0.196, abs=1e-12)  # P(ever F)
    # P(ever C or F) = .3 + .5·.2
    assert law[-0.2] == pytest.approx(0.4, abs=1e-12)
    assert law[0.1] == pytest.approx(1, abs=1e-12)  # every journey passes S
    assert list(law) == [-0.9, -0.2, 0.1, 0.5]
    assert law[0.5] == pytest.approx(1)


def line(touchpoints: int) -> jk.AbsorbingChain:
    """From each touchpoint to the next with 0.999, else over."""
    import scipy.sparse as sp

    rows = sp.diags_array([0.999], offsets=[1], shape=(touchpoints + 1, touchpoints + 1)).tolil()
    rows[:touchpoints, touchpoints] = 0.001
    rows[touchpoints - 1, touchpoints] = 1.0
    rows[touchpoints, touchpoints] = 1.0
    return jk.absorbing_chain(sp.csr_array(rows))


def test_the_worst_moment_of_a_large_chain_is_one_solution_per_level() -> None:
    # touchpoint k is reached with 0.999^k, and is the worse the later
    chain = line(3000)
    law = chain.worst_moment({name: -float(int(name) // 100) for name in chain.touchpoints})
    found = dict(zip(law.to_arrow()["level"].to_pylist(), law.to_arrow()["probability"].to_pylist(), strict=True))
    assert list(found) == sorted(found)
    assert found == pytest.approx({-float(k): 0.999 ** (100 * k) for k in range(30)}, rel=1e-6)


def test_too_many_levels_and_too_many_players_are_refused_with_a_way_out() -> None:
    chain = line(2600)
    with pytest.raises(jk.Unsupported, match=r"up to 1,000 levels; got 2600 levels\. Round the experience"):
        chain.worst_moment({name: float(name) for name in chain.touchpoints})
    with pytest.raises(
        jk.Unsupported, match=r"among up to 2,500 touchpoints; got 2600: .* Name the touchpoints to share"
    ):
        chain.shapley("2600")


def test_time_is_semi_markov() -> None:
    hours = {"S": 0.5, "O": 2, "C": 6, "F": 48}
    fixed = probabilities(sojourn={k: h * 3600 for k, h in hours.items()}).time().rows()[0]
    assert fixed["mean"] / 3600 == pytest.approx(15.7, abs=1e-12)
    assert fixed["sd"] / 3600 == pytest.approx(27.685788, abs=5e-7)
    exponential = probabilities(
        sojourn={k: h * 3600 for k, h in hours.items()},
        sojourn_variance={k: (h * 3600) ** 2 for k, h in hours.items()},
    ).time()
    assert exponential.rows()[0]["sd"] / 3600 == pytest.approx(36.364170, abs=5e-7)


def test_probabilities_of_moves_have_exact_intervals() -> None:
    chain = jk.absorbing_chain({"A": {"x": 3, "y": 1, "z": 0}}, counts=True)
    rows = chain.moves().rows()
    means = [row["posterior_mean"] for row in rows]
    assert means == pytest.approx([0.636364, 0.272727, 0.090909], abs=5e-7)
    bounds = [(row["low"], row["high"]) for row in rows]
    # scipy.stats.beta; the notes round the second bound to .940758
    expected = [(0.2406294, 0.9407574), (0.0251427, 0.6700743), (0.0001032, 0.4095672)]
    for got, want in zip(bounds, expected, strict=True):
        assert got == pytest.approx(want, abs=5e-8)
    larger = jk.absorbing_chain({"A": {"x": 60, "y": 20, "z": 20}}, counts=True, prior=0.5)
    first = larger.moves().rows()[0]
    assert (first["probability"], first["low"], first["high"]) == pytest.approx(
        (0.596059, 0.499487, 0.689045), abs=5e-7
    )


def test_the_uncertainty_of_the_ending_by_formula_and_by_draws() -> None:
    chain = example(replicates=20_000)
    assert chain.standard_error("K") == pytest.approx(0.041413, abs=5e-7)
    row = next(row for row in chain.endings().rows() if row["end"] == "K")
    assert row["low"] == pytest.approx(0.537, abs=0.006)
    assert row["high"] == pytest.approx(0.698, abs=0.006)
    assert row["method"] == "dirichlet (Jeffreys)"


def test_intervals_do_not_depend_on_threads() -> None:
    one, two = example(seed=3, threads=1), example(seed=3, threads=2)
    assert one.visits().rows() == two.visits().rows()
    assert one.bypass("K").rows() == two.bypass("K").rows()
    assert one.endings().rows() != example(seed=4).endings().rows()


def test_replicates_that_are_given_take_the_place_of_draws() -> None:
    base = [float(count) for row in ("S", "O", "C", "F") for count in _in_order(row)]
    same = example().with_replicates(np.array([base] * 5))
    row = next(row for row in same.endings().rows() if row["end"] == "K")
    assert (row["low"], row["high"]) == pytest.approx((187 / 300, 187 / 300))
    assert row["method"] == "replicates"
    with pytest.raises(jk.InvalidInput, match="expected rows of 11"):
        example().with_replicates(np.ones((3, 4))).endings()


def _in_order(name: str) -> list[int]:
    order = ["S", "O", "C", "F", "L", "K"]
    moves = [(row["source"], row["target"]) for row in example(replicates=0).moves().rows()]
    assert all(source in order for source, _ in moves)
    return [ROWS[name][target] for source, target in moves if source == name]


@pytest.mark.parametrize("seed", range(40))
def test_random_small_chains_agree_with_exact_fractions(seed: int) -> None:
    rng = random.Random(seed)
    n, ends = rng.randint(1, 8), rng.randint(1, 3)
    rows = random_rows(rng, n, ends)
    exact = exact_inverse([row[:n] for row in rows])
    chain = jk.absorbing_chain(named(rows, ends))
    assert np.asarray(chain.fundamental) == pytest.approx(np.array(exact, dtype=float), rel=1e-13, abs=1e-15)
    for e, end in enumerate(chain.ends):
        column = n + int(end[1:])
        for i in range(n):
            b = sum((exact[i][k] * rows[k][column] for k in range(n)), Fraction(0))
            assert chain.probability(end, start=f"s{i}") == pytest.approx(float(b), rel=1e-13, abs=1e-15)
        assert e < len(chain.ends)
    steps = by(chain.steps(by_start=True), "start", "mean")
    t = [sum(row, Fraction(0)) for row in exact]
    assert list(steps.values()) == pytest.approx([float(x) for x in t], rel=1e-13)
    spread = by(chain.steps(by_start=True), "start", "sd")
    for i in range(n):
        variance = sum((exact[i][j] * (2 * t[j] - 1) for j in range(n)), Fraction(0)) - t[i] ** 2
        assert spread[f"s{i}"] == pytest.approx(math.sqrt(variance), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("n", [1, 7, 96, 97, 130, 300, 600])
def test_random_dense_chains_agree_with_a_plain_inverse(n: int) -> None:
    rng = np.random.default_rng(n)
    ends = 3
    p = np.zeros((n + ends, n + ends))
    p[:n] = rng.random((n, n + ends)) * (rng.random((n, n + ends)) < 0.5)
    p[:n, n] += 0.01
    p[:n] /= p[:n].sum(axis=1, keepdims=True)
    p[range(n, n + ends), range(n, n + ends)] = 1
    found = solve(p)
    inverse = np.linalg.inv(np.eye(n) - p[:n, :n])
    np.testing.assert_allclose(np.asarray(found.visits), inverse, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(np.asarray(found.absorption), inverse @ p[:n, n:], rtol=1e-10)
    np.testing.assert_allclose(np.asarray(found.steps), inverse.sum(axis=1), rtol=1e-10)
    np.testing.assert_allclose(np.asarray(found.absorption).sum(axis=1), np.ones(n), atol=1e-12)


def test_rare_ends_lose_no_digits() -> None:
    # a ⇄ b, out with 1e-13: an inverse of 1 − q would be off in the third digit
    chain = jk.absorbing_chain({"a": {"b": 1.0}, "b": {"a": 1 - 1e-13, "x": 0.75e-13, "y": 0.25e-13}})
    assert chain.probability("x") == pytest.approx(0.75, abs=1e-14)
    assert chain.steps().rows()[0]["mean"] == pytest.approx(2e13, rel=1e-12)


def test_the_drunkards_walk_is_that_of_the_textbook() -> None:
    # Grinstead & Snell, examples 11.13–15: 0 and 4 are ends
    def walk(right: float) -> jk.AbsorbingChain:
        rows = {str(k): {str(k + 1): right, str(k - 1): 1 - right} for k in (1, 2, 3)}
        return jk.absorbing_chain(rows)

    fair = walk(0.5)
    assert np.asarray(fair.fundamental).tolist() == pytest.approx(
        [pytest.approx([1.5, 1, 0.5]), pytest.approx([1, 2, 1]), pytest.approx([0.5, 1, 1.5])]
    )
    assert list(by(fair.steps(by_start=True), "start", "mean").values()) == pytest.approx([3, 4, 3])
    left = [fair.probability("0", start=name) for name in "123"]
    assert left == pytest.approx([0.75, 0.5, 0.25])
    uneven = walk(2 / 3)
    assert list(by(uneven.steps(by_start=True), "start", "mean").values()) == pytest.approx([3.4, 3.6, 2.2])
    right = [uneven.probability("4", start=name) for name in "123"]
    assert right == pytest.approx([0.53333, 0.8, 0.93333], abs=5e-6)
