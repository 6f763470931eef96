"""What callers give: said back in messages, and checked where many functions take the same."""

from __future__ import annotations

from typing import Any

from journeykit import _core
from journeykit.base.errors import InvalidInput


def quoted(value: object) -> str:
    """A value of the user for a message: in quotes, control characters escaped, at most 80 characters."""
    return str(_core.quote_safe(str(value).encode("utf-8", "replace").decode("utf-8")))


def whole(value: Any, name: str, least: int, most: int = 2**31 - 1) -> int:
    """A whole number from `least` to `most`; also numpy's.

    Raises
    ------
    InvalidInput
        Another kind or size.
    """
    number = None if isinstance(value, bool | str | bytes) or not hasattr(value, "__index__") else value.__index__()
    if number is None or not least <= number <= most:
        got = quoted(value) if number is None else f"{number:,}" if abs(number) < 2**64 else "a very large number"
        upper = "" if most >= 2**31 - 1 else f" to {most}"
        raise InvalidInput(f"{name} is {got}; expected a whole number from {least}{upper}")
    return int(number)
