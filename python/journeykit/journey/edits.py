"""Edits: each gives a new map and leaves the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from journeykit.journey import coerce
from journeykit.journey.contents import MapContents, identifier
from journeykit.journey.element import Element
from journeykit.journey.elements import FailurePoint, Scene, Stage, Touchpoint, Transition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from journeykit import _core
    from journeykit.journey.fields import (
        AboutFields,
        FailurePointFields,
        SceneFields,
        StageFields,
        TouchpointFields,
        TransitionFields,
    )

_E = TypeVar("_E", bound=Element)


class MapEdits(MapContents):
    """The part of :class:`journeykit.JourneyMap` that gives edited maps."""

    __slots__ = ()

    @classmethod
    def _of(cls, core: _core.JourneyMap) -> Self:
        """Around a map of the engine that nobody else will change."""
        made = object.__new__(cls)
        made._core = core
        made._cache = {}
        return made

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
        >>> from journeykit import JourneyMap
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
        >>> from journeykit import JourneyMap
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
        """A map with some fields of a failure point changed; NotFound, InvalidInput.

        Given a touchpoint it leaves its transition, given source and target its touchpoint.
        """
        if fields.get("touchpoint"):
            fields = {"source": "", "target": "", **fields}
        elif fields.get("source") and fields.get("target"):
            fields = {"touchpoint": "", **fields}
        return self._edited("put_failure_point", self.failure_point(failure_point).replace(**fields))

    def remove_stage(self, stage: str, /, *, cascade: bool = False) -> Self:
        """A map without a stage; InvalidInput while it has scenes or touchpoints, unless `cascade` takes them out."""
        return self._edited("remove_stage", identifier(stage, "stage"), cascade)

    def remove_scene(self, scene: str, /, *, cascade: bool = False) -> Self:
        """A map without a scene; InvalidInput while it has touchpoints, unless `cascade` takes them out too."""
        return self._edited("remove_scene", identifier(scene, "scene"), cascade)

    def remove_touchpoint(self, touchpoint: str, /, *, cascade: bool = False) -> Self:
        """A map without a touchpoint; with `cascade` also without its transitions and failure points.

        Raises
        ------
        InvalidInput
            Something refers to the touchpoint and `cascade` is false.
        NotFound
            No touchpoint has this id.
        """
        return self._edited("remove_touchpoint", identifier(touchpoint, "touchpoint"), cascade)

    def remove_transition(self, source: str, target: str, /, *, cascade: bool = False) -> Self:
        """A map without a transition; InvalidInput while it has failure points, unless `cascade` takes them out too."""
        return self._edited("remove_transition", identifier(source, "source"), identifier(target, "target"), cascade)

    def remove_failure_point(self, failure_point: str, /) -> Self:
        """A map without a failure point; NotFound."""
        return self._edited("remove_failure_point", identifier(failure_point, "failure_point"))

    def rename_touchpoint(self, touchpoint: str, new_id: str, /) -> Self:
        """A map where a touchpoint has another id; references follow, so does a name equal to the id.

        Examples
        --------
        >>> from journeykit import JourneyMap
        >>> before = JourneyMap().add_touchpoint("Call").add_transition("Call", "Call")
        >>> before.rename_touchpoint("Call", "Phone").transitions
        (Transition(source='Phone', target='Phone'),)
        """
        return self._edited("rename_touchpoint", identifier(touchpoint, "touchpoint"), identifier(new_id, "new_id"))

    def order_stages(self, stages: Iterable[str], /) -> Self:
        """A map with the stages in this order; every stage id once, or InvalidInput."""
        return self._edited("order_stages", list(coerce.texts(stages, "stages")))


def _element(kind: type[_E], element: object, fields: Mapping[str, Any]) -> _E:
    if not isinstance(element, kind):
        return kind.from_fields({"id": identifier(element, f"{kind.__name__}.id"), **fields})
    return element.replace(**fields) if fields else element
