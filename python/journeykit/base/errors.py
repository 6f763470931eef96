"""The errors of the engine, each also the built-in that people already catch."""

from journeykit._core import Cancelled, Error, InvalidInput, NotConverged, NotFound, Unsupported

__all__ = ["Cancelled", "Error", "InvalidInput", "NotConverged", "NotFound", "Unsupported"]
