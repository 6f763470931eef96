"""Which channels get credit for conversions, by written rules, with intervals."""

from journeykit.attribution.attributing import attribute
from journeykit.attribution.games import shapley

__all__ = ["attribute", "shapley"]
