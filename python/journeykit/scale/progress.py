"""How far a long run is, on stderr where that is a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType


class Progress:
    """A bar for each stage of a run; silent where nobody looks or `on` is false."""

    def __init__(self, on: bool) -> None:
        self._bar: Any = None
        self._task: Any = None
        if on and sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            self._bar = Bars(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("events"),
                TimeRemainingColumn(),
                console=Console(stderr=True, highlight=False, markup=False),
            )

    def stage(self, what: str, events: int) -> None:
        """Begin another stage of so many events."""
        if self._bar is not None:
            self._task = self._bar.add_task(what, total=events)

    def advance(self, events: int) -> None:
        """So many more events are done."""
        if self._bar is not None:
            self._bar.advance(self._task, events)

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
