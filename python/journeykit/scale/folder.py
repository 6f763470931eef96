"""A folder of Parquet files larger than memory: rows are put apart by case on the disk, then read part by part."""

from __future__ import annotations

import os
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.errors import Cancelled, InvalidInput, NotFound
from journeykit.events import files
from journeykit.events.rows import quoted
from journeykit.scale.progress import Progress
from journeykit.scale.reading import Reading
from journeykit.scale.spill import Spill, refused_files
from journeykit.scale.state import EXACT_UP_TO, MAX_VARIANTS, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    import pyarrow as pa
    import pyarrow.dataset as ds

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
    if not isinstance(workers, int) or isinstance(workers, bool) or not 1 <= workers <= 64:
        raise InvalidInput(f"workers is {quoted(workers)}; expected a whole number from 1 to 64")
    bound = memory_bytes(memory)
    paths = parquet_files(source)
    with Progress(progress) as shown:
        if whole_cases:
            _files_of_whole_cases(paths, reading, state, empty, workers, bound, shown)
        else:
            _rows_put_apart(paths, reading, state, empty, workers, bound, spill, shown)
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


def _rows_put_apart(
    paths: list[Path],
    reading: Reading,
    state: State,
    empty: Callable[[], State],
    workers: int,
    bound: int,
    spill: str | os.PathLike[str] | None,
    shown: Progress,
) -> None:
    import pyarrow as pa

    dataset = _dataset(paths, reading)
    rows = _rows(dataset)
    if rows == 0:
        raise InvalidInput("the files have no rows; expected one row per event")
    parts = -(-rows * BYTES_PER_EVENT * workers // bound)
    if rows * BYTES_PER_EVENT <= bound:
        shown.stage("reading", rows)
        table = pa.Table.from_batches(list(_batches(dataset, reading, shown)), _schema(dataset, reading))
        shown.stage("counting", rows)
        state.update(reading.log(table))
        return
    if parts > _MOST_PARTS:
        need = rows * BYTES_PER_EVENT * workers // _MOST_PARTS
        raise InvalidInput(
            f"memory is too small for {rows:,} events: {parts:,} parts would be needed, and at most {_MOST_PARTS} "
            f"files are open at once; give memory={-(-need // 10**6)!r} MB or more, or fewer workers"
        )
    with Spill(spill, parts, _schema(dataset, reading), rows) as apart:
        shown.stage("putting rows apart by case", rows)
        for batch in _batches(dataset, reading, shown):
            apart.add(batch, reading.case)
        apart.close_writers()
        shown.stage("counting", rows)

        def part(k: int) -> Iterator[tuple[int, Any]]:
            table = apart.take(k)
            yield table.num_rows, table

        _count(range(parts), part, reading, state, empty, workers, shown, None)


def _files_of_whole_cases(
    paths: list[Path],
    reading: Reading,
    state: State,
    empty: Callable[[], State],
    workers: int,
    bound: int,
    shown: Progress,
) -> None:
    import pyarrow.parquet as pq

    rows = []
    for path in paths:
        with refused_files(path.name):
            rows.append(pq.ParquetFile(path).metadata.num_rows)
    largest = max(rows)
    fit = bound // (BYTES_PER_EVENT * max(largest, 1))
    if fit < 1:
        raise InvalidInput(
            f"file {quoted(paths[rows.index(largest)].name)} has {largest:,} events, which do not fit into the memory "
            f"of {bound:,} bytes at once; give more memory, write smaller files, or leave whole_cases out"
        )
    shown.stage("counting", sum(rows))

    def part(path: Path) -> Iterator[tuple[int, Any]]:
        table = read_columns(path, reading)
        if table.num_rows:
            yield table.num_rows, table

    _count(paths, part, reading, state, empty, min(workers, fit), shown, _core.CaseSet())


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


def _count(
    parts: Iterable[Any],
    read: Callable[[Any], Iterator[tuple[int, Any]]],
    reading: Reading,
    state: State,
    empty: Callable[[], State],
    workers: int,
    shown: Progress,
    seen: _core.CaseSet | None,
) -> None:
    """Each part to a state in a thread of its own, at most `workers` at once; the caller's thread hears Ctrl-C."""
    stop = threading.Event()

    def heard() -> None:
        if stop.is_set():
            raise Cancelled("stopped by the caller")

    def work(part: Any) -> tuple[int, State]:
        own, rows = empty(), 0
        for n, table in read(part):
            heard()
            log = reading.log(table)
            del table
            heard()
            if seen is not None:
                with seen_lock:
                    twice = seen.add(log._core)
                if twice is not None:
                    raise InvalidInput(
                        f"case {quoted(twice)} comes in more than one file, so the files do not hold whole cases; "
                        "leave whole_cases out, and the rows are put together by case"
                    )
            own.update(log)
            rows += n
        return rows, own

    seen_lock = threading.Lock()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="journeykit")
    waiting: set[Future[tuple[int, State]]] = set()
    try:
        left = iter(parts)
        while True:
            while len(waiting) < workers and (one := next(left, _END)) is not _END:
                waiting.add(pool.submit(work, one))
            if not waiting:
                return
            done, waiting = wait(waiting, timeout=0.1, return_when=FIRST_COMPLETED)
            for finished in done:
                rows, own = finished.result()
                state.merge(own)
                shown.advance(rows)
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


_END = object()


def _dataset(paths: list[Path], reading: Reading) -> ds.Dataset:
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


def _rows(dataset: ds.Dataset) -> int:
    with refused_files("of the log"):
        return int(dataset.count_rows())


def _schema(dataset: ds.Dataset, reading: Reading) -> pa.Schema:
    """The columns as they are put on the disk: ids as plain values, since their dictionaries are as long as the log."""
    import pyarrow as pa

    def plain(field: pa.Field) -> pa.Field:
        if pa.types.is_dictionary(field.type) and field.name in (reading.case, reading.order):
            return field.with_type(field.type.value_type)
        return field

    return pa.schema([plain(dataset.schema.field(name)) for name in reading.columns])


def _batches(dataset: ds.Dataset, reading: Reading, shown: Progress) -> Iterator[pa.RecordBatch]:
    schema = _schema(dataset, reading)
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
