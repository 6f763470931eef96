"""The score against a hand-worked journey, its properties and a naive twin."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from typing import Any

import pytest
from scipy.stats import norm, t

import journeykit as jk
from scoring.naive import observations
from scoring.naive import score as naive_score

START = 1_700_000_000


def read(events: list[dict[str, Any]], **options: Any) -> jk.EventLog:
    import pyarrow as pa

    columns = ["case", "touchpoint", "customer", "channel", "department"]
    table = {name: [e.get(name) for e in events] for name in columns if any(e.get(name) is not None for e in events)}
    arrow = {name: pa.array(values, pa.string()) for name, values in table.items()}
    arrow["at"] = pa.array([START + e["at"] for e in events], pa.timestamp("s", "UTC"))
    for metric in ("nps", "csat"):
        if any(e.get(metric) is not None for e in events):
            arrow[metric] = pa.array([e.get(metric) for e in events], pa.float64())
    roles = {name: name for name in columns[2:] if name in table}
    metrics = {m: m for m in ("nps", "csat") if m in arrow}
    return jk.read_events(
        pa.table(arrow), case="case", touchpoint="touchpoint", time="at", metrics=metrics, **roles, **options
    )


def event(case: str, touchpoint: str, at: int, **more: Any) -> dict[str, Any]:
    return {"case": case, "touchpoint": touchpoint, "at": at, **more}


#  a: look → pay            completed, csat 5 at pay
#  b: look → look → ask     lost at ask, csat 1 at ask; the second look is a repeat
HAND = [
    event("a", "look", 0),
    event("a", "pay", 10, csat=5),
    event("b", "look", 0),
    event("b", "look", 10),
    event("b", "ask", 20, csat=1),
]
STAGES = {"look": "before", "ask": "before", "pay": "buy"}


def hand_card(**options: Any) -> jk.Scorecard:
    log = read(HAND, completed=["pay"], idle="0s")
    return jk.score(jk.discover(log, stages=STAGES), log, minimum_n=1, **options)


def test_journey_score_of_a_hand_worked_journey() -> None:
    # experience: csat 5 and 1 of 1–5 → (100 + 0)/2 = 50
    # friction: repeat 1 of 5 visits → 80, return 0 of 5 → 100, wait (all 10 s, slow beyond 10 s) → 100; mean 93.333…
    # completion: 1 of 2 closed cases → 50
    card = hand_card()
    row = card.journey.rows()[0]
    assert row["experience"] == pytest.approx(50)
    assert row["friction"] == pytest.approx(280 / 3)
    assert row["completion"] == pytest.approx(50)
    assert row["score"] == pytest.approx(0.5 * 50 + 0.25 * 280 / 3 + 0.25 * 50)
    assert row["n"] == 2
    assert card.case_count == 2
    assert card.open_case_count == 0


def test_completion_of_a_touchpoint_counts_only_cases_lost_there() -> None:
    rows = {row["id"]: row for row in hand_card().touchpoints.rows()}
    assert rows["look"]["completion"] == 100  # b went on to ask
    assert rows["ask"]["completion"] == 0
    assert rows["pay"]["completion"] == 100


def test_points_lost_add_up_to_what_is_missing_from_the_score() -> None:
    card = hand_card()
    score = card.journey.rows()[0]["score"]
    assert sum(row["points_lost"] for row in card.points_lost.rows()) == pytest.approx(100 - score, abs=1e-9)
    top = card.points_lost.rows()[0]
    assert (top["touchpoint"], top["component"]) == ("ask", "csat")


@pytest.mark.parametrize("level", ["journey", "stage", "touchpoint"])
def test_contributions_add_up_to_each_score(level: str) -> None:
    card = hand_card()
    scores = {"journey": card.journey, "stage": card.stages, "touchpoint": card.touchpoints}[level]
    for row in scores.rows():
        mine = [c for c in card.contributions(level).rows() if (c["id"] or "") == (row["id"] or "")]
        assert sum(c["points"] for c in mine) == pytest.approx(row["score"], abs=1e-12)
        assert sum(c["weight"] for c in mine) == pytest.approx(1, abs=1e-12)


def test_intervals_of_components_and_of_points_lost_of_a_hand_worked_journey() -> None:
    # csat: 1 of 2 customers bad; Wilson for 1 of 2 is .094531 … .905469. All 25 points of it are lost at ask.
    card = hand_card()
    csat = card.contributions().rows()[0]
    assert (csat["component"], csat["value"], csat["n"], csat["customers"]) == ("csat", 50, 2, 2)
    assert (csat["low"], csat["high"]) == pytest.approx((9.4531, 90.5469), abs=1e-3)
    top = card.points_lost.rows()[0]
    assert (top["points_lost"], top["low"], top["high"]) == pytest.approx((25, 4.72655, 45.27345), abs=1e-3)
    assert (top["n"], top["customers"], top["method"]) == (2, 2, csat["method"])


def share_interval(
    bad: dict[str, float], seen: dict[str, int], singles: list[float] | None = None
) -> tuple[float, float] | None:
    """Wilson on the effective number of observations, of Σ bad / Σ seen by customer, by its definition; from 30
    customers on by the variance that `singles`, the bad observations, have.
    """
    n, groups, share = sum(seen.values()), len(seen), sum(bad.values()) / sum(seen.values())
    if groups < 2:
        return None
    z = norm.ppf(0.975)
    extreme = share * (1 - share) * n / (n - 1) / n
    own = [] if singles is None else [*singles, *[0.0] * (n - len(singles))]
    independent = sum((x - share) ** 2 for x in own) / (n - 1) / n if groups >= 30 and own else extreme
    clustered = groups / (groups - 1) * sum((bad.get(who, 0) - share * m) ** 2 for who, m in seen.items()) / n**2
    if extreme < 1e-15:
        effective = n**2 / sum(m * m for m in seen.values())
    elif groups == n:
        effective = n * extreme / independent
    else:
        few = (t.ppf(0.975, n - 1) / t.ppf(0.975, groups - 1)) ** 2
        effective = n * extreme / max(independent, clustered) * few
    centre = (share * effective + z * z / 2) / (effective + z * z)
    half = z / (effective + z * z) * math.sqrt(max(0, share * (1 - share)) * effective + z * z / 4)
    return min(share, max(0, centre - half)), max(share, min(1, centre + half))


@pytest.mark.parametrize("block", range(5))
def test_intervals_of_components_and_points_agree_with_the_naive_twin_on_random_logs(block: int) -> None:
    stages = {"a": "one", "b": "one", "c": "two", "d": "two"}
    for seed in range(block * 60, block * 60 + 60):
        events = random_events(seed)
        completed = sorted({e["touchpoint"] for e in events})[-1:] if seed % 3 else []
        log = read(events, completed=completed, idle="40s")
        card = jk.score(
            jk.discover(log, stages={k: v for k, v in stages.items() if k in log.touchpoints}), log, minimum_n=1
        )
        bad: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        seen: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        singles: dict[tuple[str, str], list[float]] = defaultdict(list)
        for place, _, component, customer, amount in observations(events, stages, set(completed), 40, None)[0]:
            bad[place, component][customer] += amount
            seen[place, component][customer] += 1
            singles[place, component].append(amount)
        for level, prefix in (("journey", "journey"), ("stage", "stage "), ("touchpoint", "touchpoint ")):
            for row in card.contributions(level).rows():
                at = prefix + (row["id"] or ""), row["component"]
                expected = share_interval(bad[at], seen[at], singles[at])
                got = None if row["low"] is None else (1 - row["high"] / 100, 1 - row["low"] / 100)
                assert got == (expected and pytest.approx(expected, abs=1e-9)), (seed, at)
        weight = {row["component"]: 100 * row["weight"] for row in card.contributions().rows()}
        for row in card.points_lost.rows():
            component, journey = row["component"], seen["journey", row["component"]]
            here = bad["touchpoint " + (row["touchpoint"] or ""), component]
            if row["touchpoint"] is None:
                here = defaultdict(float, bad["journey", component])
                for touchpoint in stages:
                    for who, amount in bad["touchpoint " + touchpoint, component].items():
                        here[who] -= amount
            at = "touchpoint " + (row["touchpoint"] or ""), component
            expected = share_interval(here, journey, singles[at] if row["touchpoint"] else None)
            got = None if row["low"] is None else (row["low"] / weight[component], row["high"] / weight[component])
            assert got == (expected and pytest.approx(expected, abs=1e-9)), (seed, row)
            assert row["points_lost"] == pytest.approx(
                weight[component] * sum(here.values()) / sum(journey.values()), abs=1e-9
            )


def test_few_answers_are_left_out_and_said() -> None:
    log = read(HAND, completed=["pay"], idle="0s")
    card = jk.score(jk.discover(log, stages=STAGES), log, minimum_n=3)
    row = card.journey.rows()[0]
    assert row["experience"] is None
    assert "csat left out: 2 of at least 3" in row["warning"]
    assert row["evidence"] == "partly_observed"


def test_a_drawn_touchpoint_without_events_has_no_score() -> None:
    log = read(HAND, completed=["pay"], idle="0s")
    drawn = jk.discover(log, stages=STAGES).add_touchpoint("return goods", stage="before")
    row = next(r for r in jk.score(drawn, log).touchpoints.rows() if r["id"] == "return goods")
    assert row["score"] is None
    assert row["evidence"] == "assumed"


def test_open_cases_are_censored_not_failures() -> None:
    late = [*HAND, event("c", "look", 1000)]
    log = read(late, completed=["pay"], idle="500s")
    card = jk.score(jk.discover(log, stages=STAGES), log, minimum_n=1)
    assert card.open_case_count == 1
    assert card.journey.rows()[0]["completion"] == pytest.approx(50)


def test_unknown_touchpoint_raises_not_found_with_the_way_out() -> None:
    log = read(HAND, completed=["pay"], idle="0s")
    with pytest.raises(jk.NotFound, match=r"not in the map.*discover\(log, like=map\)"):
        jk.score(jk.JourneyMap("empty").add_stage("before").add_touchpoint("look", stage="before"), log)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": jk.Weights(experience=-1)}, "weight is -1"),
        ({"weights": jk.Weights(experience=0, friction=0, completion=0)}, "all weights are 0"),
        ({"minimum_n": 0}, "minimum_n is 0"),
        ({"confidence": 1.0}, "confidence"),
        ({"slow_after": "soon"}, "slow_after"),
    ],
)
def test_bad_options_raise_invalid_input(options: dict[str, Any], message: str) -> None:
    log = read(HAND, completed=["pay"], idle="0s")
    with pytest.raises(jk.InvalidInput, match=message):
        jk.score(jk.discover(log, stages=STAGES), log, **{"minimum_n": 1, **options})


def random_events(seed: int, most: int = 12) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    events = []
    for c in range(rng.randint(max(1, most - 11), most)):
        customer = rng.choice([None, "Li", "Wu", f"k{c}"])
        at = rng.randint(0, 50)
        for _ in range(rng.randint(1, 6)):
            at += rng.randint(1, 30)  # no ties: their order would be that of the rows
            events.append(
                event(
                    f"c{c}",
                    rng.choice("abcd"),
                    at,
                    customer=customer,
                    channel=rng.choice(["web", "phone", None]),
                    department=rng.choice(["sales", "care", None]),
                    nps=rng.choice([None, 0, 3, 7, 10]),
                    csat=rng.choice([None, None, 1, 4, 5]),
                )
            )
    rng.shuffle(events)
    return events


@pytest.mark.parametrize("block", range(10))
def test_score_agrees_with_the_naive_twin_on_random_logs(block: int) -> None:
    stages = {"a": "one", "b": "one", "c": "two", "d": "two"}
    for seed in range(block * 100, block * 100 + 100):
        events = random_events(seed)
        completed = sorted({e["touchpoint"] for e in events})[-1:] if seed % 3 else []
        log = read(events, completed=completed, idle="40s")
        mapped = jk.discover(log, stages={k: v for k, v in stages.items() if k in log.touchpoints})
        card = jk.score(mapped, log, minimum_n=1 + seed % 4)
        expected = naive_score(events, stages, set(completed), 40, 1 + seed % 4, t.ppf)
        got = {"journey": card.journey.rows()[0]}
        got |= {"stage " + r["id"]: r for r in card.stages.rows()}
        got |= {"touchpoint " + r["id"]: r for r in card.touchpoints.rows()}
        for place, row in got.items():
            if place not in expected:
                assert row["score"] is None, (seed, place)
                continue
            assert (row["score"], row["low"], row["high"]) == pytest.approx(expected[place], abs=1e-9), (seed, place)


def test_score_does_not_depend_on_row_order_or_names() -> None:
    events = random_events(5)
    renamed = [{**e, "case": "x" + e["case"][::-1]} for e in reversed(events)]
    cards = []
    for rows in (events, renamed):
        log = read(rows, completed=["a"], idle="40s")
        cards.append(jk.score(jk.discover(log), log, minimum_n=1).journey.rows()[0])
    assert cards[0] == pytest.approx(cards[1], abs=1e-9)


def test_interval_covers_the_true_score_of_clustered_customers() -> None:
    # Customers differ (beta-distributed habits) and bring 1–6 cases each; the true completion share is the mean habit
    # weighted by cases. 95 % intervals should hold it in 93–98 % of 400 seeded worlds of 60 customers.
    held = 0
    for seed in range(400):
        rng = random.Random(seed)
        events = []
        for k in range(60):
            habit = rng.betavariate(2, 1)
            for c in range(rng.randint(1, 6)):
                events.append(event(f"{k}/{c}", "look", 0, customer=f"k{k}"))
                if rng.random() < habit:
                    events.append(event(f"{k}/{c}", "pay", 1, customer=f"k{k}"))
        log = read(events, completed=["pay"], idle="0s")
        only_completion = jk.Weights(experience=0, friction=0, completion=1)
        row = jk.score(jk.discover(log), log, weights=only_completion).journey.rows()[0]
        held += row["low"] <= 100 * 2 / 3 <= row["high"]
    assert 0.93 <= held / 400 <= 0.98
