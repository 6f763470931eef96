"""Columns guessed from their names, and start and complete rows joined; the joining against a slow twin."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

import journeykit as jk


def table(*names: str) -> dict[str, list[str]]:
    return {name: ["2024-01-01"] for name in names}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ("case:concept:name", "concept:name", "time:timestamp", "org:resource", "org:group"),
            {"agent": "org:resource", "department": "org:group"},
        ),
        (("case_id", "activity", "timestamp"), {}),
        (("CaseID", "Activity", "Complete Timestamp"), {}),
        (("caseId", "eventName", "createdAt"), {}),
        (
            ("ticket_id", "status", "updated_at", "requester_id", "assignee_id"),
            {"customer": "requester_id", "agent": "assignee_id"},
        ),
        (
            (
                "number",
                "incident_state",
                "sys_updated_at",
                "caller_id",
                "contact_type",
                "assignment_group",
                "assigned_to",
            ),
            {
                "customer": "caller_id",
                "channel": "contact_type",
                "department": "assignment_group",
                "agent": "assigned_to",
            },
        ),
        (("session_id", "event", "timestamp", "user_id"), {"customer": "user_id"}),
        (
            ("case", "activity", "start_timestamp", "end_timestamp", "resource"),
            {"end_time": "end_timestamp", "agent": "resource"},
        ),
        (("Activity", "concept:name", "case:concept:name", "time:timestamp"), {}),
    ],
)
def test_well_known_names_are_guessed_and_said(names: tuple[str, ...], expected: dict[str, str]) -> None:
    log = jk.read_events(table(*names))
    roles = log.roles
    assert {role: column for role, column in roles.items() if role not in ("case", "touchpoint", "time")} == expected
    assert log.notes[-1] == "guessed from the names of the columns: " + ", ".join(
        f"{role} = '{roles[role]}'"
        for role in ("case", "touchpoint", "time", "end_time", "customer", "channel", "department", "agent")
        if role in roles
    )


@pytest.mark.parametrize("told", [{}, {"case": "case"}, {"channel": "channel"}])
def test_two_columns_of_the_name_that_is_meant_are_refused(told: dict[str, str]) -> None:
    doubled = told.get("channel", "case")
    names = ["case", "touchpoint", "time", "channel", doubled]
    rows = pa.table([pa.array(["2024-01-01"])] * len(names), names=names)
    message = f"column '{doubled}' stands twice in the table, and either may be the {doubled}; rename one"
    with pytest.raises(jk.InvalidInput, match=message):
        jk.read_events(rows, **told)  # type: ignore[arg-type]
    if doubled == "case":
        for times in ("all", "mean"):
            with pytest.raises(jk.InvalidInput, match=message):
                jk.directly_follows(rows, **told, times=times)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ("order_id", "session_id", "event", "timestamp"),
            "case may be any of 'order_id', 'session_id'; name one: case=…",
        ),
        (
            ("case_id", "activity", "created_at", "updated_at"),
            "time may be any of 'created_at', 'updated_at'; name one",
        ),
        (
            ("case_id", "activity"),
            r"no column is known as the time; name it: time=… \(columns: 'case_id', 'activity'\)",
        ),
        (("who", "what", "when"), "no column is known as the case"),
    ],
)
def test_an_ambiguous_or_impossible_guess_lists_the_columns(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        jk.read_events(table(*names))


def test_guessing_can_be_turned_off_and_named_columns_win() -> None:
    rows = table("case_id", "activity", "timestamp", "user_id", "status")
    assert jk.read_events(rows, touchpoint="status").roles["touchpoint"] == "status"
    named = jk.read_events(rows, case="case_id", touchpoint="activity", time="timestamp", guess=False)
    assert "customer" not in named.roles
    assert named.notes == ()
    with pytest.raises(jk.InvalidInput, match="no column is known as the case"):
        jk.read_events(rows, guess=False)
    with pytest.raises(jk.NotFound, match=r"case column 'cas_id' is not in the table .*nearest: 'case_id'"):
        jk.read_events(rows, case="cas_id")
    with pytest.raises(jk.InvalidInput, match="case is a int; expected the name of a column"):
        jk.read_events(rows, case=3)  # type: ignore[arg-type]


def test_two_optional_candidates_leave_the_role_unset_with_a_note() -> None:
    log = jk.read_events(table("case_id", "activity", "timestamp", "user_id", "customer_id"))
    assert "customer" not in log.roles
    assert "customer is not set: it may be any of 'user_id', 'customer_id'" in log.notes


Row = tuple[str, str, int, str]


def slow_pairs(rows: list[Row]) -> list[tuple[str, str, int, int | None]]:
    """Each complete ends the oldest open start of its case and touchpoint; row by row."""
    open_starts: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    events: list[list[Any]] = []
    order = sorted(range(len(rows)), key=lambda k: (rows[k][2], rows[k][3] == "complete", k))
    for k in order:
        case, touchpoint, minute, step = rows[k]
        if step == "complete" and open_starts[case, touchpoint]:
            events[open_starts[case, touchpoint].popleft()][3] = minute
            continue
        if step == "start":
            open_starts[case, touchpoint].append(len(events))
        events.append([case, touchpoint, minute, None])
    return sorted((tuple(one) for one in events), key=str)  # type: ignore[arg-type]


def paired(rows: list[Row]) -> list[tuple[str, str, int, int | None]]:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    log = jk.read_events(
        {
            "case": [row[0] for row in rows],
            "touchpoint": [row[1] for row in rows],
            "time": [start + timedelta(minutes=row[2]) for row in rows],
            "lifecycle": [row[3] for row in rows],
        },
        pair_lifecycle=True,
    )
    got = [
        (
            row["case"],
            row["touchpoint"],
            int((row["time"] - start).total_seconds() // 60),
            None if row["end_time"] is None else int((row["end_time"] - start).total_seconds() // 60),
        )
        for row in log.to_arrow().to_pylist()
    ]
    return sorted(got, key=str)


#   complete without start │ start ─ start ─ complete ─ complete │ schedule stays │ start never ends
def test_pairs_worked_by_hand() -> None:
    rows = [
        ("a", "x", 0, "complete"), ("a", "x", 1, "start"), ("a", "x", 2, "start"), ("a", "x", 5, "complete"),
        ("a", "x", 9, "complete"), ("a", "y", 3, "schedule"), ("b", "x", 4, "start"),
    ]  # fmt: skip
    assert paired(rows) == [
        ("a", "x", 0, None),
        ("a", "x", 1, 5),
        ("a", "x", 2, 9),
        ("a", "y", 3, None),
        ("b", "x", 4, None),
    ]


@pytest.mark.parametrize("seed", range(200))
def test_pairs_agree_with_the_slow_twin(seed: int) -> None:
    draw = random.Random(seed)
    rows: list[Row] = [
        (
            draw.choice("ab"),
            draw.choice("xy"),
            draw.randrange(12),
            draw.choice(["start", "complete", "complete", "suspend"]),
        )
        for _ in range(draw.randrange(1, 30))
    ]
    rows.append(("a", "x", 0, "start"))
    assert paired(rows) == slow_pairs(rows)


def test_pairs_follow_the_instance_and_a_missing_column_is_named() -> None:
    rows: dict[str, Any] = {
        "case": ["a"] * 4, "touchpoint": ["x"] * 4, "time": ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-05"],
        "step": ["START", "START", "COMPLETE", "COMPLETE"], "concept:instance": ["1", "2", "2", "1"],
    }  # fmt: skip
    log = jk.read_events(rows, pair_lifecycle="step")
    assert [f"{row['end_time']:%d}" for row in log.to_arrow().to_pylist()] == ["05", "03"]
    with pytest.raises(
        jk.NotFound, match=r"no column says which rows start and which complete .* pair_lifecycle='column'"
    ):
        jk.read_events(rows, pair_lifecycle=True)
    with pytest.raises(jk.NotFound, match="column 'concept:instance' has no 'start' and no 'complete'"):
        jk.read_events(rows, pair_lifecycle="concept:instance")
    with pytest.raises(jk.InvalidInput, match="pair_lifecycle makes the end times; leave end_time out"):
        jk.read_events(rows | {"end": rows["time"]}, pair_lifecycle="step", end_time="end")
