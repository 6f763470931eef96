"""How answers of the engine are compared with those of the reference."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from journeykit.testing import reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from journeykit.events import EventLog


def same(what: str, found: Any, expected: Any, within: float = 0.0) -> None:
    """Raise AssertionError unless both are equal; decimals to 1e-12 of their size, or `within`."""
    if isinstance(expected, float) and isinstance(found, float):
        nanosecond = 1e-9 if what.endswith("seconds") else 0.0
        right = math.isclose(found, expected, rel_tol=1e-12, abs_tol=max(within, nanosecond))
    else:
        right = found == expected
    if not right:
        raise AssertionError(f"journeykit counts {what} = {found!r:.200}; the reference counts {expected!r:.200}")


def same_rows(
    what: str, found: Iterable[Mapping[str, Any]], expected: Iterable[Mapping[str, Any]], within: float = 0.0
) -> None:
    """The same in every row, for the columns that are expected."""
    found, expected = list(found), list(expected)
    same(f"rows of {what}", len(found), len(expected))
    for row, other in zip(found, expected, strict=True):
        for column, value in other.items():
            same(f"{what}: {column}", row[column], value, within)


def cases_of(log: EventLog) -> reference.Cases:
    """The cases of a log, whose events must stand in order."""
    events = reference.events_of(log)
    order = [(event.case.encode(), event.time) for event in events]
    same("order of events", order, sorted(order))
    return reference.in_cases(events)


def how_cases_ended(log: EventLog, cases: reference.Cases) -> dict[str, str]:
    """Each case to completed, failed, abandoned or open."""
    core, outcome = log._core, log.roles.get("outcome")
    rule = (core.completed, core.failed, core.idle_ns, core.observed_until_ns, outcome)
    return {one: reference.status(case, *rule) for one, case in cases.items()}


def parts(log: EventLog, table: Any, by: Sequence[str]) -> Iterator[tuple[reference.Cases, list[dict[str, Any]]]]:
    """Each segment with its rows of the result, whose first columns are the keys."""
    import pyarrow as pa

    rows = pa.table(table).to_pylist()
    key_columns = list(table.column_names)[: len(by)]
    by_key: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for key, own in itertools.groupby(rows, lambda row: tuple(row[column] for column in key_columns)):
        same("segment that stands twice", key in by_key, False)
        by_key[key] = list(own)
    expected = reference.segments(cases_of(log), by)
    same("unknown segments", set(by_key) - set(expected), set())
    for key, cases in expected.items():
        yield cases, by_key.get(key, [])


def rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Exact fractions as the nearest decimals."""
    return {column: float(value) if isinstance(value, Fraction) else value for column, value in row.items()}
