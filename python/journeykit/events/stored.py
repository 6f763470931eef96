"""A log as bytes, for pickle: what another process needs to have the same log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.errors import InvalidInput, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY = b"journeykit.event_log"
_VERSION = 1


def log_bytes(core: _core.EventLog, notes: Sequence[str]) -> bytes:
    """The rows as an Arrow IPC stream, with what the log knows about them in the metadata of its schema."""
    import pyarrow as pa

    about = {
        "version": _VERSION,
        "roles": core.roles,
        "metrics": [[m.name, m.column, m.kind, m.low, m.high, m.high_is_good] for m in core.metrics],
        "completed": core.completed,
        "failed": core.failed,
        "idle_ns": core.idle_ns,
        "idle_given": core.idle_given,
        "observed_until_ns": core.observed_until_ns,
        "notes": list(notes),
    }
    table = pa.table(core.table()).replace_schema_metadata({_KEY: json.dumps(about)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def log_of_bytes(stored: bytes) -> tuple[_core.EventLog, list[str]]:
    """The engine's log and its notes.

    Raises
    ------
    InvalidInput
        Not such bytes, or damaged ones.
    Unsupported
        Bytes of a newer version.
    """
    import pyarrow as pa

    try:
        with pa.ipc.open_stream(stored) as stream:
            table = stream.read_all()
        table.validate(full=True)
        about: dict[str, Any] = json.loads((table.schema.metadata or {})[_KEY])
    except (pa.ArrowException, OSError, KeyError, ValueError) as wrong:
        raise InvalidInput(f"these are not the bytes of an event log: {wrong!r:.200}") from wrong
    if about["version"] != _VERSION:
        raise Unsupported(f"the log has format version {about['version']}, this journeykit reads {_VERSION}")
    core = _core.restore_log(
        table.replace_schema_metadata(None),
        roles=about["roles"],
        metrics=[_core.Metric(*fields) for fields in about["metrics"]],
        completed=about["completed"],
        failed=about["failed"],
        idle_ns=about["idle_ns"],
        idle_given=about["idle_given"],
        observed_until_ns=about["observed_until_ns"],
    )
    return core, about["notes"]
