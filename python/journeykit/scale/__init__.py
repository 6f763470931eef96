"""Logs larger than memory, and beyond one machine: one state that adds up exactly over parts of whole cases."""

from journeykit.scale.folder import read_state
from journeykit.scale.pool import merge_files
from journeykit.scale.reading import Reading
from journeykit.scale.spark import spark_state
from journeykit.scale.state import Flows, State, merged

__all__ = ["Flows", "Reading", "State", "merge_files", "merged", "read_state", "spark_state"]
