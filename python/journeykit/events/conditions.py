"""Which events or cases meet the conditions of a filter, as Arrow booleans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.events.arguments import mask_of, moment_ns, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa


def chosen_events(
    core: _core.EventLog,
    named: Mapping[str, str | Sequence[str] | None],
    *,
    since: datetime | str | None,
    until: datetime | str | None,
    where: Mapping[str, object],
    mask: Sequence[bool] | Any,
) -> Any:
    """True for each event that meets all conditions, shape (n_events,); `named` is role to names or None.

    Raises
    ------
    NotFound
        An unknown name, column or text value.
    InvalidInput
        No condition; a mask of another length; a value that a column cannot hold.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    parts: list[Any] = []
    for role, wanted in named.items():
        if wanted is not None:
            parts.append(_with_values(core, _column_of(core, role), names_of(wanted, f"{role}s")))
    table = pa.table(core.table()) if since is not None or until is not None or where else None
    if table is not None and (since is not None or until is not None):
        times = table[core.roles["time"]].cast(pa.int64())
        if since is not None:
            parts.append(pc.greater_equal(times, moment_ns(since, "since")))
        if until is not None:
            parts.append(pc.less(times, moment_ns(until, "until")))
    for column, values in where.items():
        assert table is not None
        parts.append(_where(core, table, column, values))
    if mask is not None:
        parts.append(mask_of(mask, core.event_count))
    if not parts:
        raise InvalidInput("filter() has no condition; name touchpoints, cases, customers, since, until, where or mask")
    chosen = parts[0]
    for part in parts[1:]:
        chosen = pc.and_(chosen, part)
    return chosen


def cases_of_events(core: _core.EventLog, chosen: Any) -> Any:
    """True for each case with a chosen event, shape (n_cases,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    case = pa.table(core.table())[core.roles["case"]]
    hit = pc.unique(case.filter(chosen).cast(pa.string()))
    return pc.is_in(pa.table(core.cases())["case"].cast(pa.string()), value_set=hit)


def inverted(chosen: Any) -> Any:
    """What was not chosen."""
    import pyarrow.compute as pc

    return pc.invert(chosen)


def _column_of(core: _core.EventLog, role: str) -> str:
    column = core.roles.get(role)
    if column is None:
        raise NotFound(f"the log has no {role} column; name one when reading: read_events(…, {role}=…)")
    return str(column)


def _with_values(core: _core.EventLog, column: str, values: list[str]) -> Any:
    import pyarrow as pa

    found = pa.py_buffer(core.events_with(column, values))
    return pa.Array.from_buffers(pa.uint8(), core.event_count, [None, found]).cast(pa.bool_())


def _where(core: _core.EventLog, table: pa.Table, column: str, wanted: object) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if column not in table.column_names:
        raise NotFound(_core.not_found_message("column", str(column), "the log", table.column_names))
    values = list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
    missing = any(value is None for value in values)
    values = [value for value in values if value is not None]
    data = table[column]
    if pa.types.is_dictionary(data.type):
        told = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
        found = _with_values(core, column, told) if told else pa.array([False] * len(data))
    else:
        try:
            found = pc.is_in(data, value_set=pa.array(values).cast(data.type))
        except (pa.ArrowException, TypeError, ValueError) as refused:
            raise InvalidInput(
                f"where: column {quoted(column)} holds {data.type}; its values cannot be {quoted(wanted)}"
            ) from refused
    found = pc.fill_null(found, False)
    return pc.or_(found, pc.is_null(data)) if missing else found
