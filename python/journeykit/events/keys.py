"""The three columns that every event has, read alone: for results that need no more of a table."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeykit.base.errors import InvalidInput
from journeykit.events import files
from journeykit.events.log import EventLog
from journeykit.events.reader import read_events
from journeykit.events.roles import choose_roles
from journeykit.events.tables import to_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

KEYS = ("case", "touchpoint", "time")


@dataclass(frozen=True)
class KeyColumns:
    """Where case, touchpoint and time of events stand: in a table, or in files of which only a log can be made."""

    source: Any  # a pyarrow.Table of three columns when in_table, else a path or pattern
    columns: dict[str, str]  # role to column, as told or guessed; of files only those that were told
    in_table: bool

    def log(self) -> EventLog:
        """The log of these columns."""
        return read_events(self.source, **self.columns)  # type: ignore[arg-type]


def log_or_keys(
    source: EventLog | Any, *, case: str | None, touchpoint: str | None, time: str | None, by: Sequence[str]
) -> EventLog | KeyColumns:
    """The log as it is, or what of a table or path holds case, touchpoint and time.

    Of Parquet files nothing else is read; other files are not opened yet.

    Raises
    ------
    NotFound, InvalidInput
        As :func:`journeykit.read_events`; columns named for a log, segments `by` without one.
    """
    told = {"case": case, "touchpoint": touchpoint, "time": time}
    if isinstance(source, EventLog):
        if any(name is not None for name in told.values()):
            raise InvalidInput("case, touchpoint and time name the columns of a table; a log knows its own")
        return source
    if by:
        raise InvalidInput("by needs a log; read_events(…) makes one")
    if not isinstance(source, str | os.PathLike):
        table = to_table(source)
        return _in_table(table, _chosen(told, table.column_names))
    paths = files.paths_of(source)
    if {files.kind_of(path) for path in paths} != {"parquet"}:
        return KeyColumns(source, {key: name for key, name in told.items() if name is not None}, in_table=False)
    columns = _chosen(told, files.parquet_names(paths[0]))
    table = files.read_files(
        paths,
        delimiter=None,
        encoding=None,
        max_bytes=files.DEFAULT_MAX_BYTES,
        notes=[],
        columns=list(columns.values()),
    )
    return _in_table(table, columns)


def _in_table(table: pa.Table, columns: dict[str, str]) -> KeyColumns:
    return KeyColumns(table.select(list(columns.values())), columns, in_table=True)


def _chosen(told: dict[str, str | None], names: list[str]) -> dict[str, str]:
    roles = choose_roles(told, names, guess=True, hint="", notes=[])
    return {key: roles[key] for key in KEYS}
