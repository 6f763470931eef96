"""What can be measured of contacts, waits and whole cases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.duration import duration_ns
from journeykit.base.errors import InvalidInput
from journeykit.metrics.kinds import Measure, Names, names_of

if TYPE_CHECKING:
    from datetime import timedelta

    from journeykit.events import EventLog


@dataclass(frozen=True, kw_only=True)
class _Contacts(Measure):
    contacts: Names = ()
    issue: str | None = None
    join: timedelta | str = "15min"

    def _rule(self) -> _core.ContactRule:
        return _core.ContactRule(names_of(self.contacts, "contacts"), self.issue, duration_ns(self.join, name="join"))


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
    left: Names = ()

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        window_ns = duration_ns(self.window, name="window")
        return _core.FcrMeasure(self._rule(), window_ns, self.edge, names_of(self.left, "left")), self._called()


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
    contacts: Names = ()
    per: timedelta | str = "case"
    join: timedelta | str = "15min"

    def _spec(self, _log: EventLog) -> tuple[Any, str]:
        rule = _core.ContactRule(names_of(self.contacts, "contacts"), None, duration_ns(self.join, name="join"))
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
    start: Names = ()
    answer: Names = ()
    abandon: Names = ()
    column: str | None = None

    def _wait(self) -> _core.WaitRule:
        return _core.WaitRule(
            self.column,
            names_of(self.start, "start"),
            names_of(self.answer, "answer"),
            names_of(self.abandon, "abandon"),
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
