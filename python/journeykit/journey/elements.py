"""The elements of a journey map, with the fields of the file format."""

from __future__ import annotations

from dataclasses import dataclass

from journeykit.journey.element import Element, Evidence, Texts, TextSet, Visibility


@dataclass(frozen=True, slots=True, repr=False)
class TimeSummary(Element):
    """Summary of `n` measured times, in seconds."""

    n: int
    mean_seconds: float
    median_seconds: float
    p90_seconds: float
    min_seconds: float
    max_seconds: float


@dataclass(frozen=True, slots=True, repr=False)
class MetricSummary(Element):
    """One measured or planned number of a touchpoint (NPS, CSAT, …) with its interval.

    `low` and `high` are given both or not at all. `n` counts answers, `customers` those who gave them.
    """

    name: str
    value: float
    n: int = 0
    customers: int = 0
    low: float | None = None
    high: float | None = None
    method: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class TouchpointStatistics(Element):
    """What an event log says about a touchpoint: events, cases and customers there, cases that start or end there."""

    events: int
    cases: int
    customers: int = 0
    starts: int = 0
    ends: int = 0
    duration: TimeSummary | None = None


@dataclass(frozen=True, slots=True, repr=False)
class About(Element):
    """The map itself: its name, the currency of its amounts (such as ``"EUR"``), the log it was learned from."""

    name: str = ""
    description: str = ""
    currency: str = ""
    cases: int | None = None
    events: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Stage(Element):
    """A stage of the journey. `phase`: awareness, consideration, decision, post-purchase, …, or empty."""

    id: str
    name: str = ""
    phase: str = ""
    description: str = ""
    evidence: Evidence = "assumed"


@dataclass(frozen=True, slots=True, repr=False)
class Scene(Element):
    """A scene of a stage: touchpoints that the customer lives through together."""

    id: str
    name: str = ""
    stage: str = ""
    description: str = ""
    evidence: Evidence = "assumed"


@dataclass(frozen=True, slots=True, repr=False)
class Touchpoint(Element):
    """A point of contact, or a step behind the scenes.

    Parameters
    ----------
    id : str
        Unique in the map, not empty.
    name : str
        What is shown; the id when empty.
    stage, scene : str
        Ids; a touchpoint in a scene belongs to the scene's stage.
    channels, departments, tags : str or several
        Kept sorted, each once.
    visibility : {"front_stage", "back_stage"}
        Whether the customer sees it.
    need : str
        What the customer wants here.
    emotion : float
        From −1 (worst) to 1 (best); None when nobody has said.
    metrics : several MetricSummary or mappings
        Names differ.
    statistics : TouchpointStatistics or mapping
    owner : str
    evidence : {"assumed", "partly_observed", "observed"}

    Examples
    --------
    >>> Touchpoint("Call", stage="Help", channels="phone", emotion=-0.2)
    Touchpoint(id='Call', stage='Help', channels=('phone',), emotion=-0.2)
    """

    id: str
    name: str = ""
    stage: str = ""
    scene: str = ""
    description: str = ""
    channels: TextSet = ()
    departments: TextSet = ()
    visibility: Visibility = "front_stage"
    need: str = ""
    emotion: float | None = None
    metrics: tuple[MetricSummary, ...] = ()
    statistics: TouchpointStatistics | None = None
    owner: str = ""
    tags: TextSet = ()
    evidence: Evidence = "assumed"


@dataclass(frozen=True, slots=True, repr=False)
class Transition(Element):
    """A move from one touchpoint to another, or to itself.

    `count` moves in `cases` cases; `probability` is the share of the events at `source` that `target` follows, 0–1, and
    what lacks to 1 ends the journey there; `times` run from the end of `source` (or its time) to the start of `target`.
    """

    source: str
    target: str
    count: int | None = None
    cases: int | None = None
    probability: float | None = None
    times: TimeSummary | None = None
    evidence: Evidence = "assumed"


@dataclass(frozen=True, slots=True, repr=False)
class FailurePoint(Element):
    """Where the journey can go wrong: on one touchpoint, or on one transition (`source` and `target`).

    `frequency_share` of the cases that reach it fail there, each costs `loss_amount` in the map's currency, and
    somebody notices `detection_share` of them; both shares 0–1.
    """

    id: str
    name: str = ""
    touchpoint: str = ""
    source: str = ""
    target: str = ""
    cause: str = ""
    description: str = ""
    contact_reasons: Texts = ()
    frequency_share: float | None = None
    loss_amount: float | None = None
    detection_share: float | None = None
    evidence: Evidence = "assumed"
