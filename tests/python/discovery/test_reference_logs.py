"""Numbers that pm4py 2.7.23 gives for two public logs, recounted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from journeykit.discovery import case_durations, directly_follows, rework, step_matrix, variants

if TYPE_CHECKING:
    from journeykit import EventLog


def counts(log: EventLog) -> dict[tuple[str, str], int]:
    return {(row["source"], row["target"]): row["count"] for row in directly_follows(log).rows()}


def test_running_example_has_the_published_graph(running_example: EventLog) -> None:
    found = counts(running_example)
    assert len(found) == 16
    assert found["check ticket", "decide"] == 6
    assert found["examine casually", "check ticket"] == 4
    assert found["decide", "pay compensation"] == 3
    assert found["decide", "reinitiate request"] == 3
    assert found["decide", "reject request"] == 3
    assert found["register request", "examine casually"] == 3
    assert found["check ticket", "examine casually"] == 2
    assert found["examine casually", "decide"] == 2
    assert found["examine thoroughly", "check ticket"] == 2
    assert found["register request", "check ticket"] == 2
    assert sorted(found.values())[:6] == [1] * 6


def test_running_example_starts_ends_and_times_as_published(running_example: EventLog) -> None:
    flows = directly_follows(running_example)
    assert flows.starts == {"register request": 6}
    assert flows.ends == {"pay compensation": 3, "reject request": 3}
    assert flows.rows()[0]["mean_seconds"] == 181_960
    durations = case_durations(running_example).rows()[0]
    assert (durations["cases"], durations["events"]) == (6, 42)
    assert durations["mean_seconds"] == 966_890
    assert durations["median_seconds"] == 815_940
    assert durations["max_seconds"] == 1_576_440


def test_running_example_repeats_as_published(running_example: EventLog) -> None:
    repeating = {row["touchpoint"]: row["repeating_cases"] for row in rework(running_example).rows()}
    assert {name: cases for name, cases in repeating.items() if cases} == {
        "check ticket": 2,
        "decide": 2,
        "examine casually": 1,
        "reinitiate request": 1,
    }


def test_running_example_has_six_variants_of_one_case(running_example: EventLog) -> None:
    assert [row["cases"] for row in variants(running_example).rows()] == [1] * 6


def test_helpdesk_has_the_published_graph(helpdesk: EventLog) -> None:
    assert (helpdesk.case_count, helpdesk.event_count, len(helpdesk.touchpoints)) == (4_580, 21_348, 14)
    found = counts(helpdesk)
    assert len(found) == 55
    assert found["Resolve ticket", "Closed"] == 4_558
    assert found["Assign seriousness", "Take in charge ticket"] == 4_160
    assert found["Take in charge ticket", "Resolve ticket"] == 3_563
    assert found["Take in charge ticket", "Wait"] == 1_265


def test_helpdesk_variants_durations_and_rework_as_published(helpdesk: EventLog) -> None:
    found = variants(helpdesk)
    assert len(found) == 226
    assert [row["cases"] for row in found.rows()[:3]] == [2_366, 552, 228]
    durations = case_durations(helpdesk).rows()[0]
    assert durations["mean_seconds"] == pytest.approx(3_530_166.42, abs=0.005)
    assert durations["median_seconds"] == 3_443_836.5
    repeated = rework(helpdesk)
    assert {row["touchpoint"]: row["repeating_cases"] for row in repeated.rows()}["Resolve ticket"] == 386
    assert repeated.overall.rows()[0]["repeating_cases"] == 1_240


def test_helpdesk_step_matrix_adds_up_and_counts_customers(helpdesk: EventLog) -> None:
    table = step_matrix(helpdesk, steps=15, values="count").to_arrow()
    assert {sum(table[f"step_{k}"].to_pylist()) for k in range(1, 16)} == {4_580}
    assert table["touchpoint"][-1].as_py() == "(ended)"
