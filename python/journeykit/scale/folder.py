"""A folder of Parquet files larger than memory: rows are put apart by case on the disk, then read part by part."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from journeykit import _core
from journeykit.base.arguments import quoted, whole
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.scale.columns import batches, dataset_of, parquet_files, read_columns, row_count, spilled_schema
from journeykit.scale.counting import Run, count_parts
from journeykit.scale.progress import Progress
from journeykit.scale.reading import Reading
from journeykit.scale.spill import Spill, refused_files
from journeykit.scale.state import EXACT_UP_TO, MAX_VARIANTS, State

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from journeykit.events import MetricColumn

# What a part takes while it is read and counted, in bytes for each event; measured, see docs/scale.md.
BYTES_PER_EVENT = 240
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_LEAST_MEMORY = 50 * 10**6
_MOST_PARTS = 512


def memory_bytes(memory: int | str) -> int:
    """ "2GB" or a number of bytes as bytes.

    Raises
    ------
    InvalidInput
        Another form, or less than 50 MB.

    Examples
    --------
    >>> memory_bytes("1.5 GB")
    1500000000
    """
    size = -1.0
    if isinstance(memory, int) and not isinstance(memory, bool):
        size = memory
    elif isinstance(memory, str):
        text = memory.strip().upper()
        unit = next((unit for unit in sorted(_UNITS, key=len, reverse=True) if text.endswith(unit)), None)
        number = text.removesuffix(unit or "").strip()
        if unit is not None and number.replace(".", "", 1).isdecimal():
            size = float(number) * _UNITS[unit]
    if not _LEAST_MEMORY <= size < 2**60:
        raise InvalidInput(f"memory is {quoted(memory)}; expected bytes or such as '2GB', from 50 MB")
    return int(size)


def read_state(
    source: str | os.PathLike[str],
    *,
    case: str,
    touchpoint: str,
    time: str,
    end_time: str | None = None,
    order: str | None = None,
    channel: str | None = None,
    department: str | None = None,
    outcome: str | None = None,
    metrics: Mapping[str, str | MetricColumn] | None = None,
    completed: str | Sequence[str] = (),
    failed: str | Sequence[str] = (),
    idle: timedelta | str | None = None,
    observed_until: datetime | str | None = None,
    variants: bool = False,
    max_variants: int = MAX_VARIANTS,
    exact_up_to: int = EXACT_UP_TO,
    timezone: str = "UTC",
    time_format: str | None = None,
    time_unit: str | None = None,
    on_missing: str = "raise",
    whole_cases: bool = False,
    memory: int | str = "2GB",
    workers: int = 2,
    spill: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> State:
    """The state of a log in Parquet files of any size, in bounded memory.

    Parameters
    ----------
    source : path or pattern
        A folder (with those in it), a pattern such as ``"logs/*.parquet"``, or a file.
    case, touchpoint, time : str
        Columns that say whose journey it is, what happened, and when.
    end_time, order, channel, department, outcome, metrics, timezone, time_format, time_unit, on_missing
        As for :func:`journeykit.read_events`; nothing is guessed, and there is no customer column.
    completed, failed, idle, observed_until, variants, max_variants, exact_up_to
        As for :class:`State`.
    whole_cases : bool, default False
        Say that each file holds whole cases: then nothing is written to the disk. A case that comes in two files is
        found and refused. Otherwise the rows are first put apart by case into a temporary folder.
    memory : int or str, default "2GB"
        How much a run may take: bytes, or such as "500MB". It decides into how many parts the log is cut, and leaves
        out what Python and its libraries take by themselves (about 0.2 GB).
    workers : int, default 2
        Threads that read and count parts side by side; the result is the same for any number.
    spill : path, optional
        Folder for the temporary files, by default that of the system. They take about as much as the columns that
        are read, uncompressed, and are removed at the end, also after an error or Ctrl-C.
    progress : bool, default True
        Show how far it is on stderr, where that is a terminal.

    Returns
    -------
    State
        The same, byte by byte, for any way the rows stand in the files, ties in time inside a case aside.

    Raises
    ------
    NotFound
        No such file or column; an ending that occurs nowhere.
    InvalidInput
        A damaged file, files of different columns, a missing case, touchpoint or time, a case in two files that were
        said to hold whole cases, too little room on the disk.
    Unsupported
        More than `max_variants` distinct variants.

    Examples
    --------
    >>> import pyarrow as pa, pyarrow.parquet as pq, tempfile
    >>> from datetime import datetime
    >>> day = [datetime(2026, 1, 5), datetime(2026, 1, 6)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for k, what in enumerate(["search", "pay"]):
    ...         rows = pa.table({"case": [1, 2], "what": [what, what], "when": [day[k], day[k]]})
    ...         pq.write_table(rows, f"{folder}/day{k}.parquet")
    ...     state = read_state(folder, case="case", touchpoint="what", time="when")
    >>> state, state.directly_follows().rows()[0]["count"]
    (State: 4 events, 2 cases, 2 touchpoints, 2)
    """
    reading = Reading(
        case=case,
        touchpoint=touchpoint,
        time=time,
        end_time=end_time,
        order=order,
        channel=channel,
        department=department,
        outcome=outcome,
        metrics=metrics,
        timezone=timezone,
        time_format=time_format,
        time_unit=time_unit,
        on_missing=on_missing,
    )

    def empty() -> State:
        return State(
            metrics=reading.metric_columns,
            completed=completed,
            failed=failed,
            idle=idle,
            observed_until=observed_until,
            variants=variants,
            max_variants=max_variants,
            exact_up_to=exact_up_to,
        )

    state = empty()
    workers = whole(workers, "workers", 1, 64)
    bound = memory_bytes(memory)
    paths = parquet_files(source)
    with Progress(progress) as shown:
        run = Run(reading, state, empty, workers, bound, shown)
        if whole_cases:
            _files_of_whole_cases(run, paths)
        else:
            _rows_put_apart(run, paths, spill)
    check_endings(state, reading, completed, failed)
    return state


def check_endings(state: State, reading: Reading, completed: str | Sequence[str], failed: str | Sequence[str]) -> None:
    """Refuse an ending that no event has; the values of an outcome column are not kept and so not checked."""
    if reading.outcome is not None:
        return
    known = state.touchpoints
    for names in (completed, failed):
        for name in [names] if isinstance(names, str) else names:
            if name not in known:
                raise NotFound("ending: " + _core.not_found_message("touchpoint", name, "the log", known))


def _rows_put_apart(run: Run, paths: list[Path], spill: str | os.PathLike[str] | None) -> None:
    import pyarrow as pa

    reading, shown = run.reading, run.shown
    dataset = dataset_of(paths, reading)
    rows, schema = row_count(dataset), spilled_schema(dataset, reading)
    if rows == 0:
        raise InvalidInput("the files have no rows; expected one row per event")
    parts = -(-rows * BYTES_PER_EVENT * run.workers // run.memory)
    if rows * BYTES_PER_EVENT <= run.memory:
        shown.stage("reading", rows)
        table = pa.Table.from_batches(list(batches(dataset, reading, shown)), schema)
        shown.stage("counting", rows)
        run.state.update(reading.log(table))
        return
    if parts > _MOST_PARTS:
        need = rows * BYTES_PER_EVENT * run.workers // _MOST_PARTS
        raise InvalidInput(
            f"memory is too small for {rows:,} events: {parts:,} parts would be needed, and at most {_MOST_PARTS} "
            f"files are open at once; give memory={-(-need // 10**6)!r} MB or more, or fewer workers"
        )
    with Spill(spill, parts, schema, rows) as apart:
        shown.stage("putting rows apart by case", rows)
        for batch in batches(dataset, reading, shown):
            apart.add(batch, reading.case)
        apart.close_writers()
        shown.stage("counting", rows)
        count_parts(run, range(parts), apart.take)


def _files_of_whole_cases(run: Run, paths: list[Path]) -> None:
    import pyarrow.parquet as pq

    rows = []
    for path in paths:
        with refused_files(path.name):
            rows.append(pq.ParquetFile(path).metadata.num_rows)
    largest = max(rows)
    fit = run.memory // (BYTES_PER_EVENT * max(largest, 1))
    if fit < 1:
        raise InvalidInput(
            f"file {quoted(paths[rows.index(largest)].name)} has {largest:,} events, which do not fit into the memory "
            f"of {run.memory:,} bytes at once; give more memory, write smaller files, or leave whole_cases out"
        )
    run.shown.stage("counting", sum(rows))
    read = partial(read_columns, reading=run.reading)
    count_parts(run, paths, read, workers=min(run.workers, fit), seen=_core.CaseSet())
