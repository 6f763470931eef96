"""Scores of touchpoints, stages and the journey, and the failure points behind them."""

from journeykit.scoring.scorecard import Scorecard, Weights, score

__all__ = ["Scorecard", "Weights", "score"]
