"""The journey map: built fluently, edited into new maps, saved and compared."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypeVar, Unpack

from journeykit import _core
from journeykit.base.errors import InvalidInput, Unsupported
from journeykit.base.table import Table
from journeykit.journey import coerce
from journeykit.journey.element import Element, Evidence, Visibility
from journeykit.journey.elements import About, FailurePoint, Scene, Stage, Touchpoint, Transition
from journeykit.journey.reports import Change, Conflict, Conflicts, Finding, Findings, MapDiff, MergeResult, fold
from journeykit.journey.tables import element_table

if TYPE_CHECKING:
    import networkx
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from journeykit.journey.edits import (
        AboutFields,
        FailurePointFields,
        SceneFields,
        StageFields,
        TouchpointFields,
        TransitionFields,
    )

PathLike: TypeAlias = str | os.PathLike[str]
_E = TypeVar("_E", bound=Element)


class JourneyMap:
    """A customer journey: stages → scenes → touchpoints, joined by transitions, with failure points on either.

    Planned maps (drawn) and observed maps (discovered from a log) are this one type, so that they can be compared. A
    map never changes: every edit gives a new one, in time proportional to the size of the map. :meth:`build` makes a
    large one at once.

    Parameters
    ----------
    name, description : str
    currency : str
        Of the amounts on failure points, such as ``"EUR"``.
    cases, events : int
        Of the log that the map was learned from.

    Notes
    -----
    Always true, or the edit raises and nothing has changed: ids are unique among their kind and not empty; every
    reference stands; numbers are finite and in range. What is allowed but unwise is said by :meth:`validate`.

    Examples
    --------
    >>> journey = (
    ...     JourneyMap("Support", currency="EUR")
    ...     .add_stage("Before")
    ...     .add_stage("Help")
    ...     .add_touchpoint("Page", stage="Before", channels="web")
    ...     .add_touchpoint("Call", stage="Help", channels=["phone"], departments="Care", emotion=-0.2)
    ...     .add_transition("Page", "Call", probability=0.7)
    ...     .add_failure_point("Long wait", touchpoint="Call", frequency_share=0.2, loss_amount=12)
    ... )
    >>> journey
    JourneyMap('Support': 2 stages, 2 touchpoints, 1 transition, 1 failure point)
    >>> journey.successors("Page")
    ('Call',)
    """

    __slots__ = ("_cache", "_core")

    def __init__(
        self,
        name: str = "",
        *,
        description: str = "",
        currency: str = "",
        cases: int | None = None,
        events: int | None = None,
    ) -> None:
        about = About(name=name, description=description, currency=currency, cases=cases, events=events)
        self._core = _core.JourneyMap(about)
        self._cache: dict[str, Any] = {}

    @classmethod
    def _of(cls, core: _core.JourneyMap) -> Self:
        """Around a map of the engine that nobody else will change."""
        made = object.__new__(cls)
        made._core = core
        made._cache = {}
        return made

    @classmethod
    def build(
        cls,
        name: str = "",
        *,
        stages: Iterable[str | Stage | Mapping[str, Any]] = (),
        scenes: Iterable[Scene | Mapping[str, Any]] = (),
        touchpoints: Iterable[str | Touchpoint | Mapping[str, Any]] = (),
        transitions: Iterable[Transition | Mapping[str, Any]] = (),
        failure_points: Iterable[FailurePoint | Mapping[str, Any]] = (),
        description: str = "",
        currency: str = "",
        cases: int | None = None,
        events: int | None = None,
    ) -> Self:
        """A whole map at once, in time proportional to its size.

        Parameters
        ----------
        name, description, currency, cases, events
            As for the class.
        stages, touchpoints
            Value objects, mappings of their fields, or ids alone; in their order.
        scenes, transitions, failure_points
            Value objects or mappings of their fields.

        Raises
        ------
        InvalidInput
            A field of another type or out of range, an unknown field, an id that stands twice.
        NotFound
            A reference to something that is not in the map.

        Examples
        --------
        >>> JourneyMap.build(
        ...     "Shop",
        ...     stages=["Browse", "Buy"],
        ...     touchpoints=[{"id": "Cart", "stage": "Buy"}, {"id": "Pay", "stage": "Buy"}],
        ...     transitions=[{"source": "Cart", "target": "Pay", "probability": 1}],
        ... )
        JourneyMap('Shop': 2 stages, 2 touchpoints, 1 transition)
        """
        made = cls(name, description=description, currency=currency, cases=cases, events=events)
        made._core.extend(
            _elements(Stage, stages, "stages"),
            _elements(Scene, scenes, "scenes"),
            _elements(Touchpoint, touchpoints, "touchpoints"),
            _elements(Transition, transitions, "transitions"),
            _elements(FailurePoint, failure_points, "failure_points"),
        )
        return made

    # What is in the map

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
        return Stage._from_core(self._core.stage(_id(stage, "stage")))

    def scene(self, scene: str) -> Scene:
        """The scene of this id; NotFound names the nearest."""
        return Scene._from_core(self._core.scene(_id(scene, "scene")))

    def touchpoint(self, touchpoint: str) -> Touchpoint:
        """The touchpoint of this id; NotFound names the nearest."""
        return Touchpoint._from_core(self._core.touchpoint(_id(touchpoint, "touchpoint")))

    def transition(self, source: str, target: str) -> Transition:
        """The transition from `source` to `target`; NotFound names the nearest."""
        return Transition._from_core(self._core.transition(_id(source, "source"), _id(target, "target")))

    def failure_point(self, failure_point: str) -> FailurePoint:
        """The failure point of this id; NotFound names the nearest."""
        return FailurePoint._from_core(self._core.failure_point(_id(failure_point, "failure_point")))

    def has_touchpoint(self, touchpoint: str) -> bool:
        """Whether a touchpoint has this id."""
        return self._core.has_touchpoint(_id(touchpoint, "touchpoint"))

    def has_transition(self, source: str, target: str) -> bool:
        """Whether a transition leads from `source` to `target`."""
        return self._core.has_transition(_id(source, "source"), _id(target, "target"))

    def successors(self, touchpoint: str) -> tuple[str, ...]:
        """Ids of the touchpoints that transitions from this one lead to, in touchpoint order."""
        return tuple(self._core.successors(_id(touchpoint, "touchpoint")))

    def predecessors(self, touchpoint: str) -> tuple[str, ...]:
        """Ids of the touchpoints with a transition to this one, in touchpoint order."""
        return tuple(self._core.predecessors(_id(touchpoint, "touchpoint")))

    # Edits: each gives a new map

    def _edited(self, edit: str, *arguments: object) -> Self:
        core = self._core.copy()
        getattr(core, edit)(*arguments)
        return self._of(core)

    def update_about(self, **fields: Unpack[AboutFields]) -> Self:
        """A map with another name, description, currency, cases or events."""
        return self._edited("set_about", self.about.replace(**fields))

    def add_stage(self, stage: str | Stage, /, **fields: Unpack[StageFields]) -> Self:
        """A map with one more stage, last in the journey.

        Parameters
        ----------
        stage : str or Stage
            A new id, or the whole element.
        **fields
            name, phase, description, evidence.

        Raises
        ------
        InvalidInput
            The id is in the map already, a field is not known or out of range.
        """
        return self._edited("add_stage", _element(Stage, stage, fields))

    def add_scene(self, scene: str | Scene, /, **fields: Unpack[SceneFields]) -> Self:
        """A map with one more scene.

        Parameters
        ----------
        scene : str or Scene
            A new id, or the whole element.
        **fields
            stage (required), name, description, evidence.

        Raises
        ------
        InvalidInput
            The id is in the map already, a field is not known or out of range.
        NotFound
            The stage is not in the map.
        """
        return self._edited("add_scene", _element(Scene, scene, fields))

    def add_touchpoint(self, touchpoint: str | Touchpoint, /, **fields: Unpack[TouchpointFields]) -> Self:
        """A map with one more touchpoint.

        Parameters
        ----------
        touchpoint : str or Touchpoint
            A new id, or the whole element.
        **fields
            Of :class:`Touchpoint`: name, stage, scene, description, channels, departments, visibility, need, emotion,
            metrics, statistics, owner, tags, evidence.

        Raises
        ------
        InvalidInput
            The id is in the map already, a field is not known or out of range, the scene belongs to another stage.
        NotFound
            The stage or the scene is not in the map.

        Examples
        --------
        >>> JourneyMap().add_touchpoint("Call", channels=["phone", "web"]).touchpoint("Call").channels
        ('phone', 'web')
        """
        return self._edited("add_touchpoint", _element(Touchpoint, touchpoint, fields))

    def add_transition(self, source: str | Transition, target: str = "", /, **fields: Unpack[TransitionFields]) -> Self:
        """A map with one more transition.

        Parameters
        ----------
        source, target : str
            Ids of touchpoints; or a whole :class:`Transition` alone.
        **fields
            count, cases, probability (0–1), times, evidence.

        Raises
        ------
        InvalidInput
            There is such a transition already, a field is not known or out of range.
        NotFound
            A touchpoint is not in the map.
        """
        if isinstance(source, Transition):
            return self._edited("add_transition", _element(Transition, source, fields))
        given = {"source": source, "target": target, **fields}
        return self._edited("add_transition", Transition.from_fields(given))

    def add_failure_point(self, failure_point: str | FailurePoint, /, **fields: Unpack[FailurePointFields]) -> Self:
        """A map with one more failure point.

        Parameters
        ----------
        failure_point : str or FailurePoint
            A new id, or the whole element.
        **fields
            touchpoint, or source and target (required); name, cause, description, contact_reasons, frequency_share
            (0–1), loss_amount (0 or more), detection_share (0–1), evidence.

        Raises
        ------
        InvalidInput
            The id is in the map already, a field is not known or out of range, it stands on nothing or on two things.
        NotFound
            The touchpoint or transition is not in the map.
        """
        return self._edited("add_failure_point", _element(FailurePoint, failure_point, fields))

    def update_stage(self, stage: str, /, **fields: Unpack[StageFields]) -> Self:
        """A map with some fields of a stage changed; NotFound, InvalidInput."""
        return self._edited("put_stage", self.stage(stage).replace(**fields))

    def update_scene(self, scene: str, /, **fields: Unpack[SceneFields]) -> Self:
        """A map with some fields of a scene changed; its touchpoints follow it to a stage. NotFound, InvalidInput."""
        return self._edited("put_scene", self.scene(scene).replace(**fields))

    def update_touchpoint(self, touchpoint: str, /, **fields: Unpack[TouchpointFields]) -> Self:
        """A map with some fields of a touchpoint changed; NotFound, InvalidInput.

        Moving it to another stage takes it out of its scene, unless a scene is given too.

        Examples
        --------
        >>> before = JourneyMap().add_touchpoint("Call", owner="Ann")
        >>> before.update_touchpoint("Call", owner="Bo", emotion=0.5).touchpoint("Call")
        Touchpoint(id='Call', emotion=0.5, owner='Bo')
        >>> before.touchpoint("Call").owner
        'Ann'
        """
        old = self.touchpoint(touchpoint)
        if fields.get("stage", old.stage) != old.stage and "scene" not in fields:
            fields["scene"] = ""
        elif "scene" in fields and "stage" not in fields:
            fields["stage"] = "" if fields["scene"] else old.stage
        return self._edited("put_touchpoint", old.replace(**fields))

    def update_transition(self, source: str, target: str, /, **fields: Unpack[TransitionFields]) -> Self:
        """A map with some fields of a transition changed; NotFound, InvalidInput."""
        return self._edited("put_transition", self.transition(source, target).replace(**fields))

    def update_failure_point(self, failure_point: str, /, **fields: Unpack[FailurePointFields]) -> Self:
        """A map with some fields of a failure point changed; NotFound, InvalidInput."""
        return self._edited("put_failure_point", self.failure_point(failure_point).replace(**fields))

    def remove_stage(self, stage: str, /, *, cascade: bool = False) -> Self:
        """A map without a stage; InvalidInput while it has scenes or touchpoints, unless `cascade` takes them out."""
        return self._edited("remove_stage", _id(stage, "stage"), cascade)

    def remove_scene(self, scene: str, /, *, cascade: bool = False) -> Self:
        """A map without a scene; InvalidInput while it has touchpoints, unless `cascade` takes them out too."""
        return self._edited("remove_scene", _id(scene, "scene"), cascade)

    def remove_touchpoint(self, touchpoint: str, /, *, cascade: bool = False) -> Self:
        """A map without a touchpoint; with `cascade` also without its transitions and failure points.

        Raises
        ------
        InvalidInput
            Something refers to the touchpoint and `cascade` is false.
        NotFound
            No touchpoint has this id.
        """
        return self._edited("remove_touchpoint", _id(touchpoint, "touchpoint"), cascade)

    def remove_transition(self, source: str, target: str, /, *, cascade: bool = False) -> Self:
        """A map without a transition; InvalidInput while it has failure points, unless `cascade` takes them out too."""
        return self._edited("remove_transition", _id(source, "source"), _id(target, "target"), cascade)

    def remove_failure_point(self, failure_point: str, /) -> Self:
        """A map without a failure point; NotFound."""
        return self._edited("remove_failure_point", _id(failure_point, "failure_point"))

    def rename_touchpoint(self, touchpoint: str, new_id: str, /) -> Self:
        """A map where a touchpoint has another id; references follow, so does a name equal to the id.

        Examples
        --------
        >>> before = JourneyMap().add_touchpoint("Call").add_transition("Call", "Call")
        >>> before.rename_touchpoint("Call", "Phone").transitions
        (Transition(source='Phone', target='Phone'),)
        """
        return self._edited("rename_touchpoint", _id(touchpoint, "touchpoint"), _id(new_id, "new_id"))

    def order_stages(self, stages: Iterable[str], /) -> Self:
        """A map with the stages in this order; every stage id once, or InvalidInput."""
        return self._edited("order_stages", list(coerce.texts(stages, "stages")))

    # Questions

    def validate(self) -> Findings:
        """What is allowed but unwise in the map, all at once.

        Returns
        -------
        Findings
            Errors (numbers drawn from the map are wrong or impossible), warnings (most likely a slip) and infos (what a
            planned map should still say), each with its rule, place and way out.

        Notes
        -----
        Errors: no-touchpoints, no-stages, touchpoint-without-stage, no-start, no-end, no-way-out,
        probabilities-above-1, counts-contradict. Warnings: stage-without-touchpoints, scene-without-touchpoints,
        unreachable-touchpoint, dead-end, touchpoint-without-transitions, probabilities-below-1, probability-missing,
        probability-against-counts, times-contradict, observed-without-data, ids-look-alike,
        id-with-invisible-characters, failure-point-without-cause, currency-missing. Infos: owner-missing, need-missing,
        channels-missing, departments-missing (these of touchpoints whose evidence is assumed), failure-point-not-sized,
        moves-missing, no-transitions.

        Starts and ends are those that the statistics count; without any, the touchpoints that no other leads to, and
        those that lead to no other. Linear in the size of the map.

        Examples
        --------
        >>> JourneyMap().add_touchpoint("Call").validate().errors
        error    the map has no stages; add the stages and put each touchpoint into one  [no-stages /]
        """
        return Findings([Finding(*fields) for fields in _core.validate_map(self._core, fold)])

    def diff(self, other: JourneyMap) -> MapDiff:
        """How `other` differs from this map, element by element and field by field.

        Returns
        -------
        MapDiff
            Empty exactly when the maps are equal. A renamed element is one removed and one added.

        Examples
        --------
        >>> before = JourneyMap().add_touchpoint("Call")
        >>> before.diff(before.update_touchpoint("Call", emotion=0.5).add_touchpoint("Mail"))
        ~ touchpoint 'Call' emotion: none → 0.5
        + touchpoint 'Mail'
        """
        return MapDiff([Change(*fields) for fields in _core.diff_maps(self._core, _map(other, "other")._core)])

    @staticmethod
    def merge(
        base: JourneyMap, ours: JourneyMap, theirs: JourneyMap, *, prefer: Literal["ours", "theirs"] | None = None
    ) -> MergeResult:
        """Two edited copies of `base` in one map, field by field.

        Parameters
        ----------
        base, ours, theirs : JourneyMap
            The common origin and its two edited copies.
        prefer : {"ours", "theirs"}
            Whose change a conflict follows. Without it the map takes our field, and keeps an element that one side
            changed or refers to though the other removed it: nobody's work is lost.

        Returns
        -------
        MergeResult
            ``map``, valid in any case, and ``conflicts``, the same for any preference and, with sides swapped, from
            either side.

        Notes
        -----
        Channels, departments and tags merge as sets, metrics by name; stage and scene of a touchpoint are one field, so
        is what a failure point stands on. New elements stand behind the one they followed on their side. Two new orders
        of one kind of element are a conflict.

        Examples
        --------
        >>> base = JourneyMap().add_touchpoint("Call")
        >>> ours = base.update_touchpoint("Call", owner="Ann", emotion=0.1)
        >>> theirs = base.update_touchpoint("Call", owner="Bo", need="an answer")
        >>> merged = JourneyMap.merge(base, ours, theirs)
        >>> merged.map.touchpoint("Call")
        Touchpoint(id='Call', need='an answer', emotion=0.1, owner='Ann')
        >>> merged.conflicts
        touchpoint 'Call' owner: ours "Ann", theirs "Bo", base ""
        """
        origin, our_map, their_map = _map(base, "base"), _map(ours, "ours"), _map(theirs, "theirs")
        if prefer is not None:
            coerce.choice(prefer, "prefer", ("ours", "theirs"))
        core, conflicts = _core.merge_maps(origin._core, our_map._core, their_map._core, prefer)
        return MergeResult(JourneyMap._of(core), Conflicts([Conflict(*fields) for fields in conflicts]))

    def reachable_from(self, *touchpoints: str) -> tuple[str, ...]:
        """Ids of the touchpoints that transitions lead to from any of these, these included, in touchpoint order."""
        return tuple(_core.reachable_from(self._core, [_id(one, "touchpoint") for one in touchpoints]))

    def leading_to(self, *touchpoints: str) -> tuple[str, ...]:
        """Ids of the touchpoints that lead to any of these, these included: where their trouble may come from.

        Examples
        --------
        >>> journey = JourneyMap.build(
        ...     touchpoints=["Page", "Order", "Call"],
        ...     transitions=[{"source": "Page", "target": "Call"}, {"source": "Call", "target": "Order"}],
        ... )
        >>> journey.leading_to("Call")
        ('Page', 'Call')
        """
        return tuple(_core.leading_to(self._core, [_id(one, "touchpoint") for one in touchpoints]))

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
        >>> journey = JourneyMap().add_touchpoint("Call", channels=["phone", "app"]).add_touchpoint("Mail")
        >>> [touchpoint.id for touchpoint in journey.touchpoints_where(channel="phone")]
        ['Call']
        """
        conditions = {"stage": stage, "scene": scene, "channel": channel, "department": department, "tag": tag}
        conditions |= {"owner": owner, "visibility": visibility, "evidence": evidence}
        given = [None if value is None else coerce.text(value, name) for name, value in conditions.items()]
        return tuple(map(self.touchpoint, _core.touchpoints_where(self._core, *given)))

    # Files and other forms

    def to_json(self) -> str:
        """The map in its file format: lossless, in a fixed order, one element a block."""
        return self._core.to_json()

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The map of a JSON text.

        Raises
        ------
        InvalidInput
            Not JSON, or not a map; the message begins with the JSON pointer of what is wrong.
        Unsupported
            A newer version of the format.
        """
        if isinstance(text, str):
            text = coerce.text(text, "text").encode()
        elif not isinstance(text, bytes):
            coerce.refuse("text", text, "text or bytes")
        return cls._of(_core.JourneyMap.from_json(text))

    def save(self, path: PathLike, **options: Any) -> None:
        """Save the map: ``.json`` for keeping, ``.html`` or ``.svg`` for looking at.

        A JSON file is replaced at once or not at all: after any error the old one is as it was.

        Parameters
        ----------
        path : str or path
            Its suffix chooses the form.
        **options
            For pictures, as of :func:`journeykit.view.save_map`.

        Raises
        ------
        InvalidInput
            Another suffix, or the path is a directory, pipe or device.
        NotFound
            The directory does not exist.
        Error
            The system refuses to write.
        """
        encoded = _path(path)
        suffix = Path(path).suffix.lower()
        if suffix == ".json":
            if options:
                raise InvalidInput(f"a .json file has no options; remove {', '.join(map(repr, options))}")
            self._core.save(encoded)
        elif suffix in {".html", ".svg"}:
            from journeykit.view import save_map

            save_map(self, path, **options)
        else:
            coerce.refuse("the suffix of the path", suffix, "'.json', '.html' or '.svg'")

    @classmethod
    def load(cls, path: PathLike) -> Self:
        """The map of a ``.json`` file.

        Raises
        ------
        InvalidInput
            Not a map, a directory, or more than 512 MB.
        NotFound
            There is no such file.
        Unsupported
            Another suffix, or a newer version of the format.
        """
        encoded = _path(path)
        suffix = Path(path).suffix.lower()
        if suffix in {".html", ".svg"}:
            raise Unsupported(f"maps are loaded from .json files, not from {suffix}; save the map as .json too")
        return cls._of(_core.JourneyMap.load(encoded))

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

    def to_networkx(self) -> networkx.DiGraph[str]:
        """The touchpoints and transitions as a NetworkX graph; see :func:`journeykit.interop.to_networkx`."""
        from journeykit.interop import to_networkx

        return to_networkx(self)

    @classmethod
    def from_networkx(cls, graph: networkx.DiGraph[Any], *, ignore_unknown: bool = False) -> JourneyMap:
        """The map of a NetworkX graph; see :func:`journeykit.interop.from_networkx`."""
        from journeykit.interop import from_networkx

        return from_networkx(graph, ignore_unknown=ignore_unknown)

    def __eq__(self, other: object) -> bool:
        return self._core.equals(other._core) if isinstance(other, JourneyMap) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Callable[[bytes], Self], tuple[bytes]]:
        return type(self).from_json, (self.to_json().encode(),)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def __repr__(self) -> str:
        counts = [
            ("stage", len(self._core.stages)),
            ("touchpoint", self._core.touchpoint_count),
            ("transition", self._core.transition_count),
            ("failure point", len(self._core.failure_points)),
        ]
        shown = ", ".join(f"{n:,} {what}{'' if n == 1 else 's'}" for what, n in counts if n)
        name = _core.quote_safe(self.name)
        return f"JourneyMap({name}: {shown or 'empty'})"

    def _repr_html_(self) -> str:
        from journeykit.view import map_html

        return map_html(self)


def _id(value: object, label: str) -> str:
    if value is None:
        coerce.refuse(label, value, "text")
    return coerce.text(value, label)


def _map(value: object, label: str) -> JourneyMap:
    if not isinstance(value, JourneyMap):
        coerce.refuse(label, value, "a JourneyMap")
    return value


def _path(path: PathLike) -> bytes:
    if not isinstance(path, str | os.PathLike):
        coerce.refuse("path", path, "text or a path")
    return os.fsencode(path)


def _element(kind: type[_E], element: object, fields: Mapping[str, Any]) -> _E:
    if not isinstance(element, kind):
        return kind.from_fields({"id": _id(element, f"{kind.__name__}.id"), **fields})
    return element.replace(**fields) if fields else element


def _elements(kind: type[_E], elements: object, label: str) -> list[_E]:
    if isinstance(elements, str | bytes | Mapping) or not isinstance(elements, Iterable):
        coerce.refuse(label, elements, f"several {kind.__name__} or mappings of their fields")
    made = []
    for k, one in enumerate(elements):
        try:
            made.append(kind.from_fields({"id": one} if isinstance(one, str) else one))
        except InvalidInput as wrong:
            raise InvalidInput(f"{label}[{k}]: {wrong}") from None
    return made
