"""The door for event data: whatever people hold becomes one :class:`EventLog`, or an error that says what to change."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.duration import duration_ns
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.events import files, lifecycle, xes
from journeykit.events.arguments import names_of
from journeykit.events.log import EventLog
from journeykit.events.roles import choose_roles
from journeykit.events.scores import MetricColumn, core_metrics, infer, metric_columns, to_numbers
from journeykit.events.tables import as_ids, flatten, is_text, to_table, without
from journeykit.events.times import TimeRules, to_utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    import pyarrow as pa

_NAMED = ("case", "touchpoint", "customer", "channel", "department", "agent", "outcome", "text")


@dataclass
class _Source:
    """Rows as they came, and what is known about where from."""

    table: pa.Table
    from_text: bool = False  # every column is text: numbers are yet to be found
    objects: bool = False  # an object-centric log: `case` named the object type, not a column
    hint: str = ""  # what else may be wrong when a column is not there
    notes: list[str] = field(default_factory=list)


def read_events(
    source: object,
    *,
    case: str | None = None,
    touchpoint: str | None = None,
    time: str | None = None,
    end_time: str | None = None,
    order: str | None = None,
    customer: str | None = None,
    channel: str | None = None,
    department: str | None = None,
    agent: str | None = None,
    outcome: str | None = None,
    text: str | None = None,
    metrics: Mapping[str, str | MetricColumn] | None = None,
    completed: str | Sequence[str] = (),
    failed: str | Sequence[str] = (),
    idle: timedelta | str | None = None,
    timezone: str = "UTC",
    time_format: str | None = None,
    time_unit: Literal["s", "ms", "us", "ns"] | None = None,
    ambiguous: Literal["raise", "earliest", "latest"] = "raise",
    nonexistent: Literal["raise", "earliest", "latest"] = "raise",
    on_missing: Literal["raise", "drop"] = "raise",
    missing_values: Sequence[str] = ("",),
    pair_lifecycle: bool | str = False,
    guess: bool = True,
    delimiter: str | None = None,
    encoding: str | None = None,
    max_bytes: int = files.DEFAULT_MAX_BYTES,
) -> EventLog:
    """Read events into a log: one row per thing that happened to a customer.

    Parameters
    ----------
    source : path, pattern or table
        A file or a pattern such as ``"logs/*.csv"``: CSV (also ``.csv.gz``), Parquet, XES (also ``.xes.gz``), OCEL
        1.0 (JSON) and 2.0 (JSON, XML); XES and OCEL 2.0 need the extra ``journeykit[xes]``. Or any object with
        ``__arrow_c_stream__`` (pandas, polars, pyarrow, duckdb, narwhals), a dictionary of columns, or a list of
        dictionaries.
    case, touchpoint, time : str, optional
        Columns that say whose journey it is, what happened, and when. Without a name they are guessed from names in
        common use (XES ``case:concept:name``, ServiceNow ``number``, ``ticket_id``, ``activity``, ``created_at`` …);
        ``log.notes`` says what was guessed, and two candidates are refused. Of an object-centric log `case` names the
        object type.
    end_time : str, optional
        Column of the time at which the event was over.
    order : str, optional
        Column that orders events of one case and time.
    customer, channel, department, agent : str, optional
        Columns; guessed from common names where `guess` is true.
    outcome : str, optional
        Column whose last value in a case says how it ended; `completed` and `failed` then speak of its values.
    text : str, optional
        Column of what the customer said.
    metrics : mapping of name to column, optional
        ``{"csat": "satisfaction", "spend": "amount"}``. The names nps, csat and ces imply their scales; others are
        plain numbers. For another scale pass a :class:`MetricColumn`.
    completed, failed : str or sequence of str
        Touchpoints (or values of `outcome`) that end a case well or badly.
    idle : timedelta or str, optional
        How long a case may stay silent before it counts as abandoned. Default: the 95th percentile of the gaps
        between events.
    timezone : str, default "UTC"
        Zone of times that carry none, such as ``"Europe/Berlin"`` or ``"+08:00"``.
    time_format : str, optional
        Form of times in text that are not ISO 8601, such as ``"%d/%m/%Y %H:%M"``. Month names are English.
    time_unit : {"s", "ms", "us", "ns"}, optional
        What numeric times count since 1970. Numbers are refused without it.
    ambiguous, nonexistent : {"raise", "earliest", "latest"}
        What a local time means that a clock change makes occur twice or never.
    on_missing : {"raise", "drop"}
        Rows without case, touchpoint or time: refuse, or leave out and count in ``log.quality``.
    missing_values : sequence of str, default ("",)
        Texts that stand for a missing value, such as ``("", "?")``.
    pair_lifecycle : bool or str
        Join start and complete rows to one event with an end time; a string names the column that tells them apart.
    guess : bool, default True
        Whether roles that are not named may be guessed.
    delimiter : str, optional
        Separator of a CSV file; without it the header line decides among comma, semicolon, tab and bar.
    encoding : str, optional
        Encoding of a CSV file, default UTF-8.
    max_bytes : int, default 536_870_912
        Largest size of XML, JSON and decompressed files.

    Returns
    -------
    EventLog
        In one order: case, time, `order`, row of the source.

    Raises
    ------
    NotFound
        No such file, or a named column is not there (with the nearest name).
    InvalidInput
        Anything that could be read in two ways, with the column, the first bad row and the way out.
    Unsupported
        A lazy frame, an unknown file ending, XES without r4pm.

    Notes
    -----
    Ids, names and texts stay text: "001", "NA" and "1e5" survive. Columns of a CSV file without a role become numbers
    only where that loses nothing. Times become nanoseconds UTC, each by its own offset; mixing times with and without
    an offset is refused.

    Examples
    --------
    >>> log = read_events({
    ...     "ticket_id": ["1", "1", "2"],
    ...     "activity": ["order", "pay", "order"],
    ...     "time": ["2026-01-05T09:00", "2026-01-05T09:10", "2026-01-06T12:00"],
    ... }, completed="pay")
    >>> log.case_count, log.touchpoints
    (2, ['order', 'pay'])
    >>> print(log.notes[0])
    guessed from the names of the columns: case = 'ticket_id', touchpoint = 'activity', time = 'time'
    """
    if on_missing not in ("raise", "drop"):
        raise InvalidInput(f"on_missing is {quoted(on_missing)}; expected 'raise' or 'drop'")
    rules = TimeRules(timezone, time_format, time_unit, ambiguous, nonexistent)
    missing = tuple(missing_values) if not isinstance(missing_values, str) else (missing_values,)
    measured = metric_columns(metrics)
    read = _open(source, case=case, delimiter=delimiter, encoding=encoding, max_bytes=max_bytes)
    notes = read.notes
    told = {
        "case": None if read.objects else case,
        "touchpoint": touchpoint,
        "time": time,
        "end_time": end_time,
        "order": order,
        "customer": customer,
        "channel": channel,
        "department": department,
        "agent": agent,
        "outcome": outcome,
        "text": text,
    }
    roles = choose_roles(told, read.table.column_names, guess=guess, hint=read.hint, notes=notes)
    for name, metric in measured.items():
        if metric.column not in read.table.column_names:
            known = read.table.column_names
            raise NotFound(
                _core.not_found_message(f"column of metric {quoted(name)}", metric.column, "the table", known)
                + read.hint
            )
    if read.table.num_rows == 0:
        raise InvalidInput("source has no rows; expected one row per event")
    needed = {*roles.values(), *(metric.column for metric in measured.values())}
    table = flatten(read.table, notes, needed)
    # The engine takes missing texts out by their codes; what is read here row by row needs them out first.
    early = missing if pair_lifecycle else ()
    table, as_text = _converted(table, roles, measured, rules, missing, early, read.from_text, notes)
    if pair_lifecycle:
        if "end_time" in roles:
            raise InvalidInput("pair_lifecycle makes the end times; leave end_time out")
        roles["end_time"] = _free_name(table, "end_time")
        table = lifecycle.pair(
            table,
            case=roles["case"],
            touchpoint=roles["touchpoint"],
            time=roles["time"],
            end_time=roles["end_time"],
            column=pair_lifecycle if isinstance(pair_lifecycle, str) else None,
            notes=notes,
        )
    core = _core.read_events(
        table,
        roles=roles,
        metrics=core_metrics(measured),
        completed=names_of(completed, "completed"),
        failed=names_of(failed, "failed"),
        idle_ns=None if idle is None else duration_ns(idle, name="idle"),
        drop_missing=on_missing == "drop",
        as_text=as_text,
        missing=list(missing),
    )
    return EventLog(core, notes=notes)


def _open(source: object, *, case: str | None, delimiter: str | None, encoding: str | None, max_bytes: int) -> _Source:
    """The rows of a path, a pattern or a table."""
    import pyarrow as pa

    if not isinstance(source, str | os.PathLike):
        return _Source(to_table(source))
    paths = files.paths_of(source)
    kinds = sorted({files.kind_of(path) for path in paths})
    if len(kinds) > 1:
        raise InvalidInput(
            f"pattern {quoted(source)} finds files of several kinds ({', '.join(kinds)}); read each kind on its own"
        )
    notes: list[str] = []
    if kinds == ["xes"]:
        logs = [xes.read_xes(path, max_bytes=max_bytes, notes=notes) for path in paths]
        return _Source(logs[0] if len(logs) == 1 else pa.concat_tables(logs, promote_options="permissive"), notes=notes)
    if kinds == ["ocel"]:
        if len(paths) > 1:
            raise InvalidInput(f"pattern {quoted(source)} finds {len(paths)} object-centric logs; read each on its own")
        return _Source(xes.read_ocel(paths[0], case=case, max_bytes=max_bytes, notes=notes), objects=True, notes=notes)
    table = files.read_files(paths, delimiter=delimiter, encoding=encoding, max_bytes=max_bytes, notes=notes)
    hint = ""
    if kinds == ["csv"] and table.num_columns == 1:
        hint = f"; the file has one column, named {quoted(table.column_names[0])}: is another delimiter= needed?"
    return _Source(table, from_text=kinds == ["csv"], hint=hint, notes=notes)


def _converted(
    table: pa.Table,
    roles: Mapping[str, str],
    metrics: Mapping[str, MetricColumn],
    rules: TimeRules,
    missing: Sequence[str],
    early: Sequence[str],
    from_text: bool,
    notes: list[str],
) -> tuple[pa.Table, list[str]]:
    """Each column in the type of its role, and the columns whose whole numbers are names."""
    import pyarrow as pa

    local = TimeRules(rules.timezone, ambiguous="earliest", nonexistent="earliest")
    measured = {metric.column for metric in metrics.values()}
    by_column: dict[str, list[str]] = {}
    for role, column in roles.items():
        by_column.setdefault(column, []).append(role)
    as_text = []
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        used = by_column.get(name, [])
        kept_as_text = (
            (used or not from_text) and name not in measured and not {"time", "end_time", "order"} & set(used)
        )
        if is_text(column.type):
            column = without(column, early if kept_as_text else missing)
        if "time" in used or "end_time" in used:
            column = to_utc(
                column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column,
                name,
                rules,
                notes,
            )
        elif "order" in used:
            column = (
                column
                if pa.types.is_integer(column.type) or pa.types.is_timestamp(column.type)
                else to_numbers(column, name, missing)
            )
        elif names := [role for role in used if role in _NAMED]:
            if pa.types.is_integer(column.type):
                as_text.append(name)
            else:
                column = as_ids(column, name, names[0], early)
        elif name in measured:
            column = to_numbers(column, name, missing)
        elif from_text:
            column = infer(column)
        elif pa.types.is_timestamp(column.type) and column.type.tz is None:
            column = to_utc(column, name, local, notes)
        columns.append(column)
    return pa.table(columns, names=table.column_names), as_text


def _free_name(table: pa.Table, wanted: str) -> str:
    name, k = wanted, 1
    while name in table.column_names:
        k += 1
        name = f"{wanted}_{k}"
    return name
