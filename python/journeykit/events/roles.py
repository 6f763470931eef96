"""Which column is the case, the touchpoint, the time …: as told, or guessed from names that everybody uses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Per role the well-known names in tiers: an earlier tier wins, two columns of one tier are ambiguous. Names are
# compared in lower case with every other sign as "_". XES and OCEL names stand first: they are standards.
_KNOWN: dict[str, tuple[tuple[str, ...], ...]] = {
    "case": (
        ("case_concept_name", "ocel_oid"),
        ("case_id", "caseid", "case", "case_number", "journey_id", "trace_id"),
        (
            "ticket_id",
            "ticket",
            "ticket_number",
            "incident_id",
            "incident_number",
            "number",
            "issue_id",
            "issue_key",
            "request_id",
            "request_number",
            "order_id",
            "order_number",
            "session_id",
            "sessionid",
            "conversation_id",
            "process_instance_id",
        ),
    ),
    "touchpoint": (
        ("concept_name", "ocel_activity"),
        ("touchpoint", "touchpoint_name", "activity", "activity_name"),
        ("event", "event_name", "event_type", "action", "step", "task"),
        ("status", "state", "ticket_status", "incident_state"),
    ),
    "time": (
        ("time_timestamp", "ocel_timestamp"),
        ("timestamp", "time", "ts", "event_time", "event_timestamp", "datetime", "date_time", "occurred_at"),
        (
            "created_at",
            "updated_at",
            "sys_updated_at",
            "sys_updated_on",
            "start_time",
            "start_timestamp",
            "started_at",
            "start",
        ),
        ("end_time", "end_timestamp", "complete_timestamp", "ended_at", "date"),
    ),
    "end_time": (("end_time", "end_timestamp", "complete_timestamp", "ended_at", "finished_at"),),
    "customer": (
        ("customer_id", "customer", "client_id", "user_id", "caller_id", "requester_id", "account_id", "visitor_id"),
    ),
    "channel": (("channel", "contact_type", "contact_channel", "case_channel"),),
    "department": (("org_group",), ("department", "team", "assignment_group", "support_group", "workgroup")),
    "agent": (
        ("org_resource",),
        ("resource", "agent", "agent_id", "assigned_to", "assignee", "assignee_id"),
    ),
}
_REQUIRED = ("case", "touchpoint", "time")


def choose_roles(
    told: Mapping[str, str | None], columns: Sequence[str], *, guess: bool, hint: str, notes: list[str]
) -> dict[str, str]:
    """Column of each role.

    Parameters
    ----------
    told : mapping of role to column name or None
        What the caller named.
    columns : sequence of str
        Names in the table.
    guess : bool
        Whether roles that were not named may be guessed.
    hint : str
        What else may be wrong when a column is not there (such as another delimiter); may be empty.
    notes : list of str
        Each guess is added here.

    Raises
    ------
    NotFound
        A named column is not in the table.
    InvalidInput
        Case, touchpoint or time is not named and no column, or more than one, has a well-known name; two columns of
        the name that is meant.
    """
    roles = {}
    for role, column in told.items():
        if column is None:
            continue
        if not isinstance(column, str):
            raise InvalidInput(f"{role} is a {type(column).__name__}; expected the name of a column")
        if column not in columns:
            raise NotFound(_core.not_found_message(f"{role} column", column, "the table", list(columns)) + hint)
        roles[role] = _once(column, role, columns)
    guessed = []
    for role in _KNOWN if guess else ():
        if role in roles:
            continue
        free = [name for name in columns if name not in roles.values()]
        candidates = list(dict.fromkeys(_candidates(role, free)))
        if len(candidates) == 1:
            roles[role] = _once(candidates[0], role, columns)
            guessed.append(f"{role} = {quoted(candidates[0])}")
        elif candidates and role in _REQUIRED:
            raise InvalidInput(
                f"{role} may be any of {', '.join(quoted(name) for name in candidates)}; name one: {role}=…"
            )
        elif candidates:
            notes.append(f"{role} is not set: it may be any of {', '.join(quoted(name) for name in candidates)}")
    if guessed:
        notes.append(f"guessed from the names of the columns: {', '.join(guessed)}")
    for role in _REQUIRED:
        if role not in roles:
            raise InvalidInput(
                f"no column is known as the {role}; name it: {role}=… (columns: "
                f"{', '.join(quoted(name) for name in columns[:20])}){hint}"
            )
    return roles


def _once(column: str, role: str, columns: Sequence[str]) -> str:
    times = columns.count(column)
    if times > 1:
        raise InvalidInput(
            f"column {quoted(column)} stands {'twice' if times == 2 else f'{times} times'} in the table, and either "
            f"may be the {role}; rename one"
        )
    return column


def _candidates(role: str, columns: Sequence[str]) -> list[str]:
    plain = {
        name: re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()).strip("_")
        for name in columns
    }
    for tier in _KNOWN[role]:
        if found := [name for name in columns if plain[name] in tier]:
            return found
    return []
