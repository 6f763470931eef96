"""What templates and layouts say about a touchpoint, a failure or a point of the curve, in one language."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from journeykit.view import numbers
from journeykit.view.labels import clean_label, clip
from journeykit.view.measure import wrap

if TYPE_CHECKING:
    from journeykit.journey import MetricSummary
    from journeykit.view.curve import Curve, CurvePoint
    from journeykit.view.flow import Flow
    from journeykit.view.model import Failure, Picture, Score, Stage, Touchpoint, Transition
    from journeykit.view.texts import Texts


@cache
def icons() -> dict[str, dict[str, Any]]:
    """Icon → the words that call for it, its path."""
    return dict(json.loads(files("journeykit.view").joinpath("styles", "icons.json").read_text(encoding="utf-8")))


def icon_of(channel: str) -> str:
    """The icon of a channel, by the words in its label; "other" where none is known."""
    label = channel.casefold()
    for name, icon in icons().items():
        if any(re.search(rf"(?<![a-z]){re.escape(word)}", label) for word in icon["words"]):
            return name
    return "other"


def level(value: float) -> str:
    """Third of the 0–100 scale: bad, fair, good."""
    return "good" if value >= 200 / 3 else "fair" if value >= 100 / 3 else "bad"


class Words:
    """Sentences and numbers of one language. Labels come out as plain text: whoever writes them escapes them."""

    def __init__(self, texts: Texts, *, currency: str = "", slow_seconds: float | None = None) -> None:
        self._t = texts
        self._currency = currency
        self._slow_seconds = slow_seconds

    def count(self, value: float | None) -> str:
        return numbers.count_text(value, self._t)

    def share(self, value: float | None) -> str:
        return numbers.share_text(value, self._t)

    def number(self, value: float | None) -> str:
        return numbers.score_text(value, self._t)

    def points(self, value: float | None) -> str:
        return numbers.score_text(value, self._t, decimals=1)

    def duration(self, seconds: float | None) -> str:
        return numbers.duration_text(seconds, self._t)

    def interval(self, score: Score | None) -> str:
        return numbers.interval_text(*((score.value, score.low, score.high) if score else (None,) * 3), self._t)

    def range_of(self, score: Score) -> str:
        """The interval alone: ``58–66``."""
        return numbers.range_text(score.low, score.high, self._t)

    def points_text(self, score: Score) -> str:
        """The parts of a score in words."""
        parts = [
            self._t("pair", name=self._t(f"component.{part}"), value=self.points(value)) for part, value in score.points
        ]
        return " · ".join([*parts, self.score_line(score)])

    def signed(self, value: float) -> str:
        return numbers.score_text(value, self._t, decimals=1)

    def money(self, amount: float | None) -> str:
        text = numbers.plain_text(amount, self._t)
        return f"{text} {self._currency}" if self._currency and amount is not None else text

    @staticmethod
    def clipped(label: object, limit: int) -> str:
        return clip(clean_label(label), limit)

    def score_line(self, score: Score) -> str:
        """Score with interval, its n and evidence."""
        parts = [f"{self._t('score.title')} {self.interval(score)}"]
        if score.value is not None:
            if score.n is not None:
                parts.append(self._t("score.n", n=self.count(score.n)))
            parts.append(self._t(f"evidence.{score.evidence}"))
        if score.warning:
            parts.append(score.warning)
        return " · ".join(parts)

    def chip_title(self, point: Touchpoint) -> str:
        """All that a chip knows, for the pointer and the screen reader."""
        t = self._t
        lines = [point.name]
        if point.description:
            lines.append(point.description)
        if point.never_seen:
            lines.append(t("chip.never_seen"))
        elif point.cases is not None:
            counts = [t.counted("cases", point.cases), t.counted("events", point.events or 0)]
            if point.customers is not None:
                counts.append(t.counted("customers", point.customers))
            lines.append(" · ".join(counts))
        if point.score:
            lines.append(self.score_line(point.score))
        if point.emotion is not None:
            lines.append(t("chip.emotion", value=numbers.score_text(point.emotion, t, decimals=2)))
        if point.duration_seconds is not None:
            lines.append(t("chip.duration", value=self.duration(point.duration_seconds)))
        lines += [self.metric(metric) for metric in point.metrics]
        for key, values in (
            ("lane.channels", point.channels),
            ("lane.departments", point.departments),
            ("chip.owner", (point.owner,) if point.owner else ()),
            ("chip.tags", point.tags),
        ):
            if values:
                lines.append(t("pair", name=t(key), value=", ".join(values)))
        lines.append(t(f"evidence.{point.evidence}"))
        return " | ".join(lines)

    def metric(self, metric: MetricSummary) -> str:
        """One measured number of a touchpoint: name, value, interval, n."""
        value = numbers.interval_text(metric.value, metric.low, metric.high, self._t, decimals=2)
        return f"{self._t('pair', name=metric.name, value=value)}, {self._t('score.n', n=self.count(metric.n))}"

    def stage_title(self, stage: Stage) -> str:
        t = self._t
        lines = [stage.name or t("map.no_stage"), t.counted("touchpoints", len(stage.touchpoints))]
        if stage.description:
            lines.insert(1, stage.description)
        if stage.events is not None:
            lines.append(t.counted("events", stage.events))
        if stage.score:
            lines.append(self.score_line(stage.score))
        lines.append(t(f"evidence.{stage.evidence}"))
        return " | ".join(lines)

    def point_title(self, point: CurvePoint) -> str:
        """A point of the curve: where, value, interval."""
        where = point.touchpoint.name if point.touchpoint else point.stage.name
        if point.low is not None or point.stage.score is None:
            score = point.touchpoint.score if point.touchpoint else point.stage.score
            if score is not None:
                return self._t("pair", name=where, value=self.score_line(score))
        return self._t("pair", name=where, value=numbers.score_text(point.value, self._t, decimals=2))

    def curve_text(self, curve: Curve | None) -> str:
        """The curve in words: its text alternative."""
        if curve is None:
            return self._t("curve.none")
        points = "; ".join(self.point_title(point) for point in curve.points)
        return self._t("pair", name=self._t(f"curve.{curve.scale}"), value=points)

    def failure_title(self, failure: Failure) -> str:
        """What goes wrong, in a few words."""
        if failure.name:
            return failure.name
        kind = self.kind(failure.kind)
        return self._t("failure.at", kind=kind, where=failure.where) if failure.where else kind

    def kind(self, kind: str) -> str:
        """The kind of a failure in this language; as the engine names it where the catalogue has no word."""
        key = f"failure.kind.{kind}"
        return self._t(key) if self._t.has(key) else kind

    def failure_facts(self, failure: Failure) -> str:
        """How often, how much is lost."""
        t = self._t
        facts = []
        lost = failure.lost
        if lost and lost.value is not None and (lost.low is None or lost.low > 0):
            facts.append(t("failure.lost", count=self.interval(lost)))
        elif failure.points_lost is not None and failure.excess_repeats is None:  # effort or experience
            facts.append(t("failure.points", points=self.points(failure.points_lost)))
        if failure.excess_repeats is not None:
            facts.append(t("failure.excess", count=self.count(failure.excess_repeats)))
        if failure.cases is not None:
            facts.append(t.counted("cases", failure.cases))
        if failure.frequency_share is not None:
            facts.append(t("failure.frequency", share=self.share(failure.frequency_share)))
        if failure.loss_amount is not None:
            facts.append(t("failure.loss", amount=self.money(failure.loss_amount)))
        if failure.detection_share is not None:
            facts.append(t("failure.detection", share=self.share(failure.detection_share)))
        return " · ".join(facts) or t(f"evidence.{failure.evidence}")

    def failure_text(self, failure: Failure) -> list[str]:
        """The failure in plain sentences: those of the data, or those of the people who drew it."""
        t = self._t
        if not failure.found:
            texts = [failure.description, failure.cause]
            if failure.contact_reasons:
                texts.append(t("pair", name=t("failure.reasons"), value=", ".join(failure.contact_reasons)))
            return [text for text in texts if text]
        values = {
            "cases": self.count(failure.cases),
            "reached": self.count(failure.reached),
            "share": self.share(failure.share),
            "where": failure.where,
            "slow": self.duration(self._slow_seconds),
        }
        key = f"why.{failure.kind}"
        texts = [t(key if t.has(key) else "why.any", **values)]
        if failure.completed_share is not None and failure.others_completed_share is not None:
            both = {"these": self.share(failure.completed_share), "others": self.share(failure.others_completed_share)}
            texts.append(t("why.drop_off.others" if failure.kind == "drop_off" else "why.compared", **both))
        if failure.excess_repeats is not None:
            texts.append(t("why.excess", count=self.count(failure.excess_repeats)))
        return texts

    def failure_sentence(self, failure: Failure) -> str:
        """The failure in full, for the pointer."""
        return " | ".join([self.failure_title(failure), *self.failure_text(failure), self.failure_facts(failure)])

    def flow_facts(self, point: Touchpoint) -> str:
        """The line under a touchpoint's name in the flow."""
        if point.never_seen:
            return self._t("legend.never_seen")
        return self._t.counted("cases", point.cases) if point.cases is not None else ""

    def flow_label(self, move: Transition) -> tuple[str, str]:
        """What stands on an arrow: how often (or how likely), how long."""
        often = self.count(move.count) if move.count is not None else ""
        if not often and move.probability is not None:
            often = self.share(move.probability)
        return often, self.duration(move.median_seconds) if move.median_seconds is not None else ""

    def flow_rule(self, shown: int, all_moves: int, frequent: int, covered: float | None) -> str:
        """Which moves are drawn, and why these."""
        t = self._t
        if shown == all_moves:
            return t("flow.all", count=self.count(all_moves))
        counts = {"shown": self.count(shown), "all": self.count(all_moves), "frequent": self.count(frequent)}
        if covered is None:
            return t("flow.rule.uncounted", **counts)
        return t("flow.rule", **counts, coverage=self.share(covered))

    def flow_busiest(self, shown: int, all_points: int) -> str:
        """That not all touchpoints are drawn."""
        return self._t("flow.busiest", shown=self.count(shown), all=self.count(all_points))

    def flow_text(self, flow: Flow | None) -> str:
        """The flow in words: what is drawn and the strongest moves."""
        if flow is None:
            return ""
        strongest = sorted(flow.arrows, key=lambda arrow: -(arrow.move.count or 0))[:5]
        return " ".join([flow.rule, *(f"{arrow.title}." for arrow in strongest)])

    @staticmethod
    def fitted(label: object, width: float, size: float) -> str:
        """A label cut to a width."""
        return wrap(clean_label(label), width, size, bold=True, lines=1)[0]

    def move_title(self, edge: Transition, names: dict[int, str]) -> str:
        """A transition: from, to, how often, how long."""
        t = self._t
        lines = [f"{names[edge.source]} → {names[edge.target]}"]
        if edge.count is not None:
            lines.append(t.counted("moves", edge.count))
        if edge.probability is not None:
            lines.append(t("flow.probability", share=self.share(edge.probability)))
        if edge.median_seconds is not None:
            lines.append(t("flow.median", value=self.duration(edge.median_seconds)))
        lines.append(t(f"evidence.{edge.evidence}"))
        return " | ".join(lines)

    def phase(self, phase: str) -> str:
        """The phase of a stage; the usual ones in this language."""
        key = "phase." + re.sub(r"[^a-z]+", "_", phase.casefold()).strip("_")
        return self._t(key) if self._t.has(key) else phase

    def map_text(self, picture: Picture) -> str:
        """The map in words: stages and touchpoints in order."""
        stages = (
            self._t(
                "pair", name=stage.name or self._t("map.no_stage"), value=", ".join(p.name for p in stage.touchpoints)
            )
            for stage in picture.stages
        )
        return f"{self.summary(picture)}. " + "; ".join(stages)

    def summary(self, picture: Picture) -> str:
        """The line under the title."""
        t = self._t
        parts = []
        if picture.cases is not None:
            parts.append(t.counted("cases", picture.cases))
        if picture.events is not None:
            parts.append(t.counted("events", picture.events))
        parts.append(t.counted("stages", len(picture.stages)))
        parts.append(t.counted("touchpoints", len(picture.touchpoints)))
        if picture.transitions:
            parts.append(t.counted("kinds_of_moves", len(picture.transitions)))
        return " · ".join(parts)
