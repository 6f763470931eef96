"""What a move does to the time of journeys whose waits depend on where they go next."""

from __future__ import annotations

import numpy as np
import pytest

import journeykit as jk
from scoring.test_map_intervals import log_of, random_rows


def waits() -> jk.EventLog:
    """Half of the cases: a, 10 s, b, 4 s, d. The other half: a, 2 s, d."""
    rows = [{"case": f"s{k}", "touchpoint": name, "at": at} for k in range(10) for name, at in (("a", 0), ("d", 2))]
    rows += [
        {"case": f"t{k}", "touchpoint": name, "at": at}
        for k in range(10)
        for name, at in (("a", 0), ("b", 10), ("d", 14))
    ]
    return log_of([{**row, "customer": row["case"]} for row in rows], idle="0s")


def test_a_slower_way_costs_its_own_wait_too() -> None:
    # τ = ½ (10 + 4) + ½ · 2 = 8; a → b all the time: 14, a → d: 2; so d τ / d p(a → b) = 14 − 2 = 12
    chain = jk.absorbing_chain(waits(), ends=["d"])
    assert chain.time().rows()[0]["mean"] == pytest.approx(8)
    slope = {(row["source"], row["target"]): row["slope"] for row in chain.sensitivities("time").rows()}
    assert (slope["a", "b"], slope["a", "d"]) == pytest.approx((12, -12))
    elasticity = {(row["source"], row["target"]): row["elasticity"] for row in chain.sensitivities("time").rows()}
    assert elasticity["a", "b"] == pytest.approx(12 * 0.5 / 8)
    row = chain.shift("a", take_from="b", give_to="d", points=0.25, outcome="time").rows()[0]
    assert row["change"] == pytest.approx(-3)
    # with one time for the touchpoint (6 s, wherever it leads) only the four seconds at b are at stake
    fixed = jk.absorbing_chain(waits(), ends=["d"], sojourn={"a": 6.0, "b": 4.0})
    slope = {(row["source"], row["target"]): row["slope"] for row in fixed.sensitivities("time").rows()}
    assert slope["a", "b"] == pytest.approx(4)


@pytest.mark.parametrize("seed", range(5))
def test_changes_of_time_are_those_of_the_changed_chain(seed: int) -> None:
    chain = jk.absorbing_chain(log_of(random_rows(seed, customers=9), idle="2min"))
    names = [*chain.touchpoints, *chain.ends]
    n = len(chain.touchpoints)
    p, wait = np.zeros((n, len(names))), np.zeros((n, len(names)))
    for row, seconds in zip(chain.moves().rows(), chain._setting.move_seconds, strict=True):
        at = names.index(row["source"]), names.index(row["target"])
        p[at], wait[at] = row["probability"], seconds
    start = np.array([chain.start.get(name, 0) for name in chain.touchpoints])

    def time(moves: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
        return float(start @ np.linalg.solve(np.eye(n) - moves[:, :n], (moves * wait).sum(axis=1)))

    assert chain.time().rows()[0]["mean"] == pytest.approx(time(p))
    for row in chain.shifts("time", points=0.03, most=1000).rows():
        changed = p.copy()
        state = names.index(row["touchpoint"])
        changed[state, names.index(row["from"])] -= row["points"]
        changed[state, names.index(row["to"])] += row["points"]
        if row["change"] is not None:
            assert row["change"] == pytest.approx(time(changed) - time(p), rel=1e-8, abs=1e-9)
    for row in chain.sensitivities("time").rows():
        if row["slope"] is None:
            continue
        i, j = names.index(row["source"]), names.index(row["target"])
        h = 1e-6
        changed = p.copy()
        changed[i] *= (1 - p[i, j] - h) / (1 - p[i, j])
        changed[i, j] = p[i, j] + h
        assert row["slope"] == pytest.approx((time(changed) - time(p)) / h, rel=1e-4, abs=1e-3)


def test_a_new_next_step_takes_the_mean_time_of_the_others() -> None:
    # b now waits 4 s for d; a tenth of b goes back to a, 4 s later, where 8 s follow: ΔV = 0.1 · ½ · 8 / (1 − 0.1 · ½)
    chain = jk.absorbing_chain(waits(), ends=["d"])
    row = chain.shift("b", take_from="d", give_to="a", points=0.1, outcome="time").rows()[0]
    assert row["change"] == pytest.approx(0.4 / 0.95)


def test_the_standard_error_of_time_knows_the_waits_of_moves() -> None:
    # 20 visits of a, whose way decides between 14 s and 2 s: sd 6, over √20; where journeys begin is certain
    chain = jk.absorbing_chain(waits(), ends=["d"])
    assert chain.standard_error("time") == pytest.approx(6 / 20**0.5)
