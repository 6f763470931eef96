"""What all elements of a map share. The annotation of a field says how a value given for it is brought into form."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, Self, TypeAlias

from journeykit.base.errors import InvalidInput
from journeykit.journey import coerce

Evidence: TypeAlias = Literal["assumed", "partly_observed", "observed"]
Visibility: TypeAlias = Literal["front_stage", "back_stage"]
Texts: TypeAlias = tuple[str, ...]
TextSet: TypeAlias = tuple[str, ...]

_Coercion: TypeAlias = Callable[[Any, str], Any]

_PLAIN: dict[str, _Coercion] = {
    "str": coerce.text,
    "int": coerce.count,
    "float": coerce.number,
    "Texts": coerce.texts,
    "TextSet": coerce.text_set,
    "Evidence": lambda value, label: coerce.choice(value, label, ("assumed", "partly_observed", "observed")),
    "Visibility": lambda value, label: coerce.choice(value, label, ("front_stage", "back_stage")),
}
_ELEMENTS: dict[str, type[Element]] = {}
_REQUIRED = dataclasses.MISSING


class Element:
    """A value object: immutable, compared by its fields, brought into form when it is made."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        _ELEMENTS[cls.__name__] = cls

    def __post_init__(self) -> None:
        for name, form in _shape(type(self)).items():
            given = getattr(self, name)
            if given is form.default:
                continue
            value = form.coercion(given, f"{type(self).__name__}.{name}")
            if value is not given:
                object.__setattr__(self, name, value)
        if hasattr(self, "id") and not getattr(self, "name", True):
            object.__setattr__(self, "name", self.id)

    @classmethod
    def _from_core(cls, values: tuple[Any, ...]) -> Self:
        """From the engine's field values, which are in form."""
        element = object.__new__(cls)
        for (name, form), value in zip(_shape(cls).items(), values, strict=True):
            object.__setattr__(element, name, value if form.wrap is None or value is None else form.wrap(value))
        return element

    @classmethod
    def from_fields(cls, fields: Self | Mapping[str, Any]) -> Self:
        """From a mapping of field names to values; an element of this kind passes as it is.

        Raises
        ------
        InvalidInput
            Another type, an unknown field (with the nearest name), a missing one, or a value of another type.
        """
        if isinstance(fields, cls):
            return fields
        if not isinstance(fields, Mapping):
            coerce.refuse(cls.__name__, fields, f"a {cls.__name__} or a mapping of its fields")
        coerce.refuse_unknown_fields(fields, field_names(cls), cls.__name__)
        missing = [name for name, form in _shape(cls).items() if form.default is _REQUIRED and name not in fields]
        if missing:
            raise InvalidInput(f"{cls.__name__} lacks the field {missing[0]!r}; give it")
        return cls(**fields)

    def replace(self, **fields: Any) -> Self:
        """The same element with some fields changed.

        Examples
        --------
        >>> from journeykit.journey import Stage
        >>> Stage("Before").replace(phase="consideration")
        Stage(id='Before', phase='consideration')
        """
        return self.from_fields({**{name: getattr(self, name) for name in field_names(type(self))}, **fields})

    def to_dict(self, *, defaults: bool = True) -> dict[str, Any]:
        """Fields by name; nested elements are dictionaries too.

        With ``defaults=False``, fields with their default are left out, and a name that is the id.
        """
        fields = {name: getattr(self, name) for name in (field_names(type(self)) if defaults else self._given())}
        return {name: _plain(value, defaults) for name, value in fields.items()}

    def _given(self) -> list[str]:
        values = {name: getattr(self, name) for name in _shape(type(self))}
        return [
            name
            for name, form in _shape(type(self)).items()
            if values[name] != form.default and not (name == "name" and values[name] == values.get("id"))
        ]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._given())
        return f"{type(self).__name__}({shown})"


class _Form(NamedTuple):
    coercion: _Coercion  # of what callers give
    wrap: Callable[[Any], Any] | None  # of what the engine gives
    default: Any


_SHAPES: dict[type[Element], dict[str, _Form]] = {}


def _shape(kind: type[Element]) -> dict[str, _Form]:
    if kind not in _SHAPES:
        fields = dataclasses.fields(kind)  # type: ignore[arg-type]
        _SHAPES[kind] = {field.name: _Form(*_form(str(field.type)), field.default) for field in fields}
    return _SHAPES[kind]


def field_names(kind: type[Element]) -> tuple[str, ...]:
    """Names of the fields, in the order of the file format."""
    return tuple(_shape(kind))


def _form(annotation: str) -> tuple[_Coercion, Callable[[Any], Any] | None]:
    inner = annotation.removesuffix(" | None")
    wrap: Callable[[Any], Any] | None = None
    if inner in _PLAIN:
        coercion = _PLAIN[inner]
    elif inner in _ELEMENTS:
        kind = _ELEMENTS[inner]
        coercion, wrap = (lambda value, _label: kind.from_fields(value)), kind._from_core
    else:
        kind = _ELEMENTS[inner.removeprefix("tuple[").removesuffix(", ...]")]
        coercion, wrap = _several(kind), lambda values: tuple(map(kind._from_core, values))
    if inner == annotation:
        return coercion, wrap
    return (lambda value, label: None if value is None else coercion(value, label)), wrap


def _several(kind: type[Element]) -> _Coercion:
    def convert(value: object, label: str) -> tuple[Element, ...]:
        if value is None:
            return ()
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
            coerce.refuse(label, value, f"several {kind.__name__} or mappings of its fields")
        return tuple(kind.from_fields(one) for one in value)

    return convert


def _plain(value: Any, defaults: bool) -> Any:
    if isinstance(value, Element):
        return value.to_dict(defaults=defaults)
    if isinstance(value, tuple):
        return [_plain(one, defaults) for one in value]
    return value
