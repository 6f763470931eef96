"""What callers give, brought into the one form that the engine takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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


def whole(value: Any, option: str, least: int) -> int:
    """A whole number from `least` on; also numpy's."""
    if isinstance(value, bool | str | bytes) or not hasattr(value, "__index__"):
        raise InvalidInput(f"{option} is a {type(value).__name__}; expected a whole number from {least}")
    number = int(value.__index__())
    if not least <= number < 2**31:
        raise InvalidInput(f"{option} is {number}; expected a whole number from {least}")
    return number
