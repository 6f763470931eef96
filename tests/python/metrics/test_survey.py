"""Survey answers attached to the events they speak of."""

from __future__ import annotations

import random
from bisect import bisect_right

import pytest

import journeykit as jk
from metrics.conftest import moments
from metrics.small import only

HOUR = 3_600
DAY = 86_400


@pytest.fixture
def log(make_log):
    """x: call on day 0, chat on day 1; y: call on day 2; z: call on day 3, twice at the same moment in two cases."""
    return make_log(
        case=["a", "a", "b", "c", "d"],
        touchpoint=["call", "chat", "call", "call", "call"],
        seconds=[0, DAY, 2 * DAY, 3 * DAY, 3 * DAY],
        customer=["x", "x", "y", "z", "z"],
    )


def answers(*rows):
    customers, seconds, scores = zip(*rows, strict=True)
    return {"customer": list(customers), "time": moments(seconds), "nps": list(scores)}


def attached(log, name="nps"):
    return log.to_arrow()[name].to_pylist()


def test_an_answer_stands_on_the_latest_event_of_its_customer_before_it(log):
    with_answers = log.with_survey(answers(("x", DAY + HOUR, 9), ("y", 2 * DAY, 0)))
    assert attached(with_answers) == [None, 9.0, 0.0, None, None]
    assert with_answers.survey_report.attached == 2


def test_an_answer_about_a_touchpoint_skips_later_events_elsewhere(log):
    with_answers = log.with_survey(answers(("x", DAY + HOUR, 9)), touchpoint="call")
    assert attached(with_answers) == [9.0, None, None, None, None]


def test_each_answer_may_name_its_touchpoint(log):
    rows = answers(("x", 2 * DAY, 9), ("x", 2 * DAY, 3)) | {"about": ["call", "chat"]}
    with_answers = log.with_survey(rows, answer_touchpoint="about")
    assert attached(with_answers) == [9.0, 3.0, None, None, None]


def test_late_early_unknown_and_incomplete_answers_are_counted_and_left_out(log):
    rows = answers(("y", 30 * DAY, 10), ("y", DAY, 10), ("q", 2 * DAY, 10), (None, 2 * DAY, 10), ("y", 2 * DAY, None))
    report = log.with_survey(rows).survey_report
    assert (report.late, report.early, report.unmatched, report.incomplete) == (1, 1, 1, 2)
    assert report.attached == 0
    assert report.answers == 5


def test_an_answer_exactly_at_the_end_of_the_window_is_in_time(log):
    assert log.with_survey(answers(("y", 16 * DAY, 10))).survey_report.attached == 1
    assert log.with_survey(answers(("y", 16 * DAY + 1, 10))).survey_report.late == 1


def test_of_two_answers_on_one_event_the_later_stays(log):
    with_answers = log.with_survey(answers(("y", 3 * DAY, 2), ("y", 2 * DAY + HOUR, 10)))
    assert attached(with_answers)[2] == 2.0
    assert with_answers.survey_report.superseded == 1


def test_a_later_answer_without_a_value_keeps_the_earlier_value_of_that_question(log):
    rows = {"customer": ["y", "y"], "time": moments([2 * DAY, 3 * DAY]), "nps": [7, None], "csat": [1, 5]}
    with_answers = log.with_survey(rows)
    assert (attached(with_answers, "nps")[2], attached(with_answers, "csat")[2]) == (7.0, 5.0)


def test_two_events_at_the_same_moment_are_ambiguous(log):
    with_answers = log.with_survey(answers(("z", 4 * DAY, 8)))
    assert with_answers.survey_report.ambiguous == 1
    assert attached(with_answers) == [None, None, None, None, 8.0]


def test_answers_may_be_found_by_case_or_by_any_column(make_log):
    log = make_log(
        case=["1", "2"], touchpoint=["call", "call"], seconds=[0, DAY], order_number=[17, 18], customer=["x", "y"]
    )
    by_case = log.with_survey({"case": [2], "time": moments([DAY]), "nps": [10]}, key="case")
    assert attached(by_case) == [None, 10.0]
    by_number = log.with_survey({"order_number": [17], "time": moments([DAY]), "nps": [1]}, key="order_number")
    assert attached(by_number) == [1.0, None]


def test_the_response_rate_has_a_wilson_interval_by_customers(log):
    report = log.with_survey(answers(("x", DAY, 9))).survey_report
    rows = {row["unit"]: row for row in report.response.rows()}
    assert (rows["customers"]["answered"], rows["customers"]["eligible"]) == (1, 3)
    low, high = jk.metrics.wilson(1, 3)
    assert (rows["customers"]["low"], rows["customers"]["high"]) == pytest.approx((low, high))
    assert (rows["cases"]["answered"], rows["cases"]["eligible"]) == (1, 4)
    assert (rows["events"]["answered"], rows["events"]["eligible"]) == (1, 5)


def test_only_customers_at_the_touchpoint_are_eligible(log):
    report = log.with_survey(answers(("x", 2 * DAY, 9)), touchpoint="chat").survey_report
    assert report.response.rows()[0]["eligible"] == 1


def test_out_of_scale_answers_are_left_out_and_said(log):
    with_answers = log.with_survey(answers(("x", DAY, 11), ("y", 2 * DAY, 9)))
    row = only(jk.measure(with_answers, "nps"))
    assert (row["value"], row["n"]) == (100, 1)
    assert "1 answer of the log off the scale" in row["warning"]


