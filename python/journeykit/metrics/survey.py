"""Survey answers that come as a table of their own, attached to the events they speak of."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.duration import duration_ns
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.base.table import Table
from journeykit.events import EventLog, MetricColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    import pyarrow as pa

_SURVEY_COLUMNS = ("nps", "csat", "ces")


@dataclass(frozen=True, repr=False)
class SurveyReport:
    """How the answers of a survey met the log, and whether those who answered behave like the others.

    Parameters
    ----------
    answers : int
        Rows of the table of answers.
    attached : int
        Answers that stand on an event.
    superseded : int
        Answers whose event has a later answer; a metric that the later one leaves empty keeps their value.
    late : int
        Answers whose event is older than `within`.
    early : int
        Answers from before any event of their key.
    unmatched : int
        Answers whose key (at the touchpoint) is not in the log.
    incomplete : int
        Answers without key, time or any value.
    ambiguous : int
        Attached answers that two events of the same moment could mean; the last in log order was taken.
    response : Table
        Per unit (customers, cases, events): answered, eligible, response_share with its interval.
    comparison : Table
        Behaviour of cases with an answer, of all other eligible cases, the difference with its interval, p, and p
        adjusted for the number of rows (Benjamini–Hochberg).
    """

    answers: int
    attached: int
    superseded: int
    late: int
    early: int
    unmatched: int
    incomplete: int
    ambiguous: int
    response: Table
    comparison: Table

    def __repr__(self) -> str:
        rows = {row["unit"]: row for row in self.response.rows()}
        customers = rows["customers"]
        share = customers["response_share"]
        rate = "no data" if share is None else f"{100 * share:.1f} %"
        left = ", ".join(
            f"{getattr(self, name):,} {name}"
            for name in ("superseded", "late", "early", "unmatched", "incomplete", "ambiguous")
            if getattr(self, name)
        )
        text = (
            f"{self.attached:,} of {self.answers:,} answers attached{f' ({left})' if left else ''}; "
            f"{customers['answered']:,} of {customers['eligible']:,} customers answered ({rate})"
        )
        differ = [
            row["behaviour"]
            for row in self.comparison.rows()
            if row["p_adjusted"] is not None and row["p_adjusted"] <= 0.05
        ]
        if differ:
            text += f"; those who answered differ from the others in: {', '.join(differ)}"
        return text


class SurveyedLog(EventLog):
    """An event log with survey answers attached, and the report about them in :attr:`survey_report`."""

    _report: SurveyReport

    def __init__(self, core: _core.EventLog, *, notes: Sequence[str] = (), report: SurveyReport) -> None:
        super().__init__(core, notes=notes)
        object.__setattr__(self, "_report", report)

    @property
    def survey_report(self) -> SurveyReport:
        """Response rate, answers that could not be attached, and how those who answered differ from the others."""
        return self._report


def with_survey(
    log: EventLog,
    answers: object,
    *,
    key: str = "customer",
    time: str | None = None,
    within: timedelta | str = "14d",
    metrics: Mapping[str, str | MetricColumn] | None = None,
    touchpoint: str | Sequence[str] = (),
    answer_key: str | None = None,
    answer_touchpoint: str | None = None,
    timezone: str = "UTC",
    time_format: str | None = None,
) -> SurveyedLog:
    """Attach each survey answer to the event it speaks of: the latest of the same key at or before the answer.

    Parameters
    ----------
    log : EventLog
    answers : path, table, dictionary of columns or list of dictionaries
        One row per answer; anything that :func:`journeykit.read_events` takes as CSV, Parquet or a table.
    key : str
        Role ("customer", "case") or column of the log by which answers are found.
    time : str, optional
        Column of `answers` with the time of the answer; by default named as in the log, or "time".
    within : timedelta or str
        An answer speaks of an event that is at most this old.
    metrics : mapping of name to column or MetricColumn, optional
        What was asked; by default the columns "nps", "csat" and "ces" that are there.
    touchpoint : str or sequence of str
        Only events at these touchpoints are spoken of.
    answer_key, answer_touchpoint : str, optional
        Columns of `answers` with the key (by default named as in the log, or as `key`) and with the touchpoint each
        answer speaks of.
    timezone, time_format : str
        For times of answers without a zone, and in other forms; as in :func:`journeykit.read_events`.

    Returns
    -------
    SurveyedLog
        The log with one column and metric per question, and :attr:`SurveyedLog.survey_report`. Logs derived from it
        keep the answers but not the report.

    Raises
    ------
    NotFound
        A column, role or touchpoint that is not there.
    InvalidInput
        No metric, a column that the log has already, times or numbers that cannot be read.

    Notes
    -----
    Several answers on one event: the latest value of each metric stays. Equal times of two events of one
    key: the last in log order, counted as ambiguous. Cost: O((events + answers) · log events).

    The comparison is of behaviour only and descriptive: a difference says that the score of those who answered cannot
    be taken for everyone's; no difference does not prove that it can. Means are compared by Welch's t on customers,
    shares by Newcombe's interval on the effective number of customers.

    Examples
    --------
    >>> import journeykit as jk
    >>> log = jk.read_events({
    ...     "case": ["a", "a", "b", "c"], "customer": ["x", "x", "y", "z"],
    ...     "touchpoint": ["call", "solve", "call", "call"],
    ...     "time": ["2026-01-05T09:00", "2026-01-05T10:00", "2026-01-06", "2026-01-07"],
    ... })
    >>> answers = {"customer": ["x", "q"], "time": ["2026-01-05T12:00", "2026-01-06"], "nps": [9, 2]}
    >>> with_answers = log.with_survey(answers)
    >>> print(with_answers.survey_report)
    1 of 2 answers attached (1 unmatched); 1 of 3 customers answered (33.3 %)
    >>> [row["value"] for row in jk.measure(with_answers, "nps", by="touchpoint").rows()]
    [None, 100.0]
    """
    from journeykit.events.scores import core_metrics, metric_columns

    table = _rows(answers)
    if table.num_rows == 0:
        raise InvalidInput("the answers have no rows; expected one row per answer")
    measured = metric_columns(
        metrics if metrics is not None else {name: name for name in _SURVEY_COLUMNS if name in table.column_names}
    )
    if not measured:
        raise InvalidInput(
            f"no metric among the columns of the answers ({quoted(', '.join(table.column_names))}); name them: "
            "metrics={'nps': 'column'}"
        )
    columns = {
        "key": _named(table, answer_key, (log.roles.get(key, key), key), "answer_key"),
        "time": _named(table, time, (log.roles["time"], "time"), "time"),
    }
    if answer_touchpoint is not None:
        columns["touchpoint"] = _named(table, answer_touchpoint, (), "answer_touchpoint")
    prepared = _prepared(table, columns, measured, timezone, time_format)
    core, counts, response, comparison = _core.attach_survey(
        log._core,
        prepared,
        core_metrics(measured),
        key,
        duration_ns(within, name="within"),
        [touchpoint] if isinstance(touchpoint, str) else list(touchpoint),
    )
    report = SurveyReport(answers=table.num_rows, **counts, response=Table(response), comparison=Table(comparison))
    return SurveyedLog(core, notes=log.notes, report=report)


def _rows(answers: object) -> pa.Table:
    from journeykit.events import files
    from journeykit.events.tables import to_table

    if isinstance(answers, str | os.PathLike):
        notes: list[str] = []
        paths = files.paths_of(answers)
        return files.read_files(paths, delimiter=None, encoding=None, max_bytes=files.DEFAULT_MAX_BYTES, notes=notes)
    return to_table(answers)


def _named(table: pa.Table, named: str | None, usual: Sequence[str], option: str) -> str:
    """The column that was named, else the first usual one that is there."""
    known = table.column_names
    if named is None:
        named = next((name for name in usual if name in known), None)
        if named is None:
            raise NotFound(
                f"the answers have no column {' or '.join(map(repr, dict.fromkeys(usual)))} ({len(known)} columns: "
                f"{quoted(', '.join(known))}); name it: {option}=…"
            )
    elif named not in known:
        raise NotFound(_core.not_found_message("column", named, "the answers", known))
    return named


def _prepared(
    table: pa.Table, columns: Mapping[str, str], metrics: Mapping[str, MetricColumn], timezone: str, form: str | None
) -> Any:
    """Key, time, touchpoint and one column of decimals per metric, as the engine takes them."""
    import pyarrow as pa

    from journeykit.events.scores import to_numbers
    from journeykit.events.tables import as_ids, flatten
    from journeykit.events.times import TimeRules, to_utc

    notes: list[str] = []
    for metric in metrics.values():
        _named(table, metric.column, (), "metrics")
    needed = [*columns.values(), *(metric.column for metric in metrics.values())]
    flat = flatten(table.select(list(dict.fromkeys(needed))), notes, set(needed))
    out = {}
    for what, column in columns.items():
        if what == "time":
            out[what] = to_utc(flat[column], column, TimeRules(timezone, form), notes)
        else:
            out[what] = as_ids(flat[column], column, what, ("",))
    for metric in metrics.values():
        out[f"metric {metric.column}"] = to_numbers(flat[metric.column], metric.column, ())
    return pa.table(out)
