"""Which stage a touchpoint belongs to: by its whole name, or by patterns such as "pay*"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput
from journeykit.events.tables import to_table


def stage_patterns(stages: Mapping[str, str] | Any) -> list[tuple[str, str]]:
    """Pairs of pattern and stage, whole names first.

    Raises
    ------
    InvalidInput
        Neither a mapping nor a table with columns touchpoint and stage; a touchpoint with two stages.
    """
    if isinstance(stages, Mapping) and not (
        {"touchpoint", "stage"} == set(stages) and not isinstance(stages["stage"], str)
    ):
        pairs = list(stages.items())
    else:
        table = to_table(stages)
        if not {"touchpoint", "stage"} <= set(table.column_names):
            raise InvalidInput(
                f"the table of stages has the columns {', '.join(map(quoted, table.column_names))}; expected "
                "touchpoint and stage"
            )
        pairs = list(zip(table["touchpoint"].to_pylist(), table["stage"].to_pylist(), strict=True))
    for pattern, stage in pairs:
        if not isinstance(pattern, str) or not isinstance(stage, str) or not stage:
            raise InvalidInput(
                f"stage of {quoted(pattern)} is {quoted(stage)}; expected touchpoint names or patterns, and stage names"
            )
    known: dict[str, str] = {}
    for pattern, stage in pairs:
        if known.setdefault(pattern, stage) != stage:
            raise InvalidInput(
                f"touchpoint {quoted(pattern)} has two stages, {quoted(known[pattern])} and {quoted(stage)}; choose one"
            )
    return list(known.items())


def stage_of(touchpoint: str, patterns: list[tuple[str, str]]) -> str | None:
    """Stage of a touchpoint: by its whole name, else by the first glob that matches, else None."""
    for name, stage in patterns:
        if name == touchpoint:
            return stage
    return next((stage for pattern, stage in patterns if _core.matches(pattern, touchpoint)), None)
