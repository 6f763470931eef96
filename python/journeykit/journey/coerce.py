"""What callers give for a field, brought into its one form or refused by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from journeykit._core import not_found_message, quote_safe
from journeykit.base.errors import InvalidInput

if TYPE_CHECKING:
    from typing import Never


def refuse(label: str, value: object, expected: str) -> Never:
    """Raise InvalidInput with what was given and what was expected."""
    raise InvalidInput(f"{label} is {_shown(value)}; expected {expected}")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"text {quote_safe(value.encode('utf-8', 'backslashreplace').decode())}"
    if isinstance(value, int) and value.bit_length() > 128:
        return "a very large whole number"  # the digits may be millions
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    return f"of type {type(value).__name__}"


def text(value: object, label: str) -> str:
    """Text; None is the empty text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        refuse(label, value, "text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            refuse(label, value, "text without lone surrogates")
    return str(value)


def texts(value: object, label: str) -> tuple[str, ...]:
    """Several texts, or one alone."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (text(value, label),)
    if not isinstance(value, Iterable) or isinstance(value, bytes | Mapping):
        refuse(label, value, "text or several texts")
    return tuple(text(one, label) for one in value)


def text_set(value: object, label: str) -> tuple[str, ...]:
    """Several texts, sorted, each once."""
    return tuple(sorted(set(texts(value, label))))


def number(value: Any, label: str) -> float:
    """A finite number; also what turns itself into one (numpy, Decimal)."""
    if isinstance(value, bool | str | bytes) or not hasattr(value, "__float__"):
        refuse(label, value, "a number")
    try:
        converted = float(value)
    except (OverflowError, TypeError, ValueError):
        refuse(label, value, "a number")
    if not math.isfinite(converted):
        refuse(label, converted, "a finite number, or None when there is none")
    return converted


def count(value: Any, label: str) -> int:
    """A whole number from 0 to 2^63 − 1; also what is one (numpy)."""
    if isinstance(value, bool | str | bytes) or not hasattr(value, "__index__"):
        refuse(label, value, "a whole number")
    converted = int(value.__index__())
    if not 0 <= converted < 2**63:
        refuse(label, converted, "a whole number from 0 to 2^63 − 1")
    return converted


def choice(value: object, label: str, choices: tuple[str, ...]) -> str:
    """One of the names in `choices`."""
    if not isinstance(value, str) or value not in choices:
        refuse(label, value, "one of " + ", ".join(map(repr, choices)))
    return str(value)


def refuse_unknown_fields(given: Iterable[object], known: tuple[str, ...], what: str) -> None:
    """Raise InvalidInput for the first name in `given` that is not a field of `what`."""
    for name in given:
        if name not in known:
            raise InvalidInput(not_found_message("field", str(name), what, list(known)))