def test_measures_say_from_how_many_cases_the_answers_came(log):
    row = only(jk.measure(log.with_survey(answers(("x", DAY, 9))), "nps"))
    assert "answers from 25 % of the 4 cases" in row["warning"]


def test_those_who_answered_are_compared_with_the_others(make_log):
    """20 customers answered and had 4 events each, 20 did not and had 2: every customer one case."""
    case, touchpoint, seconds, customer, channel = [], [], [], [], []
    for k in range(40):
        for step in range(4 + k % 2 if k < 20 else 2 + k % 2):
            case.append(str(k))
            touchpoint.append(f"step {step}")
            seconds.append(k * 100 + step * 10)
            customer.append(f"c{k:02}")
            channel.append("phone" if k < 10 or k >= 35 else "web")
    log = make_log(case=case, touchpoint=touchpoint, seconds=seconds, customer=customer, channel=channel)
    given = answers(*[(f"c{k:02}", 10_000, 9) for k in range(20)])
    report = log.with_survey(given).survey_report
    rows = {row["behaviour"]: row for row in report.comparison.rows()}
    events = rows["events per case"]
    assert (events["answered"], events["others"], events["difference"]) == pytest.approx((4.5, 2.5, 2.0))
    # Welch: each side 10 + 10 values half a step from the mean: s² = 5/19, se = √(2·5/19/20), 38 degrees
    scipy_stats = pytest.importorskip("scipy.stats")
    reference = scipy_stats.ttest_ind([4, 5] * 10, [2, 3] * 10, equal_var=False)
    interval = reference.confidence_interval()
    assert (events["low"], events["high"]) == pytest.approx((interval.low, interval.high))
    assert events["p"] == pytest.approx(reference.pvalue)
    phone = rows["share of cases through channel phone"]
    assert (phone["answered"], phone["others"]) == pytest.approx((0.5, 0.25))
    assert (phone["low"], phone["high"]) == pytest.approx(jk.metrics.newcombe(10, 20, 5, 20))
    p = [row["p"] for row in report.comparison.rows() if row["p"] is not None]
    adjusted = [row["p_adjusted"] for row in report.comparison.rows() if row["p_adjusted"] is not None]
    assert adjusted == pytest.approx(jk.metrics.benjamini_hochberg(p))
    assert "events per case" in str(report)


def test_a_survey_without_any_answer_in_the_log_is_no_data(log):
    report = log.with_survey(answers(("q", DAY, 9))).survey_report
    assert report.response.rows()[0]["response_share"] == 0
    assert all(row["answered"] is None for row in report.comparison.rows())
    assert all(row["p"] is None for row in report.comparison.rows())


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"key": "custommer"}, jk.NotFound, "nearest: 'customer'"),
        ({"time": "when"}, jk.NotFound, "'when'"),
        ({"touchpoint": "cal"}, jk.NotFound, "nearest: 'call'"),
        ({"within": "0s"}, jk.InvalidInput, "within"),
        ({"metrics": {}}, jk.InvalidInput, "metrics="),
        ({"metrics": {"nps": "npss"}}, jk.NotFound, "nearest: 'nps'"),
        ({"answer_key": "who"}, jk.NotFound, "'who'"),
    ],
)
def test_wrong_options_say_the_way_out(log, change, error, said):
    options = {"answer_key": "customer"} | change
    with pytest.raises(error, match=said):
        log.with_survey(answers(("x", DAY, 9)), **options)


def test_a_question_that_the_log_has_already_is_refused(log):
    with_answers = log.with_survey(answers(("x", DAY, 9)))
    with pytest.raises(jk.InvalidInput, match="already"):
        with_answers.with_survey(answers(("x", DAY, 9)))


def naive_match(events, rows, within):
    """Event index per answer, or why there is none. events: (customer, time) in log order; rows: (customer, time)."""
    out = []
    for customer, time in rows:
        mine = sorted((t, k) for k, (c, t) in enumerate(events) if c == customer)
        at = bisect_right(mine, (time, len(events)))
        if not mine:
            out.append("unmatched")
        elif at == 0:
            out.append("early")
        elif time - mine[at - 1][0] > within:
            out.append("late")
        else:
            out.append(mine[at - 1][1])
    return out


def test_matching_agrees_with_a_naive_search_on_random_logs(make_log):
    chance = random.Random(7)
    for _ in range(60):
        events = [(f"c{chance.randrange(4)}", chance.randrange(20)) for _ in range(chance.randrange(1, 25))]
        cases = [f"{k % 7}" for k in range(len(events))]
        log = make_log(
            case=cases,
            touchpoint=["call"] * len(events),
            seconds=[t for _, t in events],
            customer=[c for c, _ in events],
        )
        ordered = list(zip(log.to_arrow()["customer"].to_pylist(), log.to_arrow()["time"].to_pylist(), strict=True))
        start = moments([0])[0]
        ordered = [(c, round((t - start).total_seconds())) for c, t in ordered]
        rows = [(f"c{chance.randrange(5)}", chance.randrange(25)) for _ in range(chance.randrange(1, 12))]
        expected = naive_match(ordered, rows, 6)
        with_answers = log.with_survey(answers(*[(c, t, 5) for c, t in rows]), within="6s")
        hit = {k for k in expected if isinstance(k, int)}
        assert [k for k, v in enumerate(attached(with_answers)) if v is not None] == sorted(hit)
        report = with_answers.survey_report
        for reason in ("unmatched", "early", "late"):
            assert getattr(report, reason) == expected.count(reason)
        assert report.attached + report.superseded == sum(isinstance(k, int) for k in expected)
