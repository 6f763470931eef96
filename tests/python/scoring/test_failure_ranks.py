"""How sure the ranking of failures is: against logs in which customers were drawn again one by one."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

import journeykit as jk
from scoring.map_twin import drawn, expanded
from scoring.test_score import event, read

REPLICATES = 120
WEIGHTS = jk.Weights(experience=0.4, friction=0.3, completion=0.3)


def random_events(seed: int, customers: int) -> list[list[dict[str, Any]]]:
    """Events of each customer: one to three cases, answers, some lost at error or while asking."""
    chance = random.Random(seed)
    out = []
    number = 0
    for who in range(customers):
        own = []
        bad = chance.random() < 0.4
        for _ in range(chance.randint(1, 3)):
            path = (
                ["look"]
                + ["ask"] * chance.randint(0, 2 + bad)
                + (["error"] if chance.random() < 0.2 + 0.5 * bad else [])
            )
            path += ["pay"] if chance.random() < (0.3 if "error" in path else 0.9) else []
            at = 0
            for name in path:
                score = chance.choice([1, 2] if name == "error" else [3, 4, 5]) if chance.random() < 0.7 else None
                own.append(event(f"c{number:03}", name, at, customer=f"k{who}", csat=score))
                at += chance.choice([10, 20, 100])
            number += 1
        out.append(own)
    return out


def card_of(events: list[dict[str, Any]]) -> jk.Scorecard:
    log = read(events, completed=["pay"], idle="0s")
    journey = jk.discover(log, stages={"*": "all"})
    return jk.score(journey, log, minimum_n=1, weights=WEIGHTS, slow_after="50s", repeat_within="7d")


def points(card: jk.Scorecard) -> dict[tuple[str, str], float]:
    return {(row["kind"], row["touchpoint"]): row["points_lost"] for row in card.failures(replicates=100).rows()}


def drawn_again(customers: list[list[dict[str, Any]]], replicate: int, seed: int) -> list[dict[str, Any]]:
    """The events of a replicate: every copy of a customer is a customer of its own with cases of its own."""
    out = []
    for who, times in drawn(len(customers), replicate, seed).items():
        for copy in range(times):
            out += [
                {**one, "case": f"{one['case']}-{copy}", "customer": f"{one['customer']}-{copy}"}
                for one in customers[who]
            ]
    return out


@pytest.mark.parametrize("seed", [1, 2])
def test_points_and_ranks_equal_those_of_logs_drawn_again(seed: int) -> None:
    customers = random_events(seed, 40)
    rows = [
        row
        for row in card_of([one for own in customers for one in own]).failures(replicates=REPLICATES, seed=seed).rows()
        if row["rank"] is not None
    ]
    assert len(rows) >= 4
    # repeat contacts depend on copies of a customer: a copy does not come back after another
    replicates = [points(card_of(drawn_again(customers, r, seed))) for r in range(REPLICATES)]
    keys = [(row["kind"], row["touchpoint"]) for row in rows]
    priced = np.array([[replicate.get(key, 0.0) for key in keys] for replicate in replicates])
    ranks = np.empty_like(priced)
    for r, row_points in enumerate(priced):
        ranks[r, np.argsort(-row_points, kind="stable")] = np.arange(1, len(keys) + 1)
    for k, row in enumerate(rows):
        low, high = expanded(list(priced[:, k]), 40, 0.95)
        assert row["points_low"] == pytest.approx(max(0.0, min(low, row["points_lost"])), abs=1e-9)
        assert row["points_high"] == pytest.approx(max(high, row["points_lost"]), abs=1e-9)
        first, last = expanded(list(ranks[:, k]), 40, 0.95)
        assert row["rank_low"] == min(k + 1, math.floor(first))
        assert row["rank_high"] == max(k + 1, math.ceil(last))
        assert row["p_in_top"] == pytest.approx(np.mean(ranks[:, k] <= 3))


def test_top_places_are_shared_out_whole() -> None:
    card = card_of([one for own in random_events(3, 60) for one in own])
    ranked = [row for row in card.failures(top=2).rows() if row["rank"] is not None]
    assert sum(row["p_in_top"] for row in ranked) == pytest.approx(2)
    everywhere = [row for row in card.failures(top=1000).rows() if row["rank"] is not None]
    assert all(row["p_in_top"] == 1 for row in everywhere)


def test_a_clear_leader_is_surely_on_top_and_twins_share_the_place() -> None:
    # 300 cases are lost at "dead end"; at "left" and "right" as many each.
    paths = [["look", "dead end"]] * 300 + [["look", "pay"]] * 600
    for side in ("left", "right"):
        paths += [["look", side, "pay"]] * 70 + [["look", side]] * 30
    events = [event(f"c{c:04}", name, k) for c, path in enumerate(paths) for k, name in enumerate(path)]
    log = read(events, completed=["pay"], idle="0s")
    card = jk.score(jk.discover(log, stages={"*": "all"}), log, weights=jk.Weights(experience=0, friction=0))
    rows = {row["touchpoint"]: row for row in card.failures(top=1).rows() if row["kind"] == "detour"}
    top = rows["dead end"]
    assert (top["rank_low"], top["p_in_top"] > 0.4) == (1, True)
    both = card.failures(top=1000).rows()
    left, right = (next(r for r in both if r["touchpoint"] == side) for side in ("left", "right"))
    assert left["rank_low"] < left["rank_high"]
    assert (left["points_low"], left["points_high"]) == (
        pytest.approx(right["points_low"], rel=0.3),
        pytest.approx(right["points_high"], rel=0.3),
    )


def test_ranks_do_not_depend_on_threads_or_the_order_of_rows() -> None:
    events = [one for own in random_events(4, 50) for one in own]
    for k, one in enumerate(events):
        one["at"] = k
    wanted = card_of(events).failures(threads=1).rows()
    for threads in (2, 4):
        assert card_of(events).failures(threads=threads).rows() == wanted
    assert card_of(random.Random(1).sample(events, len(events))).failures().rows() == wanted


@pytest.mark.parametrize(("options", "message"), [({"top": 0}, "top is 0"), ({"replicates": 5}, "replicates is 5")])
def test_what_cannot_be_drawn_is_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        card_of([one for own in random_events(5, 20) for one in own]).failures(**options)
