"""What callers give, brought into the one form that the engine takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from journeykit.base.errors import InvalidInput


def names(value: object, option: str) -> list[str]:
    """One name or several; None is none."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, Iterable) or isinstance(value, bytes | Mapping):
        raise InvalidInput(f"{option} is a {type(value).__name__}; expected a name or several names")
    out = list(value)
    for name in out:
        if not isinstance(name, str):
            raise InvalidInput(f"{option} holds a {type(name).__name__}; expected names (text)")
    return out
