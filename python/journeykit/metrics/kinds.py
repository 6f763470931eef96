"""What can be measured: one small immutable description per metric, with its options."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from journeykit import _core
from journeykit.base.duration import duration_ns
from journeykit.base.errors import InvalidInput, NotFound
from journeykit.events.rows import quoted

if TYPE_CHECKING:
    from datetime import timedelta

    from journeykit.events import EventLog

_Names = str | Sequence[str]


def _names(value: _Names, option: str) -> list[str]:
    names = [value] if isinstance(value, str) else list(value)
    if not all(isinstance(name, str) for name in names):
        raise InvalidInput(f"{option} is {quoted(value)}; expected one name or several")
    return names


@dataclass(frozen=True, kw_only=True)
class Measure(ABC):
    """What all measures share.

    Parameters
    ----------
    name : str, optional
        What the result calls it; by default the metric and its statistic.
    """

    name: str | None = None
    key: ClassVar[str]

    @abstractmethod
    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        """The engine's description, and the name to show."""

    def _called(self, *parts: str) -> str:
        return self.name if self.name is not None else "_".join((self.key, *parts))


@dataclass(frozen=True, kw_only=True)
class _Answers(Measure):
    of: str | None = None
    once_per_case: bool = False

    def _metric(self, log: EventLog) -> str:
        fitting = [name for name, metric in log.metrics.items() if metric.kind == self.key]
        if self.of is not None:
            return self.of
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise InvalidInput(
                f"the log has {len(fitting)} metrics of kind {self.key}; say which: of={quoted(fitting[0])}"
            )
        raise NotFound(
            f"the log has no metric of kind {self.key}; name its column when reading: "
            f"read_events(…, metrics={{{self.key!r}: 'column'}}), or attach answers with log.with_survey(…)"
        )

    def _answers(self, log: EventLog, number: str, suffix: str, top: int = 2) -> tuple[Any, str]:
        metric = self._metric(log)
        called = self._called(*([metric] if metric != self.key else []), *([suffix] if suffix else []))
        return _core.ScoreMeasure(metric, number, top, self.once_per_case), called


@dataclass(frozen=True, kw_only=True)
class Nps(_Answers):
    """Net promoter score in points: 100 · (share of answers 9–10 − share of answers 0–6).

    Parameters
    ----------
    of : str, optional
        Name of the metric in the log; by default its only one of kind "nps".
    once_per_case : bool
        Count the last answer of each case instead of every row: for logs whose rows repeat the answer of their case.
    name : str, optional
        What the result calls it.

    Notes
    -----
    Interval: adjusted Wald (¾ promoter, 1½ passives, ¾ detractor added to the effective number of
    answers), clipped to ±100; with the score test the best of six methods in Rocks 2016.

    References
    ----------
    Rocks, B. (2016). Interval estimation for the net promoter score. arXiv:1601.07235.
    """

    key: ClassVar[str] = "nps"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return self._answers(_log, "nps", "")


@dataclass(frozen=True, kw_only=True)
class Csat(_Answers):
    """Customer satisfaction: top-2-box share, mean, or the share of each point.

    Parameters
    ----------
    of : str, optional
        Name of the metric in the log; by default its only one of kind "csat".
    statistic : {"top_share", "mean", "distribution"}
        The share of the `top` best points (Wilson interval), the mean in scale points (t interval), or one row per
        point. Top-2 throws away the difference between the lower points: look at the distribution too.
    top : int
        How many of the best points count as satisfied.
    once_per_case : bool
        Count the last answer of each case instead of every row.
    """

    key: ClassVar[str] = "csat"
    statistic: Literal["top_share", "mean", "distribution"] = "top_share"
    top: int = 2

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return self._answers(_log, self.statistic, "mean" if self.statistic == "mean" else "", self.top)


@dataclass(frozen=True, kw_only=True)
class Ces(_Answers):
    """Customer effort score: mean, share who found it easy, or the share of each point.

    Parameters
    ----------
    of : str, optional
        Name of the metric in the log; by default its only one of kind "ces".
    statistic : {"mean", "easy_share", "distribution"}
        "easy" is every point on the good side of the middle of the scale (5–7 of 1–7). The metric's `high_is_good`
        says which side that is: the wording of 2010 asked for the effort and has its good end low.
    once_per_case : bool
        Count the last answer of each case instead of every row.

    Notes
    -----
    Low effort is a warning light, not the one number: the first claim for it is disputed.
    """

    key: ClassVar[str] = "ces"
    statistic: Literal["mean", "easy_share", "distribution"] = "mean"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return self._answers(_log, self.statistic, "easy" if self.statistic == "easy_share" else "")


@dataclass(frozen=True, kw_only=True)
class Mean(_Answers):
    """Mean of any metric of the log, in its own unit, with a t interval by customers.

    Parameters
    ----------
    of : str
        Name of the metric in the log.
    once_per_case : bool
        Count the last value of each case instead of every row.
    """

    key: ClassVar[str] = "mean"

    def _metric(self, log: EventLog) -> str:
        if self.of is None:
            raise InvalidInput(
                f"Mean needs the metric it is of: Mean(of=…), one of {', '.join(map(repr, log.metrics))}"
            )
        return self.of

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return self._answers(_log, "mean", "")


