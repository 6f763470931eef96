"""What is in a map, one by one, by the way through it, and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from journeykit import _core
from journeykit.base.table import Table
from journeykit.journey import coerce
from journeykit.journey.element import Element, Evidence, Visibility
from journeykit.journey.elements import About, FailurePoint, Scene, Stage, Touchpoint, Transition
from journeykit.journey.tables import element_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import polars as pl
    import pyarrow as pa

_E = TypeVar("_E", bound=Element)


class MapContents:
    """The part of :class:`journeykit.JourneyMap` that reads."""

    __slots__ = ("_cache", "_core")
    _core: _core.JourneyMap
    _cache: dict[str, Any]

    def _cached(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def _all(self, kind: type[_E], key: str) -> tuple[_E, ...]:
        return self._cached(key, lambda: tuple(map(kind._from_core, getattr(self._core, key))))  # type: ignore[no-any-return]

    @property
    def about(self) -> About:
        """Name, description, currency, and the size of the log."""
        return About._from_core(self._core.about)

    @property
    def name(self) -> str:
        """Name of the map."""
        return self.about.name

    @property
    def currency(self) -> str:
        """Currency of the amounts on failure points."""
        return self.about.currency

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Stages in the order of the journey."""
        return self._all(Stage, "stages")

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """Scenes in the order they were added."""
        return self._all(Scene, "scenes")

    @property
    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """Touchpoints in the order they were added."""
        return self._all(Touchpoint, "touchpoints")

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """Transitions in the order of their source, then target, among the touchpoints."""
        return self._all(Transition, "transitions")

    @property
    def failure_points(self) -> tuple[FailurePoint, ...]:
        """Failure points in the order they were added."""
        return self._all(FailurePoint, "failure_points")

    def stage(self, stage: str) -> Stage:
        """The stage of this id; NotFound names the nearest."""
        return Stage._from_core(self._core.stage(identifier(stage, "stage")))

    def scene(self, scene: str) -> Scene:
        """The scene of this id; NotFound names the nearest."""
        return Scene._from_core(self._core.scene(identifier(scene, "scene")))

    def touchpoint(self, touchpoint: str) -> Touchpoint:
        """The touchpoint of this id; NotFound names the nearest."""
        return Touchpoint._from_core(self._core.touchpoint(identifier(touchpoint, "touchpoint")))

    def transition(self, source: str, target: str) -> Transition:
        """The transition from `source` to `target`; NotFound names the nearest."""
        return Transition._from_core(self._core.transition(identifier(source, "source"), identifier(target, "target")))

    def failure_point(self, failure_point: str) -> FailurePoint:
        """The failure point of this id; NotFound names the nearest."""
        return FailurePoint._from_core(self._core.failure_point(identifier(failure_point, "failure_point")))

    def has_touchpoint(self, touchpoint: str) -> bool:
        """Whether a touchpoint has this id."""
        return self._core.has_touchpoint(identifier(touchpoint, "touchpoint"))

    def has_transition(self, source: str, target: str) -> bool:
        """Whether a transition leads from `source` to `target`."""
        return self._core.has_transition(identifier(source, "source"), identifier(target, "target"))

    def successors(self, touchpoint: str) -> tuple[str, ...]:
        """Ids of the touchpoints that transitions from this one lead to, in touchpoint order."""
        return tuple(self._core.successors(identifier(touchpoint, "touchpoint")))

    def predecessors(self, touchpoint: str) -> tuple[str, ...]:
        """Ids of the touchpoints with a transition to this one, in touchpoint order."""
        return tuple(self._core.predecessors(identifier(touchpoint, "touchpoint")))

    def reachable_from(self, *touchpoints: str) -> tuple[str, ...]:
        """Ids of the touchpoints that transitions lead to from any of these, these included, in touchpoint order."""
        return tuple(_core.reachable_from(self._core, [identifier(one, "touchpoint") for one in touchpoints]))

    def leading_to(self, *touchpoints: str) -> tuple[str, ...]:
        """Ids of the touchpoints that lead to any of these, these included: where their trouble may come from.

        Examples
        --------
        >>> from journeykit import JourneyMap
        >>> journey = JourneyMap.build(
        ...     touchpoints=["Page", "Order", "Call"],
        ...     transitions=[{"source": "Page", "target": "Call"}, {"source": "Call", "target": "Order"}],
        ... )
        >>> journey.leading_to("Call")
        ('Page', 'Call')
        """
        return tuple(_core.leading_to(self._core, [identifier(one, "touchpoint") for one in touchpoints]))

    def touchpoints_where(
        self,
        *,
        stage: str | None = None,
        scene: str | None = None,
        channel: str | None = None,
        department: str | None = None,
        tag: str | None = None,
        owner: str | None = None,
        visibility: Visibility | None = None,
        evidence: Evidence | None = None,
    ) -> tuple[Touchpoint, ...]:
        """Touchpoints for which everything given holds, in touchpoint order; an unknown stage or scene is NotFound.

        Examples
        --------
        >>> from journeykit import JourneyMap
        >>> journey = JourneyMap().add_touchpoint("Call", channels=["phone", "app"]).add_touchpoint("Mail")
        >>> [touchpoint.id for touchpoint in journey.touchpoints_where(channel="phone")]
        ['Call']
        """
        conditions = {"stage": stage, "scene": scene, "channel": channel, "department": department, "tag": tag}
        conditions |= {"owner": owner, "visibility": visibility, "evidence": evidence}
        given = [None if value is None else coerce.text(value, name) for name, value in conditions.items()]
        return tuple(map(self.touchpoint, _core.touchpoints_where(self._core, *given)))

    def table(self, kind: str = "touchpoints") -> Table:
        """One kind of element as a table, one row each.

        Parameters
        ----------
        kind : {"touchpoints", "transitions", "stages", "scenes", "failure_points", "metrics"}
            ``"metrics"`` has one row for each metric of each touchpoint.
        """
        return Table(arrow=element_table(self, kind))

    def to_arrow(self, kind: str = "touchpoints") -> pa.Table:
        """One kind of element as a ``pyarrow.Table``; see :meth:`table`."""
        return self.table(kind).to_arrow()

    def to_pandas(self, kind: str = "touchpoints") -> pd.DataFrame:
        """One kind of element as a ``pandas.DataFrame``; see :meth:`table`."""
        return self.table(kind).to_pandas()

    def to_polars(self, kind: str = "touchpoints") -> pl.DataFrame:
        """One kind of element as a ``polars.DataFrame``; see :meth:`table`."""
        return self.table(kind).to_polars()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.table().__arrow_c_stream__(requested_schema)


def identifier(value: object, label: str) -> str:
    """An id that callers give; whether it stands is for the engine to say."""
    if value is None:
        coerce.refuse(label, value, "text")
    return coerce.text(value, label)
