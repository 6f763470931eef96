"""Parts of a log counted side by side: a part at a time in each thread, the states merged by the caller."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeykit.base.arguments import quoted
from journeykit.base.errors import Cancelled, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from journeykit import _core
    from journeykit.events import EventLog
    from journeykit.scale.progress import Progress
    from journeykit.scale.reading import Reading
    from journeykit.scale.state import State


@dataclass(frozen=True)
class Run:
    """What the steps of one reading share."""

    reading: Reading
    state: State  # to which all is added
    empty: Callable[[], State]
    workers: int
    memory: int  # bytes
    shown: Progress


def count_parts(
    run: Run,
    parts: Iterable[Any],
    read: Callable[[Any], pa.Table],
    *,
    workers: int | None = None,
    seen: _core.CaseSet | None = None,
) -> None:
    """Add what `read` finds in each part to the state; at most `workers` parts at once, by default those of the run.

    The caller's thread only merges, so that it hears Ctrl-C; the others then stop between two steps.

    Raises
    ------
    InvalidInput
        With `seen`: a case that another part has.
    """
    stop, seen_lock = threading.Event(), threading.Lock()

    def heard() -> None:
        if stop.is_set():
            raise Cancelled("stopped by the caller")

    def check_whole(log: EventLog) -> None:
        if seen is None:
            return
        with seen_lock:
            twice = seen.add(log._core)
        if twice is not None:
            raise InvalidInput(
                f"case {quoted(twice)} comes in more than one file, so the files do not hold whole cases; "
                "leave whole_cases out, and the rows are put together by case"
            )

    def work(part: Any) -> tuple[int, State]:
        own, table = run.empty(), read(part)
        rows = table.num_rows
        if rows == 0:
            return 0, own
        heard()
        log = run.reading.log(table)
        del table
        heard()
        check_whole(log)
        own.update(log)
        return rows, own

    most = run.workers if workers is None else workers
    pool = ThreadPoolExecutor(most, thread_name_prefix="journeykit")
    waiting: set[Future[tuple[int, State]]] = set()
    try:
        left = iter(parts)
        while True:
            while len(waiting) < most and (one := next(left, _END)) is not _END:
                waiting.add(pool.submit(work, one))
            if not waiting:
                return
            done, waiting = wait(waiting, timeout=0.1, return_when=FIRST_COMPLETED)
            for finished in done:
                rows, own = finished.result()
                run.state.merge(own)
                run.shown.advance(rows)
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


_END = object()
