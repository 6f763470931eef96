"""attribute() of an event log: closed cases are paths, open ones are censored."""

from __future__ import annotations

from typing import Any

import pytest

import journeykit as jk


def log_of(cases: dict[str, list[str]], **options: Any) -> jk.EventLog:
    """Cases that all begin on 1 January, an event a day; `last` ends the log a year later."""
    rows = [
        {"case": case, "step": step, "at": f"2024-01-{day:02}T00:00:00Z"}
        for case, steps in {**cases}.items()
        for day, step in enumerate(steps, 1)
    ]
    rows.append({"case": "last", "step": "ad", "at": "2025-01-01T00:00:00Z"})
    named: dict[str, Any] = {"case": "case", "touchpoint": "step", "time": "at"}
    return jk.read_events(rows, **named, completed=["buy"], failed=["cancel"], idle="30d", **options)


CASES = {
    "1": ["ad", "mail", "buy"],  # completed
    "2": ["ad", "buy", "mail"],  # completed; what follows cannot have led to it
    "3": ["mail", "cancel"],  # failed
    "4": ["mail", "ad"],  # abandoned
}


def numbers(table: jk.Table, column: str) -> dict[str, Any]:
    return {row["channel"]: row[column] for row in table.rows()}


def test_a_log_gives_what_its_paths_give_as_a_table() -> None:
    paths = {"path": ["ad>mail", "ad", "mail", "mail>ad"], "conversions": [1, 1, 0, 0], "nulls": [0, 0, 1, 1]}
    expected = jk.attribute(paths, path="path", conversions="conversions", nulls="nulls", replicates=100)
    found = jk.attribute(log_of(CASES), replicates=100)
    for column in expected.column_names:
        if column != "method":
            assert numbers(found, column) == numbers(expected, column), column


def test_open_cases_are_left_out_and_the_method_says_so() -> None:
    method = jk.attribute(log_of(CASES), replicates=0).rows()[0]["method"]
    assert method == "markov, order 1, removal effect; 1 open cases left out"


def test_a_conversion_without_a_touchpoint_is_left_out_and_said_so() -> None:
    found = jk.attribute(log_of({**CASES, "5": ["buy"]}), model="last", replicates=0)
    assert "1 completed cases without a touchpoint left out" in found.rows()[0]["method"]
    assert sum(row["conversions"] for row in found.rows()) == 2


def test_time_decay_of_a_log_looks_at_its_times() -> None:
    # ad is two days before the purchase and mail one; of the second case ad has all
    found = jk.attribute(log_of(CASES), model="time_decay", half_life="1d", replicates=0)
    assert numbers(found, "conversions") == pytest.approx({"ad": 1 + 1 / 3, "mail": 2 / 3}, rel=1e-12)


def test_the_value_of_a_case_is_the_sum_of_its_metric() -> None:
    rows = {
        "case": ["1", "1", "2", "2", "3"],
        "step": ["ad", "buy", "mail", "buy", "ad"],
        "at": ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"] * 2 + ["2024-06-01T00:00:00Z"],
        "worth": [None, 30.0, 5.0, 10.0, 99.0],
    }
    log = jk.read_events(
        rows,
        case="case",
        touchpoint="step",
        time="at",
        completed=["buy"],
        idle="1d",
        metrics={"worth": jk.MetricColumn("worth")},
    )
    found = jk.attribute(log, value="worth", model="linear", replicates=0)
    assert numbers(found, "value") == pytest.approx({"ad": 30, "mail": 15}, rel=1e-12)


@pytest.mark.parametrize("option", ["path", "conversions", "nulls"])
def test_a_log_takes_no_names_of_columns(option: str) -> None:
    with pytest.raises(jk.InvalidInput, match=f"{option} is given, but a log"):
        jk.attribute(log_of(CASES), **{option: "x"})


def test_a_metric_that_the_log_does_not_have_is_not_found() -> None:
    with pytest.raises(jk.NotFound, match="'worth'"):
        jk.attribute(log_of(CASES), value="worth")


def test_a_log_without_a_completed_case_has_nothing_to_attribute() -> None:
    rows = {"case": ["1", "1"], "step": ["ad", "mail"], "at": ["2024-01-01T00:00:00Z"] * 2}
    log = jk.read_events(rows, case="case", touchpoint="step", time="at")
    with pytest.raises(jk.InvalidInput, match="no conversion"):
        jk.attribute(log)


def test_a_table_needs_the_names_of_its_columns() -> None:
    with pytest.raises(jk.InvalidInput, match="path= and conversions="):
        jk.attribute({"path": ["a"], "conversions": [1]}, path="path")
