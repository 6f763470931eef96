"""Journeys to draw: light stand-ins with the attributes of the engine's maps and scorecards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyarrow as pa

from journeykit import Table


@dataclass(frozen=True)
class About:
    name: str = ""
    description: str = ""
    currency: str = ""
    cases: int | None = None
    events: int | None = None


@dataclass(frozen=True)
class Times:
    n: int
    mean_seconds: float
    median_seconds: float
    p90_seconds: float
    min_seconds: float = 0.0
    max_seconds: float = 0.0


@dataclass(frozen=True)
class Statistics:
    events: int
    cases: int
    customers: int
    starts: int = 0
    ends: int = 0
    duration: Times | None = None


@dataclass(frozen=True)
class Stage:
    id: str
    name: str = ""
    phase: str = ""
    description: str = ""
    evidence: str = "observed"


@dataclass(frozen=True)
class Scene:
    id: str
    name: str
    stage: str
    description: str = ""
    evidence: str = "observed"


@dataclass(frozen=True)
class Metric:
    name: str
    value: float
    n: int
    customers: int
    low: float | None = None
    high: float | None = None
    method: str = ""


@dataclass(frozen=True)
class Touchpoint:
    id: str
    name: str = ""
    stage: str = ""
    scene: str = ""
    description: str = ""
    channels: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    visibility: str = "front_stage"
    need: str = ""
    emotion: float | None = None
    metrics: tuple[Metric, ...] = ()
    statistics: Statistics | None = None
    owner: str = ""
    tags: tuple[str, ...] = ()
    evidence: str = "observed"


@dataclass(frozen=True)
class Transition:
    source: str
    target: str
    count: int | None = None
    cases: int | None = None
    probability: float | None = None
    times: Times | None = None
    evidence: str = "observed"


@dataclass(frozen=True)
class FailurePoint:
    id: str
    name: str
    touchpoint: str = ""
    source: str = ""
    target: str = ""
    cause: str = ""
    description: str = ""
    contact_reasons: tuple[str, ...] = ()
    frequency_share: float | None = None
    loss_amount: float | None = None
    detection_share: float | None = None
    evidence: str = "assumed"


@dataclass(frozen=True)
class Map:
    about: About = About()
    stages: tuple[Stage, ...] = ()
    scenes: tuple[Scene, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    transitions: tuple[Transition, ...] = ()
    failure_points: tuple[FailurePoint, ...] = ()


@dataclass(frozen=True)
class Card:
    journey: Table
    stages: Table
    touchpoints: Table
    failure_rows: list[dict[str, Any]] = field(default_factory=list)
    slow_after: timedelta = timedelta(hours=72)

    def contributions(self, level: str) -> Table:
        weights = {"experience": 0.5, "friction": 0.25, "completion": 0.25}
        scores = {"journey": self.journey, "stage": self.stages, "touchpoint": self.touchpoints}[level].rows()
        rows = [
            {"id": row["id"], "group": group, "component": group, "points": weight * row[group]}
            for row in scores
            for group, weight in weights.items()
            if row[group] is not None
        ]
        return Table(arrow=pa.Table.from_pylist(rows))

    def failures(self) -> Table:
        return Table(arrow=pa.Table.from_pylist(self.failure_rows))


def score_row(id_: str | None, name: str, score: float | None, n: int) -> dict[str, Any]:
    """One score as the scorecard lists it."""
    if score is None:
        empty = dict.fromkeys(("score", "low", "high", "experience", "friction", "completion"))
        return {"id": id_, "name": name, **empty, "n": 0, "customers": 0, "evidence": "assumed", "warning": "no data"}
    half = 60 / max(n, 1) ** 0.5
    parts = {"experience": score - 8, "friction": min(100.0, score + 12), "completion": score + 4}
    return {
        "id": id_,
        "name": name,
        "score": sum(weight * parts[part] for part, weight in zip(parts, (0.5, 0.25, 0.25), strict=True)),
        "low": max(0.0, score - half),
        "high": min(100.0, score + half),
        "n": n,
        "customers": n,
        **parts,
        "evidence": "observed" if n > 20 else "partly_observed",
        "warning": None,
    }


def failure_row(kind: str, touchpoint: str, stage: str, **changes: Any) -> dict[str, Any]:
    """One failure point as the scorecard lists it."""
    row = {
        "rank": 1,
        "kind": kind,
        "touchpoint": touchpoint,
        "stage": stage,
        "reached": 1_980,
        "cases": 590,
        "customers": 1_700,
        "share": 0.298,
        "completed_share": 0.12,
        "others_completed_share": 0.803,
        "lost_completions": 402.4,
        "low": 351.0,
        "high": 455.0,
        "points_lost": 4.1,
        "excess_repeats": None,
        "p": 1e-9,
        "adjusted_p": 1e-8,
        "evidence": "observed",
        "example_cases": "c-1042; c-1077; c-2210",
    }
    return {**row, **changes}


_STEPS = {
    "discover": (
        ("advert", "Sees an advert", 5210, ("App", "WeChat", "Web")),
        ("search", "Searches the shop", 4980, ("App", "Web")),
    ),
    "compare": (
        ("reviews", "Reads reviews", 3710, ("Web", "App")),
        ("prices", "Compares prices", 2954, ("Web",)),
        ("chat", "Asks a question in the chat before buying", 412, ("Live chat",)),
    ),
    "cart": (("add", "Adds to the cart", 2866, ("App", "Web")), ("coupon", "Enters a coupon", 903, ("App", "Web"))),
    "pay": (
        ("card", "Enters the card", 2104, ("Web", "App")),
        ("secure", "3-D Secure check", 1980, ("App", "SMS")),
        ("retry", "Retries the payment", 611, ("Web", "App")),
        ("fraud", "Fraud screening", 2010, ()),
    ),
    "deliver": (
        ("sms", "Gets the tracking message", 1690, ("SMS", "E-mail")),
        ("parcel", "Receives the parcel", 1522, ("Courier",)),
        ("locker", "Collects from a locker", 0, ("Store",)),
    ),
    "support": (
        ("ticket", "Opens a ticket", 388, ("E-mail", "Web")),
        ("call", "Calls the call centre", 541, ("Phone", "IVR")),
        ("refund", "Gets a refund", 207, ("E-mail",)),
    ),
    "repeat": (
        ("again", "Buys again", 604, ("App", "Web")),
        ("recommend", "Recommends 推荐给朋友", 122, ("WeChat", "Weibo")),
    ),
}
_STAGES = {
    "discover": ("Discover", "awareness"),
    "compare": ("Compare", "consideration"),
    "cart": ("Cart 加购", "consideration"),
    "pay": ("Pay", "decision"),
    "deliver": ("Deliver", "post-purchase"),
    "support": ("Support", "post-purchase"),
    "repeat": ("Repeat", "post-purchase"),
}
_DEPARTMENTS = {
    "discover": ("Marketing",),
    "compare": ("Marketing", "Product"),
    "cart": ("Shop",),
    "pay": ("Payments", "Risk"),
    "deliver": ("Logistics",),
    "support": ("Customer service",),
    "repeat": ("Marketing",),
}
_NEEDS = {
    "search": "Find the right thing quickly",
    "prices": "Be sure that I do not overpay",
    "secure": "Pay safely, without being thrown out",
    "parcel": "Know when it comes",
    "call": "Have it solved at the first call",
    "again": "Be recognised",
}
_SCORES = {"discover": 71, "compare": 64, "cart": 75, "pay": 31, "deliver": 62, "support": 44, "repeat": 82}
_MOVES = (
    ("advert", "search", 3900, 40.0),
    ("search", "reviews", 3100, 95.0),
    ("search", "prices", 1200, 130.0),
    ("reviews", "prices", 1750, 210.0),
    ("prices", "reviews", 640, 180.0),
    ("reviews", "search", 820, 60.0),
    ("prices", "chat", 280, 300.0),
    ("chat", "add", 190, 900.0),
    ("reviews", "add", 1490, 240.0),
    ("prices", "add", 1130, 200.0),
    ("add", "coupon", 903, 30.0),
    ("coupon", "card", 611, 50.0),
    ("add", "card", 1400, 75.0),
    ("coupon", "coupon", 190, 15.0),
    ("card", "fraud", 2010, 2.0),
    ("fraud", "secure", 1980, 3.0),
    ("secure", "retry", 590, 70.0),
    ("retry", "card", 330, 45.0),
    ("retry", "secure", 260, 40.0),
    ("retry", "retry", 120, 60.0),
    ("secure", "sms", 1360, 86_400.0),
    ("sms", "parcel", 1400, 172_800.0),
    ("parcel", "ticket", 160, 90_000.0),
    ("parcel", "call", 230, 50_000.0),
    ("sms", "call", 240, 200_000.0),
    ("call", "call", 130, 86_400.0),
    ("call", "ticket", 120, 3600.0),
    ("ticket", "call", 140, 40_000.0),
    ("ticket", "refund", 150, 259_200.0),
    ("call", "refund", 57, 172_800.0),
    ("parcel", "again", 480, 2_592_000.0),
    ("refund", "again", 40, 4_000_000.0),
    ("again", "recommend", 122, 600.0),
    ("again", "add", 350, 400.0),
    ("retry", "chat", 60, 120.0),
    ("secure", "call", 90, 700.0),
)


def shop() -> Map:
    """A whole map with everything on it: 7 stages, 19 touchpoints, loops, moves back, one step never seen."""
    points, out = [], {}
    for source, _, count, _ in _MOVES:
        out[source] = out.get(source, 0) + count
    for stage, steps in _STEPS.items():
        for id_, name, cases, channels in steps:
            statistics = Statistics(
                round(cases * 1.2),
                cases,
                round(cases * 0.9),
                starts=4700 if id_ == "advert" else 300 if id_ == "search" else 0,
                ends=max(0, cases - out.get(id_, 0)),
            )
            points.append(
                Touchpoint(
                    id=id_,
                    name=name,
                    stage=stage,
                    channels=tuple(sorted(channels)),
                    departments=_DEPARTMENTS[stage],
                    need=_NEEDS.get(id_, ""),
                    statistics=statistics,
                    visibility="back_stage" if id_ == "fraud" else "front_stage",
                    evidence="assumed" if id_ == "locker" else "partly_observed" if id_ == "recommend" else "observed",
                    metrics=(Metric("CSAT", 0.41, 140, 133, 0.33, 0.49, "wilson"),) if id_ == "secure" else (),
                )
            )
    moves = tuple(Transition(a, b, n, n, n / out[a], Times(n, s * 1.3, s, s * 3)) for a, b, n, s in _MOVES)
    failures = (
        FailurePoint(
            "unclear",
            "Size chart is unclear",
            touchpoint="reviews",
            cause="photos without a scale",
            frequency_share=0.12,
            loss_amount=18.5,
            detection_share=0.2,
            contact_reasons=("which size",),
        ),
        FailurePoint(
            "late", "Parcel is late", source="sms", target="parcel", frequency_share=0.07, evidence="partly_observed"
        ),
    )
    return Map(
        About(
            "网购旅程 · Online store",
            "An online shop, simulated",
            "EUR",
            5_000,
            sum(round(s[2] * 1.2) for steps in _STEPS.values() for s in steps),
        ),
        tuple(Stage(id_, name, phase) for id_, (name, phase) in _STAGES.items()),
        (),
        tuple(points),
        moves,
        failures,
    )


def shop_card() -> Card:
    """A scorecard of the shop: one touchpoint without answers, one stage with few."""
    touchpoints = []
    for stage, steps in _STEPS.items():
        for k, (id_, name, cases, _) in enumerate(steps):
            score = None if not cases else min(94.0, max(4.0, _SCORES[stage] + (-14.0, 9.0, 3.0, 12.0)[k]))
            touchpoints.append(score_row(id_, name, score, cases // 9))
    stages = [
        score_row(id_, _STAGES[id_][0], float(score), 18 if id_ == "deliver" else 40 + 7 * score)
        for id_, score in _SCORES.items()
    ]
    repeat = {"completed_share": 0.41, "others_completed_share": 0.77, "lost_completions": 121.0}
    few = {"lost_completions": None, "low": None, "high": None, "completed_share": None, "others_completed_share": None}
    failures = [
        failure_row("drop_off", "secure", "pay"),
        failure_row("repeat", "card", "pay", reached=2104, cases=330, share=0.157, low=88.0, high=160.0, **repeat),
        failure_row(
            "repeat_contact", "call", "support", reached=541, cases=130, share=0.24, excess_repeats=38.2, **few
        ),
        failure_row("slow", "sms", "deliver", reached=1690, cases=240, rank=None, evidence="partly_observed"),
    ]
    return Card(
        Table(arrow=pa.Table.from_pylist([score_row(None, "", 58.4, 812)])),
        Table(arrow=pa.Table.from_pylist(stages)),
        Table(arrow=pa.Table.from_pylist(touchpoints)),
        failures,
    )
