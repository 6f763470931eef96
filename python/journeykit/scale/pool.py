"""Files of whole cases over processes: plain ``concurrent.futures``."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from journeykit.base.arguments import whole
from journeykit.base.errors import InvalidInput
from journeykit.scale.columns import parquet_files, read_columns
from journeykit.scale.folder import check_endings
from journeykit.scale.reading import Reading
from journeykit.scale.state import State

if TYPE_CHECKING:
    from pathlib import Path


def state_of_file(path: Path, reading: Reading, options: dict[str, Any]) -> bytes:
    """The bytes of the state of one file of whole cases; what each process runs."""
    state = State(metrics=reading.metric_columns, **options)
    table = read_columns(path, reading)
    if table.num_rows:
        state.update(reading.log(table))
    return state.to_bytes()


def merge_files(
    source: str | os.PathLike[str], *, reading: Reading, workers: int | None = None, **options: Any
) -> State:
    """The state of Parquet files that each hold whole cases, file by file over several processes.

    Parameters
    ----------
    source : path or pattern
        A folder, a pattern, or a file.
    reading : Reading
        The columns. It is sent to each process, so it says everything.
    workers : int, optional
        Processes, by default one for each core. Each holds one file at a time.
    **options
        As for :class:`State`, but for `metrics`, which `reading` has.

    Returns
    -------
    State
        The same as :func:`read_state` gives.

    Raises
    ------
    NotFound, InvalidInput, Unsupported
        As :func:`read_state`. That no case comes in two files is not checked here: each process sees its own files.

    Notes
    -----
    Processes are spawned, so a script calls this under ``if __name__ == "__main__":``.
    """
    workers = None if workers is None else whole(workers, "workers", 1)
    if not isinstance(reading, Reading):
        raise InvalidInput(f"reading is a {type(reading).__name__}; expected journeykit.scale.Reading(case=…, …)")
    state = State(metrics=reading.metric_columns, **options)
    paths = parquet_files(source)
    with ProcessPoolExecutor(min(workers or os.cpu_count() or 1, len(paths)), get_context("spawn")) as pool:
        for data in pool.map(partial(state_of_file, reading=reading, options=options), paths):
            state.merge(State.from_bytes(data))
    check_endings(state, reading, options.get("completed", ()), options.get("failed", ()))
    return state
