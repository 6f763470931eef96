"""The three columns that every event has, read alone: for results that need no more of a table."""

from __future__ import annotations

import os
from typing import Any

from journeykit.base.errors import NotFound
from journeykit.events import files
from journeykit.events.log import EventLog
from journeykit.events.reader import read_events
from journeykit.events.roles import choose_roles
from journeykit.events.tables import to_table

KEYS = ("case", "touchpoint", "time")


def key_columns(
    source: Any, *, case: str | None, touchpoint: str | None, time: str | None
) -> tuple[Any, dict[str, str]]:
    """What of the source holds case, touchpoint and time, and the names of the three columns.

    Of Parquet files nothing else is read. Other files come back as their path: a log is made of them.

    Raises
    ------
    NotFound, InvalidInput
        As :func:`journeykit.read_events`.
    """
    told = {"case": case, "touchpoint": touchpoint, "time": time}
    if not isinstance(source, str | os.PathLike):
        table = to_table(source)
        roles = _chosen(told, table.column_names)
        return table.select([roles[key] for key in KEYS if key in roles]), roles
    paths = files.paths_of(source)
    if {files.kind_of(path) for path in paths} != {"parquet"}:
        return source, {key: name for key, name in told.items() if name is not None}
    roles = _chosen(told, files.parquet_names(paths[0]))
    return files.read_files(
        paths,
        delimiter=None,
        encoding=None,
        max_bytes=files.DEFAULT_MAX_BYTES,
        notes=[],
        columns=[roles[key] for key in KEYS],
    ), roles


def log_of(
    source: EventLog | Any, *, case: str | None = None, touchpoint: str | None = None, time: str | None = None
) -> EventLog:
    """The log itself, or one of the three columns of a table or file."""
    if isinstance(source, EventLog):
        return source
    columns, roles = key_columns(source, case=case, touchpoint=touchpoint, time=time)
    return read_events(columns, **roles)  # type: ignore[arg-type]


def _chosen(told: dict[str, str | None], names: list[str]) -> dict[str, str]:
    roles = choose_roles(told, names, guess=True, hint="", notes=[])
    for key in KEYS:
        if key not in roles:
            raise NotFound(f"no column was found for the {key}; name it: {key}=…")
    return {key: roles[key] for key in KEYS}
