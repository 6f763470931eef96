"""From a log to the observed journey: flows, variants, rework, funnels, the map, and the drawn map against the log."""

from journeykit.discovery.comparison import Comparison, compare
from journeykit.discovery.flows import DirectlyFollows, case_durations, directly_follows
from journeykit.discovery.maps import JourneyMaps, discover
from journeykit.discovery.paths import filter_paths, funnel
from journeykit.discovery.steps import Rework, Variants, rework, step_matrix, variants

__all__ = [
    "Comparison",
    "DirectlyFollows",
    "JourneyMaps",
    "Rework",
    "Variants",
    "case_durations",
    "compare",
    "directly_follows",
    "discover",
    "filter_paths",
    "funnel",
    "rework",
    "step_matrix",
    "variants",
]
