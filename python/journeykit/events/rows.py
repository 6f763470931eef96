"""Where in a table something went wrong: the first row that a conversion refuses, and how a message names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit import _core

if TYPE_CHECKING:
    from collections.abc import Callable


def place(row: int) -> str:
    """How a message names a row."""
    return f"row {row:,} (counted from 0)"


def first_failure(column: Any, convert: Callable[[Any], Any], errors: tuple[type[Exception], ...]) -> int:
    """Index of the first row of `column` that `convert` refuses; some row is known to be refused.

    Halves the column, so that the rows are converted about twice altogether.
    """
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            convert(column.slice(low, middle - low))
        except errors:
            high = middle
        else:
            low = middle
    return low


def first_true(mask: Any) -> int:
    """Index of the first true value of a boolean column, −1 where none is true."""
    import pyarrow.compute as pc

    return int(pc.index(pc.fill_null(mask, False), True).as_py())


def clean(text: str) -> str:
    """Text of the user for a terminal: as :func:`quoted`, without the quotes and uncut."""
    return str(_core.quote_safe(text, len(text)))[1:-1]
