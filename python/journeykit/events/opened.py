"""Files as streams of bytes: decompressed within bounds, errors of the disk as ours."""

from __future__ import annotations

import io
import os
import threading
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from journeykit.base.arguments import quoted
from journeykit.base.errors import Error, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_RATIO = 100  # decompressed to compressed
_RATIO_FROM = 16 * 2**20  # small files may compress better than that without harm


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


def disk_fails(name: str, refused: OSError) -> Error:
    """What is said when the system refuses to read from a file that is open."""
    reason = os.strerror(refused.errno) if refused.errno else str(refused)
    return Error(f"file {quoted(name)} cannot be read: {reason}; look after the disk")


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
            raise disk_fails(Path(str(self.name)).name, refused) from refused

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


def heard(work: Callable[[], _T]) -> _T:
    """The result of `work`, done in a thread: a library that does not listen for Ctrl-C, or not to the end, does not
    keep the caller. It may go on for a while after Ctrl-C and must not meet Python then (see `csv_files._native`).
    """
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
