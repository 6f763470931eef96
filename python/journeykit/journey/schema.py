"""The published JSON Schema of the file format."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of saved maps, version 1.

    It says everything about a file but what no schema can: that ids stand once, that references stand, and that ids
    have at most 65,536 bytes. :meth:`journeykit.JourneyMap.from_json` checks both.

    Examples
    --------
    >>> json_schema()["properties"]["format"]
    {'const': 'journeykit.journey_map'}
    """
    text = importlib.resources.files("journeykit.journey").joinpath("journey_map.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
