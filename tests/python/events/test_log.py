"""What can be asked of a log and what its operations make of it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import journeykit as jk

#   a: search 09:00 ─ pay 09:10 ─ pay 09:11 ─ call 12:00        b: search 10:00 ─ leave 10:05        c: call 11:00
ROWS = {
    "case": ["a", "a", "a", "a", "b", "b", "c"],
    "touchpoint": ["search", "pay", "pay", "call", "search", "leave", "call"],
    "time": [f"2026-01-05T{clock}" for clock in ("09:00", "09:10", "09:11", "12:00", "10:00", "10:05", "11:00")],
    "customer": ["u1", "u1", "u1", "u1", "u2", "u2", "u1"],
    "channel": ["web", "web", "app", "phone", "web", "web", None],
    "amount": [0, 20, 20, 0, 0, 0, 0],
}


@pytest.fixture
def log() -> jk.EventLog:
    return jk.read_events(ROWS, metrics={"spend": "amount"}, completed="pay", failed="leave", idle="1h")


def paths(log: jk.EventLog) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    rows = log.to_arrow()
    for case, touchpoint in zip(
        rows[log.roles["case"]].to_pylist(), rows[log.roles["touchpoint"]].to_pylist(), strict=True
    ):
        out.setdefault(case, []).append(touchpoint)
    return out


def test_a_log_says_what_it_is(log: jk.EventLog) -> None:
    assert (len(log), log.event_count, log.case_count) == (7, 7, 3)
    assert log.touchpoints == ["call", "leave", "pay", "search"]
    assert log.roles == {
        "case": "case",
        "touchpoint": "touchpoint",
        "time": "time",
        "customer": "customer",
        "channel": "channel",
    }
    assert log.metrics == {"spend": jk.MetricColumn("amount")}
    assert (log.completed, log.failed, log.idle) == (["pay"], ["leave"], timedelta(hours=1))
    assert log.observed_until == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert repr(log).startswith(
        "EventLog: 7 events, 3 cases, 4 touchpoints, 2026-01-05 09:00 to 2026-01-05 12:00 UTC\n"
    )


def test_cases_carry_their_status(log: jk.EventLog) -> None:
    rows = log.cases().rows()
    assert [(row["case"], row["customer"], row["events"], row["status"]) for row in rows] == [
        ("a", "u1", 4, "completed"),
        ("b", "u2", 2, "failed"),
        ("c", "u1", 1, "abandoned"),  # silent for the one hour before the end of the log
    ]
    assert log.with_endings(completed="pay", failed="leave", idle="61min").cases().rows()[2]["status"] == "open"


def test_a_log_cannot_be_changed_and_is_its_own_copy(log: jk.EventLog) -> None:
    assert copy.copy(log) is log
    assert copy.deepcopy({"log": log})["log"] is log
    with pytest.raises(AttributeError, match="an EventLog never changes"):
        log.notes = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"touchpoints": "pay"}, {"a": ["pay", "pay"]}),
        ({"touchpoints": ["search", "leave"]}, {"a": ["search"], "b": ["search", "leave"]}),
        ({"touchpoints": "pay", "negate": True}, {"a": ["search", "call"], "b": ["search", "leave"], "c": ["call"]}),
        ({"touchpoints": "pay", "keep": "cases"}, {"a": ["search", "pay", "pay", "call"]}),
        ({"touchpoints": "pay", "keep": "cases", "negate": True}, {"b": ["search", "leave"], "c": ["call"]}),
        ({"cases": "b"}, {"b": ["search", "leave"]}),
        ({"customers": "u1", "touchpoints": "call"}, {"a": ["call"], "c": ["call"]}),
        ({"since": "2026-01-05T11:00"}, {"a": ["call"], "c": ["call"]}),
        ({"until": datetime(2026, 1, 5, 9, 10, tzinfo=UTC)}, {"a": ["search"]}),
        ({"since": "2026-01-05T11:00+01:00", "until": "2026-01-05T10:05"}, {"b": ["search"]}),
        ({"where": {"channel": "app"}}, {"a": ["pay"]}),
        ({"where": {"channel": ["app", None]}}, {"a": ["pay"], "c": ["call"]}),
        ({"where": {"amount": 20, "channel": "web"}}, {"a": ["pay"]}),
        ({"mask": [False] * 6 + [True]}, {"c": ["call"]}),
        ({"mask": np.arange(7) == 6}, {"c": ["call"]}),
        ({"mask": pl.Series([False] * 6 + [True])}, {"c": ["call"]}),
        ({"mask": pa.array([True] + [False] * 7)[1:].slice(0, 7), "negate": True, "touchpoints": "call"}, None),
    ],
)
def test_filter_takes_what_meets_all_conditions(
    log: jk.EventLog, conditions: dict[str, object], expected: dict[str, list[str]] | None
) -> None:
    kept = log.filter(**conditions)  # type: ignore[arg-type]
    assert paths(kept) == (paths(log) if expected is None else expected)


@pytest.mark.parametrize(
    ("conditions", "error", "message"),
    [
        ({}, jk.InvalidInput, r"filter\(\) has no condition"),
        ({"touchpoints": "paid"}, jk.NotFound, "nearest: 'pay'"),
        ({"cases": "z"}, jk.NotFound, "value 'z' is not in column 'case'"),
        ({"where": {"chanel": "app"}}, jk.NotFound, "nearest: 'channel'"),
        ({"where": {"amount": "much"}}, jk.InvalidInput, "column 'amount' holds double; its values cannot be 'much'"),
        ({"where": {"amount": 7}}, jk.InvalidInput, "no event is left"),
        ({"mask": [True]}, jk.InvalidInput, "mask has 1 values; expected one for each of the 7 events"),
        ({"mask": [None] * 7}, jk.InvalidInput, "mask has 7 missing values"),
        ({"mask": "yes"}, jk.InvalidInput, "mask holds no booleans"),
        ({"since": "soon"}, jk.InvalidInput, "since is 'soon'; expected a datetime or ISO 8601"),
        ({"since": datetime(9999, 1, 1, tzinfo=UTC)}, jk.InvalidInput, "expected a year from 1678 to 2261"),
        ({"keep": "rows", "cases": "a"}, jk.InvalidInput, "expected 'events' or 'cases'"),
    ],
)
def test_filter_refuses_what_it_cannot_mean(
    log: jk.EventLog, conditions: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        log.filter(**conditions)  # type: ignore[arg-type]


def test_a_log_without_customers_says_how_to_name_them() -> None:
    bare = jk.read_events({name: ROWS[name] for name in ("case", "touchpoint", "time")})
    with pytest.raises(
        jk.NotFound, match=r"the log has no customer column; name one when reading: read_events\(…, customer=…\)"
    ):
        bare.filter(customers="u1")


def test_rename_follows_into_the_endings_and_joins_equal_names(log: jk.EventLog) -> None:
    renamed = log.rename({"pay": "buy", "leave": "search"})
    assert paths(renamed) == {"a": ["search", "buy", "buy", "call"], "b": ["search", "search"], "c": ["call"]}
    assert (renamed.completed, renamed.failed) == (["buy"], ["search"])
    with pytest.raises(jk.NotFound, match="touchpoint 'pai' is not in the log"):
        log.rename({"pai": "buy"})


def test_stages_come_from_names_then_patterns_in_order(log: jk.EventLog) -> None:
    staged = log.to_stages({"*a*": "Other", "pay": "Buy", "call": "Support"}, unmatched="keep")
    assert paths(staged)["a"] == ["Other", "Buy", "Buy", "Support"]  # s-e-a-rch, but pay and call by their whole names
    table = {"touchpoint": ["search", "pay", "call", "leave"], "stage": ["Look", "Buy", "Help", "Look"]}
    assert paths(log.to_stages(pa.table(table))) == paths(log.to_stages(table))
    assert log.to_stages(table).touchpoints == ["Buy", "Help", "Look"]


def test_stages_that_miss_a_touchpoint_or_contradict_are_refused(log: jk.EventLog) -> None:
    with pytest.raises(jk.InvalidInput, match=r"2 touchpoints have no stage \('leave', 'search'\); add patterns"):
        log.to_stages({"pay": "Buy", "c*": "Support"})
    with pytest.raises(jk.InvalidInput, match="touchpoint 'pay' has two stages, 'A' and 'B'"):
        log.to_stages({"touchpoint": ["pay", "pay"], "stage": ["A", "B"]})
    with pytest.raises(jk.InvalidInput, match="expected touchpoint and stage"):
        log.to_stages(pa.table({"x": ["pay"]}))


def test_sessions_cut_at_long_pauses(log: jk.EventLog) -> None:
    cut = log.sessions("1h")  # a pauses from 09:11 to 12:00
    assert paths(cut) == {"a#1": ["search", "pay", "pay"], "a#2": ["call"], "b#1": ["search", "leave"], "c#1": ["call"]}
    with pytest.raises(jk.InvalidInput, match="gap is 'soon'"):
        log.sessions("soon")


def test_repeats_collapse_to_the_first(log: jk.EventLog) -> None:
    assert paths(log.collapse_repeats())["a"] == ["search", "pay", "call"]


def test_a_sample_is_whole_cases_and_the_same_for_any_order_of_rows(log: jk.EventLog) -> None:
    mirrored = jk.read_events({name: values[::-1] for name, values in ROWS.items()})
    for seed in range(5):
        assert paths(log.sample(2, seed=seed)) == paths(mirrored.sample(2, seed=seed))
    assert len({tuple(paths(log.sample(1, seed=seed))) for seed in range(20)}) == 3
    with pytest.raises(jk.InvalidInput, match="cases is 0; expected a whole number from 1"):
        log.sample(0)


def test_quality_counts_and_says_the_way_out() -> None:
    rows = {
        "case": ["a", "a", "a", "b", ""],
        "touchpoint": ["x", "y", "y", "x", "x"],
        "time": ["2026-01-02", "2026-01-01", "2026-01-01", "2026-01-02", "2026-01-02"],
        "end": ["2026-01-01", None, None, None, None],
        "csat": ["5", "6", "", "4.5", ""],
    }
    log = jk.read_events(rows, end_time="end", metrics={"csat": "csat"}, on_missing="drop")
    quality = log.quality
    assert (quality.rows_read, quality.rows_dropped, quality.duplicate_events, quality.tied_events) == (5, 1, 1, 1)
    assert (quality.out_of_order_rows, quality.ends_before_start) == (2, 1)
    assert quality.out_of_scale == {"csat": 2}  # 6 of 5, and 4.5 is no answer
    assert quality.case_status == {"completed": 0, "failed": 0, "abandoned": 0, "open": 2}
    findings = [row["finding"] for row in quality.table.rows()]
    assert findings[:5] == ["rows read", "rows dropped", "duplicate events", "tied events", "rows out of order"]
    assert "95th percentile of the gaps" in quality.closing_rule
    assert quality.to_dict()["rows_read"] == 5
    assert "           1  rows dropped: without case, touchpoint or time (mend the source)" in repr(quality)


def test_a_log_goes_to_every_dataframe_library(log: jk.EventLog) -> None:
    assert log.to_pandas().shape == (7, 6)
    assert log.to_polars().height == 7
    assert pl.DataFrame(log).height == 7
    assert pa.table(log).equals(log.to_arrow())


def test_a_log_read_again_from_its_own_rows_is_the_same(log: jk.EventLog) -> None:
    again = jk.read_events(log, metrics={"spend": "amount"}, completed="pay", failed="leave", idle="1h")
    assert again.to_arrow().equals(log.to_arrow())
    assert again.cases().to_arrow().equals(log.cases().to_arrow())


def test_what_reading_counted_survives_operations_that_keep_the_rows() -> None:
    log = jk.read_events(
        {
            "case": ["a", "a", "b", None],
            "touchpoint": ["x", "y", "x", "x"],
            "time": ["2026-01-05"] * 4,
            "csat": [9, 5, 3, 1],
        },
        metrics={"csat": "csat"},
        on_missing="drop",
    )
    for derived in (
        log,
        log.with_observed_until("2026-02-01"),
        log.with_endings(completed="y"),
        log.rename({"x": "z"}),
    ):
        assert (derived.quality.rows_read, derived.quality.rows_dropped) == (4, 1)
        assert derived.quality.out_of_scale == {"csat": 1}


def test_sessions_keep_what_reading_counted() -> None:
    log = jk.read_events(
        {
            "case": ["a", "a", "b"],
            "touchpoint": ["x", "y", "x"],
            "time": ["2026-01-05", "2026-01-06", "2026-01-05"],
            "end": ["2026-01-04", "2026-01-07", None],
            "csat": [9, 5, 3],
        },
        end_time="end",
        metrics={"csat": "csat"},
    )
    for each in (log, log.sessions("1d")):
        assert (each.quality.ends_before_start, each.quality.out_of_scale) == (1, {"csat": 1})
