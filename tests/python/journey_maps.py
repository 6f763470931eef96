"""Maps drawn at random, with every field in use and every kind of text."""

from __future__ import annotations

import random
from typing import Any

import journeykit as jk

TEXTS = ("", "a", "Straße", "客服 👩‍👩‍👧", '"quoted"\n\t\\', "</script>", "مرحبا", "x" * 200, "\u2028", "\x7f")


def random_map(seed: int) -> jk.JourneyMap:
    """A map of up to 4 stages, 8 touchpoints and all that belongs to them."""
    draw = random.Random(seed)

    def some(make: Any) -> Any:
        return make() if draw.random() < 0.5 else None

    def text() -> str:
        return draw.choice(TEXTS)

    def count() -> int:
        return draw.choice((0, 1, 7, 10**6, 2**63 - 1))

    def number() -> float:
        return draw.choice((0.0, -1.5, 1 / 3, 1e300, 5e-324, float(draw.randrange(-9, 9)), draw.gauss(0, 1)))

    def times() -> jk.TimeSummary:
        low, high = sorted((number(), number()))
        return jk.TimeSummary(draw.randrange(1, 9), number(), number(), number(), low, high)

    def named(kind: str, k: int) -> str:
        return f"{kind}{k} {draw.choice(('é', 'x', '客', ' '))}"

    def evidence() -> Any:
        return draw.choice(("assumed", "partly_observed", "observed"))

    def texts() -> list[str]:
        return [f"t{draw.randrange(5)}" for _ in range(draw.randrange(4))]

    def metric(name: str) -> jk.MetricSummary:
        low, high = sorted((number(), number()))
        interval = {"low": low, "high": high} if draw.random() < 0.5 else {}
        return jk.MetricSummary(name, number(), n=count(), customers=count(), method=text(), **interval)

    stages = [
        jk.Stage(named("stage", k), name=text(), phase=text(), description=text(), evidence=evidence())
        for k in range(draw.randrange(4))
    ]
    scenes = [
        jk.Scene(named("scene", k), name=text(), stage=draw.choice(stages).id, description=text(), evidence=evidence())
        for k in range(draw.randrange(3) if stages else 0)
    ]
    touchpoints = []
    for k in range(draw.randrange(9)):
        place = {}
        if scenes and draw.random() < 0.3:
            place = {"scene": draw.choice(scenes).id}
        elif stages and draw.random() < 0.8:
            place = {"stage": draw.choice(stages).id}
        touchpoints.append(
            jk.Touchpoint(
                named("touchpoint", k),
                name=text(),
                **place,
                description=text(),
                channels=texts(),
                departments=texts(),
                visibility=draw.choice(("front_stage", "back_stage")),
                need=text(),
                emotion=some(lambda: draw.uniform(-1, 1)),
                metrics=[metric(name) for name in ("NPS", "CSAT") if draw.random() < 0.4],
                statistics=some(
                    lambda: jk.TouchpointStatistics(count(), count(), count(), count(), count(), some(times))
                ),
                owner=text(),
                tags=texts(),
                evidence=evidence(),
            )
        )
    ids = [touchpoint.id for touchpoint in touchpoints]
    pairs = sorted({(draw.choice(ids), draw.choice(ids)) for _ in range(draw.randrange(12))}) if ids else []
    transitions = [
        jk.Transition(
            *pair,
            count=some(count),
            cases=some(count),
            probability=some(draw.random),
            times=some(times),
            evidence=evidence(),
        )
        for pair in pairs
    ]
    failure_points = []
    for k in range(draw.randrange(4) if ids else 0):
        where = {"touchpoint": draw.choice(ids)}
        if pairs and draw.random() < 0.5:
            where = dict(zip(("source", "target"), draw.choice(pairs), strict=True))
        failure_points.append(
            jk.FailurePoint(
                named("failure", k),
                name=text(),
                **where,
                cause=text(),
                description=text(),
                contact_reasons=[one or "-" for one in texts()],
                frequency_share=some(draw.random),
                loss_amount=some(lambda: abs(number())),
                detection_share=some(draw.random),
                evidence=evidence(),
            )
        )
    return jk.JourneyMap.build(
        text(),
        description=text(),
        currency=draw.choice(("", "EUR", "¥")),
        cases=some(count),
        events=some(count),
        stages=stages,
        scenes=scenes,
        touchpoints=touchpoints,
        transitions=transitions,
        failure_points=failure_points,
    )
