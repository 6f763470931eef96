"""The columns of a log in Parquet files: found, checked to be alike in all files, and read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.events import files
from journeykit.scale.spill import refused_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    import pyarrow.dataset as ds

    from journeykit.scale.progress import Progress
    from journeykit.scale.reading import Reading


def parquet_files(source: str | os.PathLike[str]) -> list[Path]:
    """The Parquet files of a folder, a pattern or a path, sorted by name.

    Raises
    ------
    NotFound
        None there.
    InvalidInput
        Files of another kind.
    """
    text = os.fspath(source)
    try:
        folder = isinstance(text, str) and "\0" not in text and Path(text).is_dir()
        inside = Path(text).rglob("*") if folder else ()
        found = sorted(path for path in inside if path.suffix in (".parquet", ".pq") and path.is_file())
    except OSError as refused:
        raise InvalidInput(f"source {quoted(text)} cannot be opened: {refused.strerror}") from refused
    if folder:
        if not found:
            raise NotFound(f"no Parquet file in the folder {quoted(text)}; expected names ending in .parquet")
        return found
    paths = files.paths_of(source)
    for path in paths:
        if files.kind_of(path) != "parquet":
            raise InvalidInput(f"file {quoted(path.name)} is no Parquet file; larger than memory only Parquet is read")
    return paths


def read_columns(path: Path, reading: Reading) -> pa.Table:
    """The columns of one file.

    Raises
    ------
    NotFound
        A column is not there.
    InvalidInput
        A damaged file.
    """
    import pyarrow.parquet as pq

    with refused_files(path.name):
        file = pq.ParquetFile(path)
        names = file.schema_arrow.names
    reading.check_columns(names, f"file {quoted(path.name)}")
    with refused_files(path.name):
        return file.read(columns=reading.columns)


def dataset_of(paths: list[Path], reading: Reading) -> ds.Dataset:
    """All files as one dataset.

    Raises
    ------
    NotFound
        A column is not there.
    InvalidInput
        A damaged file; a column that is of another type in another file.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    schemas = []
    for path in paths:
        with refused_files(path.name):
            schemas.append(pq.read_schema(path))
        reading.check_columns(schemas[-1].names, f"file {quoted(path.name)}")
    kept = [
        pa.schema([schema.field(name).with_nullable(True).remove_metadata() for name in reading.columns])
        for schema in schemas
    ]
    for path, schema in zip(paths, kept, strict=True):
        for name in reading.columns:
            first, own = kept[0].field(name).type, schema.field(name).type
            if first != own:
                raise InvalidInput(
                    f"column {quoted(name)} is {own} in file {quoted(path.name)} and {first} in {quoted(paths[0].name)}"
                    "; write all files with the same types"
                )
    return ds.dataset([str(path) for path in paths], format="parquet", schema=kept[0])


def row_count(dataset: ds.Dataset) -> int:
    """Rows, as the files say."""
    with refused_files("of the log"):
        return int(dataset.count_rows())


def spilled_schema(dataset: ds.Dataset, reading: Reading) -> pa.Schema:
    """The columns as they are put on the disk: ids as plain values, since their dictionaries are as long as the log."""
    import pyarrow as pa

    def plain(field: pa.Field) -> pa.Field:
        if pa.types.is_dictionary(field.type) and field.name in (reading.case, reading.order):
            return field.with_type(field.type.value_type)
        return field

    return pa.schema([plain(dataset.schema.field(name)) for name in reading.columns])


def batches(dataset: ds.Dataset, reading: Reading, shown: Progress) -> Iterator[pa.RecordBatch]:
    """The rows, a million at a time.

    Raises
    ------
    InvalidInput
        A missing case, touchpoint or time, unless such rows are dropped.
    """
    schema = spilled_schema(dataset, reading)
    needed = [] if reading.on_missing == "drop" else [reading.case, reading.touchpoint, reading.time]
    with refused_files("of the log"):
        scanner = dataset.scanner(columns=reading.columns, batch_size=2**20, batch_readahead=4, fragment_readahead=1)
        for batch in scanner.to_batches():
            for name in needed:
                if batch.column(name).null_count:
                    raise InvalidInput(
                        f"column {quoted(name)} has {batch.column(name).null_count:,} missing values among the rows "
                        "that were just read; an event needs case, touchpoint and time: mend them, or pass "
                        "on_missing='drop' to leave such rows out"
                    )
            if batch.num_rows:
                yield batch.cast(schema) if batch.schema != schema else batch
            shown.advance(batch.num_rows)
