"""Everything computed twice: what the engine counts is held to the plain reference while it is asked."""

from __future__ import annotations

import itertools
import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.discovery import Variants
from journeykit.events import EventLog
from journeykit.testing import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_MOST_CHAINS = 200_000  # combinations that the reference of a funnel may try


@dataclass
class Verification:
    """How many answers were computed twice, and how many were left: the log too large, or no reference for them."""

    checked: int = 0
    skipped: int = 0


@contextmanager
def verified(*, max_events: int = 2_000) -> Iterator[Verification]:
    """While active, each answer of the engine is computed a second time by :mod:`journeykit.testing.reference`.

    Covers directly_follows of logs and tables, case_durations, variants, rework, step_matrix, funnel and
    filter_paths, also where other functions ask for them, with segments; and of measure the value, n and customers
    of answers, shares of cases and transfers. Whole numbers must be equal, decimals to 1e-12 (times also to 1 ns).

    Parameters
    ----------
    max_events : int, default 2,000
        Larger logs are answered but not checked: the reference is slow.

    Yields
    ------
    Verification
        Its `checked` and `skipped` count the answers.

    Raises
    ------
    AssertionError
        The two differ: a bug of journeykit. Please report it with the log.

    Notes
    -----
    The functions of ``journeykit._core`` are replaced for the whole process until the block ends: do not nest
    blocks, or leave one in another thread.

    Examples
    --------
    >>> from journeykit import read_events
    >>> from journeykit.testing import verified
    >>> log = read_events({"case": ["1", "1"], "touchpoint": ["a", "b"], "time": ["2026-01-05", "2026-01-06"]})
    >>> with verified() as seen:
    ...     log.variants().rows()[0]["touchpoints"]
    ['a', 'b']
    >>> seen.checked
    1
    """
    seen = Verification()
    engine = {name: getattr(_core, name) for name in _TWINS}

    def twice(name: str) -> Callable[..., Any]:
        def ask(source: Any, *given: Any) -> Any:
            found = engine[name](source, *given)
            if found is None:  # the engine leaves it to another path
                return found
            log = EventLog(source) if isinstance(source, _core.EventLog) else source
            if len(log) > max_events or not _TWINS[name](log, found, *given):
                seen.skipped += 1
            else:
                seen.checked += 1
            return found

        return ask

    for name in engine:
        setattr(_core, name, twice(name))
    try:
        yield seen
    finally:
        for name, function in engine.items():
            setattr(_core, name, function)


def _same(what: str, found: Any, expected: Any) -> None:
    if isinstance(expected, float) and isinstance(found, float):
        nanosecond = 1e-9 if what.endswith("seconds") else 0.0
        right = math.isclose(found, expected, rel_tol=1e-12, abs_tol=nanosecond)
    else:
        right = found == expected
    if not right:
        raise AssertionError(f"journeykit counts {what} = {found!r:.200}; the reference counts {expected!r:.200}")