@dataclass(frozen=True, kw_only=True)
class _Contacts(Measure):
    contacts: _Names = ()
    issue: str | None = None
    join: timedelta | str = "15min"

    def _rule(self) -> _core.ContactRule:
        return _core.ContactRule(_names(self.contacts, "contacts"), self.issue, duration_ns(self.join, name="join"))


@dataclass(frozen=True, kw_only=True)
class Fcr(_Contacts):
    """First contact resolution: share of first contacts that no further one of the same customer and issue follows.

    Parameters
    ----------
    window : timedelta or str
        How long no further contact may come, 7 to 14 days usually; a contact exactly at its end counts.
    contacts : str or sequence of str
        Touchpoints that are contacts. By default those of ``measure(touchpoints=…)``, and without them every case is
        one contact, at its start.
    issue : str, optional
        Role or column that says what the contact is about; by default any further contact counts. An event without a
        value takes the first known of its case; all others of a customer without one count as one issue.
    join : timedelta or str
        Events this near to each other (a transfer) are one contact.
    edge : {"kaplan-meier", "mature"}
        Contacts younger than the window are not known yet. Either they are censored (Kaplan–Meier, every contact
        used), or only contacts that began a whole window before the end of the log count.
    left : str or sequence of str
        Touchpoints at which a customer leaves for good: those who left cannot call again (Aalen–Johansen).

    Notes
    -----
    Only the first contact of a chain counts, a chain being contacts each within the window of the one
    before: else one bad case counts five times. FCR = S(window) of the time to the next contact; those who left count
    as not having called again. Where nobody was followed for the whole window there is no number.
    """

    key: ClassVar[str] = "fcr"
    window: timedelta | str = "7d"
    edge: Literal["kaplan-meier", "mature"] = "kaplan-meier"
    left: _Names = ()

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        window_ns = duration_ns(self.window, name="window")
        return _core.FcrMeasure(self._rule(), window_ns, self.edge, _names(self.left, "left")), self._called()


@dataclass(frozen=True, kw_only=True)
class RepeatContacts(_Contacts):
    """Share of contacts that follow another one of the same customer and issue within the window.

    Parameters
    ----------
    window, contacts, issue, join
        As for :class:`Fcr`. The denominator is all contacts, first and further ones.
    """

    key: ClassVar[str] = "repeat_contacts"
    window: timedelta | str = "7d"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return _core.RepeatContactsMeasure(self._rule(), duration_ns(self.window, name="window")), self._called()


@dataclass(frozen=True, kw_only=True)
class ContactRate(Measure):
    """Contacts per case, per customer, or per customer and period.

    Parameters
    ----------
    contacts : str or sequence of str
        Touchpoints that are contacts; by default those of ``measure(touchpoints=…)``.
    per : {"case", "customer"}, timedelta or str
        The denominator: the cases of the group, its customers, or a period such as "30d" of customer time (from a
        customer's first event in the group to the end of the log). Cases and customers count whether or not they made
        contact.
    join : timedelta or str
        Events this near to each other are one contact.
    """

    key: ClassVar[str] = "contact_rate"
    contacts: _Names = ()
    per: timedelta | str = "case"
    join: timedelta | str = "15min"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        rule = _core.ContactRule(_names(self.contacts, "contacts"), None, duration_ns(self.join, name="join"))
        if self.per in ("case", "customer"):
            return _core.ContactRateMeasure(rule, str(self.per), 0), self._called()
        return _core.ContactRateMeasure(rule, "period", duration_ns(self.per, name="per")), self._called()


@dataclass(frozen=True, kw_only=True)
class Transfers(Measure):
    """Changes of department or agent inside a case, over closed cases.

    Parameters
    ----------
    of : str, optional
        Role or column whose changes count; by default the department, or the agent where the log has no department.
    statistic : {"mean", "share"}
        Transfers per case, or share of cases with at least one.
    """

    key: ClassVar[str] = "transfers"
    of: str | None = None
    statistic: Literal["mean", "share"] = "mean"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        if self.statistic not in ("mean", "share"):
            raise InvalidInput(f"statistic is {quoted(self.statistic)}; expected 'mean' or 'share'")
        column = self.of if self.of is not None else "department" if "department" in _log.roles else "agent"
        share = self.statistic == "share"
        return _core.TransfersMeasure(column, share), self._called(*(["share"] if share else []))


@dataclass(frozen=True, kw_only=True)
class _Waits(Measure):
    start: _Names = ()
    answer: _Names = ()
    abandon: _Names = ()
    column: str | None = None

    def _wait(self) -> _core.WaitRule:
        return _core.WaitRule(
            self.column, _names(self.start, "start"), _names(self.answer, "answer"), _names(self.abandon, "abandon")
        )


_TIME_STATISTIC = re.compile(r"p([0-9]{1,2})", re.ASCII)


