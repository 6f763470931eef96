"""Scores of touchpoints, stages and the journey, and the failure points behind them."""

from journeykit.scoring.map_numbers import map_intervals
from journeykit.scoring.path_numbers import funnel_intervals, variant_intervals
from journeykit.scoring.scorecard import Scorecard, Weights, score

__all__ = ["Scorecard", "Weights", "funnel_intervals", "map_intervals", "score", "variant_intervals"]
