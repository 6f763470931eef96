"""The options of every command that reads events, written once."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeykit.base.errors import InvalidInput
from journeykit.cli.output import complain, working

if TYPE_CHECKING:
    from collections.abc import Callable

    from journeykit.events import EventLog, MetricColumn

_Columns = "Columns"
_Values = "Values and endings"


def _option(*names: str, help: str, panel: str) -> Any:  # noqa: A002
    return typer.Option(*names, help=help, rich_help_panel=panel, show_default=False)


@dataclass(frozen=True)
class Reading:
    """How the events of a file are to be read."""

    case: Annotated[str | None, _option("--case", help="Column of the case (journey).", panel=_Columns)] = None
    touchpoint: Annotated[str | None, _option("--touchpoint", help="Column of what happened.", panel=_Columns)] = None
    time: Annotated[str | None, _option("--time", help="Column of when.", panel=_Columns)] = None
    end_time: Annotated[str | None, _option("--end-time", help="Column of when it was over.", panel=_Columns)] = None
    order: Annotated[str | None, _option("--order", help="Column that orders equal times.", panel=_Columns)] = None
    customer: Annotated[str | None, _option("--customer", help="Column of the customer.", panel=_Columns)] = None
    channel: Annotated[str | None, _option("--channel", help="Column of the channel.", panel=_Columns)] = None
    department: Annotated[str | None, _option("--department", help="Column of the department.", panel=_Columns)] = None
    agent: Annotated[str | None, _option("--agent", help="Column of the agent.", panel=_Columns)] = None
    outcome: Annotated[str | None, _option("--outcome", help="Column of how cases end.", panel=_Columns)] = None
    text: Annotated[str | None, _option("--text", help="Column of what customers say.", panel=_Columns)] = None
    metric: Annotated[
        list[str] | None,
        _option("--metric", help="NAME=COLUMN, NAME nps, csat, ces or any; again for more.", panel=_Columns),
    ] = None
    completed: Annotated[
        list[str] | None, _option("--completed", help="What ends a case well; again for more.", panel=_Values)
    ] = None
    failed: Annotated[
        list[str] | None, _option("--failed", help="What ends a case badly; again for more.", panel=_Values)
    ] = None
    idle: Annotated[str | None, _option("--idle", help="Silence that ends a case, such as 7d.", panel=_Values)] = None
    timezone: Annotated[str, _option("--timezone", help="Zone of times without one [UTC].", panel=_Values)] = "UTC"
    time_format: Annotated[
        str | None, _option("--time-format", help="Form of times, such as '%d/%m/%Y %H:%M'.", panel=_Values)
    ] = None
    time_unit: Annotated[
        str | None, _option("--time-unit", help="Of numeric times since 1970: s, ms, us, ns.", panel=_Values)
    ] = None
    missing: Annotated[
        list[str] | None, _option("--missing", help="Text that means no value; again for more.", panel=_Values)
    ] = None
    drop_missing: Annotated[
        bool, _option("--drop-missing", help="Leave out rows without case, touchpoint or time.", panel=_Values)
    ] = False
    pair_lifecycle: Annotated[
        bool, _option("--pair-lifecycle", help="Join start and complete rows.", panel=_Values)
    ] = False
    delimiter: Annotated[str | None, _option("--delimiter", help="Separator of a CSV file.", panel=_Values)] = None
    encoding: Annotated[str | None, _option("--encoding", help="Encoding of a CSV file.", panel=_Values)] = None

    def read(self, source: str, *, quiet: bool = False) -> EventLog:
        """The log of a file; what was guessed is said on stderr unless `quiet`."""
        from journeykit.events import read_events

        with working(f"reading {source}"):
            log = read_events(
                source,
                case=self.case,
                touchpoint=self.touchpoint,
                time=self.time,
                end_time=self.end_time,
                order=self.order,
                customer=self.customer,
                channel=self.channel,
                department=self.department,
                agent=self.agent,
                outcome=self.outcome,
                text=self.text,
                metrics=_metrics(self.metric or []),
                completed=self.completed or (),
                failed=self.failed or (),
                idle=self.idle,
                timezone=self.timezone,
                time_format=self.time_format,
                time_unit=self.time_unit,  # type: ignore[arg-type]  # any text: read_events names the allowed ones
                missing_values=("", *(self.missing or ())),
                on_missing="drop" if self.drop_missing else "raise",
                pair_lifecycle=self.pair_lifecycle,
                delimiter="\t" if self.delimiter == "\\t" else self.delimiter,
                encoding=self.encoding,
            )
        for note in () if quiet else log.notes:
            complain(f"note: {note}")
        return log


def _metrics(given: list[str]) -> dict[str, str | MetricColumn]:
    metrics: dict[str, str | MetricColumn] = {}
    for one in given:
        name, equals, column = one.partition("=")
        if not equals or not name or not column:
            raise InvalidInput(f"--metric {one!r:.80}: expected NAME=COLUMN, such as csat=satisfaction")
        metrics[name] = column
    return metrics


def reads_events(command: Callable[..., int]) -> Callable[..., int]:
    """Gives a command with a parameter `reading` one option per field of :class:`Reading` in its place."""
    own = [parameter for name, parameter in inspect.signature(command).parameters.items() if name != "reading"]
    hints = inspect.get_annotations(command, eval_str=True)
    shared = inspect.get_annotations(Reading, eval_str=True)
    names = [one.name for one in fields(Reading)]

    @wraps(command)
    def run(**given: Any) -> int:
        reading = Reading(**{name: given.pop(name) for name in names})
        return command(**given, reading=reading)

    keyword = inspect.Parameter.KEYWORD_ONLY
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [parameter.replace(kind=keyword, annotation=hints[parameter.name]) for parameter in own]
        + [
            inspect.Parameter(one.name, keyword, default=one.default, annotation=shared[one.name])
            for one in fields(Reading)
        ]
    )
    run.__annotations__ = {name: hints[name] for name in hints if name != "reading"} | {
        name: shared[name] for name in names
    }
    del run.__wrapped__
    return run
