"""The event log as Python sees it: a value with its roles, its quality and the operations that make new logs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from journeykit import _core
from journeykit.base.arguments import quoted, whole
from journeykit.base.duration import duration_ns, to_timedelta
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.base.table import Table
from journeykit.events.arguments import EPOCH, mask_bytes, moment_ns, names_of
from journeykit.events.conditions import cases_of_events, chosen_events, inverted
from journeykit.events.quality import Quality, quality_of
from journeykit.events.scores import MetricColumn
from journeykit.events.stages import stage_of, stage_patterns
from journeykit.events.stored import log_bytes, log_of_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from journeykit._core import EventLog as CoreLog
    from journeykit.discovery import Rework, Variants
    from journeykit.metrics import SurveyedLog


class EventLog:
    """Events in one order: case, time, order column, row of the source. Made by :func:`journeykit.read_events`.

    A log never changes; each operation gives a new one and shares what it did not touch. ``len(log)`` is the number
    of events.

    Examples
    --------
    >>> from journeykit import read_events
    >>> log = read_events({
    ...     "case": ["a", "a", "a", "b"],
    ...     "touchpoint": ["search", "pay", "pay", "search"],
    ...     "time": ["2026-01-05T09:00", "2026-01-05T09:10", "2026-01-05T09:11", "2026-01-06T12:00"],
    ... })
    >>> log
    EventLog: 4 events, 2 cases, 2 touchpoints, 2026-01-05 09:00 to 2026-01-06 12:00 UTC
      case = 'case', touchpoint = 'touchpoint', time = 'time'
      note: guessed from the names of the columns: case = 'case', touchpoint = 'touchpoint', time = 'time'
    >>> len(log.collapse_repeats())
    3
    >>> log.filter(touchpoints="pay", keep="cases").case_count
    1
    """

    __slots__ = ("__dict__", "_core", "_notes")
    _core: CoreLog
    _notes: tuple[str, ...]

    def __init__(self, core: CoreLog, *, notes: Sequence[str] = ()) -> None:
        object.__setattr__(self, "_core", core)
        object.__setattr__(self, "_notes", tuple(notes))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an EventLog never changes (attribute {name}); its methods give new logs")

    def __copy__(self) -> EventLog:
        return self

    def __deepcopy__(self, _memo: object) -> EventLog:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        kept = {**self.__dict__, "quality": self.quality}  # it speaks of the source, which is not in the bytes
        return _unpickled, (type(self), log_bytes(self._core, self._notes), kept)

    def _derived(self, core: CoreLog) -> EventLog:
        return EventLog(core, notes=self._notes)

    # what it is

    @property
    def event_count(self) -> int:
        """Number of events."""
        return int(self._core.event_count)

    @property
    def case_count(self) -> int:
        """Number of cases."""
        return int(self._core.case_count)

    def __len__(self) -> int:
        return self.event_count

    @property
    def touchpoints(self) -> list[str]:
        """Names of the touchpoints, in byte order."""
        return list(self._core.touchpoint_names)

    @property
    def roles(self) -> dict[str, str]:
        """Role to column: case, touchpoint, time and those that were named or guessed."""
        return dict(self._core.roles)

    @property
    def columns(self) -> list[str]:
        """Names of all columns."""
        return list(self._core.table().column_names)

    @property
    def metrics(self) -> dict[str, MetricColumn]:
        """Name to column, kind and scale of each metric."""
        return {
            m.name: MetricColumn(m.column, kind=m.kind, low=m.low, high=m.high, high_is_good=m.high_is_good)
            for m in self._core.metrics
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader guessed, concluded or left out."""
        return self._notes

    @property
    def completed(self) -> list[str]:
        """Touchpoints (or outcomes, when the log has that column) that end a case well."""
        return list(self._core.completed)

    @property
    def failed(self) -> list[str]:
        """Touchpoints (or outcomes) that end a case badly."""
        return list(self._core.failed)

    @property
    def idle(self) -> timedelta:
        """How long a case may stay silent before it counts as abandoned."""
        return to_timedelta(self._core.idle_ns)

    @property
    def observed_until(self) -> datetime:
        """End of observation, UTC: cases that were silent for less than `idle` before it are open."""
        return EPOCH + to_timedelta(self._core.observed_until_ns)

    @cached_property
    def quality(self) -> Quality:
        """What is missing, tied, doubled or out of scale, and which cases are open; print it for the way out."""
        return quality_of(self._core)

    # rows out

    def to_arrow(self) -> pa.Table:
        """All columns as a ``pyarrow.Table``, shape (n_events, n_columns), in log order."""
        import pyarrow as pa

        return pa.table(self._core.table())

    def to_pandas(self) -> pd.DataFrame:
        """All columns as a ``pandas.DataFrame`` (extra ``journeykit[pandas]``)."""
        return self._table().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """All columns as a ``polars.DataFrame`` (extra ``journeykit[polars]``)."""
        return self._table().to_polars()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._core.table().__arrow_c_stream__(requested_schema)

    def _table(self) -> Table:
        return Table(self._core.table())

    def cases(self) -> Table:
        """One row per case, in byte order of their ids.

        Returns
        -------
        Table
            case, customer, start, end (times UTC), events (count), status (completed, failed, abandoned or open).
        """
        return Table(self._core.cases())

    # new logs

    def filter(
        self,
        *,
        touchpoints: str | Sequence[str] | None = None,
        cases: str | Sequence[str] | None = None,
        customers: str | Sequence[str] | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        where: Mapping[str, object] | None = None,
        mask: Sequence[bool] | Any = None,
        negate: bool = False,
        keep: Literal["events", "cases"] = "events",
    ) -> EventLog:
        """The events, or whole cases, that meet all conditions.

        Parameters
        ----------
        touchpoints, cases, customers : str or sequence of str, optional
            Names; each is to occur in the log.
        since, until : datetime or str, optional
            First moment that belongs, and first that no longer does; without a zone UTC.
        where : mapping of column to value or values, optional
            Events whose column has one of the values; None stands for missing.
        mask : sequence of bool, shape (n_events,), optional
            True for each event to take, in log order; any list, Arrow, numpy, pandas or polars booleans.
        negate : bool
            Take what does not meet the conditions.
        keep : {"events", "cases"}
            "cases" takes all events of each case with an event that meets the conditions (with `negate`: of each "
            "case without one).

        Raises
        ------
        NotFound
            An unknown touchpoint, case, customer, column or text value (with the nearest).
        InvalidInput
            No condition, a mask of another length, or nothing would be left.

        Notes
        -----
        The end of observation stays that of the whole log: a case does not become open because later cases were left
        out.
        """
        if keep not in ("events", "cases"):
            raise InvalidInput(f"keep is {quoted(keep)}; expected 'events' or 'cases'")
        named = {"touchpoint": touchpoints, "case": cases, "customer": customers}
        chosen = chosen_events(self._core, named, since=since, until=until, where=where or {}, mask=mask)
        if keep == "cases":
            chosen = cases_of_events(self._core, chosen)
        select = self._core.select_cases if keep == "cases" else self._core.select_events
        return self._derived(select(mask_bytes(inverted(chosen) if negate else chosen)))

    def rename(self, names: Mapping[str, str]) -> EventLog:
        """Touchpoints under new names; two that get one name become one.

        Raises
        ------
        NotFound
            A touchpoint that is not in the log.
        """
        known = self.touchpoints
        for old in names:
            if old not in known:
                raise NotFound(_core.not_found_message("touchpoint", str(old), "the log", known))
        return self._derived(
            self._core.with_touchpoints([names_of(names.get(name, name), "names")[0] for name in known])
        )

    def to_stages(self, stages: Mapping[str, str] | Any, *, unmatched: Literal["raise", "keep"] = "raise") -> EventLog:
        """The log on a coarser level: each touchpoint becomes its stage.

        Parameters
        ----------
        stages : mapping of pattern to stage, or table
            Patterns are names or globs (``"pay*"``); a whole name wins over patterns, earlier patterns over later
            ones. Or a table with columns touchpoint and stage.
        unmatched : {"raise", "keep"}
            What to do with touchpoints that no pattern matches.

        Raises
        ------
        InvalidInput
            Touchpoints without a stage.

        Examples
        --------
        >>> from journeykit import read_events
        >>> log = read_events({"case": ["a", "a", "b"], "touchpoint": ["pay card", "pay bank", "call"],
        ...                    "time": ["2026-01-05"] * 3})
        >>> log.to_stages({"pay*": "Pay", "call": "Support"}).touchpoints
        ['Pay', 'Support']
        """
        if unmatched not in ("raise", "keep"):
            raise InvalidInput(f"unmatched is {quoted(unmatched)}; expected 'raise' or 'keep'")
        patterns = stage_patterns(stages)
        names, unknown = [], []
        for touchpoint in self.touchpoints:
            stage = stage_of(touchpoint, patterns)
            if stage is None:
                unknown.append(touchpoint)
            names.append(touchpoint if stage is None else stage)
        if unknown and unmatched == "raise":
            shown = ", ".join(quoted(name) for name in unknown[:5])
            raise InvalidInput(
                f"{len(unknown)} touchpoints have no stage ({shown}{', …' if len(unknown) > 5 else ''}); add "
                "patterns such as '*', or pass unmatched='keep'"
            )
        return self._derived(self._core.with_touchpoints(names))

    def sessions(self, gap: timedelta | str) -> EventLog:
        """Cases cut where more than `gap` passes between two events: "a" becomes "a#1", "a#2", …

        Where the log has no customer the old case becomes the customer.
        """
        return self._derived(self._core.sessions(duration_ns(gap, name="gap")))

    def collapse_repeats(self) -> EventLog:
        """Runs of one touchpoint inside a case as their first event; its end time becomes the latest of the run."""
        return self._derived(self._core.collapse_repeats())

    def sample(self, cases: int, *, seed: int = 0) -> EventLog:
        """At most `cases` whole cases, chosen by a hash of seed and id: the same for any order of rows."""
        return self._derived(self._core.sample(whole(cases, "cases", 1, 2**62), whole(seed, "seed", 0, 2**63 - 1)))

    def with_endings(
        self,
        *,
        completed: str | Sequence[str] = (),
        failed: str | Sequence[str] = (),
        idle: timedelta | str | None = None,
    ) -> EventLog:
        """Other rules for how a case ends; see :func:`journeykit.read_events`.

        Raises
        ------
        InvalidInput
            A name that does not occur in the log, or that stands in both lists.
        """
        idle_ns = None if idle is None else duration_ns(idle, name="idle")
        return self._derived(
            self._core.with_endings(names_of(completed, "completed"), names_of(failed, "failed"), idle_ns)
        )

    def with_observed_until(self, until: datetime | str) -> EventLog:
        """Another end of observation than the last event: cases silent for longer than `idle` before it are "
        "abandoned."""
        return self._derived(self._core.with_observed_until(moment_ns(until, "until")))

    # short forms of other rooms

    def with_survey(self, answers: object, **options: Any) -> SurveyedLog:
        """Survey answers attached to the touchpoints they speak of; see :func:`journeykit.metrics.with_survey`."""
        from journeykit.metrics import with_survey

        return with_survey(self, answers, **options)

    def variants(self, *, by: str | Sequence[str] | None = None) -> Variants:
        """Distinct paths through the touchpoints, most frequent first; see :func:`journeykit.discovery.variants`."""
        from journeykit.discovery import variants

        return variants(self, by=by)

    def rework(self, *, by: str | Sequence[str] | None = None) -> Rework:
        """Touchpoints that cases repeat; see :func:`journeykit.discovery.rework`."""
        from journeykit.discovery import rework

        return rework(self, by=by)

    def step_matrix(
        self,
        *,
        steps: int = 10,
        values: Literal["share", "count"] = "share",
        by: str | Sequence[str] | None = None,
    ) -> Table:
        """Share of the cases at each touchpoint by step; see :func:`journeykit.discovery.step_matrix`."""
        from journeykit.discovery import step_matrix

        return step_matrix(self, steps=steps, values=values, by=by)

    def funnel(
        self,
        touchpoints: Sequence[str | Sequence[str]],
        *,
        within: timedelta | str | None = None,
        by: str | Sequence[str] | None = None,
    ) -> Table:
        """How many cases reach each step of a path, in order; see :func:`journeykit.discovery.funnel`."""
        from journeykit.discovery import funnel

        return funnel(self, touchpoints, within=within, by=by)

    def filter_paths(
        self,
        *,
        contains: str | Sequence[str] | None = None,
        starts: str | Sequence[str] | None = None,
        ends: str | Sequence[str] | None = None,
        follows: tuple[str, str] | tuple[str, str, timedelta | str] | None = None,
        directly: bool = False,
        negate: bool = False,
    ) -> EventLog:
        """The cases that run a certain way, whole; see :func:`journeykit.discovery.filter_paths`."""
        from journeykit.discovery import filter_paths

        return filter_paths(
            self, contains=contains, starts=starts, ends=ends, follows=follows, directly=directly, negate=negate
        )

    # how it shows itself

    def __repr__(self) -> str:
        import pyarrow as pa
        import pyarrow.compute as pc

        roles = self.roles
        span = pc.min_max(pa.table(self._core.table())[roles["time"]]).as_py()
        spanned = f"{span['min']:%Y-%m-%d %H:%M} to {span['max']:%Y-%m-%d %H:%M}"
        touchpoints = len(self.touchpoints)
        counts = f"{self.event_count:,} events, {self.case_count:,} cases, {touchpoints:,} touchpoints"
        lines = [
            f"EventLog: {counts}, {spanned} UTC",
            "  " + ", ".join(f"{role} = {quoted(column)}" for role, column in roles.items()),
        ]
        if metrics := self.metrics:
            lines.append(
                "  metrics: " + ", ".join(f"{quoted(name)[1:-1]} ({metric.kind})" for name, metric in metrics.items())
            )
        lines += [f"  note: {note}" for note in self._notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from journeykit.view import log_html

        return log_html(self)


def _unpickled(kind: type[EventLog], stored: bytes, kept: dict[str, Any]) -> EventLog:
    log = object.__new__(kind)
    core, notes = log_of_bytes(stored)
    EventLog.__init__(log, core, notes=notes)
    log.__dict__.update(kept)
    return log
