"""Verification finds what is wrong, lets through what is right, and leaves the engine as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import journeykit as jk
from journeykit import _core
from journeykit.testing import event_logs, verified

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

LOG = jk.read_events(
    {
        "case": ["1", "1", "1", "2", "2"],
        "touchpoint": ["a", "b", "a", "a", "c"],
        "time": [f"2026-01-05T09:0{k}" for k in range(5)],
        "plan": ["x", None, "y", None, None],
        "csat": [5, None, 2, 3, None],
    },
    metrics={"csat": "csat"},
    completed="c",
    idle="0s",
)
KEYS = {"case": "case", "touchpoint": "touchpoint", "time": "time"}
QUESTIONS: list[tuple[str, Callable[[jk.EventLog], Any]]] = [
    ("directly_follows", lambda log: jk.directly_follows(log, by="plan")),
    ("flows_of_log", lambda log: jk.directly_follows(log, times="mean")),
    ("measure", lambda log: jk.measure(log, ["csat", "completion"], by="plan")),
    ("case_durations", lambda log: jk.case_durations(log, by="plan")),
    ("variants", lambda log: log.variants(by="plan")),
    ("rework", lambda log: log.rework(by="plan")),
    ("step_matrix", lambda log: log.step_matrix(steps=3, by="plan")),
    ("funnel", lambda log: log.funnel(["a", "c"], by="plan")),
    ("cases_along", lambda log: log.filter_paths(starts="a")),
]


@settings(max_examples=150, deadline=None)
@given(event_logs(), st.sampled_from([None, "channel", "customer", ["channel", "csat"]]), st.sampled_from([1, 2, 8]))
def test_every_answer_agrees_with_its_reference(table: pa.Table, by: Any, threads: int) -> None:
    log = jk.read_events(table, metrics={"csat": "csat"})
    if isinstance(by, list):
        by = ["channel", "touchpoint"]
    with verified() as seen:
        jk.directly_follows(log, by=by, threads=threads)
        jk.case_durations(log, by=by)
        log.variants(by=by)
        log.rework(by=by)
        log.step_matrix(steps=4, by=by)
        log.step_matrix(steps=2, values="count", by=by)
        log.funnel(log.touchpoints[:2], within="10s", by=by)
        log.filter_paths(ends=log.touchpoints)
    assert seen.checked + seen.skipped == 8
    assert seen.checked >= 7  # a funnel over a long case is left to smaller logs


@settings(max_examples=80, deadline=None)
@given(event_logs(), st.sampled_from(["mean", "median"]), st.sampled_from([1, 2, 8]))
def test_counts_of_tables_agree_with_their_reference(table: pa.Table, times: Any, threads: int) -> None:
    log = jk.read_events(table)
    with verified() as seen:
        jk.directly_follows(log, times=times, threads=threads)
        jk.directly_follows(table, **KEYS, times=times, threads=threads)
        jk.directly_follows(table, **KEYS, threads=threads)
    assert (seen.checked, seen.skipped) == (3, 0)


@settings(max_examples=80, deadline=None)
@given(
    event_logs(),
    st.sampled_from([None, "channel", "touchpoint", "case status", "stage", ["channel", "case status"]]),
    st.sampled_from([None, "day", "90min"]),
    st.booleans(),
)
def test_measures_agree_with_their_reference(table: pa.Table, by: Any, window: str | None, once: bool) -> None:
    log = jk.read_events(table, metrics={"csat": "csat"})
    log = log.with_endings(completed=log.touchpoints[0], failed=log.touchpoints[1:2], idle="10min")
    asked = [
        "csat",
        jk.metrics.Csat(statistic="mean", once_per_case=once),
        jk.metrics.Csat(statistic="distribution", once_per_case=once),
        jk.metrics.Csat(top=1, name="delighted"),
        *("completion", "drop_off", "silent_exit"),
        jk.metrics.Transfers(of="channel"),
    ]
    options: dict[str, Any] = {"stages": {log.touchpoints[0]: "first", "*": "later"}} if by == "stage" else {}
    span = log.to_arrow()["time"]
    if window == "90min" and (span[-1].as_py() - span[0].as_py()).days > 30:
        window = None
    with verified() as seen:
        jk.measure(log, asked, by=by, window=window, **options)
        jk.measure(log, asked, by=by, touchpoints=log.touchpoints[-1], **options)
        jk.measure(log, "resolution_time")  # has no reference yet
    assert (seen.checked, seen.skipped) == (2 * len(asked), 1)


@pytest.mark.parametrize(("name", "ask"), QUESTIONS, ids=[name for name, _ in QUESTIONS])
def test_a_wrong_answer_is_found(monkeypatch: pytest.MonkeyPatch, name: str, ask: Callable[[jk.EventLog], Any]) -> None:
    """Each answer is asked of a log with one event less."""
    right = getattr(_core, name)
    less = LOG.filter(mask=[False, True, True, True, True])._core
    monkeypatch.setattr(_core, name, lambda _log, *given: right(less, *given))
    with verified(), pytest.raises(AssertionError, match=r"journeykit counts .* the reference counts"):
        ask(LOG)


def test_a_wrong_count_of_a_table_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = _core.flows_of_table
    monkeypatch.setattr(_core, "flows_of_table", lambda table, *given: right(table.slice(1), *given))
    with verified(), pytest.raises(AssertionError, match=r"journeykit counts .* the reference counts"):
        jk.directly_follows(LOG.to_arrow(), **KEYS, times="mean")


def test_right_answers_are_counted_and_large_logs_are_skipped() -> None:
    with verified() as seen:
        for _, ask in QUESTIONS:
            ask(LOG)
    assert (seen.checked, seen.skipped) == (len(QUESTIONS) + 1, 0)  # measure is asked for two numbers
    with verified(max_events=4) as seen:
        LOG.variants()
    assert (seen.checked, seen.skipped) == (0, 1)


def test_the_engine_is_as_it_was_afterwards_also_after_an_error() -> None:
    before = {name: getattr(_core, name) for name, _ in QUESTIONS}
    with pytest.raises(jk.NotFound), verified():
        LOG.variants(by="nothing")
    assert {name: getattr(_core, name) for name, _ in QUESTIONS} == before
