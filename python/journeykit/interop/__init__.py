"""Maps to and from other tools."""

from journeykit.interop.graphs import from_networkx, to_networkx

__all__ = ["from_networkx", "to_networkx"]
