"""Answers of measure against the plain reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.testing import reference
from journeykit.testing.comparing import cases_of, how_cases_ended, same, same_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from journeykit.events import EventLog


def _measure(
    found: Any,
    log: EventLog,
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

    cases, roles = cases_of(log), log.roles
    stage_of = dict(zip(log.touchpoints, stages, strict=True)) if stages else {}
    of_events = isinstance(what, _core.ScoreMeasure)
    ended = how_cases_ended(log, cases)

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
    same("rows of measure", len(table), len(expected))
    same("groups of measure", set(keyed), set(expected))
    same_rows("measure", [keyed[key] for key in expected], list(expected.values()))
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


CHECKS: dict[str, Callable[..., bool]] = {"measure": _measure}
