"""journeykit: where a customer journey fails, what that costs, which fix pays, and whether the fix worked.

The public names load their room on first use, so that ``import journeykit`` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from journeykit.base.errors import Cancelled, Error, InvalidInput, NotConverged, NotFound, Unsupported

__version__ = "0.1.0"

# public name → room that has it
_PUBLIC = {
    "attribute": "attribution",
    "Table": "base",
    "JourneyMaps": "discovery",
    "case_durations": "discovery",
    "compare": "discovery",
    "directly_follows": "discovery",
    "discover": "discovery",
    "EventLog": "events",
    "AbsorbingChain": "markov",
    "absorbing_chain": "markov",
    "MeasureTable": "metrics",
    "MetricColumn": "events",
    "measure": "metrics",
    "read_events": "events",
    "About": "journey",
    "FailurePoint": "journey",
    "JourneyMap": "journey",
    "MetricSummary": "journey",
    "Scene": "journey",
    "Stage": "journey",
    "TimeSummary": "journey",
    "Touchpoint": "journey",
    "TouchpointStatistics": "journey",
    "Transition": "journey",
    "Scorecard": "scoring",
    "Weights": "scoring",
    "funnel_intervals": "scoring",
    "map_intervals": "scoring",
    "variant_intervals": "scoring",
    "score": "scoring",
}
_ROOMS = ("attribution", "datasets", "markov", "metrics", "scale", "testing", "view", "interop")

if TYPE_CHECKING:
    from journeykit.attribution import attribute
    from journeykit.base import Table
    from journeykit.discovery import JourneyMaps, case_durations, compare, directly_follows, discover
    from journeykit.events import EventLog, MetricColumn, read_events
    from journeykit.journey import (
        About,
        FailurePoint,
        JourneyMap,
        MetricSummary,
        Scene,
        Stage,
        TimeSummary,
        Touchpoint,
        TouchpointStatistics,
        Transition,
    )
    from journeykit.markov import AbsorbingChain, absorbing_chain
    from journeykit.metrics import MeasureTable, measure
    from journeykit.scoring import Scorecard, Weights, funnel_intervals, map_intervals, score, variant_intervals

__all__ = [
    "About",
    "AbsorbingChain",
    "Cancelled",
    "Error",
    "EventLog",
    "FailurePoint",
    "InvalidInput",
    "JourneyMap",
    "JourneyMaps",
    "MeasureTable",
    "MetricColumn",
    "MetricSummary",
    "NotConverged",
    "NotFound",
    "Scene",
    "Scorecard",
    "Stage",
    "Table",
    "TimeSummary",
    "Touchpoint",
    "TouchpointStatistics",
    "Transition",
    "Unsupported",
    "Weights",
    "absorbing_chain",
    "attribute",
    "case_durations",
    "compare",
    "directly_follows",
    "discover",
    "funnel_intervals",
    "map_intervals",
    "measure",
    "read_events",
    "score",
    "variant_intervals",
]


def __getattr__(name: str) -> Any:
    room = _PUBLIC.get(name)
    if room is not None:
        value = getattr(importlib.import_module(f"journeykit.{room}"), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"journeykit.{name}")
    else:
        raise AttributeError(f"module 'journeykit' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC, *_ROOMS})
