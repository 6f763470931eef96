"""Groups, windows, options, warnings and errors of `measure`, and the states where nothing can be said."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

import journeykit as jk
from metrics.conftest import moments
from metrics.small import only

DAY = 86_400


@pytest.fixture
def log(make_log):
    """Three customers; case c2 of x is open at the end."""
    return make_log(
        case=["c1", "c1", "c1", "c2", "c3", "c3", "c4"],
        touchpoint=["search", "call", "pay", "search", "search", "pay", "search"],
        seconds=[0, DAY, 2 * DAY, 9 * DAY, DAY, 3 * DAY, DAY],
        customer=["x", "x", "x", "x", "y", "y", "z"],
        channel=["web", "phone", "web", "web", "web", None, "app"],
        nps=[None, 9, None, None, 2, None, 8],
        metrics={"nps": "nps"},
        completed=["pay"],
        idle="2d",
    )


def values(table, *keys):
    return {tuple(row[key] for key in keys): row["value"] for row in table.rows()}


def test_groups_stand_in_order_with_missing_values_last_as_a_group_of_their_own(log):
    table = jk.measure(log, "nps", by="channel")
    assert [(row["channel"], row["value"], row["n"]) for row in table.rows()] == [
        ("app", 0, 1),
        ("phone", 100, 1),
        ("web", -100, 1),
        (None, None, 0),
    ]


def test_a_group_without_answers_is_no_data_not_zero(log):
    row = jk.measure(log, "nps", by="touchpoint").rows()[1]
    assert (row["touchpoint"], row["value"], row["low"], row["n"], row["evidence"]) == ("pay", None, None, 0, None)
    assert row["warning"] == "no data"


def test_a_case_counts_once_in_every_group_that_it_touches(log):
    table = jk.measure(log, "completion", by="channel")
    assert {row["channel"]: (row["value"], row["n"]) for row in table.rows()} == {
        "app": (0, 1),
        "phone": (1, 1),
        "web": (1, 2),
        None: (1, 1),
    }


def test_drop_off_is_where_closed_cases_end_without_completing(log):
    assert values(jk.measure(log, "drop_off", by="touchpoint"), "touchpoint") == {
        ("call",): 0,
        ("pay",): 0,
        ("search",): pytest.approx(1 / 3),
    }


def test_open_cases_are_left_out_and_said(log):
    row = only(jk.measure(log, "completion"))
    assert (row["value"], row["n"]) == (pytest.approx(2 / 3), 3)
    assert "25 % of the cases are still open" in row["warning"]


def test_by_may_name_a_role_a_column_a_status_and_a_stage(log):
    stages = {"search": "Find", "call": "Help", "pay": "Buy"}
    table = jk.measure(log, "nps", by=["case status", "stage"], stages=stages)
    assert values(table, "case status", "stage") == {
        ("completed", "Buy"): None,
        ("completed", "Find"): -100,
        ("completed", "Help"): 100,
        ("abandoned", "Find"): 0,
        ("open", "Find"): None,
    }


def test_stages_may_come_from_a_map(log):
    stages = {"search": "Find", "call": "Help", "pay": "Buy"}
    touchpoints = [{"id": name, "stage": stage} for name, stage in stages.items()]
    journey = jk.JourneyMap.build("Shop", stages=list(stages.values()), touchpoints=touchpoints)
    assert values(jk.measure(log, "nps", by="stage", stages=journey), "stage") == {
        ("Buy",): None,
        ("Find",): -50,
        ("Help",): 100,
    }


def test_numbers_and_booleans_divide_a_log_too(make_log):
    log = make_log(
        case=["a", "b", "c"], touchpoint=["x"] * 3, seconds=[0, 1, 2], tier=[10, 9, None], vip=[True, None, False],
        nps=[10, 0, 0], metrics={"nps": "nps"},
    )  # fmt: skip
    assert [row["tier"] for row in jk.measure(log, "nps", by="tier").rows()] == [9, 10, None]
    assert [row["vip"] for row in jk.measure(log, "nps", by="vip").rows()] == [False, True, None]


def test_touchpoints_choose_answers_contacts_and_cases(log):
    assert only(jk.measure(log, "nps", touchpoints="search"))["value"] == -50
    assert only(jk.measure(log, "completion", touchpoints=["call"]))["n"] == 1
    assert only(jk.measure(log, "contact_rate", touchpoints="call"))["value"] == pytest.approx(1 / 4)


def test_windows_begin_at_midnight_of_the_time_zone(make_log):
    # New York: 2026-03-08 has 23 hours; 04:30 UTC on the 9th is still after midnight there (EDT), 03:30 is not
    times = ["2026-03-08T04:30:00Z", "2026-03-08T05:30:00Z", "2026-03-09T03:30:00Z", "2026-03-09T04:30:00Z"]
    columns = {"case": list("abcd"), "touchpoint": ["x"] * 4, "time": times, "nps": [10, 10, 0, 0]}
    log = jk.read_events(columns, metrics={"nps": "nps"})
    rows = jk.measure(log, "nps", window="day", timezone="America/New_York").rows()
    zone = ZoneInfo("America/New_York")
    assert [(row["window"].astimezone(zone).isoformat(), row["value"]) for row in rows] == [
        ("2026-03-07T00:00:00-05:00", 100),
        ("2026-03-08T00:00:00-05:00", 0),
        ("2026-03-09T00:00:00-04:00", -100),
    ]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("week", ["2025-12-29", "2026-01-05", "2026-05-11"]),
        ("month", ["2026-01-01", "2026-05-01"]),
        ("quarter", ["2026-01-01", "2026-04-01"]),
        ("year", ["2026-01-01"]),
        ("100d", ["2026-01-01", "2026-04-11"]),
    ],
)
def test_windows_of_the_calendar_and_of_a_length(make_log, window, expected):
    times = ["2026-01-01T00:00", "2026-01-05T00:00", "2026-05-17T12:00"]
    log = jk.read_events(
        {"case": list("abc"), "touchpoint": ["x"] * 3, "time": times, "nps": [10, 10, 0]}, metrics={"nps": "nps"}
    )
    rows = jk.measure(log, "nps", window=window).rows()
    assert [row["window"] for row in rows] == [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in expected]
    assert sum(row["n"] for row in rows) == 3


def test_case_measures_stand_in_the_window_where_the_case_began(log):
    rows = jk.measure(log, "completion", window="week", by="touchpoint").rows()
    assert {row["window"].date().isoformat() for row in rows} == {"2026-01-05", "2026-01-12"}
    open_week = [row for row in rows if row["window"].day == 12]
    assert [(row["touchpoint"], row["n"]) for row in open_week] == [("search", 0)]


def test_contacts_per_customer_say_which_windows_are_cut(make_log):
    log = make_log(
        case=list("abc"), touchpoint=["call"] * 3, seconds=[0, 8 * DAY, 16 * DAY], customer=list("xyz"),
    )  # fmt: skip
    metric = jk.metrics.ContactRate(contacts="call", per="customer")
    warnings = [row["warning"] for row in jk.measure(log, metric, window="week").rows()]
    assert ["part of the window" in text for text in warnings] == [False, False, True]


def test_contacts_per_period_count_the_time_since_the_first_event(make_log):
    # x: two calls in 30 days, y: none in 20: 2 contacts in 50 days
    log = make_log(
        case=list("abcd"), touchpoint=["call", "call", "visit", "visit"], seconds=[0, 5 * DAY, 10 * DAY, 30 * DAY],
        customer=list("xxyy"),
    )  # fmt: skip
    row = only(jk.measure(log, jk.metrics.ContactRate(contacts="call", per="10d")))
    assert row["value"] == pytest.approx(2 / 5)
    assert row["unit"] == "contacts per customer and period"


def test_repeated_answers_of_a_case_are_noticed(make_log):
    case = [str(k) for k in range(20) for _ in range(3)]
    given = [k % 11 for k in range(20) for _ in range(3)]
    log = make_log(
        case=case, touchpoint=["a", "b", "c"] * 20, seconds=list(range(60)), nps=given, metrics={"nps": "nps"}
    )
    assert "once_per_case" in only(jk.measure(log, "nps"))["warning"]
    once = only(jk.measure(log, jk.metrics.Nps(once_per_case=True)))
    assert once["n"] == 20
    assert "once_per_case" not in (once["warning"] or "")


def test_a_dominating_customer_is_named(make_log):
    log = make_log(
        case=[str(k) for k in range(40)], touchpoint=["x"] * 40, seconds=list(range(40)),
        customer=["big"] * 20 + [str(k) for k in range(20)], nps=[10] * 20 + [0] * 20, metrics={"nps": "nps"},
    )  # fmt: skip
    assert "one customer gives 50 % of the observations" in only(jk.measure(log, "nps"))["warning"]


def test_one_customer_has_a_value_but_no_interval(make_log):
    log = make_log(
        case=list("abc"), touchpoint=["x"] * 3, seconds=[0, 1, 2], customer=["x"] * 3, nps=[10, 10, 0],
        metrics={"nps": "nps"}, completed=["x"],
    )  # fmt: skip
    for row in jk.measure(log, ["nps", jk.metrics.Mean(of="nps"), "completion", "resolution_time"]).rows():
        assert row["value"] is not None
        assert (row["low"], row["high"]) == (None, None)
        assert "one customer: no interval" in row["warning"]


def test_one_answer_has_no_variance_and_no_interval(make_log):
    log = make_log(case=["a"], touchpoint=["x"], seconds=[0], nps=[7], metrics={"nps": "nps"})
    for row in jk.measure(log, ["nps", jk.metrics.Mean(of="nps")]).rows():
        assert (row["n"], row["low"], row["high"]) == (1, None, None)


def test_a_log_without_any_answer_is_no_data(make_log):
    log = make_log(
        case=["a", "b"], touchpoint=["x"] * 2, seconds=[0, 9], nps=[99, 99], metrics={"nps": "nps"}, idle="1h"
    )
    row = only(jk.measure(log, "nps"))
    assert (row["value"], row["n"], row["customers"]) == (None, 0, 0)
    assert "2 answers of the log off the scale" in row["warning"]
    assert only(jk.measure(log, "silent_exit"))["value"] is None  # both cases are open


def test_fcr_over_a_window_longer_than_the_log_is_no_data(make_log):
    log = make_log(case=list("abcd"), touchpoint=["call"] * 4, seconds=[0, DAY, DAY, 0], customer=list("xxyz"))
    row = only(jk.measure(log, jk.metrics.Fcr(window="30d")))
    assert row["value"] is None
    assert "nobody was followed for the whole time" in row["warning"]


def test_a_transfer_is_the_same_contact_and_a_chain_counts_once(make_log):
    # a: call, put through after 5 min, called again next day and the day after: one chain that failed; b: resolved
    log = make_log(
        case=list("pqrst"), touchpoint=["call"] * 5, seconds=[0, 300, DAY, 2 * DAY, 0],
        customer=list("aaaab"), until=30 * DAY,
    )  # fmt: skip
    row = only(jk.measure(log, "fcr"))
    assert (row["value"], row["n"]) == (0.5, 2)
    assert only(jk.measure(log, jk.metrics.Fcr(join="1min")))["value"] == 0.5
    repeats = only(jk.measure(log, "repeat_contacts"))
    assert (repeats["value"], repeats["n"]) == (0.5, 4)


def test_another_issue_is_not_a_repeat(make_log):
    log = make_log(
        case=list("pq"), touchpoint=["call"] * 2, seconds=[0, DAY], customer=list("aa"), issue=["bill", "login"],
        until=30 * DAY,
    )  # fmt: skip
    assert only(jk.measure(log, jk.metrics.Fcr(issue="issue")))["value"] == 1
    assert only(jk.measure(log, "fcr"))["value"] == 0


def test_who_left_for_good_does_not_count_as_having_called_again(make_log):
    log = make_log(
        case=list("pqr"),
        touchpoint=["call", "cancel", "call"],
        seconds=[0, DAY, 0],
        customer=list("aab"),
        until=30 * DAY,
    )
    metric = jk.metrics.Fcr(contacts="call", left="cancel")
    assert only(jk.measure(log, metric))["method"].startswith("share, Aalen–Johansen")


def test_service_level_leaves_young_waits_out_only_when_some_are_unknown(make_log):
    # two answered in time long ago, one young and answered, one young and still waiting
    log = make_log(
        case=list("aabbccd"), touchpoint=["ask", "reply"] * 3 + ["ask"], seconds=[0, 60, 0, 600, 995, 996, 990],
        until=1000, idle="1h",
    )  # fmt: skip
    row = only(jk.measure(log, jk.metrics.ServiceLevel(within="2min", start="ask", answer="reply")))
    assert (row["value"], row["n"]) == (0.5, 2)
    assert "2 waits younger than the threshold left out" in row["warning"]
    known = log.filter(cases=["a", "b", "c"])
    row = only(jk.measure(known, jk.metrics.ServiceLevel(within="2min", start="ask", answer="reply")))
    assert (row["value"], row["n"]) == (pytest.approx(2 / 3), 3)


def test_asking_again_does_not_restart_the_clock(make_log):
    log = make_log(case=["a"] * 3, touchpoint=["ask", "ask", "reply"], seconds=[0, 50, 90])
    row = only(jk.measure(log, jk.metrics.ResponseTime(start="ask", answer="reply")))
    assert (row["value"], row["n"]) == (90, 1)


def test_a_wait_may_be_the_length_of_an_event(make_log):
    log = make_log(case=["a", "b"], touchpoint=["queue"] * 2, seconds=[0, 10], end_time=moments([30, 100]))
    row = only(jk.measure(log, jk.metrics.ServiceLevel(within="30s", start="queue")))
    assert row["value"] == 0.5


def test_impossible_waits_are_left_out_and_said(make_log):
    log = make_log(case=list("abc"), touchpoint=["x"] * 3, seconds=[0, 1, 2], wait=[5.0, -1.0, 7.0])
    row = only(jk.measure(log, jk.metrics.ServiceLevel(within="6s", column="wait")))
    assert (row["value"], row["n"]) == (0.5, 2)
    assert "1 wait of the log negative" in row["warning"]


def test_the_name_of_a_metric_column_is_a_metric(make_log):
    log = make_log(
        case=["a", "b"], touchpoint=["x"] * 2, seconds=[0, 1], spend=[3.0, 5.0], happy=[5, 1],
        metrics={"money": "spend", "csat": "happy"},
    )  # fmt: skip
    rows = jk.measure(log, ["money", "csat"]).rows()
    assert [(row["metric"], row["value"], row["unit"]) for row in rows] == [
        ("mean_money", 4, "as recorded"),
        ("csat", 0.5, "share"),
    ]


def test_rows_in_any_order_give_the_same_numbers(make_log):
    chance = random.Random(3)
    rows = [
        (f"{k % 17}", chance.choice(["call", "chat", "pay"]), 1000 * k, f"c{k % 5}", chance.randrange(11))
        for k in range(200)
    ]
    metrics = ["nps", "fcr", "repeat_contacts", "completion", "resolution_time", "drop_off", jk.metrics.Mean(of="nps")]
    results = []
    for _ in range(3):
        chance.shuffle(rows)
        case, touchpoint, seconds, customer, nps = map(list, zip(*rows, strict=True))
        log = make_log(
            case=case, touchpoint=touchpoint, seconds=seconds, customer=customer, nps=nps, metrics={"nps": "nps"},
            completed=["pay"], idle="1h",
        )  # fmt: skip
        results.append(jk.measure(log, metrics, by="touchpoint").to_arrow())
    assert results[0].equals(results[1])
    assert results[0].equals(results[2])


def test_doubling_all_customers_keeps_the_values_and_narrows_the_intervals(make_log):
    chance = random.Random(4)
    rows = [(f"{k % 40}", chance.choice(["a", "pay"]), 50 * k, f"c{k % 20}", chance.randrange(11)) for k in range(300)]
    twice = rows + [(f"copy {case}", t, s, f"copy {c}", n) for case, t, s, c, n in rows]
    found = []
    for some in (rows, twice):
        case, touchpoint, seconds, customer, nps = map(list, zip(*some, strict=True))
        log = make_log(
            case=case, touchpoint=touchpoint, seconds=seconds, customer=customer, nps=nps, metrics={"nps": "nps"},
            completed=["pay"], idle="1h",
        )  # fmt: skip
        found.append(
            jk.measure(log, ["nps", jk.metrics.Mean(of="nps"), "completion", "resolution_time", "silent_exit"]).rows()
        )
    for once, both in zip(*found, strict=True):
        assert both["value"] == pytest.approx(once["value"], rel=1e-12)
        assert both["n"] == 2 * once["n"]
        if once["low"] is not None:
            assert both["high"] - both["low"] <= once["high"] - once["low"]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda log: jk.measure(log, "npss"), jk.NotFound, "nearest: 'nps'"),
        (lambda log: jk.measure(log, 3), jk.InvalidInput, "int"),
        (lambda log: jk.measure(log, []), jk.InvalidInput, "empty"),
        (lambda log: jk.measure(log, "csat"), jk.NotFound, "metrics="),
        (lambda log: jk.measure(log, "service_level"), jk.InvalidInput, "ServiceLevel"),
        (lambda log: jk.measure(log, "abandonment"), jk.InvalidInput, "answer="),
        (lambda log: jk.measure(log, "mean"), jk.InvalidInput, r"Mean\(of="),
        (lambda log: jk.measure(log, "transfers"), jk.NotFound, "agent"),
        (lambda log: jk.measure(log, "contact_rate"), jk.InvalidInput, "contacts="),
        (lambda log: jk.measure(log, "nps", by="chanel"), jk.NotFound, "nearest: 'channel'"),
        (lambda log: jk.measure(log, "nps", by="stage"), jk.InvalidInput, "stages="),
        (lambda log: jk.measure(log, "nps", by="nps"), jk.InvalidInput, "decimals"),
        (lambda log: jk.measure(log, "nps", by=["channel", "channel"]), jk.InvalidInput, "twice"),
        (lambda log: jk.measure(log, "nps", stages={"*": "x"}), jk.InvalidInput, "does not name"),
        (lambda log: jk.measure(log, "nps", by=[3]), jk.InvalidInput, "int"),
        (lambda log: jk.measure(log, "nps", window="fortnight"), jk.InvalidInput, "quarter"),
        (lambda log: jk.measure(log, "nps", window="1s"), jk.InvalidInput, "windows"),
        (lambda log: jk.measure(log, "nps", window="0s"), jk.InvalidInput, "above 0"),
        (lambda log: jk.measure(log, "nps", window="day", timezone="Mars/Base"), jk.InvalidInput, "IANA"),
        (lambda log: jk.measure(log, "nps", touchpoints="cal"), jk.NotFound, "nearest: 'call'"),
        (lambda log: jk.measure(log, "nps", confidence=95), jk.InvalidInput, "confidence"),
        (lambda log: jk.measure(log, "nps", minimum_n=-1), jk.InvalidInput, "minimum_n"),
        (lambda log: jk.measure(log, jk.metrics.Fcr(window="0s")), jk.InvalidInput, "window"),
        (lambda log: jk.measure(log, jk.metrics.Fcr(window="soon")), jk.InvalidInput, "window"),
        (lambda log: jk.measure(log, jk.metrics.Fcr(edge="left")), jk.InvalidInput, "'mature'"),
        (lambda log: jk.measure(log, jk.metrics.Fcr(issue="isue")), jk.NotFound, "isue"),
        (lambda log: jk.measure(log, jk.metrics.Csat(of="nps", statistic="median")), jk.InvalidInput, "statistic"),
        (lambda log: jk.measure(log, jk.metrics.Csat(of="nps", top=11)), jk.InvalidInput, "top"),
        (lambda log: jk.measure(log, jk.metrics.Transfers(statistic="sum")), jk.InvalidInput, "statistic"),
        (lambda log: jk.measure(log, jk.metrics.ResolutionTime(statistic="p0")), jk.InvalidInput, "p90"),
        (lambda log: jk.measure(log, jk.metrics.ResponseTime(column="w", answer="pay")), jk.InvalidInput, "one of"),
        (lambda log: jk.measure(log, jk.metrics.ResponseTime(column="channel")), jk.InvalidInput, "seconds"),
        (lambda log: jk.measure(log, jk.metrics.ResponseTime(answer="pay", abandon="no")), jk.NotFound, "abandon"),
        (
            lambda log: jk.measure(log, jk.metrics.ContactRate(contacts="call", per="7d"), window="day"),
            jk.InvalidInput,
            "per customer",
        ),
    ],
)
def test_wrong_use_says_the_way_out(log, call, error, said):
    with pytest.raises(error, match=said):
        call(log)


def test_completion_needs_a_declared_ending(make_log):
    log = make_log(case=["a"], touchpoint=["x"], seconds=[0])
    for metric in ("completion", "drop_off"):
        with pytest.raises(jk.InvalidInput, match="with_endings"):
            jk.measure(log, metric)


def test_case_contacts_need_a_customer(make_log):
    log = make_log(case=["a", "b"], touchpoint=["x", "x"], seconds=[0, 1])
    with pytest.raises(jk.InvalidInput, match="customer="):
        jk.measure(log, "fcr")


def test_nps_is_refused_on_another_scale_than_0_to_10(make_log):
    metrics = {"nps": jk.MetricColumn("nps", kind="nps", low=1, high=5)}
    log = make_log(case=["a"], touchpoint=["x"], seconds=[0], nps=[5], metrics=metrics)
    with pytest.raises(jk.InvalidInput, match="0 to 10"):
        jk.measure(log, "nps")


def test_the_catalogue_knows_every_metric_that_measure_knows():
    rows = jk.metrics.catalogue().rows()
    assert len({row["metric"] for row in rows}) == len(rows) == 15
    assert all(hasattr(jk.metrics, row["options"]) for row in rows)
    assert all(row["definition"] and row["unit"] and row["denominator"] for row in rows)


def test_without_endings_a_silent_case_is_resolved_with_its_last_event(make_log):
    log = make_log(case=["a", "a", "b"], touchpoint=["x", "y", "x"], seconds=[0, 40, DAY], idle="1h")
    row = only(jk.measure(log, "resolution_time"))
    assert row["value"] == 40
    assert "no ending is declared" in row["warning"]


def test_an_outcome_column_completes_a_case_with_its_last_event(make_log):
    log = make_log(
        case=["a", "a", "b"], touchpoint=["x", "y", "x"], seconds=[0, 40, DAY], outcome=[None, "solved", None],
        completed=["solved"], idle="1h",
    )  # fmt: skip
    assert only(jk.measure(log, "resolution_time"))["value"] == 40
