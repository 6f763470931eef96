"""Measures against numbers worked by hand in the science notes (§1 to §3) and cited for the survey data."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest

import journeykit as jk
from metrics.small import only

DAY = 86_400
MINUTE = 60


def answers(make_log, kind, counts, scale=None):
    """One customer and case per answer; counts is {answer: how many}."""
    given = [answer for answer, count in counts.items() for _ in range(count)]
    ids = [str(k) for k in range(len(given))]
    column = jk.MetricColumn("answer", kind=kind, **(scale or {}))
    return make_log(
        case=ids, touchpoint=["call"] * len(ids), seconds=range(len(ids)), answer=given, metrics={kind: column}
    )


def test_nps_of_50_30_20_is_30_with_the_adjusted_wald_interval(make_log):
    row = only(jk.measure(answers(make_log, "nps", {9: 25, 10: 25, 7: 15, 8: 15, 0: 10, 6: 10}), "nps"))
    assert row["value"] == pytest.approx(30, abs=1e-12)
    assert (row["low"], row["high"]) == pytest.approx((14.051130, 44.201297), abs=5e-7)
    assert (row["n"], row["customers"], row["unit"], row["evidence"]) == (100, 100, "points", "observed")
    assert row["warning"] is None


def test_nps_of_five_promoters_is_clipped_at_100_and_says_that_it_rests_on_five(make_log):
    row = only(jk.measure(answers(make_log, "nps", {10: 5}), "nps"))
    assert (row["value"], row["high"]) == (100, 100)
    assert row["low"] == pytest.approx(17.491453, abs=5e-7)
    assert row["evidence"] == "partly_observed"
    assert "only n = 5" in row["warning"]


def test_csat_gives_top_two_mean_and_the_whole_distribution(make_log):
    log = answers(make_log, "csat", {1: 4, 2: 6, 3: 20, 4: 45, 5: 25})
    top = only(jk.measure(log, "csat"))
    assert (top["value"], top["low"], top["high"]) == pytest.approx((0.70, 0.604151, 0.781051), abs=5e-7)
    mean = only(jk.measure(log, jk.metrics.Csat(statistic="mean")))
    assert mean["value"] == pytest.approx(3.81)
    assert (mean["high"] - mean["low"]) / 2 == pytest.approx(1.984217 * 1.011999 / 10, abs=1e-6)  # t(.975, 99)·s/√n
    points = jk.measure(log, jk.metrics.Csat(statistic="distribution")).rows()
    assert [p["metric"] for p in points] == ["csat=1", "csat=2", "csat=3", "csat=4", "csat=5"]
    assert [p["value"] for p in points] == pytest.approx([0.04, 0.06, 0.20, 0.45, 0.25])


def test_ces_gives_the_mean_and_the_easy_share(make_log):
    log = answers(make_log, "ces", {1: 2, 2: 3, 3: 5, 4: 10, 5: 20, 6: 35, 7: 25})
    mean, easy = jk.measure(log, ["ces", jk.metrics.Ces(statistic="easy_share")]).rows()
    assert (mean["value"], mean["low"], mean["high"]) == pytest.approx((5.48, 5.197300, 5.762701), abs=1e-6)
    assert (easy["value"], easy["low"], easy["high"]) == pytest.approx((0.80, 0.711171, 0.866633), abs=5e-7)
    assert (mean["metric"], easy["metric"]) == ("ces", "ces_easy")


def test_ces_of_the_old_wording_counts_the_low_end_as_easy(make_log):
    log = answers(make_log, "ces", {1: 3, 4: 1, 5: 1}, scale={"low": 1, "high": 5, "high_is_good": False})
    assert only(jk.measure(log, jk.metrics.Ces(statistic="easy_share")))["value"] == pytest.approx(0.6)


GAPS = [
    (2, True),
    (10, False),
    (30, False),
    (3, False),
    (6, True),
    (1, False),
    (20, True),
    (15, False),
    (5, False),
    (8, False),
]


def repeat_log(make_log):
    """One customer per gap; the log ends on day 40. Censored gaps: the first contact stands that long before the end.

    The contacts that came back stand early enough to be mature.
    """
    cases, seconds, customers = [], [], []
    for k, (gap, again) in enumerate(GAPS):
        start = 5 if again else 40 - gap
        for day in [start, start + gap] if again else [start]:
            cases.append(str(len(cases)))
            seconds.append(day * DAY)
            customers.append(f"c{k}")
    return make_log(case=cases, touchpoint=["call"] * len(cases), seconds=seconds, customer=customers, until=40 * DAY)


def test_fcr_of_the_worked_gaps_is_0_740741_by_kaplan_meier(make_log):
    # The contacts that came again within 7 days end a chain of two; the one that came after 20 days starts a new
    # chain on day 25, 15 days before the end. Its second contact adds a censored 15 to the ten worked gaps: give it
    # to a chain of its own.
    log = repeat_log(make_log)
    row = only(jk.measure(log, jk.metrics.Fcr(window="7d")))
    expected = [(min(g, 7), e and g <= 7) for g, e in GAPS] + [(7, False)]
    survival = 1.0
    for t in sorted({t for t, _ in expected}):
        at_risk = sum(g >= t for g, _ in expected)
        survival *= 1 - sum(g == t and e for g, e in expected) / at_risk
    assert row["value"] == pytest.approx(survival, abs=1e-12)
    assert row["n"] == 11


def test_fcr_without_the_second_chain_gives_the_three_published_numbers(make_log):
    # The contact with gap 20 comes back after the window: seen until day 39 it counts 20+ of the ten, without a
    # second chain.
    cases = [str(k) for k in range(12)]
    seconds, customers = [], []
    for k, (gap, again) in enumerate(GAPS):
        early = again and gap <= 7
        start = 5 if early else 40 - gap
        seconds += [start * DAY, (start + gap) * DAY] if early else [start * DAY]
        customers += [f"c{k}"] * (2 if early else 1)
    log = make_log(case=cases, touchpoint=["call"] * 12, seconds=seconds, customer=customers, until=40 * DAY)
    assert only(jk.measure(log, "fcr"))["value"] == pytest.approx(0.740741, abs=5e-7)
    mature = only(jk.measure(log, jk.metrics.Fcr(edge="mature")))
    assert (mature["value"], mature["n"]) == (pytest.approx(0.714286, abs=5e-7), 7)
    naive = only(jk.measure(log, "repeat_contacts"))
    assert naive["n"] - naive["value"] * naive["n"] == pytest.approx(10)  # ten first contacts, two repeats: naive 8/10
    assert naive["value"] == pytest.approx(2 / 12)


def calls(make_log):
    """200 calls: 150 answered in 1 min, 30 in 5 min, 8 abandoned at 2 s, 12 abandoned at 90 s."""
    waits = [60] * 150 + [300] * 30 + [2] * 8 + [90] * 12
    ends = ["answered"] * 180 + ["gave up"] * 20
    ids = [str(k) for k in range(200)]
    return make_log(
        case=ids, touchpoint=["call"] * 200, seconds=[k * 600 for k in range(200)], wait=waits, outcome=ends
    )


@pytest.mark.parametrize(
    ("denominator", "expected"),
    [("offered", 0.75), ("answered", 0.833333), ("offered_less_short_abandons", 0.78125)],
)
def test_service_level_by_its_denominator(make_log, denominator, expected):
    metric = jk.metrics.ServiceLevel(within="2min", column="wait", abandon="gave up", denominator=denominator)
    assert only(jk.measure(calls(make_log), metric))["value"] == pytest.approx(expected, abs=5e-7)


def test_service_level_with_those_who_gave_up_in_time(make_log):
    # The note's 0.79 has 8 of 20 abandoned within the threshold: here the threshold is 1 min, the other 12 gave up at
    # 90 s.
    metric = jk.metrics.ServiceLevel(
        within="1min", column="wait", abandon="gave up", denominator="abandoned_in_time_count"
    )
    assert only(jk.measure(calls(make_log), metric))["value"] == pytest.approx(0.79, abs=1e-12)


def test_abandonment_is_the_share_of_offered_waits_without_an_answer(make_log):
    row = only(jk.measure(calls(make_log), jk.metrics.Abandonment(column="wait", abandon="gave up")))
    assert (row["value"], row["n"]) == (pytest.approx(0.10), 200)


def open_calls(make_log):
    """Waits of the note's call example in minutes (+ = still open at the end), each a case from "call" to "answer"."""
    times = [0.5, 1, 1, 1.5, 2, 2.5, 3, 4, 5, 6]
    answered = [1, 1, 1, 1, 0, 1, 1, 0, 1, 0]
    cases, touchpoints, seconds = [], [], []
    for k, (minutes, done) in enumerate(zip(times, answered, strict=True)):
        start = 600 - minutes * MINUTE if not done else 60 * MINUTE / 60 * k
        cases.append(str(k))
        touchpoints.append("call")
        seconds.append(start)
        if done:
            cases.append(str(k))
            touchpoints.append("answer")
            seconds.append(start + minutes * MINUTE)
    return make_log(case=cases, touchpoint=touchpoints, seconds=seconds, idle="1h", until=600)


