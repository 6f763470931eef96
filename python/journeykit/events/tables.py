"""Any table a caller may hold, as one ``pyarrow.Table`` of the column types the engine reads."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, Unsupported
from journeykit.events.rows import first_true, place

if TYPE_CHECKING:
    import pyarrow as pa

_NANOSECOND_BOUNDS = {"s": 9_223_372_036, "ms": 9_223_372_036_854, "us": 9_223_372_036_854_775}


def is_text(kind: Any) -> bool:
    """True for text and for dictionary-encoded text."""
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def to_table(source: Any) -> pa.Table:
    """The rows of any source that is not a path.

    Raises
    ------
    InvalidInput
        No table, columns of different length, values of several types in one column, invalid Unicode.
    Unsupported
        A lazy frame.
    """
    import pyarrow as pa

    if isinstance(source, pa.Table):
        return source
    if type(source).__name__ == "LazyFrame":
        raise Unsupported("source is a lazy frame, which has no rows yet; pass source.collect()")
    try:
        if isinstance(source, Mapping):
            return _from_columns(source)
        if hasattr(source, "__arrow_c_stream__"):
            _refuse_mixed_objects(source)
            table = pa.RecordBatchReader.from_stream(source).read_all()
            # pandas appends its index, which means nothing here
            return table.select(range(len(source.columns))) if _is_pandas(source) else table
        if isinstance(source, Sequence) and not isinstance(source, str | bytes):
            return _from_records(source)
    except ImportError as missing:  # pandas hands its rows over through pyarrow
        raise Unsupported(f"source cannot be read: {missing}; pip install pyarrow") from missing
    except InvalidInput:
        raise
    except UnicodeEncodeError as refused:
        raise InvalidInput("source has text that is no valid Unicode (a lone surrogate); mend or drop it") from refused
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as refused:
        raise InvalidInput(
            f"source cannot be read as a table: {_one_line(refused)}; give each column values of one type, ids as text"
        ) from refused
    raise InvalidInput(
        f"source is a {type(source).__name__}; expected a path, a table with __arrow_c_stream__ (pandas, polars, "
        "pyarrow, duckdb, narwhals), "
        "a dictionary of columns or a list of dictionaries"
    )


def _one_line(error: Exception) -> str:
    return quoted(" ".join(str(error).split()))


def _from_columns(source: Mapping[Any, Any]) -> pa.Table:
    import pyarrow as pa

    names = [str(name) for name in source]
    columns = [_array(name, values) for name, values in zip(names, source.values(), strict=True)]
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        told = ", ".join(
            f"{quoted(name)} {len(column):,}" for name, column in list(zip(names, columns, strict=True))[:5]
        )
        raise InvalidInput(f"columns have different lengths ({told}); expected one value per row in each")
    return pa.table(columns, names=names)


def _from_records(source: Sequence[Any]) -> pa.Table:
    import pyarrow as pa

    for row, record in enumerate(source):
        if not isinstance(record, Mapping):
            raise InvalidInput(
                f"{place(row)} is a {type(record).__name__}; expected a list of dictionaries, one per event"
            )
    names = list(dict.fromkeys(str(name) for record in source for name in record))
    return pa.table([_array(name, [record.get(name) for record in source]) for name in names], names=names)


def _array(name: str, values: Any) -> Any:
    """One column; its Python values are of one type, apart from missing ones."""
    import pyarrow as pa

    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InvalidInput(
            f"column {quoted(name)} is a {type(values).__name__}; expected a list of values, one per row"
        )
    if isinstance(values, Sequence):
        _refuse_mixed(name, values)
    elif (
        not isinstance(values, pa.Array | pa.ChunkedArray)
        and not hasattr(values, "__arrow_c_array__")
        and not hasattr(values, "__array__")
    ):
        values = list(values)
        _refuse_mixed(name, values)
    try:
        return values if isinstance(values, pa.ChunkedArray) else pa.array(values, from_pandas=True)
    except UnicodeEncodeError as refused:
        raise InvalidInput(
            f"column {quoted(name)} has text that is no valid Unicode (a lone surrogate); mend or drop it"
        ) from refused
    except (pa.ArrowException, OverflowError) as refused:
        raise InvalidInput(
            f"column {quoted(name)} cannot be read: {_one_line(refused)}; give it values of one type, ids as text"
        ) from refused


def _is_pandas(source: Any) -> bool:
    return type(source).__module__.split(".")[0] == "pandas"


def _refuse_mixed_objects(frame: Any) -> None:
    """Object columns of pandas may mix types, which Arrow would join without a word (a date and a time become two "
    "dates)."""
    if not _is_pandas(frame):
        return
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        twice = next(name for k, name in enumerate(names) if name in names[:k])
        raise InvalidInput(f"column {quoted(twice)} stands twice in the table; rename or drop one")
    for name, column in frame.items():
        if column.dtype == object:
            _refuse_mixed(str(name), column.tolist())


def _refuse_mixed(name: str, values: Sequence[Any]) -> None:
    kinds: dict[str, int] = {}
    types = list(map(type, values))
    for kind in dict.fromkeys(types):
        row = types.index(kind)
        if kind is type(None) or kind.__name__ in ("NaTType", "NAType"):
            continue
        if issubclass(kind, datetime.datetime):
            if hasattr(kind, "nanosecond"):  # pandas' own; Arrow would cut them to microseconds
                fine = next((k for k, value in enumerate(values) if getattr(value, "nanosecond", 0)), None)
                if fine is not None:
                    raise InvalidInput(
                        f"column {quoted(name)} holds single times with nanoseconds ({place(fine)}), which would be "
                        "cut off; make it one column of times: pandas.to_datetime(…)"
                    )
            for aware in (True, False):
                said = f"datetime {'with' if aware else 'without'} a zone"
                found = next(
                    (
                        k
                        for k, value in enumerate(values)
                        if isinstance(value, datetime.datetime)
                        and value == value
                        and (value.tzinfo is not None) == aware
                    ),
                    None,
                )
                if found is not None:
                    kinds.setdefault(said, found)
        elif issubclass(kind, float) and all(
            value != value for value, this in zip(values, types, strict=True) if this is kind
        ):
            continue  # NaN stands for a missing value in object columns
        else:
            kinds.setdefault(
                "int"
                if kind.__name__.startswith(("int", "uint"))
                else "str"
                if issubclass(kind, str)
                else kind.__name__,
                row,
            )
    if len(kinds) > 1 and set(kinds) != {"int", "float"}:
        (one, first), (other, second) = sorted(kinds.items(), key=lambda item: item[1])[:2]
        raise InvalidInput(
            f"column {quoted(name)} mixes {one} ({place(first)}) and {other} ({place(second)}); give it values of "
            "one type, ids as text"
        )


def flatten(table: pa.Table, notes: list[str], keep: set[str]) -> pa.Table:
    """The table with columns of the types the engine reads.

    Views, run-end encodings and dictionaries of other than text are decoded, decimals become numbers, times of day
    text. Nested and binary columns are left out with a note; one that is needed (in `keep`) is refused. Attribute
    timestamps outside 1677 to 2262 (9999-12-31 for "never") become missing, with a note.
    """
    import pyarrow as pa

    columns, names = [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        flat = _flat(column, field.name, notes, field.name in keep)
        if flat is None:
            if field.name in keep:
                raise Unsupported(
                    f"column {quoted(field.name)} holds {quoted(field.type)}; expected flat values such as text, "
                    "numbers or times"
                )
            notes.append(f"column {quoted(field.name)} is left out: it holds {field.type}, not flat values")
            continue
        names.append(field.name)
        columns.append(flat)
    return pa.table(columns, names=names)


def _flat(column: pa.ChunkedArray, name: str, notes: list[str], needed: bool) -> pa.ChunkedArray | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], type=kind.storage_type)
        kind = column.type
    if pa.types.is_run_end_encoded(kind):
        column = pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks], type=kind.value_type)
        kind = column.type
    if pa.types.is_dictionary(kind) and _is_view(kind.value_type):  # polars; Arrow cannot decode it
        text = [
            pa.DictionaryArray.from_arrays(chunk.indices, chunk.dictionary.cast(pa.large_string()))
            for chunk in column.chunks
        ]
        column = pa.chunked_array(text, type=pa.dictionary(kind.index_type, pa.large_string()))
        kind = column.type
    if pa.types.is_dictionary(kind) and not is_text(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if _is_view(kind):
        return column.cast(pa.large_string())
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_decimal(kind):
        return _decimal(column)
    if pa.types.is_float16(kind):
        return column.cast(pa.float64())
    if pa.types.is_uint64(kind):
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            return column.cast(pa.string())
    if pa.types.is_time(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        return column if needed else _in_bounds(column, name, notes)
    known = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_boolean,
        pa.types.is_date,
        pa.types.is_duration,
        pa.types.is_dictionary,
    )
    return column if any(is_kind(kind) for is_kind in known) else None


def _is_view(kind: Any) -> bool:
    import pyarrow as pa

    return kind == pa.string_view() if hasattr(pa, "string_view") else False


def _decimal(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole decimals (SQL's wide integers) are integers, or text when too long for one; others are numbers."""
    import pyarrow as pa

    if column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            return column.cast(pa.string())
    return column.cast(pa.float64())


def _in_bounds(column: pa.ChunkedArray, name: str, notes: list[str]) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    bound = _NANOSECOND_BOUNDS.get(column.type.unit)
    if bound is None:
        return column
    ticks = column.cast(pa.int64())
    inside = pc.and_(pc.less_equal(ticks, bound), pc.greater_equal(ticks, -bound))
    outside = pc.sum(pc.invert(inside)).as_py() or 0
    if outside == 0:
        return column
    notes.append(f"column {quoted(name)}: {outside:,} times outside the years 1677 to 2262 count as missing")
    return pc.if_else(inside, column, pa.scalar(None, column.type))


def as_ids(column: pa.ChunkedArray, name: str, role: str, missing: Sequence[str]) -> pa.ChunkedArray:
    """A column of names or identifiers as text, where `missing` texts are missing values.

    Raises
    ------
    InvalidInput
        Floating numbers: integers with gaps that some reader turned into floats, so 17 is now 17.0.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_floating(kind):
        row = max(first_true(pc.is_valid(column)), 0)
        shown = column[row].as_py() if len(column) else ""
        raise InvalidInput(
            f"column {quoted(name)} ({role}) holds floating numbers such as {quoted(shown)}; expected text or whole "
            "numbers. "
            "Readers turn whole numbers with gaps into floats: read the column as text (pandas: dtype={...: str} or "
            "'Int64')"
        )
    if pa.types.is_integer(kind):
        return column.cast(pa.string())
    if pa.types.is_boolean(kind) or pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.string())
    if not is_text(kind):
        raise Unsupported(f"column {quoted(name)} ({role}) holds {kind}; expected text or whole numbers")
    return without(column, missing)


def without(column: pa.ChunkedArray, missing: Sequence[str]) -> pa.ChunkedArray:
    """A text column in which the texts of `missing` are missing values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not missing:
        return column
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    named = pc.is_in(column, value_set=pa.array(list(missing), kind))
    if not pc.any(named).as_py():
        return column
    if pa.types.is_dictionary(column.type):
        column = column.cast(kind)
    return pc.if_else(named, pa.scalar(None, kind), column)