def _same_rows(what: str, found: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> None:
    _same(f"rows of {what}", len(found), len(expected))
    for row, other in zip(found, expected, strict=True):
        for column, value in other.items():
            _same(f"{what}: {column}", row[column], value)


def _cases(log: EventLog) -> reference.Cases:
    events = reference.events_of(log)
    order = [(event.case.encode(), event.time) for event in events]
    _same("order of events", order, sorted(order))
    return reference.in_cases(events)


def _parts(log: EventLog, table: Any, by: Sequence[str]) -> Iterator[tuple[reference.Cases, list[dict[str, Any]]]]:
    """Each segment with its rows of the result, whose first columns are the keys."""
    import pyarrow as pa

    rows = pa.table(table).to_pylist()
    key_columns = list(table.column_names)[: len(by)]
    by_key: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for key, own in itertools.groupby(rows, lambda row: tuple(row[column] for column in key_columns)):
        _same("segment that stands twice", key in by_key, False)
        by_key[key] = list(own)
    expected = reference.segments(_cases(log), by)
    _same("unknown segments", set(by_key) - set(expected), set())
    for key, cases in expected.items():
        yield cases, by_key.get(key, [])


def _by_events(touchpoints: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return sorted(touchpoints, key=lambda name: (-touchpoints[name]["events"], name.encode()))


def _directly_follows(log: EventLog, found: Any, by: Sequence[str], _threads: int) -> bool:
    edges, touchpoints = found
    for cases, rows in _parts(log, edges, by):
        _same_rows("directly_follows", rows, reference.directly_follows(cases))
    for cases, rows in _parts(log, touchpoints, by):
        expected = reference.touchpoints(cases)
        order = _by_events(expected)
        for name in order:
            expected[name]["touchpoint"] = name
            if "duration_median_seconds" not in touchpoints.column_names:
                del expected[name]["duration_median_seconds"]
        _same_rows("touchpoints", rows, [expected[name] for name in order])
    return True


def _flows(cases: reference.Cases, found: Any) -> bool:
    import pyarrow as pa

    touchpoints = reference.touchpoints(cases)
    expected = [{"touchpoint": name, **touchpoints[name]} for name in _by_events(touchpoints)]
    for what, table, rows in zip(
        ("directly_follows", "touchpoints"), found, (reference.directly_follows(cases), expected), strict=True
    ):
        kept = [{column: row[column] for column in table.column_names} for row in rows]
        _same_rows(what, pa.table(table).to_pylist(), kept)
    return True


def _flows_of_log(log: EventLog, found: Any, _medians: bool, _threads: int) -> bool:
    return _flows(_cases(log), found)


def _flows_of_table(table: Any, found: Any, case: str, touchpoint: str, time: str, *_more: Any) -> bool:
    return _flows(reference.in_cases(reference.events_of_table(table, case, touchpoint, time)), found)


def _case_durations(log: EventLog, found: Any, by: Sequence[str]) -> bool:
    for cases, rows in _parts(log, found, by):
        _same_rows("case_durations", rows, [reference.case_durations(cases)] if cases else [])
    return True


def _variants(log: EventLog, found: Any, by: Sequence[str]) -> bool:
    for cases, rows in _parts(log, Variants(*found), by):
        _same_rows("variants", rows, reference.variants(cases))
    return True


def _rework(log: EventLog, found: Any, by: Sequence[str]) -> bool:
    for cases, rows in _parts(log, found[0], by):
        expected = reference.rework(cases)
        order = sorted(expected, key=lambda t: (-expected[t]["repeating_cases"], -expected[t]["repeats"], t.encode()))
        _same_rows("rework", rows, [{"touchpoint": name, **expected[name]} for name in order])
    for cases, rows in _parts(log, found[1], by):
        repeating = sum(len({event.touchpoint for event in case}) < len(case) for case in cases.values())
        _same_rows("rework overall", rows, [{"cases": len(cases), "repeating_cases": repeating}])
    return True


def _step_matrix(log: EventLog, found: Any, steps: int, counts: bool, by: Sequence[str]) -> bool:
    touchpoint = list(found.column_names)[len(by)]
    for cases, rows in _parts(log, found, by):
        expected = reference.step_matrix(cases, steps)
        expected.setdefault(None, [0] * steps)
        _same("step_matrix: touchpoints", {row[touchpoint] for row in rows}, set(expected))
        for row in rows:
            for k, count in enumerate(expected[row[touchpoint]]):
                _same("step_matrix", row[f"step_{k + 1}"], count if counts else count / len(cases))
    return True


def _funnel(log: EventLog, found: Any, steps: Sequence[Sequence[str]], within: int | None, by: Sequence[str]) -> bool:
    longest = max(map(len, _cases(log).values()))
    if sum(math.comb(longest, depth) for depth in range(1, len(steps) + 1)) * log.case_count > _MOST_CHAINS:
        return False
    for cases, rows in _parts(log, found, by):
        _same_rows("funnel", rows, reference.funnel(cases, steps, within))
    return True


def _cases_along(log: EventLog, found: Any, *asked: Any) -> bool:
    contains, starts, ends, pair, within, directly, negate = asked
    follows = None if pair is None else (*pair, within)
    expected = [
        reference.along(case, contains, starts, ends, follows, directly) != negate for case in _cases(log).values()
    ]
    _same("filter_paths", [bool(one) for one in found], expected)
    return True


def _measure(
    log: EventLog,
    found: Any,
    what: Any,
    name: str,
    keys: Sequence[tuple[str, str]],
    stages: Sequence[str],
    starts: Sequence[int],
    chosen: Sequence[str],
    *_interval: Any,
) -> bool:
    if not isinstance(what, _core.ScoreMeasure | _core.CaseShareMeasure | _core.TransfersMeasure):
        return False
    import pyarrow as pa

    cases, core, roles = _cases(log), log._core, log.roles
    stage_of = dict(zip(log.touchpoints, stages, strict=True)) if stages else {}
    of_events = isinstance(what, _core.ScoreMeasure)
    ended = {
        one: reference.status(
            case, core.completed, core.failed, core.idle_ns, core.observed_until_ns, roles.get("outcome")
        )
        for one, case in cases.items()
    }

    def key_of(case: Sequence[reference.Event], place: int) -> reference.Key | None:
        event = case[place]
        if chosen and event.touchpoint not in chosen:
            return None
        values: list[Any] = []
        for kind, column in keys:
            if kind == "stage":
                values.append(stage_of[event.touchpoint] or None)
            elif kind == "column":
                values.append(event.more[roles.get(column, column)])
            else:
                values.append(ended[event.case])
        if starts:
            time = event.time if of_events else case[0].time
            values.append(max((start for start in starts if start <= time), default=None))
        return tuple(values)

    groups = reference.groups(cases, key_of)
    if not keys and not starts:
        groups.setdefault((), {})
    expected = {}
    for key, places in groups.items():
        for row, values in _observations(log, cases, ended, places, what, name).items():
            scale = 100 if isinstance(what, _core.ScoreMeasure) and what.number == "nps" else 1
            expected[(*key, row)] = reference.average(values, scale)
    table = pa.table(found)
    columns = [
        (table[k].cast(pa.int64()) if pa.types.is_timestamp(table[k].type) else table[k]).to_pylist()
        for k in range(len(keys) + bool(starts))
    ]
    keyed = dict(zip(zip(*columns, table["metric"].to_pylist(), strict=True), table.to_pylist(), strict=True))
    _same("rows of measure", len(table), len(expected))
    _same("groups of measure", set(keyed), set(expected))
    _same_rows("measure", [keyed[key] for key in expected], list(expected.values()))
    return True


def _observations(
    log: EventLog, cases: reference.Cases, ended: Mapping[str, str], places: reference.Places, what: Any, name: str
) -> dict[str, reference.Observations]:
    """Name of each row of a group to what was observed."""
    if isinstance(what, _core.ScoreMeasure):
        metric = next(metric for metric in log._core.metrics if metric.name == what.metric)
        given = reference.answers(cases, places, metric.column, what.once_per_case)
        if what.number == "distribution":
            points = range(int(metric.low), int(metric.high) + 1)
            return {f"{name}={point}": [(who, answer == point) for who, answer in given] for point in points}
        scale = (what.number, what.top, metric.low, metric.high, metric.high_is_good)
        return {name: [(who, reference.coded(answer, *scale)) for who, answer in given]}
    closed: reference.Observations = []
    for one, own in places.items():
        if ended[one] == "open":
            continue
        case = cases[one]
        if isinstance(what, _core.TransfersMeasure):
            value = reference.transfers(case, log.roles.get(what.column, what.column), what.share)
        else:
            value = reference.case_share(case, own, ended[one], what.outcome)
        closed.append((reference.customer(case), value))
    return {name: closed}


_TWINS: dict[str, Callable[..., bool]] = {
    "directly_follows": _directly_follows,
    "flows_of_log": _flows_of_log,
    "flows_of_table": _flows_of_table,
    "measure": _measure,
    "case_durations": _case_durations,
    "variants": _variants,
    "rework": _rework,
    "step_matrix": _step_matrix,
    "funnel": _funnel,
    "cases_along": _cases_along,
}
