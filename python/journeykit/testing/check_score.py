"""Scores against the plain reference."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from journeykit.journey import JourneyMap
from journeykit.testing import reference_score
from journeykit.testing.comparing import cases_of, how_cases_ended, rounded, same, same_rows
from journeykit.testing.reference import customer
from journeykit.testing.reference_score import Scale, Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from journeykit import _core
    from journeykit.events import EventLog
    from journeykit.testing.reference import Cases

_POINTS = 1e-10  # of 100, where 100 − a number close to 100 loses digits


def _score(card: _core.Scorecard, core: _core.JourneyMap, log: EventLog, options: _core.ScoreOptions) -> bool:
    cases, drawn = cases_of(log), JourneyMap._of(core)
    ended = how_cases_ended(log, cases)
    setting = _setting(cases, drawn, log, options)
    same("slow_after", card.options.slow_ns, setting.slow_ns)
    same("cases", card.case_count, len(cases))
    same("open cases", card.open_case_count, list(ended.values()).count("open"))
    seen = reference_score.observations(cases, ended, setting)
    for kind, ids, scores, parts in (
        ("journey", [""], card.journey(), card.journey_contributions()),
        ("stage", [stage.id for stage in drawn.stages], card.stages(), card.stage_contributions()),
        ("touchpoint", [one.id for one in drawn.touchpoints], card.touchpoints(), card.touchpoint_contributions()),
    ):
        expected, contributions = [], []
        for one in ids:
            here = [case for case in cases.values() if any((kind, one) in setting.places(e.touchpoint) for e in case)]
            rows = reference_score.contributions(seen.get((kind, one), {}), setting)
            contributions += [{"id": one, **row} for row in rows]
            counts = {"n": len(here), "customers": len({customer(case) for case in here})}
            expected.append({"id": one, **reference_score.score(rows), **counts})
        same_rows(f"score of {kind}", _named(scores), map(rounded, expected), _POINTS)
        same_rows(f"contributions of {kind}", _named(parts), map(rounded, contributions), _POINTS)
    _points_lost(card, reference_score.points_lost(seen, setting))
    return True


def _setting(cases: Cases, drawn: JourneyMap, log: EventLog, options: _core.ScoreOptions) -> Setting:
    asked: Any = options
    *weights, minimum_n, _confidence, slow_ns, _repeat_within = asked.__getstate__()
    roles = log.roles
    return Setting(
        stages={touchpoint.id: touchpoint.stage for touchpoint in drawn.touchpoints},
        scales=[
            Scale(name=one.name, column=one.column, low=one.low, high=one.high, high_is_good=one.high_is_good)
            for one in log._core.metrics
            if one.kind != "number"
        ],
        hand_over=roles.get("department", roles.get("agent")),
        channel=roles.get("channel"),
        failed=log._core.failed,
        completion=bool(log._core.completed),
        by_outcome="outcome" in roles,
        weights=dict(zip(("experience", "friction", "completion"), weights, strict=True)),
        minimum_n=minimum_n,
        slow_ns=reference_score.usual_long_wait(cases) if slow_ns is None else slow_ns,
    )


def _points_lost(card: _core.Scorecard, expected: Mapping[Any, Mapping[str, Any]]) -> None:
    import pyarrow as pa

    rows = pa.table(card.points_lost()).to_pylist()
    keyed = {(row["touchpoint"], row["group"], row["component"]): row for row in rows}
    same("rows of points_lost", len(rows), len(expected))
    same("places of points_lost", set(keyed), set(expected))
    same_rows("points_lost", [keyed[key] for key in expected], map(rounded, expected.values()), _POINTS)
    falling = all(one["points_lost"] >= two["points_lost"] for one, two in itertools.pairwise(rows))
    same("points_lost: largest first", falling, True)


def _named(table: Any) -> Iterable[dict[str, Any]]:
    """Rows; the journey has no id."""
    import pyarrow as pa

    return [{**row, "id": row["id"] or ""} for row in pa.table(table).to_pylist()]


CHECKS: dict[str, Callable[..., bool]] = {"score": _score}
