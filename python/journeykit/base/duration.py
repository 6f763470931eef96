"""Lengths of time as people write them, to integer nanoseconds."""

from __future__ import annotations

import re
from datetime import timedelta

from journeykit.base.errors import InvalidInput

_UNIT_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "min": 60 * 1_000_000_000,
    "h": 3_600 * 1_000_000_000,
    "d": 86_400 * 1_000_000_000,
    "w": 7 * 86_400 * 1_000_000_000,
}
_FORM = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(ns|us|ms|s|min|h|d|w)\s*", re.ASCII)
_LONGEST_NS = 2**63 - 1


def duration_ns(value: timedelta | str, *, name: str) -> int:
    """Length of time in integer nanoseconds.

    Parameters
    ----------
    value : timedelta or str
        ``timedelta(days=7)`` or text of one number and one unit: ns, us, ms, s, min, h, d, w (``"7d"``, ``"15min"``).
    name : str
        Name of the option, for the message.

    Raises
    ------
    InvalidInput
        Another type or form, a negative length, or one beyond 292 years.

    Examples
    --------
    >>> duration_ns("15min", name="within")
    900000000000
    """
    if isinstance(value, timedelta):
        length = ((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds) * 1_000
    elif isinstance(value, str) and (match := _FORM.fullmatch(value)):
        number, unit = match.groups()
        length = int(number) * _UNIT_NS[unit] if number.isdigit() else round(float(number) * _UNIT_NS[unit])
    else:
        raise InvalidInput(
            f"{name} is {value!r:.80}; expected a timedelta or text such as '15min' or '7d' "
            f"(units {', '.join(_UNIT_NS)})"
        )
    if not 0 <= length <= _LONGEST_NS:
        raise InvalidInput(f"{name} is {value!r:.80}; expected a length from 0 to 292 years")
    return length


def to_timedelta(length_ns: int) -> timedelta:
    """Nanoseconds to a timedelta, rounded down to the microsecond."""
    return timedelta(microseconds=length_ns // 1_000)
