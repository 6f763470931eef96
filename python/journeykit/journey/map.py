"""The journey map: built fluently, edited into new maps, saved and compared."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypeVar

from journeykit import _core
from journeykit.base.errors import InvalidInput, Unsupported
from journeykit.journey import coerce
from journeykit.journey.edits import MapEdits
from journeykit.journey.element import Element
from journeykit.journey.elements import About, FailurePoint, Scene, Stage, Touchpoint, Transition
from journeykit.journey.reports import Change, Conflict, Conflicts, Finding, Findings, MapDiff, MergeResult, fold

if TYPE_CHECKING:
    import networkx

PathLike: TypeAlias = str | os.PathLike[str]
_E = TypeVar("_E", bound=Element)

_MAX_BYTES = 512 * 2**20
_MAX_TOUCHPOINTS = 1_000_000
_MAX_TRANSITIONS = 10_000_000


class JourneyMap(MapEdits):
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

    __slots__ = ()

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
        self._cache = {}

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

    def to_json(self) -> str:
        """The map in its file format: lossless, in a fixed order, one element a block; a file has a checksum too."""
        return self._core.to_json()

    @classmethod
    def from_json(
        cls,
        text: str | bytes,
        *,
        max_bytes: int = _MAX_BYTES,
        max_touchpoints: int = _MAX_TOUCHPOINTS,
        max_transitions: int = _MAX_TRANSITIONS,
    ) -> Self:
        """The map of a JSON text.

        Parameters
        ----------
        text : str or bytes
        max_bytes, max_touchpoints, max_transitions : int
            A larger document is refused: it may come from a stranger.

        Raises
        ------
        InvalidInput
            Not JSON, not a map, or not the content of its checksum; the message begins with the JSON pointer of what
            is wrong.
        Unsupported
            A newer version of the format.
        """
        if isinstance(text, str):
            text = coerce.text(text, "text").encode()
        elif not isinstance(text, bytes):
            coerce.refuse("text", text, "text or bytes")
        return cls._of(_core.JourneyMap.from_json(text, *_limits(max_bytes, max_touchpoints, max_transitions)))

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
    def load(
        cls,
        path: PathLike,
        *,
        max_bytes: int = _MAX_BYTES,
        max_touchpoints: int = _MAX_TOUCHPOINTS,
        max_transitions: int = _MAX_TRANSITIONS,
    ) -> Self:
        """The map of a ``.json`` file.

        Parameters
        ----------
        path : str or path
        max_bytes, max_touchpoints, max_transitions : int
            A larger file is refused: it may come from a stranger.

        Raises
        ------
        InvalidInput
            Not a map, not the content of its checksum, a directory, or larger than a limit.
        NotFound
            There is no such file.
        Unsupported
            Another suffix, or a newer version of the format.
        """
        encoded = _path(path)
        suffix = Path(path).suffix.lower()
        if suffix in {".html", ".svg"}:
            raise Unsupported(f"maps are loaded from .json files, not from {suffix}; save the map as .json too")
        return cls._of(_core.JourneyMap.load(encoded, *_limits(max_bytes, max_touchpoints, max_transitions)))

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


def _map(value: object, label: str) -> JourneyMap:
    if not isinstance(value, JourneyMap):
        coerce.refuse(label, value, "a JourneyMap")
    return value


def _path(path: PathLike) -> bytes:
    if not isinstance(path, str | os.PathLike):
        coerce.refuse("path", path, "text or a path")
    return os.fsencode(path)


def _limits(max_bytes: int, max_touchpoints: int, max_transitions: int) -> tuple[int, int, int]:
    return (
        coerce.count(max_bytes, "max_bytes"),
        coerce.count(max_touchpoints, "max_touchpoints"),
        coerce.count(max_transitions, "max_transitions"),
    )


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
