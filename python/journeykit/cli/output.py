"""What the command writes: results to stdout, everything else to stderr; plain when nobody looks at a terminal."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from journeykit.base import Table


class ReaderGoneError(Exception):
    """Nobody reads stdout any more; no OSError, which typer would end with code 1."""


def say(text: object = "") -> None:
    """One piece of the result; bytes that the terminal would obey are taken out of labels before they come here."""
    try:
        sys.stdout.write(f"{text}\n")
    except BrokenPipeError as gone:
        raise ReaderGoneError from gone


def head(text: str) -> None:
    """A heading, bold where there is a terminal that may have colour, or where FORCE_COLOR asks for it."""
    if Console().is_terminal:
        Console(highlight=False, markup=False, soft_wrap=True).print(f"\n{text}", style="bold")
    else:
        say(f"\n{text}")


def complain(message: str) -> None:
    """One line on stderr."""
    from journeykit.view.labels import clean_terminal

    sys.stderr.write(f"journeykit: {clean_terminal(' '.join(message.split()))}\n")


def working(what: str) -> AbstractContextManager[object]:
    """A sign of life on stderr while something takes long; silent where stderr is no terminal."""
    return Console(stderr=True, highlight=False, markup=False).status(what)


def show(table: Table, columns: tuple[str, ...], *, rows: int = 10) -> None:
    """The first rows of those of the columns that the table has; lengths of time in words."""
    import pyarrow as pa

    from journeykit.base import Table
    from journeykit.view import table_text

    arrow = table.to_arrow()
    shown = {}
    for name in (name for name in columns if name in arrow.column_names):
        if name.endswith("_seconds"):
            first = arrow[name].slice(0, rows).to_pylist()
            shown[name.removesuffix("_seconds")] = pa.array([*map(length, first)] + [None] * (len(arrow) - len(first)))
        else:
            shown[name] = arrow[name]
    say(table_text(Table(arrow=pa.table(shown)), rows=rows, width=_width()))


def say_clipped(facts: str, label: str) -> None:
    """One line of facts and a label of the data, cut to the width of the terminal."""
    from journeykit.view.labels import clean_terminal, clip_cells

    say(facts + clip_cells(clean_terminal(label), max(20, _width() - len(facts))))


def say_rows(rows: Iterable[object]) -> None:
    """One line each; findings, changes and conflicts write their labels safely themselves."""
    for row in rows:
        say(row)


def length(seconds: float | None) -> str | None:
    """Seconds in words, such as "41 d"."""
    from journeykit.view.numbers import duration_text
    from journeykit.view.texts import Texts

    return None if seconds is None else duration_text(seconds, Texts("en"))


def _width() -> int:
    """Of the terminal; without end where a file or a program reads."""
    return Console().width if sys.stdout.isatty() else 1_000_000


def say_json(value: object) -> None:
    """One JSON document; missing numbers are null, and never NaN, which is no JSON."""
    say(json.dumps(_finite(value), ensure_ascii=False, indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
