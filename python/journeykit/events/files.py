"""Files of events: CSV and Parquet by path or pattern. XES and OCEL are in `xes`."""

from __future__ import annotations

import csv
import io
import os
import threading
import zlib
from contextlib import suppress
from functools import partial
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from journeykit.base.errors import Error, InvalidInput, NotFound, Unsupported
from journeykit.events.rows import place, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

_T = TypeVar("_T")

DEFAULT_MAX_BYTES = 512 * 2**20
_RATIO = 100  # decompressed to compressed
_RATIO_FROM = 16 * 2**20  # small files may compress better than that without harm
_DELIMITERS = (",", ";", "\t", "|")
_FIRST_BLOCK, _LARGEST_BLOCK = 4 * 2**20, 256 * 2**20


def paths_of(source: str | os.PathLike[str]) -> list[Path]:
    """Existing files of a path or a pattern, sorted by name.

    Raises
    ------
    NotFound
        Nothing there.
    InvalidInput
        A folder.
    """
    text = os.fspath(source)
    if not isinstance(text, str) or "\0" in text or not text:
        raise InvalidInput(f"source is the path {quoted(text)}; expected a file name")
    path = Path(text)
    try:
        if path.is_file():
            return [path]
        if path.is_dir():
            example = quoted(str(path / "*.csv"))
            raise InvalidInput(f"source {quoted(text)} is a folder; name its files by a pattern such as {example}")
        if path.exists():
            raise InvalidInput(f"source {quoted(text)} is a pipe or device; expected a file")
    except OSError as refused:  # a name too long, a folder that may not be entered
        raise InvalidInput(f"source {quoted(text)} cannot be opened: {refused.strerror}") from refused
    names = sorted(glob(text, recursive=True))  # noqa: PTH207  Path.glob takes no absolute pattern
    found = [Path(name) for name in names if Path(name).is_file()]
    if not found:
        raise NotFound(f"no file {quoted(text)}; check the path (a pattern such as 'logs/*.csv' reads several files)")
    return found


def kind_of(path: Path) -> str:
    """csv, parquet, xes or ocel, by the ending of the name."""
    name = path.name.lower()
    stem = name.removesuffix(".gz")
    if stem.endswith((".csv", ".tsv", ".txt")):
        return "csv"
    if name.endswith((".parquet", ".pq")):
        return "parquet"
    if stem.endswith(".xes"):
        return "xes"
    if name.endswith((".jsonocel", ".xmlocel", ".ocel.json", ".ocel.xml", ".json")):
        return "ocel"
    raise Unsupported(
        f"file {quoted(path.name)} has no known ending; expected .csv, .tsv, .csv.gz, .parquet, .xes, .xes.gz, "
        ".jsonocel, .ocel.json or .ocel.xml"
    )


