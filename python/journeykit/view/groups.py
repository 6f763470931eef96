"""Touchpoints of a stage put together as the lanes show them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from journeykit.view.model import Failure, Stage, Touchpoint


_MARKED_PER_STAGE = 5


class Need(NamedTuple):
    """What customers want in a stage, and at which touchpoints."""

    text: str
    names: tuple[str, ...]


class Scene(NamedTuple):
    """Touchpoints of one scene of a stage, in order."""

    name: str
    touchpoints: list[Touchpoint]


def needs(stage: Stage) -> list[Need]:
    """Each need once, with the touchpoints that share it."""
    names: dict[str, list[str]] = defaultdict(list)
    for point in stage.touchpoints:
        if point.need:
            names[point.need].append(point.name)
    return [Need(text, tuple(at)) for text, at in names.items()]


def scenes(stage: Stage) -> list[Scene]:
    """Touchpoints that are drawn, by scene, scenes in the order of their first touchpoint."""
    found: dict[str, list[Touchpoint]] = defaultdict(list)
    for point in stage.shown:
        found[point.scene].append(point)
    return [Scene(name, points) for name, points in found.items()]


def marked_failures(stage: Stage) -> list[Failure]:
    """The failure points of a stage that the map shows."""
    return [failure for failure in stage.failures if failure.marked][:_MARKED_PER_STAGE]


def counted_labels(stage: Stage, attribute: str) -> list[tuple[str, tuple[str, ...]]]:
    """Channels or departments of a stage with the touchpoints that have them, most first."""
    names: dict[str, list[str]] = defaultdict(list)
    for point in stage.touchpoints:
        for label in getattr(point, attribute):
            names[label].append(point.name)
    return sorted(((label, tuple(at)) for label, at in names.items()), key=lambda entry: (-len(entry[1]), entry[0]))
