"""Rows put apart by case: one file for each part in a temporary folder, removed whatever happens."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import Error, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import pyarrow as pa

_ROWS_TOGETHER = 2**21  # before they are put apart: fewer, larger batches in each part


@contextmanager
def refused_files(name: str) -> Iterator[None]:
    """What a Parquet reader raises on a damaged file, as InvalidInput with its name."""
    import pyarrow as pa

    try:
        yield
    except Error:
        raise
    except (pa.ArrowException, OSError, ValueError) as refused:
        raise InvalidInput(
            f"file {quoted(name)} is no whole Parquet file: {quoted(refused)}; write or fetch it again"
        ) from refused


class Spill:
    """Files of rows, one for each part; a case is in one part only.

    Raises
    ------
    InvalidInput
        A folder that cannot be written to, or has too little room.
    """

    def __init__(self, folder: str | os.PathLike[str] | None, parts: int, schema: pa.Schema, rows: int) -> None:
        self._parts, self._schema = parts, schema
        self._writers: list[_Writer] = []
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._case = ""
        place = os.fspath(folder) if folder is not None else tempfile.gettempdir()
        try:
            free = shutil.disk_usage(place).free
            need = rows * sum(_width(field.type) for field in schema)
            if free < need:
                raise InvalidInput(
                    f"folder {quoted(place)} has {free / 1e9:,.1f} GB free, and the rows put apart by case take about "
                    f"{need / 1e9:,.1f} GB; name another with spill=, or pass whole_cases=True if each file holds "
                    "whole cases"
                )
            self._made = tempfile.TemporaryDirectory(prefix="journeykit-", dir=place, ignore_cleanup_errors=True)
        except OSError as refused:
            raise InvalidInput(
                f"folder {quoted(place)} cannot hold temporary files: {refused.strerror}; name another with spill="
            ) from refused
        self.folder = Path(self._made.name)

    def __enter__(self) -> Spill:
        try:
            with self._full_disk():
                for part in range(self._parts):
                    self._writers.append(_Writer(self._path(part), self._schema))
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def _remove(self) -> None:
        import pyarrow as pa

        for writer in self._writers:
            with suppress(OSError, pa.ArrowException):  # the write before said what is wrong
                writer.close()
        self._made.cleanup()

    def add(self, batch: pa.RecordBatch, case: str) -> None:
        """Put the rows of a batch into their parts."""
        self._case = case
        self._held.append(batch)
        self._held_rows += batch.num_rows
        if self._held_rows >= _ROWS_TOGETHER:
            self._flush()

    def close_writers(self) -> None:
        """All rows are there."""
        self._flush()
        with self._full_disk():
            for writer in self._writers:
                writer.close()

    def take(self, part: int) -> pa.Table:
        """The rows of a part; its file is removed."""
        import pyarrow as pa

        path = self._path(part)
        with refused_files(path.name), pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as reader:
            table = reader.read_all()
        path.unlink(missing_ok=True)
        return table

    def _path(self, part: int) -> Path:
        return self.folder / f"part{part}.arrows"

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._held:
            return
        table = pa.Table.from_batches(self._held, self._schema).unify_dictionaries().combine_chunks()
        self._held, self._held_rows = [], 0
        order, offsets = _core.partition_rows(table.select([self._case]), self._parts)
        sorted_rows = table.take(pa.table(order)["row"]).combine_chunks()
        with self._full_disk():
            for part, (begin, end) in enumerate(pairwise(offsets)):
                if end > begin:
                    self._writers[part].write(sorted_rows.slice(begin, end - begin))

    @contextmanager
    def _full_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as refused:
            if refused.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise InvalidInput(
                    f"the disk of folder {quoted(str(self.folder.parent))} is full; name another with spill=, or pass "
                    "whole_cases=True if each file holds whole cases"
                ) from refused
            raise InvalidInput(
                f"folder {quoted(str(self.folder.parent))} cannot hold temporary files: {quoted(refused)}"
            ) from refused


class _Writer:
    """A file of record batches; closing it twice does nothing."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow as pa

        self._sink = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._sink, schema)
        self._open = True

    def write(self, rows: pa.Table) -> None:
        self._writer.write_table(rows)

    def close(self) -> None:
        if self._open:
            self._open = False
            try:
                self._writer.close()
            finally:
                self._sink.close()


def _width(kind: pa.DataType) -> float:
    """Bytes of a value on the disk, about."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _width(kind.index_type)
    try:
        return float(kind.bit_width / 8)
    except ValueError:
        return 20  # text