class Expanding(io.RawIOBase):
    """What a gzip file holds, up to a size and a ratio to its own size: a bomb is refused while it is read.

    Raises
    ------
    InvalidInput
        More than `max_bytes`, or more than 100 times the size of the file.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        import gzip

        self._name = path.name
        self._inner = gzip.open(path, "rb")  # noqa: SIM115  close() closes it
        self._size = max(path.stat().st_size, 1)
        self._max_bytes = max_bytes
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._inner.read(len(buffer))
        except (OSError, EOFError, ValueError, zlib.error) as broken:
            raise InvalidInput(f"file {quoted(self._name)} is no whole gzip file: {broken}; fetch it again") from broken
        self._read += len(block)
        if self._read > self._max_bytes:
            raise InvalidInput(
                f"file {quoted(self._name)} holds more than {self._max_bytes:,} bytes when decompressed; if you "
                "trust it, pass max_bytes="
            )
        if self._read > _RATIO_FROM and self._read > _RATIO * self._size:
            raise InvalidInput(
                f"file {quoted(self._name)} grows more than {_RATIO} times when decompressed, as a decompression "
                "bomb does; if you trust it, decompress it first"
            )
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        with suppress(OSError):  # nothing was written
            self._inner.close()
        super().close()


class Plain(io.FileIO):
    """A file that is read; a disk that fails is an error of ours.

    Raises
    ------
    Error
        The system refuses to read.
    """

    def readinto(self, buffer: Any) -> int | None:
        try:
            return super().readinto(buffer)
        except OSError as refused:
            raise Error(
                f"file {quoted(Path(str(self.name)).name)} cannot be read: {refused.strerror}; look after the disk"
            ) from refused

    def close(self) -> None:
        with suppress(OSError):  # nothing was written
            super().close()


def open_bytes(path: Path, max_bytes: int) -> io.BufferedReader:
    """The content of a file, decompressed when its name ends in .gz."""
    try:
        raw: Any = Expanding(path, max_bytes) if path.name.lower().endswith(".gz") else Plain(path)
    except OSError as refused:
        raise InvalidInput(f"file {quoted(path.name)} cannot be opened: {refused.strerror}") from refused
    return io.BufferedReader(raw, 2**20)


def read_files(
    paths: list[Path],
    *,
    delimiter: str | None,
    encoding: str | None,
    max_bytes: int,
    notes: list[str],
    columns: list[str] | None = None,
) -> pa.Table:
    """Rows of CSV or Parquet files, one below the other; a column that a file lacks is missing there.

    `columns`: of Parquet files only these.
    """
    import pyarrow as pa

    tables = []
    for path in paths:
        if kind_of(path) == "csv":
            tables.append(read_csv(path, delimiter=delimiter, encoding=encoding, max_bytes=max_bytes, notes=notes))
        else:
            tables.append(read_parquet(path, columns))
    if len(tables) == 1:
        return tables[0]
    try:
        whole = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as refused:
        raise InvalidInput(
            f"the {len(paths)} files differ in the types of their columns: {quoted(refused)}; read them one by one"
        ) from refused
    lacking = [
        path.name
        for path, table in zip(paths, tables, strict=True)
        if set(table.column_names) != set(whole.column_names)
    ]
    if lacking:
        notes.append(f"{len(lacking)} of {len(paths)} files lack columns that others have; they count as missing there")
    return whole


def parquet_names(path: Path) -> list[str]:
    """The columns of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError, ValueError) as refused:
        raise _no_parquet(path, refused) from refused


def _no_parquet(path: Path, refused: Exception) -> InvalidInput:
    return InvalidInput(
        f"file {quoted(path.name)} is no whole Parquet file: {quoted(refused)}; write or fetch it again"
    )


def read_parquet(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Rows of a Parquet file, checked in full; all columns, or those of `columns`.

    Raises
    ------
    InvalidInput
        Truncated, damaged or no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = _heard(lambda: _whole(pq.read_table(path, columns=columns, partitioning=None)))
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as refused:
        raise _no_parquet(path, refused) from refused
    names = table.column_names
    if len(set(names)) < len(names):
        return table.rename_columns(unique_names(names, []))
    return table


def _whole(table: pa.Table) -> pa.Table:
    table.validate(full=True)
    return table


def _heard(work: Callable[[], _T]) -> _T:
    """The result of `work`, done in a thread: a library that does not listen for Ctrl-C does not keep the caller."""
    done: list[_T] = []
    refused: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001  raised again below, in the thread of the caller
            refused.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if refused:
        raise refused[0]
    return done[0]


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
        with open_bytes(path, max_bytes) as content:
            return arrow_csv.read_csv(
                content,
                arrow_csv.ReadOptions(
                    use_threads=threads,
                    block_size=block,
                    column_names=names,
                    skip_rows_after_names=1,
                    encoding=encoding or "utf8",
                ),
                arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in names},
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                    null_values=[""],
                ),
            )

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
        except (UnicodeError, LookupError) as refused:
            raise InvalidInput(
                f"file {quoted(path.name)} is not encoded as {quoted(encoding)}: {quoted(refused)}; name its "
                "encoding: encoding='cp1252', 'gb18030', …"
            ) from refused
    _refuse_open_quote(path, table, max_bytes)
    return table


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
