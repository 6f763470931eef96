"""XES and OCEL files through r4pm, behind a guard: what r4pm would read wrongly is refused or left out with a note."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, NotFound, Unsupported
from journeykit.events.opened import open_bytes
from journeykit.events.tables import flatten, to_table
from journeykit.events.xml_guard import check_xes, check_xml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

_FIRST = ("case:concept:name", "concept:name", "time:timestamp")
Result = TypeVar("Result")


def _r4pm() -> Any:
    try:
        import polars  # noqa: F401  r4pm hands its rows over as polars frames
        from r4pm import df
    except ImportError as missing:
        raise Unsupported("reading XES and OCEL needs r4pm: pip install 'journeykit[xes]'") from missing
    return df


def _guarded(path: Path, read: Callable[[], Result]) -> Result:
    """Runs r4pm; its panics, which are no Exception, become ours."""
    try:
        return read()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as refused:
        raise InvalidInput(f"file {quoted(path.name)} cannot be read: {quoted(refused)}") from refused


def read_xes(path: Path, *, max_bytes: int, notes: list[str]) -> pa.Table:
    """Events of an XES file with all attributes, trace attributes as "case:…".

    Raises
    ------
    InvalidInput
        No XES, truncated, with DOCTYPE, too deep, too large, or with values that their type does not allow (with the
        line).
    Unsupported
        Without r4pm, or in another encoding than UTF-8.
    """
    import pyarrow as pa

    df = _r4pm()
    contents = check_xes(path, max_bytes)
    frame, _ = _guarded(path, lambda: df.import_xes(str(path)))
    table = pa.table(frame.to_arrow())
    if table.num_rows != contents.events:
        raise InvalidInput(
            f"file {quoted(path.name)} holds {contents.events:,} events, but {table.num_rows:,} were read; write it "
            "again"
        )
    for key, types in contents.types.items():
        if len(types) > 1:
            contents.lost.setdefault(key, f"it is of several types ({', '.join(sorted(types))})")
        if (
            key.startswith("case:")
            and key not in _FIRST
            and key in table.column_names
            and f"case:{key}" in contents.types
        ):
            contents.lost.setdefault(key, "event and trace both have it")
    for key, why in sorted(contents.lost.items()):
        notes.append(f"attribute {quoted(key)} is left out: {why}")
    if contents.nested:
        notes.append("attributes inside attributes are left out")
    # r4pm gives its columns in random order
    names = [name for name in _FIRST if name in table.column_names] + sorted(set(table.column_names) - set(_FIRST))
    table = table.select([name for name in names if name not in contents.lost])
    return _zoned(table, path, contents.dates, contents.aware, contents.naive)


def _zoned(
    table: pa.Table, path: Path, dates: dict[str, int], aware: dict[str, int], naive: dict[str, int]
) -> pa.Table:
    """Dates with an offset as UTC, dates without as local times; r4pm does not tell them apart."""
    import pyarrow as pa

    for k, name in enumerate(table.column_names):
        if name not in dates:
            continue
        if name in aware and name in naive:
            raise InvalidInput(
                f"file {quoted(path.name)}: attribute {quoted(name)} mixes times with a zone (line {aware[name]}) "
                f"and without (line {naive[name]}); give all of them an offset"
            )
        column = table.column(k)
        if not name.startswith("case:") and len(column) - column.null_count != dates[name]:
            raise InvalidInput(
                f"file {quoted(path.name)}: {dates[name] - len(column) + column.null_count:,} values of "
                f"{quoted(name)} are no dates of the calendar; mend them"
            )
        if name in aware:
            table = table.set_column(k, name, column.cast(pa.timestamp("us", "UTC")))
    return table


def read_ocel(path: Path, *, case: str | None, max_bytes: int, notes: list[str]) -> pa.Table:
    """Events of an object-centric log as seen by the objects of type `case`: one row per event and object.

    An event of several such objects stands once in each of their cases. Objects of each other type become a column of
    that name where an event has exactly one of them.

    Raises
    ------
    NotFound
        No objects of type `case`, or `case` is not named and there are several types.
    InvalidInput
        No OCEL 1.0 (JSON) or 2.0 (JSON, XML), truncated, too deep, too large.
    Unsupported
        OCEL 2.0 without r4pm.
    """
    if path.name.lower().endswith((".xmlocel", ".xml")):
        check_xml(path, max_bytes)
        events, relations = _version_two(path, _r4pm().import_ocel_xml)
    elif b'"ocel:events"' in (content := _json_of(path, max_bytes)):
        events, relations = _version_one(path, content)
    elif b'"eventTypes"' in content:
        events, relations = _version_two(path, _r4pm().import_ocel_json)
    else:
        raise InvalidInput(
            f"file {quoted(path.name)} is no object-centric event log (OCEL), the only events read from JSON"
        )
    return _seen_by(path, events, relations, case, notes)


def _version_two(path: Path, read: Callable[[str], Any]) -> tuple[pa.Table, pa.Table]:
    """OCEL 2.0, whose times r4pm gives in UTC without saying so."""
    import pyarrow as pa

    frames = _guarded(path, lambda: read(str(path)))
    events, relations = (flatten(to_table(frames[name]), [], set()) for name in ("events", "relations"))
    k = events.column_names.index("ocel:timestamp")
    return events.set_column(k, "ocel:timestamp", events.column(k).cast(pa.timestamp("ns", "UTC"))), relations


def _json_of(path: Path, max_bytes: int) -> bytes:
    with open_bytes(path, max_bytes) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise InvalidInput(
            f"file {quoted(path.name)} holds more than {max_bytes:,} bytes; if you trust it, pass max_bytes="
        )
    return content


def _version_one(path: Path, content: bytes) -> tuple[pa.Table, pa.Table]:
    """OCEL 1.0 in JSON, which r4pm does not read."""
    try:
        log = json.loads(content)
        types = {name: about["ocel:type"] for name, about in log["ocel:objects"].items()}
        events, relations = [], []
        for event, about in log["ocel:events"].items():
            seen = {
                "ocel:eid": event,
                "ocel:activity": about["ocel:activity"],
                "ocel:timestamp": about["ocel:timestamp"],
            }
            events.append(
                seen
                | {
                    name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                    for name, value in about.get("ocel:vmap", {}).items()
                }
            )
            relations += [seen | {"ocel:oid": thing, "ocel:type": types[thing]} for thing in about["ocel:omap"]]
    except (ValueError, RecursionError) as broken:
        raise InvalidInput(f"file {quoted(path.name)} is no JSON that can be read: {quoted(broken)}") from broken
    except (KeyError, TypeError, AttributeError) as lacking:
        raise InvalidInput(
            f"file {quoted(path.name)} is no OCEL 1.0: {quoted(lacking)} is missing or of another type"
        ) from lacking
    return to_table(events), to_table(relations)


def _seen_by(path: Path, events: pa.Table, relations: pa.Table, case: str | None, notes: list[str]) -> pa.Table:
    import pyarrow.compute as pc

    if relations.num_rows == 0:
        raise InvalidInput(f"file {quoted(path.name)} relates no event to an object; there is no case to follow")
    types = sorted(pc.unique(relations["ocel:type"]).to_pylist())
    if case is None:
        if len(types) > 1:
            raise InvalidInput(
                f"an object-centric log needs the object type that is the case: case=… one of "
                f"{', '.join(quoted(name) for name in types)}"
            )
        case = types[0]
    if case not in types:
        raise NotFound(_core.not_found_message("object type", case, quoted(path.name), types))
    relations = relations.select(["ocel:eid", "ocel:oid", "ocel:type"])
    rows = relations.filter(pc.equal(relations["ocel:type"], case)).drop_columns(["ocel:type"])
    at = pc.index_in(rows["ocel:eid"], events["ocel:eid"].combine_chunks())
    rows = rows.append_column("at", at).sort_by([("at", "ascending"), ("ocel:oid", "ascending")])
    out = events.take(rows["at"]).append_column("ocel:oid", rows["ocel:oid"])
    for other in types:
        if other == case or other in out.column_names:
            continue
        of_event = (
            relations.filter(pc.equal(relations["ocel:type"], other))
            .group_by("ocel:eid")
            .aggregate([("ocel:oid", "count"), ("ocel:oid", "min")])
        )
        single = of_event.filter(pc.equal(of_event["ocel:oid_count"], 1))
        place = pc.index_in(out["ocel:eid"], single["ocel:eid"].combine_chunks())
        out = out.append_column(other, pc.take(single["ocel:oid_min"].combine_chunks(), place))
    shared = out.num_rows - len(pc.unique(out["ocel:eid"]))
    if shared:
        notes.append(f"{shared:,} rows repeat an event that belongs to several {quoted(case)} objects")
    names = ["ocel:oid", "ocel:activity", "ocel:timestamp", "ocel:eid"]
    return out.select(names + sorted(set(out.column_names) - set(names)))
