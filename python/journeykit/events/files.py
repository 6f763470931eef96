"""Files of events: CSV and Parquet by path or pattern. XES and OCEL are in `xes`."""

from __future__ import annotations

import os
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, NotFound, Unsupported
from journeykit.events.csv_files import read_csv, unique_names
from journeykit.events.opened import heard

if TYPE_CHECKING:
    import pyarrow as pa

DEFAULT_MAX_BYTES = 512 * 2**20


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
        table = heard(lambda: _whole(pq.read_table(path, columns=columns, partitioning=None)))
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as refused:
        raise _no_parquet(path, refused) from refused
    names = table.column_names
    if len(set(names)) < len(names):
        return table.rename_columns(unique_names(names, []))
    return table


def _whole(table: pa.Table) -> pa.Table:
    table.validate(full=True)
    return table
