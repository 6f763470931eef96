"""Chains of logs and maps, and what is refused."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

import journeykit as jk
from chains import by, example, probabilities
from journeykit.markov import solve


def log(cases: dict[str, str], *, until: str | None = None, **options: Any) -> jk.EventLog:
    """Cases as words: a letter a touchpoint, an hour apart; the last event of a case that ends in '+' is at the end."""
    rows: dict[str, list[object]] = {"case": [], "step": [], "at": []}
    for case, word in cases.items():
        steps = word.rstrip("+")
        for k, step in enumerate(steps):
            hour = 100 - len(steps) + k if word.endswith("+") else k
            rows["case"].append(case)
            rows["step"].append(step)
            rows["at"].append(f"2024-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z")
    found = jk.read_events(rows, case="case", touchpoint="step", time="at", idle="5h", **options)
    return found if until is None else found.with_observed_until(until)


CASES = {"1": "abk", "2": "abf", "3": "acbk", "4": "ab", "5": "aab+", "6": "ac+"}


def test_a_log_ends_as_its_cases_did() -> None:
    # 1, 3 completed, 2 failed, 4 silent, 5 and 6 open: their last event is no end
    chain = jk.absorbing_chain(log(CASES, completed=["k"], failed=["f"]))
    assert chain.touchpoints == ("a", "b", "c", "f", "k")
    assert chain.ends == ("completed", "failed", "abandoned")
    assert chain.open_case_count == 2
    moves = {(row["source"], row["target"]): row["count"] for row in chain.moves().rows()}
    assert moves == {
        ("a", "a"): 1, ("a", "b"): 4, ("a", "c"): 2, ("b", "k"): 2, ("b", "f"): 1, ("b", "abandoned"): 1, ("c", "b"): 1,
        ("k", "completed"): 2, ("f", "failed"): 1,
    }  # fmt: skip
    endings = by(chain.endings(), "end", "probability")
    assert endings == pytest.approx({"completed": 0.5, "failed": 0.25, "abandoned": 0.25})
    assert chain.endings().rows()[0]["n"] == 6


def test_without_open_cases_the_chain_gives_back_the_shares_steps_and_times_of_the_log() -> None:
    closed = {name: word for name, word in CASES.items() if not word.endswith("+")}
    closed |= {"7": "acacbk", "8": "aaf"}
    source = log(closed, completed=["k"], failed=["f"], until="2024-02-01T00:00:00Z")
    chain = jk.absorbing_chain(source)
    assert by(chain.endings(), "end", "probability") == pytest.approx(
        {"completed": 0.5, "failed": 1 / 3, "abandoned": 1 / 6}
    )
    lengths = [len(word) for word in closed.values()]
    assert chain.steps().rows()[0]["mean"] == pytest.approx(np.mean(lengths))
    hours = [len(word) - 1 for word in closed.values()]
    assert chain.time().rows()[0]["mean"] / 3600 == pytest.approx(np.mean(hours))


def test_touchpoints_may_be_ends_themselves() -> None:
    chain = jk.absorbing_chain(log(CASES, completed=["k"]), ends=["c"])
    assert set(chain.ends) == {"c", "exit"}
    # a → a 1, a → b 4, a → c 2
    assert chain.probability("c") == pytest.approx(2 / 6)


def test_touchpoints_that_no_case_has_left_yet_are_left_out_and_named() -> None:
    chain = jk.absorbing_chain(log({"1": "ak", "2": "ax+"}, completed=["k"]))
    assert chain.left_out == ("x",)
    assert chain.touchpoints == ("a", "k")


def test_a_log_in_which_nothing_has_ended_is_refused() -> None:
    with pytest.raises(jk.InvalidInput, match="no case of this log has ended yet"):
        jk.absorbing_chain(log({"1": "ab+"}))


def test_the_order_tests_count_in_the_log() -> None:
    cases = {f"s{k}": "sCk" for k in range(45)} | {f"t{k}": "sCx" for k in range(15)}
    cases |= {f"f{k}": "sfCk" for k in range(15)} | {f"g{k}": "sfCx" for k in range(25)}
    chain = jk.absorbing_chain(log(cases, completed=["k"], until="2024-02-01T00:00:00Z"))
    row = chain.order_test().rows()[0]
    g2 = 2 * sum(
        n * math.log(n * 100 / (a * b)) for n, a, b in ((45, 60, 60), (15, 60, 40), (15, 40, 60), (25, 40, 40))
    )
    assert (row["touchpoint"], row["df"]) == ("C", 1)
    assert row["g2"] == pytest.approx(g2)
    split = chain.split("C", after="f")
    assert split.probability("completed", start="C after f") == pytest.approx(15 / 40)
    evidence = chain.order_selection(3).rows()
    assert [row["order"] for row in evidence] == [0, 1, 2, 3]
    assert evidence[1]["g2"] == pytest.approx(2 * (evidence[2]["log_likelihood"] - evidence[1]["log_likelihood"]))
    assert evidence[1]["g2"] == pytest.approx(g2)
    assert min(evidence, key=lambda row: row["bic"])["order"] == 2


def test_a_map_of_counts_and_one_of_probabilities() -> None:
    moves = [("look", "buy", 0.5), ("look", "help", 0.3), ("help", "buy", 1.0)]
    drawn = jk.JourneyMap.build(
        "Order",
        touchpoints=[jk.Touchpoint(name) for name in ("look", "buy", "help")],
        transitions=[jk.Transition(source, target, probability=p) for source, target, p in moves],
    )
    chain = jk.absorbing_chain(drawn)
    assert by(chain.endings(), "end", "probability") == pytest.approx({"buy": 0.8, "exit": 0.2})
    found = jk.discover(log({"1": "abk", "2": "ab", "3": "ack"}, completed=["k"]))
    counted = jk.absorbing_chain(found)
    assert by(counted.endings(), "end", "probability") == pytest.approx({"k": 2 / 3, "exit": 1 / 3})
    assert counted.moves().rows()[0]["count"] is not None


def test_a_map_without_numbers_is_refused_with_its_transition() -> None:
    drawn = jk.JourneyMap.build(
        "Order",
        touchpoints=[jk.Touchpoint("look"), jk.Touchpoint("buy")],
        transitions=[jk.Transition("look", "buy")],
    )
    with pytest.raises(jk.InvalidInput, match=r"'look' → 'buy'.*neither count nor probability"):
        jk.absorbing_chain(drawn)


def test_a_loop_without_an_end_is_named() -> None:
    with pytest.raises(jk.InvalidInput, match=r"no end is reached from the loop of 'a', 'b' \(2 of 3 touchpoints"):
        jk.absorbing_chain({"s": {"a": 0.5, "x": 0.5}, "a": {"b": 1.0}, "b": {"a": 1.0}})
    with pytest.raises(jk.InvalidInput, match="'b', which leads only to itself"):
        jk.absorbing_chain({"s": {"b": 0.5, "x": 0.5}, "b": {"b": 1.0}})
    stuck = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0.5, 0, 0, 0.5], [0, 0, 0, 1.0]])
    with pytest.raises(jk.InvalidInput, match="loop of '0', '1'"):
        solve(stuck)


def test_a_large_chain_with_a_loop_is_refused_by_its_names() -> None:
    n = 3000
    rows = {f"t{k}": {f"t{k + 1}": 0.5, "end": 0.5} for k in range(n - 2)}
    rows |= {f"t{n - 2}": {f"t{n - 1}": 1.0}, f"t{n - 1}": {f"t{n - 2}": 1.0}}
    with pytest.raises(jk.InvalidInput, match=f"'t{n - 2}', 't{n - 1}'"):
        jk.absorbing_chain(rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"a": {"x": 0.9}}, "out of 'a' add up to 0.9; expected 1"),
        ({"a": {"x": math.nan, "y": 1.0}}, "'a' → 'x' is nan"),
        ({"a": {"x": -0.5, "y": 1.5}}, "'a' → 'x' is -0.5"),
        ({"a": {"x": math.inf}}, "is inf"),
        ({}, "needs a touchpoint"),
        ({"a": {}}, "needs an end|nothing leads out of 'a'"),
        ({"a": {"a": 1.0}}, "needs an end"),
        ({"a": {"x": "much"}}, "holds a str"),
    ],
)
def test_rows_that_cannot_be_are_refused_with_their_touchpoint(rows: dict[str, dict[str, float]], message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        jk.absorbing_chain(rows)


def test_unknown_names_are_not_found() -> None:
    with pytest.raises(jk.NotFound, match="'nowhere'"):
        probabilities(start="nowhere")
    with pytest.raises(jk.NotFound, match="reward names 'x'"):
        probabilities(reward={"x": 1})
    with pytest.raises(jk.NotFound, match="outcome 'joy'"):
        probabilities().sensitivities("joy")
    with pytest.raises(jk.InvalidInput, match="give reward"):
        probabilities().shifts()
    with pytest.raises(jk.InvalidInput, match="no times"):
        probabilities().time()


def test_a_start_may_be_shares() -> None:
    chain = probabilities(start={"O": 0.5, "F": 0.5})
    assert chain.probability("K") == pytest.approx((0.880952 + 0.404762) / 2, abs=1e-6)
    with pytest.raises(jk.InvalidInput, match=r"add up to 0\.9"):
        probabilities(start={"O": 0.9})


def test_sojourns_take_timedeltas_for_every_touchpoint() -> None:
    hour = timedelta(hours=1)
    chain = probabilities(sojourn={"S": hour, "O": hour, "C": hour, "F": hour})
    assert chain.time().rows()[0]["mean"] == pytest.approx(2.4 * 3600)
    with pytest.raises(jk.InvalidInput, match="sojourn has no number for 'O'; expected one for each touchpoint"):
        probabilities(sojourn={"S": hour})


def test_matrices_of_every_kind_give_the_same_chain() -> None:
    import scipy.sparse as sp

    p = np.zeros((6, 6))
    names = ["S", "O", "C", "F", "K", "L"]
    for source, row in {"S": {"O": 0.5, "C": 0.3, "L": 0.2}, "O": {"K": 0.8, "F": 0.2},
                        "C": {"O": 0.6, "F": 0.2, "L": 0.2}, "F": {"C": 0.5, "K": 0.1, "L": 0.4}}.items():  # fmt: skip
        for target, value in row.items():
            p[names.index(source), names.index(target)] = value
    p[4, 4] = p[5, 5] = 1
    for matrix in (p, p.tolist(), sp.csr_array(p), p.astype("float32").astype("float64")):
        chain = jk.absorbing_chain(matrix, names=names)
        assert chain.probability("K") == pytest.approx(187 / 300, abs=1e-6)
    order = [4, 2, 0, 5, 1, 3]
    shuffled = p[np.ix_(order, order)]
    found = solve(shuffled)
    assert [order[k] for k in found.state_rows] == [2, 0, 1, 3]
    assert np.asarray(found.absorption)[1].sum() == pytest.approx(1)
    assert np.asarray(found.steps)[1] == pytest.approx(2.4)
    with pytest.raises(jk.InvalidInput, match="square"):
        solve(np.ones((2, 3)))
    with pytest.raises(jk.InvalidInput, match="float64"):
        solve(np.ones((2, 2), dtype="int64"))


def test_large_chains_solve_their_equations() -> None:
    import scipy.sparse as sp

    rng = np.random.default_rng(1)
    n, ends = 4000, 2
    rows = np.repeat(np.arange(n), 4)
    columns = rng.integers(0, n, 4 * n)
    q = sp.csr_array((rng.random(4 * n), (rows, columns)), shape=(n, n))
    r = rng.random((n, ends)) * 0.2
    scale = 1 / (q.sum(axis=1) + r.sum(axis=1))
    p = sp.block_array([[sp.diags_array(scale) @ q, sp.csr_array(r * scale[:, None])], [None, sp.eye_array(ends)]])
    found = solve(p.tocsr())
    system = sp.eye_array(n) - p.tocsr()[:n, :n]
    # |error| ≤ max(t)·|residual|, and t is below 40 here
    steps = np.asarray(found.steps)
    assert 1 <= steps.min() <= steps.max() < 40
    np.testing.assert_allclose(system @ steps, np.ones(n), atol=1e-10)
    np.testing.assert_allclose(np.asarray(found.absorption).sum(axis=1), np.ones(n), atol=1e-9)
    assert found.visits is None
    assert found.residual < 1e-11
    chain = jk.absorbing_chain(p.tocsr(), start={str(0): 1.0})
    visits = np.array(chain.visits().to_arrow()["visits"])
    np.testing.assert_allclose(system.T @ visits, np.arange(n) == 0, atol=1e-10)
    table = chain.shifts(str(n), points=0.01, most=5).rows()
    assert all(abs(row["change"] - row["linear_change"]) < 0.05 * abs(row["linear_change"]) for row in table)


def test_a_long_walk_is_solved_or_refused_never_wrong() -> None:
    # the drunkard on 0 … 5000: t_k = k (5000 − k), slow for iterations
    import scipy.sparse as sp

    n = 5000
    p = sp.diags_array([np.full(n, 0.5), np.full(n, 0.5)], offsets=[-1, 1]).tolil()
    p[0, :] = 0
    p[n, :] = 0
    p[0, 0] = p[n, n] = 1
    found = solve(p.tocsr())
    k = np.arange(1, n)
    np.testing.assert_allclose(np.asarray(found.steps), k * (n - k), rtol=1e-6)


def test_a_chain_shows_itself() -> None:
    chain = example(replicates=100)
    assert "4 touchpoints" in repr(chain)
    assert "<table" in chain._repr_html_()
    assert len(chain.moves()) == 11
