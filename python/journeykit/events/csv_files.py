"""CSV files as tables of text: the header found, rows of another length and open quotes refused."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import TYPE_CHECKING, Any

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput
from journeykit.events.opened import disk_fails, heard, open_bytes
from journeykit.events.rows import place

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

_DELIMITERS = (",", ";", "\t", "|")
_FIRST_BLOCK, _LARGEST_BLOCK = 4 * 2**20, 256 * 2**20


def unique_names(header: list[str], notes: list[str]) -> list[str]:
    """Names of columns, each once: a second "category" becomes "category_2", an empty name "column_1"."""
    names: list[str] = []
    for k, raw in enumerate(header):
        name = raw if raw else f"column_{k + 1}"
        unique, n = name, 1
        while unique in names or (unique != raw and unique in header):
            n += 1
            unique = f"{name}_{n}"
        if raw and unique != raw:
            notes.append(
                f"column {quoted(raw)} stands more than once; the one at place {k + 1} is now {quoted(unique)}"
            )
        names.append(unique)
    return names


def read_csv(path: Path, *, delimiter: str | None, encoding: str | None, max_bytes: int, notes: list[str]) -> pa.Table:
    """Rows of a CSV file, every column as text; an empty field is a missing value.

    Raises
    ------
    InvalidInput
        No rows' header, rows of another length (with the first), another encoding, a quote that is never closed.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    header, delimiter = _header(path, delimiter, encoding, max_bytes, notes)
    names = unique_names(header, notes)

    def attempt(block: int, threads: bool) -> pa.Table:
        content = _native(path, encoding, max_bytes)
        options = (
            arrow_csv.ReadOptions(use_threads=threads, block_size=block, column_names=names, skip_rows_after_names=1),
            arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
        # In the main thread Arrow takes Ctrl-C for itself, and forgets one that comes as the last rows are read.
        return heard(lambda: arrow_csv.read_csv(content, *options))

    block = _FIRST_BLOCK
    while True:
        try:
            table = attempt(block, True)
            break
        except pa.ArrowInvalid as refused:
            if "straddling" in str(refused) and block < _LARGEST_BLOCK:
                block *= 8
                continue
            raise _why_not(path, refused, partial(attempt, block, False), names, delimiter) from refused
        except OSError as refused:
            raise disk_fails(path.name, refused) from refused
    _refuse_open_quote(path, table, max_bytes)
    return table


def _native(path: Path, encoding: str | None, max_bytes: int) -> pa.NativeFile:
    """The content in UTF-8, for Arrow's own threads. They must not meet Python: one that still reads when the program
    ends after Ctrl-C would end it with SIGABRT. Nobody closes it but the last of them.
    """
    import pyarrow as pa

    if not encoding and not path.name.lower().endswith(".gz"):
        return pa.OSFile(str(path), "rb")
    with open_bytes(path, max_bytes) as file:
        content = file.read()
    if encoding:
        try:
            content = content.decode(encoding).encode()
        except (UnicodeError, LookupError) as refused:
            raise InvalidInput(
                f"file {quoted(path.name)} is not encoded as {quoted(encoding)}: {quoted(refused)}; name its "
                "encoding: encoding='cp1252', 'gb18030', …"
            ) from refused
    return pa.BufferReader(content)


def _header(
    path: Path, delimiter: str | None, encoding: str | None, max_bytes: int, notes: list[str]
) -> tuple[list[str], str]:
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or not delimiter.isascii()):
        raise InvalidInput(f"delimiter is {quoted(delimiter)}; expected one character such as ',', ';' or '\\t'")
    with open_bytes(path, max_bytes) as content:
        start = content.read(2**20)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding is None:
        raise InvalidInput(f"file {quoted(path.name)} is UTF-16; pass encoding='utf-16'")
    try:
        text = start.decode(encoding or "utf-8-sig", "ignore" if len(start) == 2**20 else "strict")
    except LookupError as unknown:
        raise InvalidInput(
            f"encoding {quoted(encoding)} is not known; expected such as 'utf-8', 'cp1252', 'gb18030'"
        ) from unknown
    except UnicodeError:
        text = start.decode("latin-1")  # only the header is read here; the rows say where the trouble is
    if not text.strip():
        raise InvalidInput(f"file {quoted(path.name)} is empty; expected a header line and one line per event")
    if delimiter is None:
        line = text.lstrip().splitlines()[0]
        delimiter = max(_DELIMITERS, key=lambda sign: len(_fields(line, sign)))
        if len(_fields(line, delimiter)) == 1:
            delimiter = ","
        if delimiter != ",":
            notes.append(f"columns of {quoted(path.name)} are separated by {quoted(delimiter)}")
    csv.field_size_limit(2**20)
    header = next(csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter))
    return header, delimiter


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _why_not(path: Path, refused: Exception, slowly: Any, names: list[str], delimiter: str) -> InvalidInput:
    """The reason a CSV file was refused, with its row: only the reader of one thread counts rows."""
    import re

    import pyarrow as pa

    told = str(refused)
    try:
        slowly()
    except pa.ArrowInvalid as again:
        told = str(again)
    row = re.search(r"Row #(\d+)", told)
    where = f" in {place(int(row[1]) - 2)}" if row else ""
    if ragged := re.search(r"Expected (\d+) columns, got (\d+)", told):
        return InvalidInput(
            f"file {quoted(path.name)} has {ragged[2]} fields{where}; expected {ragged[1]} as in its header (columns "
            f"separated by {quoted(delimiter)}): "
            "mend the row, quote fields that hold the separator, or pass delimiter="
        )
    if "invalid UTF8" in told:
        column = re.search(r"CSV column #(\d+)", told)
        named = f" of column {quoted(names[int(column[1])])}" if column else ""
        return InvalidInput(
            f"file {quoted(path.name)} is not UTF-8{where}{named}; name its encoding: encoding='cp1252', 'gb18030', …"
        )
    if "straddling" in told:
        return InvalidInput(
            f"file {quoted(path.name)} has a row longer than {_LARGEST_BLOCK:,} bytes, or one line only; expected a "
            "header line and one line per event"
        )
    return InvalidInput(f"file {quoted(path.name)} cannot be read as CSV: {quoted(told)}")


def _refuse_open_quote(path: Path, table: pa.Table, max_bytes: int) -> None:
    """A quote that is never closed swallows all rows to the end of the file into one field, which a reader does not "
    "notice."""
    if table.num_rows == 0:
        return
    last = table.slice(table.num_rows - 1).to_pylist()[0]
    if not any(value and "\n" in value for value in last.values()):
        return
    quotes = 0
    with open_bytes(path, max_bytes) as content:
        while block := content.read(2**22):
            quotes += block.count(b'"')
    if quotes % 2:
        raise InvalidInput(
            f'file {quoted(path.name)} has a quote (") that is never closed: {place(table.num_rows - 1)} swallows '
            "the rest of the file; mend that quote"
        )
