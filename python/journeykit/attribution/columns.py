"""The columns of a table of paths as the engine takes them: text with its offsets, numbers as float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.events.reader import read_events
from journeykit.events.rows import first_failure, first_true, place
from journeykit.events.tables import flatten, is_text, to_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from journeykit.events import EventLog


def customers_of_rows(table: pa.Table, name: str) -> EventLog | None:
    """A log with a case for each row, in their order, whose customer is that of the row: what is drawn from."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = _with_columns(table, [name])[name]
    if not is_text(column.type) and not pa.types.is_integer(column.type):
        raise InvalidInput(f"column {quoted(name)} (customer) holds {column.type}; expected text or whole numbers")
    rows = len(column)
    if rows == 0:
        return None
    case = pc.utf8_lpad(pa.array(range(rows)).cast(pa.string()), width=len(str(rows)), padding="0")
    moment = pa.nulls(rows, pa.timestamp("s", "UTC")).fill_null(0)
    log = pa.table({"case": case, "time": moment, "touchpoint": case, "customer": column})
    return read_events(log, case="case", time="time", touchpoint="touchpoint", customer="customer")


def buffers(source: Any, names: dict[str, str]) -> dict[str, Any]:
    """Buffers per column, by what the column means (`names` maps that to the column's name)."""
    table = _with_columns(to_table(source), names.values())
    table = flatten(table.select(list(dict.fromkeys(names.values()))), [], set(names.values()))
    return {
        what: _text(table[name], name) if what in ("path", "times") else _numbers(table[name], name, what)
        for what, name in names.items()
    }


def _with_columns(table: pa.Table, names: Iterable[str]) -> pa.Table:
    for name in names:
        if name not in table.column_names:
            raise NotFound(_core.not_found_message("column", name, "the table", table.column_names))
        if table.column_names.count(name) > 1:
            raise InvalidInput(f"column {quoted(name)} stands twice in the table; rename or drop one")
    return table


def _text(column: pa.ChunkedArray, name: str) -> list[tuple[memoryview, memoryview]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if not is_text(kind):
        raise InvalidInput(f"column {quoted(name)} holds {kind}; expected text such as 'search > mail > shop'")
    if column.null_count:
        row = first_true(pc.is_null(column))
        raise InvalidInput(f"column {quoted(name)}, {place(row)} is missing; an empty path is written ''")
    if pa.types.is_dictionary(kind):
        column = column.cast(pa.large_string())
    width, code = (8, "q") if pa.types.is_large_string(column.type) else (4, "i")
    parts = []
    for chunk in column.chunks:
        if len(chunk) == 0:
            continue
        _, offsets, data = chunk.buffers()
        ends = memoryview(offsets)[chunk.offset * width : (chunk.offset + len(chunk) + 1) * width]
        parts.append((_bytes(data), ends.cast("B").cast(code)))  # type: ignore[call-overload]
    return parts


def _bytes(data: pa.Buffer | None) -> memoryview:
    return memoryview(b"") if data is None or data.size == 0 else memoryview(data).cast("B")


def _numbers(column: pa.ChunkedArray, name: str, what: str) -> Any:
    """NaN for what is missing."""
    import pyarrow as pa

    kind = column.type
    if not any(is_kind(kind) for is_kind in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)):
        raise InvalidInput(f"column {quoted(name)} ({what}) holds {kind}; expected numbers")
    if pa.types.is_boolean(kind):
        column = column.cast(pa.uint8())

    def convert(part: pa.ChunkedArray) -> pa.ChunkedArray:
        return part.cast(pa.float64())

    try:
        column = convert(column)
    except pa.ArrowInvalid as refused:
        row = first_failure(column, convert, (pa.ArrowInvalid,))
        raise InvalidInput(
            f"column {quoted(name)}, {place(row)}: {quoted(column[row].as_py())} is too large to be counted exactly"
        ) from refused
    if column.null_count:
        column = column.fill_null(float("nan"))
    whole = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    if len(whole) == 0:
        return memoryview(b"").cast("d")
    return memoryview(whole.buffers()[1])[whole.offset * 8 : (whole.offset + len(whole)) * 8].cast("B").cast("d")
