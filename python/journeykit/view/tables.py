"""A result's rows for people: aligned text for the terminal, a small table for the notebook."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from journeykit.view.labels import cell_width, clean_terminal, clip_cells
from journeykit.view.numbers import duration_text
from journeykit.view.texts import Texts

if TYPE_CHECKING:
    import pyarrow as pa

    from journeykit.base import Table

_TEXT_ROWS = 20
_TEXT_WIDTH = 120
_CELL_WIDTH = 36
_HTML_ROWS = 50
_LONG_NUMBER = 1e15  # from here on with an exponent
_MISSING = "–"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def table_text(table: Table, *, rows: int = _TEXT_ROWS, width: int = _TEXT_WIDTH) -> str:
    """Rows as aligned text.

    Parameters
    ----------
    table : Table
        Any result table.
    rows : int, default 20
        At most so many rows; the rest are counted.
    width : int, default 120
        Terminal columns; columns of the table that do not fit are named below it.

    Returns
    -------
    str
        One line per row, numbers to the right, missing values as ``–``. Escape sequences in labels are left out, and
        Chinese, Japanese, Korean and emoji count as two columns.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeykit import Table
    >>> print(table_text(Table(arrow=pa.table({"touchpoint": ["pay", "支付"], "cases": [12345, None]}))))
    touchpoint   cases
    pay         12,345
    支付             –
    """
    arrow = table.to_arrow()
    shown = arrow.slice(0, rows)
    columns = [_Column(arrow.schema.field(k), shown.column(k), table._between) for k in range(arrow.num_columns)]
    fitting: list[_Column] = []
    used = 0
    for column in columns:
        if fitting and used + 2 + column.width > width:
            break
        used += column.width + (2 if fitting else 0)
        fitting.append(column)
    lines = ["  ".join(column.aligned(column.name) for column in fitting).rstrip()]
    lines += ["  ".join(column.aligned(column.cells[k]) for column in fitting).rstrip() for k in range(shown.num_rows)]
    if not arrow.num_rows:
        lines.append("(no rows)")
    if arrow.num_rows > shown.num_rows:
        lines.append(f"… {arrow.num_rows - shown.num_rows:,} more rows")
    if left_out := [column.name for column in columns[len(fitting) :]]:
        lines.append(clip_cells(f"… {len(left_out)} more columns: {', '.join(left_out)}", width))
    return "\n".join(lines)


def table_html(table: Table, *, rows: int = _HTML_ROWS, caption: str | None = None, lang: str = "en") -> str:
    """Rows as a self-contained HTML table for a notebook.

    Parameters
    ----------
    table : Table
        Any result table.
    rows : int, default 50
        At most so many rows; the rest are counted below the table.
    caption : str, optional
        Shown above the table.
    lang : {"en", "zh"}
        Language of the few words around the rows.

    Returns
    -------
    str
        One ``<div>`` with its own scoped style; labels are escaped and isolated.

    Raises
    ------
    InvalidInput
        Another language.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeykit import Table
    >>> "<bdi>12,345</bdi>" in table_html(Table(arrow=pa.table({"cases": [12345]})))
    True
    """
    from journeykit.view.rendering import render

    arrow = table.to_arrow()
    shown = arrow.slice(0, rows)
    names = [str(name) for name in arrow.column_names]
    cells = [
        cell_texts(shown.column(k), missing=None, between=table._between, lang=lang) for k in range(arrow.num_columns)
    ]
    return render(
        "table.html.j2",
        lang=lang,
        caption=caption,
        names=names,
        numeric=[is_number(arrow.schema.field(k).type) for k in range(arrow.num_columns)],
        rows=list(zip(*cells, strict=True)),
        more_rows=arrow.num_rows - shown.num_rows,
    )


class _Column:
    """One column of the text table: its cells and the terminal columns they need."""

    def __init__(self, field: pa.Field, values: pa.ChunkedArray, between: str) -> None:
        self.name = clip_cells(clean_terminal(field.name), _CELL_WIDTH)
        self.right = is_number(field.type)
        self.cells = [
            clip_cells(clean_terminal(text), _CELL_WIDTH)
            for text in cell_texts(values, missing=_MISSING, between=between)
        ]
        self.width = max(map(cell_width, [self.name, *self.cells]))

    def aligned(self, text: str) -> str:
        padding = " " * (self.width - cell_width(text))
        return padding + text if self.right else text + padding


def is_number(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type are set to the right."""
    import pyarrow.types as types

    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_duration(kind))


def cell_texts(column: pa.ChunkedArray, *, missing: str | None, between: str = ", ", lang: str = "en") -> list[Any]:
    """Text of each value of a column; `missing` where there is none. Reals of one column have equally many decimals.

    `between` stands between the items of a list.
    """
    import pyarrow.types as types

    if types.is_timestamp(column.type):
        return [missing if moment is None else moment for moment in _moments(column)]
    if types.is_duration(column.type):
        texts = Texts(lang)
        return [missing if seconds is None else duration_text(seconds, texts) for seconds in _lengths(column)]
    values = column.to_pylist()
    if types.is_floating(column.type):
        return [missing if text is None else text for text in _real_texts(values)]
    return [missing if value is None else _value_text(value, between) for value in values]


def _unit_ns(unit: str) -> int:
    return {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}[unit]


def _moments(column: pa.ChunkedArray) -> list[str | None]:
    """UTC times. Not by to_pylist, which loads pandas for nanoseconds."""
    import pyarrow as pa

    factor = _unit_ns(column.type.unit)
    mark = "Z" if column.type.tz is not None else ""
    return [None if at is None else _moment_text(at * factor) + mark for at in column.cast(pa.int64()).to_pylist()]


def _moment_text(ns: int) -> str:
    """Time to the second, or as fine as it is; a time that no calendar has stays a number."""
    seconds, rest = divmod(ns, 1_000_000_000)
    try:
        moment = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat(sep=" ")
    except OverflowError:
        return f"{seconds:,} s"
    return moment + f".{rest:09d}".rstrip("0").rstrip(".")


def _lengths(column: pa.ChunkedArray) -> list[float | None]:
    """Lengths of time in seconds."""
    import pyarrow as pa

    factor = _unit_ns(column.type.unit)
    return [None if length is None else length * factor / 1e9 for length in column.cast(pa.int64()).to_pylist()]


def _real_texts(values: list[float | None]) -> list[str | None]:
    """At most six significant digits of the largest value, and no decimals that are zero in every row."""
    finite = [value for value in values if value is not None and abs(value) < _LONG_NUMBER]
    largest = max(map(abs, finite), default=0.0)
    whole_digits = math.floor(math.log10(largest)) + 1 if largest >= 1 else 1
    decimals = max(2 if whole_digits <= 6 else 0, 6 - whole_digits)
    while decimals and all(round(value, decimals) == round(value, decimals - 1) for value in finite):
        decimals -= 1
    return [None if value is None or math.isnan(value) else _real_text(value, decimals) for value in values]


def _real_text(value: float, decimals: int) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= _LONG_NUMBER or (value != 0 and round(value, decimals) == 0):
        return f"{value:.3g}"
    return f"{value:,.{decimals}f}"


def _value_text(value: Any, between: str = ", ") -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return between.join("" if item is None else _value_text(item) for item in value)
    return str(value)
