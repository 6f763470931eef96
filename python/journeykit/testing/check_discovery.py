"""Answers of discovery against the plain reference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from journeykit.discovery import Variants
from journeykit.testing import reference
from journeykit.testing.comparing import cases_of, parts, same, same_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from journeykit.events import EventLog

_MOST_CHAINS = 200_000  # combinations that the reference of a funnel may try


def _by_events(touchpoints: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return sorted(touchpoints, key=lambda name: (-touchpoints[name]["events"], name.encode()))


def _directly_follows(found: Any, log: EventLog, by: Sequence[str], _threads: int) -> bool:
    edges, touchpoints = found
    for cases, rows in parts(log, edges, by):
        same_rows("directly_follows", rows, reference.directly_follows(cases))
    for cases, rows in parts(log, touchpoints, by):
        expected = reference.touchpoints(cases)
        order = _by_events(expected)
        for name in order:
            expected[name]["touchpoint"] = name
            if "duration_median_seconds" not in touchpoints.column_names:
                del expected[name]["duration_median_seconds"]
        same_rows("touchpoints", rows, [expected[name] for name in order])
    return True


def _flows(cases: reference.Cases, found: Any) -> bool:
    import pyarrow as pa

    touchpoints = reference.touchpoints(cases)
    expected = [{"touchpoint": name, **touchpoints[name]} for name in _by_events(touchpoints)]
    for what, table, rows in zip(
        ("directly_follows", "touchpoints"), found, (reference.directly_follows(cases), expected), strict=True
    ):
        kept = [{column: row[column] for column in table.column_names} for row in rows]
        same_rows(what, pa.table(table).to_pylist(), kept)
    return True


def _flows_of_log(found: Any, log: EventLog, _medians: bool, _threads: int) -> bool:
    return _flows(cases_of(log), found)


def _flows_of_table(found: Any, table: Any, case: str, touchpoint: str, time: str, *_more: Any) -> bool:
    return _flows(reference.in_cases(reference.events_of_table(table, case, touchpoint, time)), found)


def _case_durations(found: Any, log: EventLog, by: Sequence[str]) -> bool:
    for cases, rows in parts(log, found, by):
        same_rows("case_durations", rows, [reference.case_durations(cases)] if cases else [])
    return True


def _variants(found: Any, log: EventLog, by: Sequence[str]) -> bool:
    for cases, rows in parts(log, Variants(*found), by):
        same_rows("variants", rows, reference.variants(cases))
    return True


def _rework(found: Any, log: EventLog, by: Sequence[str]) -> bool:
    for cases, rows in parts(log, found[0], by):
        expected = reference.rework(cases)
        order = sorted(expected, key=lambda t: (-expected[t]["repeating_cases"], -expected[t]["repeats"], t.encode()))
        same_rows("rework", rows, [{"touchpoint": name, **expected[name]} for name in order])
    for cases, rows in parts(log, found[1], by):
        repeating = sum(len({event.touchpoint for event in case}) < len(case) for case in cases.values())
        same_rows("rework overall", rows, [{"cases": len(cases), "repeating_cases": repeating}])
    return True


def _step_matrix(found: Any, log: EventLog, steps: int, counts: bool, by: Sequence[str]) -> bool:
    touchpoint = list(found.column_names)[len(by)]
    for cases, rows in parts(log, found, by):
        expected = reference.step_matrix(cases, steps)
        expected.setdefault(None, [0] * steps)
        same("step_matrix: touchpoints", {row[touchpoint] for row in rows}, set(expected))
        for row in rows:
            for k, count in enumerate(expected[row[touchpoint]]):
                same("step_matrix", row[f"step_{k + 1}"], count if counts else count / len(cases))
    return True


def _funnel(found: Any, log: EventLog, steps: Sequence[Sequence[str]], within: int | None, by: Sequence[str]) -> bool:
    longest = max(map(len, cases_of(log).values()))
    if sum(math.comb(longest, depth) for depth in range(1, len(steps) + 1)) * log.case_count > _MOST_CHAINS:
        return False
    for cases, rows in parts(log, found, by):
        same_rows("funnel", rows, reference.funnel(cases, steps, within))
    return True


def _cases_along(found: Any, log: EventLog, *asked: Any) -> bool:
    contains, starts, ends, pair, within, directly, negate = asked
    follows = None if pair is None else (*pair, within)
    expected = [
        reference.along(case, contains, starts, ends, follows, directly) != negate for case in cases_of(log).values()
    ]
    same("filter_paths", [bool(one) for one in found], expected)
    return True


CHECKS: dict[str, Callable[..., bool]] = {
    "directly_follows": _directly_follows,
    "flows_of_log": _flows_of_log,
    "flows_of_table": _flows_of_table,
    "case_durations": _case_durations,
    "variants": _variants,
    "rework": _rework,
    "step_matrix": _step_matrix,
    "funnel": _funnel,
    "cases_along": _cases_along,
}