def test_response_time_takes_open_waits_as_censored(make_log):
    log = open_calls(make_log)
    median = only(jk.measure(log, jk.metrics.ResponseTime(start="call", answer="answer")))
    assert median["value"] == pytest.approx(150)  # S is .48 at 2.5 min; 90 s among the answered
    mean = only(jk.measure(log, jk.metrics.ResponseTime(start="call", answer="answer", statistic="mean")))
    assert mean["value"] == pytest.approx(3.04 * 60)
    p90 = only(jk.measure(log, jk.metrics.ResponseTime(start="call", answer="answer", statistic="p90")))
    assert p90["value"] is None
    assert p90["warning"].startswith("no data: fewer than 90 % are over")


BUSINESS_UNITS = {"Apples": 14.8, "Bananas": 9.6, "Berries": 8.0, "Oranges": 7.6}


@pytest.fixture(scope="module")
def recommendations(shared_data):
    with (shared_data / "survey" / "R_NPS_testdata.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {
        "case": [str(k) for k in range(len(rows))],
        "touchpoint": ["survey"] * len(rows),
        "time": [row["date"] for row in rows],
        "nps": [int(row["REC"]) for row in rows],
        "unit": [row["BU"] for row in rows],
    }
    return jk.read_events(columns, case="case", touchpoint="touchpoint", time="time", metrics={"nps": "nps"})


def test_nps_of_the_r_package_data_is_10_and_by_business_unit_as_cited(recommendations):
    assert only(jk.measure(recommendations, "nps"))["value"] == pytest.approx(10.0)
    rows = jk.measure(recommendations, "nps", by="unit").rows()
    # the key is called "unit" as a column of the result: it becomes by_unit
    assert {row["by_unit"]: row["value"] for row in rows} == pytest.approx(BUSINESS_UNITS, abs=0.05)


def test_several_metrics_are_stacked_under_the_same_keys(make_log):
    log = answers(make_log, "nps", {10: 3, 0: 2})
    rows = jk.measure(log, ["nps", jk.metrics.Mean(of="nps", name="average")], by="touchpoint").rows()
    assert [(row["touchpoint"], row["metric"]) for row in rows] == [("call", "nps"), ("call", "average")]
    assert rows[1]["value"] == pytest.approx(6)


def test_windows_may_have_any_length(make_log):
    log = answers(make_log, "nps", {10: 60, 0: 60})
    rows = jk.measure(log, "nps", window=timedelta(seconds=60)).rows()
    assert [row["value"] for row in rows] == [100, -100]
