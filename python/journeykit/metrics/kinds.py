"""What can be measured: one small immutable description per metric, with its options; here those of answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from journeykit.events import EventLog

Names = str | Sequence[str]


def names_of(value: Names, option: str) -> list[str]:
    """One name or several, as a list."""
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