def _time_number(statistic: str) -> _core.TimeNumber:
    if statistic in ("mean", "median"):
        return _core.TimeNumber(statistic == "mean", 0.5)
    matched = _TIME_STATISTIC.fullmatch(statistic) if isinstance(statistic, str) else None
    if matched is None or int(matched[1]) == 0:
        raise InvalidInput(
            f"statistic is {quoted(statistic)}; expected 'median', 'mean', or a percentile such as 'p90'"
        )
    return _core.TimeNumber(False, int(matched[1]) / 100)


@dataclass(frozen=True, kw_only=True)
class ServiceLevel(_Waits):
    """Share of waits that were answered within a threshold.

    Parameters
    ----------
    within : timedelta or str
        The threshold; an answer exactly at it is in time.
    start, answer : str or sequence of str
        A wait runs from a start touchpoint (by default the start of the case) to the next answer touchpoint of the
        case; asking again before the answer is the same wait.
    column : str, optional
        Instead of an answer touchpoint: a column of waits, in seconds or as durations; `start` then chooses
        touchpoints. With neither, a wait is the length of an event (its end time − its time).
    abandon : str or sequence of str
        Touchpoints or outcomes that say the customer gave up.
    denominator : {"offered", "answered", "offered_less_short_abandons", "abandoned_in_time_count"}
        With T the threshold: answered ≤ T / all; / answered; / (all − abandoned before `short_abandon`);
        (answered ≤ T + abandoned ≤ T) / all. All four are in use; name yours.
    short_abandon : timedelta or str
        Abandoned before this is not held against the service.

    Notes
    -----
    A case that is over without an answer counts among "all" and as not answered. A wait still open and
    younger than the threshold is not known: where there is one, only waits that began a threshold before the end of
    the log count.
    """

    key: ClassVar[str] = "service_level"
    within: timedelta | str
    denominator: Literal["offered", "answered", "offered_less_short_abandons", "abandoned_in_time_count"] = "offered"
    short_abandon: timedelta | str = "5s"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        within_ns = duration_ns(self.within, name="within")
        short_ns = duration_ns(self.short_abandon, name="short_abandon")
        return _core.ServiceLevelMeasure(self._wait(), within_ns, self.denominator, short_ns), self._called()


@dataclass(frozen=True, kw_only=True)
class Abandonment(_Waits):
    """Share of waits that ended without an answer.

    Parameters
    ----------
    start, answer, abandon, column
        As for :class:`ServiceLevel`. Waits that are still open are left out.
    """

    key: ClassVar[str] = "abandonment"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return _core.AbandonmentMeasure(self._wait()), self._called()


@dataclass(frozen=True, kw_only=True)
class ResponseTime(_Waits):
    """Time to the answer in seconds, with open and abandoned waits censored.

    Parameters
    ----------
    start, answer, abandon, column
        As for :class:`ServiceLevel`.
    statistic : str
        "median", "mean", or a percentile such as "p90", of the Kaplan–Meier curve.

    Notes
    -----
    Censoring abandoned waits gives the time that a customer with patience would have waited; it assumes
    that those who give up would have waited as long as the others.
    """

    key: ClassVar[str] = "response_time"
    statistic: str = "median"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        suffix = [] if self.statistic == "median" else [self.statistic]
        return _core.ResponseTimeMeasure(self._wait(), _time_number(self.statistic)), self._called(*suffix)


@dataclass(frozen=True, kw_only=True)
class ResolutionTime(Measure):
    """Time from the start of a case to its completion in seconds, with cases that are not completed censored.

    Parameters
    ----------
    statistic : str
        "median", "mean", or a percentile such as "p90", of the Kaplan–Meier curve.

    Notes
    -----
    Completion is the first completing touchpoint, or with an outcome column the last event. Failed and
    abandoned cases are censored at their last event, open ones at the end of the log. In a log without a declared
    ending a case is resolved with its last event once it has fallen silent.
    """

    key: ClassVar[str] = "resolution_time"
    statistic: str = "median"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        suffix = [] if self.statistic == "median" else [self.statistic]
        return _core.ResolutionTimeMeasure(_time_number(self.statistic)), self._called(*suffix)


@dataclass(frozen=True, kw_only=True)
class Completion(Measure):
    """Share of closed cases that were completed."""

    key: ClassVar[str] = "completion"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return _core.CaseShareMeasure("completion"), self._called()


@dataclass(frozen=True, kw_only=True)
class DropOff(Measure):
    """Share of the closed cases that reached the group and ended in it, not completed (``by="touchpoint"``)."""

    key: ClassVar[str] = "drop_off"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return _core.CaseShareMeasure("drop_off"), self._called()


@dataclass(frozen=True, kw_only=True)
class SilentExit(Measure):
    """Share of closed cases that fell silent: neither completed nor failed, and idle beyond the log's limit."""

    key: ClassVar[str] = "silent_exit"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        return _core.CaseShareMeasure("silent_exit"), self._called()


KINDS: tuple[type[Measure], ...] = (
    Nps,
    Csat,
    Ces,
    Mean,
    Fcr,
    RepeatContacts,
    ContactRate,
    Transfers,
    ServiceLevel,
    Abandonment,
    ResponseTime,
    ResolutionTime,
    Completion,
    DropOff,
    SilentExit,
)
