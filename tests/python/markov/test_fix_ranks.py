"""How sure it is which fix pays most: against chains of replicates that were changed and solved again."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import journeykit as jk
from chains import ROWS, example, probabilities
from journeykit import _core
from scoring.test_map_intervals import log_of, random_rows

REPLICATES = 120


def dense(chain: jk.AbsorbingChain, counts: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """Probabilities, shape (states, states + ends), and start, of one replicate of the counts."""
    n, width = len(chain.touchpoints), len(chain.touchpoints) + len(chain.ends)
    names = [*chain.touchpoints, *chain.ends]
    p, known = np.zeros((n, width)), np.zeros((n, width))
    for row, count in zip(chain.moves().rows(), counts, strict=False):
        at = names.index(row["source"]), names.index(row["target"])
        p[at], known[at] = count, row["probability"]
    total = p.sum(axis=1, keepdims=True)
    starts = counts[len(chain.moves()) :]
    return np.where(total > 0, p / np.where(total > 0, total, 1), known), starts / starts.sum()


def outcome(p: Any, start: Any, end: int) -> float:
    n = len(p)
    with np.errstate(all="ignore"):
        try:
            return float(start @ np.linalg.solve(np.eye(n) - p[:, :n], p[:, n + end]))
        except np.linalg.LinAlgError:
            return math.nan


def replicates_of(chain: Any, log: jk.EventLog) -> Any:
    return np.asarray(_core.customer_replicates(log._core, [], chain._model, replicates=REPLICATES, seed=0, threads=0))


def places(keys: Any) -> Any:
    """Rank of each of a row of numbers, the largest 1."""
    ranks = np.empty(len(keys))
    ranks[np.argsort(-keys, kind="stable")] = np.arange(1, len(keys) + 1)
    return ranks


def check_ranks(rows: list[dict[str, Any]], gains: Any, top: int) -> None:
    """`gains` has a row for each replicate, in the order of `rows`, which are ranked from the first to the last."""
    ranks = np.array([places(row) for row in gains])
    for k, row in enumerate(rows):
        first, last = np.percentile(ranks[:, k], [2.5, 97.5])
        assert (row["rank_low"], row["rank_high"]) == (
            min(row["rank"], math.floor(first)),
            max(row["rank"], math.ceil(last)),
        )
        assert row["p_in_top"] == pytest.approx(np.mean(ranks[:, k] <= top))


def sure_log(seed: int) -> jk.EventLog:
    """Every replicate of these customers has all of its ends."""
    return log_of([row for row in random_rows(seed, customers=25) if row["touchpoint"] != "c"])


@pytest.mark.parametrize("seed", [1, 2])
def test_gains_and_ranks_of_shifts_are_those_of_customers_drawn_again(seed: int) -> None:
    log = sure_log(seed)
    chain = jk.absorbing_chain(log).with_customers(replicates=REPLICATES)
    rows = chain.shifts("completed", points=0.02, most=1000, top=2).rows()
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    names = [*chain.touchpoints, *chain.ends]
    end = chain.ends.index("completed")
    gains = []
    for counts in replicates_of(chain, log):
        p, start = dense(chain, counts)
        before = outcome(p, start, end)
        each = []
        for row in rows:
            changed = p.copy()
            state = names.index(row["touchpoint"])
            changed[state, names.index(row["from"])] -= row["points"]
            changed[state, names.index(row["to"])] += row["points"]
            each.append(outcome(changed, start, end) - before)
        gains.append(each)
    drawn = np.round(gains, 12)  # what differs by rounding only is a tie
    for k, row in enumerate(rows):
        assert (row["low"], row["high"]) == pytest.approx(np.percentile(drawn[:, k], [2.5, 97.5]), abs=1e-10)
    check_ranks(rows, drawn, 2)


def test_slopes_are_ranked_by_size_over_customers_drawn_again() -> None:
    log = sure_log(3)
    chain = jk.absorbing_chain(log).with_customers(replicates=REPLICATES)
    rows = chain.sensitivities("completed", top=2).rows()
    known = [row for row in rows if row["slope"] is not None]
    by_rank = sorted(known, key=lambda row: row["rank"])
    assert [abs(row["slope"]) for row in by_rank] == sorted((abs(row["slope"]) for row in known), reverse=True)
    names, end = [*chain.touchpoints, *chain.ends], chain.ends.index("completed")
    sizes = []
    for counts in replicates_of(chain, log):
        p, start = dense(chain, counts)
        n = len(p)
        inverse = np.linalg.inv(np.eye(n) - p[:, :n])
        values = np.concatenate([inverse @ p[:, n + end], np.eye(len(chain.ends))[end]])
        visits = start @ inverse
        each = []
        for row in by_rank:
            i, j = names.index(row["source"]), names.index(row["target"])
            others = p[i] @ values - p[i, j] * values[j]
            each.append(visits[i] * (values[j] - others / (1 - p[i, j])) if p[i, j] < 1 else math.nan)
        sizes.append(np.abs(each))
    moving = [
        row for row in by_rank if abs(row["slope"]) > 1e-12
    ]  # a loop of one move changes no end: 0 but for rounding
    assert len(moving) >= 8
    check_ranks(moving, np.nan_to_num(np.round(sizes, 12), nan=-1.0), 2)


def test_top_places_are_shared_out_whole() -> None:
    chain = example(replicates=400)
    for top in (1, 3):
        assert sum(row["p_in_top"] for row in chain.shifts("K", most=100, top=top).rows()) == pytest.approx(top)
        assert sum(row["p_in_top"] for row in chain.sensitivities("K", top=top).rows()) == pytest.approx(top)
    everywhere = chain.shifts("K", most=100, top=100).rows()
    assert all(row["p_in_top"] == 1 for row in everywhere)


def test_ranks_do_not_depend_on_how_many_rows_are_shown_or_on_threads() -> None:
    whole = example(replicates=300).shifts("K", most=100).rows()
    assert example(replicates=300, threads=4).shifts("K", most=4).rows() == whole[:4]
    assert (
        example(replicates=300, threads=4).sensitivities("K").rows()
        == example(replicates=300).sensitivities("K").rows()
    )


def test_a_clear_leader_is_surely_first_and_twins_share_the_place() -> None:
    # Half of the journeys come to "left" and half to "right", where one in five is lost; "rare" loses one in 1,000.
    rows = {
        "start": {"left": 1000, "right": 1000, "rare": 10},
        "left": {"kept": 800, "lost": 200},
        "right": {"kept": 800, "lost": 200},
        "rare": {"kept": 9, "lost": 1},
    }
    chain = jk.absorbing_chain(rows, counts=True)
    fixes = {(row["touchpoint"], row["from"]): row for row in chain.shifts("kept", most=100, top=2).rows()}
    left, right, rare = (fixes[name, "lost"] for name in ("left", "right", "rare"))
    for twin in (left, right):
        assert (twin["rank_low"], twin["rank_high"], twin["p_in_top"]) == (1, 2, 1)
    assert (rare["rank_low"] > 2, rare["p_in_top"]) == (True, 0)
    alone = {(row["touchpoint"], row["from"]): row for row in chain.shifts("kept", most=100, top=1).rows()}
    # each is the larger of two equals in half of 1,000 replicates: 0.5 ± 4 · 0.016
    assert alone["left", "lost"]["p_in_top"] == pytest.approx(0.5, abs=0.064)


def test_intervals_of_ranks_are_wider_where_customers_repeat_themselves() -> None:
    # 30 customers of 8 cases each, half of them over "b"; a third of the customers only ever arrives over "c"
    rows = [
        {"case": f"{who:02}{k}", "touchpoint": name, "customer": f"k{who}", "at": 1000 * k + at}
        for who in range(30)
        for k in range(8)
        for at, name in enumerate(("ab" if k % 2 else "ac") + ("d" if (who % 3 == 0) != (k % 2 == 1) else ""))
    ]
    chain = jk.absorbing_chain(log_of(rows, idle="0s", failed=[]))
    naive, customers = (x.shifts("completed", most=1000).rows() for x in (chain, chain.with_customers()))

    def width(table: list[dict[str, Any]]) -> float:
        return sum(row["rank_high"] - row["rank_low"] for row in table)

    assert [row["change"] for row in naive] == [row["change"] for row in customers]
    assert customers[0]["method"] == "bootstrap of customers"
    assert width(customers) > 0
    spread = [
        sum(row["high"] - row["low"] for row in table if row["touchpoint"] == "a") for table in (naive, customers)
    ]
    assert spread[1] > 1.5 * spread[0]


def test_of_probabilities_the_place_is_known_and_not_how_sure_it_is() -> None:
    row = probabilities().shifts("K").rows()[0]
    assert (row["rank"], row["rank_low"], row["rank_high"], row["p_in_top"]) == (1, None, None, None)
    row = probabilities().sensitivities("K").rows()[0]
    assert (row["rank"], row["rank_low"], row["rank_high"], row["p_in_top"]) == (None, None, None, None)
    names = probabilities().shift("S", take_from="L", give_to="O", points=0.01, outcome="K").column_names
    assert "rank" not in names


def test_money_decides_the_ranks() -> None:
    chain = example(end_reward={"K": 100}, replicates=300)
    dear = chain.shifts(journeys_per_month=1000, cost={"S": 1e9}, most=100, top=5).rows()
    paid = [row for row in dear if row["touchpoint"] == "S"]
    assert {row["p_in_top"] for row in paid} == {0}
    assert min(row["rank_low"] for row in paid) > len(dear) - len(paid)
    assert all(before["net"] >= after["net"] for before, after in pairwise(dear))


def test_where_less_is_better_the_best_fix_makes_it_less() -> None:
    # 12 + 12 + … shifts, of which only one is shown: it must be the one that lowers the steps most
    chain = example(replicates=200)
    [row] = chain.shifts("steps", journeys_per_month=1, worth=-1.0, most=1, top=1).rows()
    everything = chain.shifts("steps", most=1000).rows()
    assert row["change"] == min(other["change"] for other in everything) < 0
    assert (row["rank"], row["net"]) == (1, -row["change"])
    assert row["p_in_top"] > 0.1


def test_more_than_1000_shifts_are_ranked_among_the_best_1000() -> None:
    rng = random.Random(2)
    names = [f"t{k}" for k in range(12)]
    rows = {name: {to: rng.randint(1, 50) for to in (*names, "kept", "lost")} for name in names}
    chain = jk.absorbing_chain(rows, counts=True, replicates=100)
    table = chain.shifts("kept", most=1500).rows()
    assert (len(table), [row["rank"] for row in table]) == (1500, list(range(1, 1501)))
    assert all(row["p_in_top"] is not None for row in table[:1000])
    assert {row["rank_high"] for row in table[1000:]} == {None}
    assert max(row["rank_high"] for row in table[:1000]) <= 1000


@pytest.mark.parametrize("top", [0, 2.5, True])
def test_a_top_that_is_no_number_of_places_is_refused(top: Any) -> None:
    for ask in (example().shifts, example().sensitivities):
        with pytest.raises(jk.InvalidInput, match="top is"):
            ask("K", top=top)
    assert ROWS  # the example is the one of the notes
