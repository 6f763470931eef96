"""A tornado: numbers side by side from their zero, the largest first, each with its interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from journeykit.base.arguments import whole
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.base.table import Table
from journeykit.view.numbers import count_text, known, significant_text
from journeykit.view.rendering import render
from journeykit.view.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


class Beam(NamedTuple):
    """One line: places are per cent of the width of the drawing."""

    labels: tuple[str, ...]
    side: str  # "more" or "less"
    begin: float
    width: float
    whisker: tuple[float, float] | None  # begin and width
    value: str
    interval: str
    n: str


def tornado_html(
    table: Any,
    *,
    value: str = "slope",
    labels: Sequence[str] = ("source", "target"),
    rows: int = 15,
    caption: str | None = None,
    lang: str = "en",
) -> str:
    """The largest numbers of a table as bars from zero, each with its interval: a tornado chart.

    Parameters
    ----------
    table : Table, or any table with ``__arrow_c_stream__``
        A result, or rows picked from one in pandas or polars, with the columns named below; `low`, `high` and `n` are
        shown where it has them.
    value : str, default "slope"
        Column of numbers, as of ``chain.sensitivities()``. Rows without a finite number are left out.
    labels : sequence of str, default ("source", "target")
        Columns that name a row; drawn as ``source → target``.
    rows : int, default 15
        At most so many rows, by size without sign; the rest are counted below.
    caption : str, optional
        Shown above.
    lang : {"en", "zh"}
        Language of all words that are not labels of the data.

    Returns
    -------
    str
        One ``<div>`` with its own scoped style; a table, so that every number can be read and copied. Labels are
        escaped and isolated. An interval that crosses zero does not say in which direction the number lies.

    Raises
    ------
    NotFound
        No such column.
    InvalidInput
        `value` holds no numbers, no label, `rows` below 1, another language.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeykit import Table
    >>> steps = Table(arrow=pa.table({"source": ["pay", "call"], "target": ["lost", "lost"], "slope": [-0.2, 0.7]}))
    >>> [name in tornado_html(steps) for name in ("−0.2", "call</bdi> → <bdi>lost")]
    [True, True]
    """
    rows = whole(rows, "rows", 1)
    if not labels:
        raise InvalidInput("labels is empty; expected the columns that name a row")
    arrow = _arrow(table)
    numbers = _numbers(arrow, value)
    order = sorted((k for k, x in enumerate(numbers) if math.isfinite(x)), key=lambda k: -abs(numbers[k]))
    texts = Texts(lang)
    shown = order[:rows]
    has = [name for name in ("low", "high", "n") if name in arrow.column_names]
    low, high, n = (
        _numbers(arrow, name) if name in has else [math.nan] * len(numbers) for name in ("low", "high", "n")
    )
    names = [arrow.column(_place(arrow, label)).to_pylist() for label in labels]
    finite = [x for k in shown for x in (numbers[k], low[k], high[k], 0.0) if math.isfinite(x)]
    first, last = min(finite, default=0.0), max(finite, default=1.0)
    width = (last - first) or 1.0

    def place(x: float) -> float:
        return 100 * (x - first) / width

    def beam(k: int) -> Beam:
        begin, end = sorted((place(0.0), place(numbers[k])))
        both = math.isfinite(low[k]) and math.isfinite(high[k])
        return Beam(
            tuple(str(column[k]) for column in names),
            "more" if numbers[k] >= 0 else "less",
            begin,
            end - begin,
            (place(low[k]), place(high[k]) - place(low[k])) if both else None,
            significant_text(numbers[k], texts),
            f"{significant_text(low[k], texts)} … {significant_text(high[k], texts)}" if both else "",
            count_text(n[k], texts) if known(n[k]) else "",
        )

    return str(
        render(
            "tornado.html.j2",
            lang=lang,
            caption=caption,
            value=value,
            zero=place(0.0),
            beams=[beam(k) for k in shown],
            with_interval={"low", "high"} <= set(has),
            with_n="n" in has,
            more_rows=len(order) - len(shown),
        )
    )


def _arrow(table: Any) -> pa.Table:
    import pyarrow as pa

    if isinstance(table, Table):
        return table.to_arrow()
    if not hasattr(table, "__arrow_c_stream__"):
        raise InvalidInput(f"a {type(table).__name__} is no table to draw; expected a result of journeykit or a frame")
    return pa.table(table)


def _place(arrow: pa.Table, name: str) -> int:
    names: list[str] = arrow.column_names
    if name not in names:
        raise NotFound(f"column {name!r:.80} is not in the table; it has {', '.join(names):.200}")
    return names.index(name)


def _numbers(arrow: pa.Table, name: str) -> list[float]:
    import pyarrow.types as types

    column: Any = arrow.column(_place(arrow, name))
    if not (types.is_integer(column.type) or types.is_floating(column.type) or types.is_null(column.type)):
        raise InvalidInput(f"column {name!r:.80} holds {column.type}; expected numbers to draw")
    return [math.nan if x is None else float(x) for x in column.to_pylist()]
