"""Numbers as people write them. What is not known is said ("no data"), never shown as 0."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journeykit.view.texts import Texts

# from this many seconds on, the unit
_UNITS = (
    (0.0, 0.001, "unit.ms"),
    (1.0, 1.0, "unit.s"),
    (60.0, 60.0, "unit.min"),
    (3_600.0, 3_600.0, "unit.h"),
    (48 * 3_600.0, 86_400.0, "unit.d"),
    (730 * 86_400.0, 365.25 * 86_400.0, "unit.y"),
)


def known(value: float | None) -> bool:
    """Whether there is a number: neither None nor NaN."""
    return value is not None and not math.isnan(value)


def count_text(value: float | None, texts: Texts) -> str:
    """A whole number with its thousands: ``12,345``."""
    if value is None or math.isnan(value):
        return texts("no_data")
    return f"{round(value):,}"


def share_text(value: float | None, texts: Texts) -> str:
    """A share in per cent: ``12 %``, finer where it is small or near all, never a rounded-up ``0 %`` or ``100 %``."""
    if value is None or math.isnan(value):
        return texts("no_data")
    percent = 100 * value
    if 0 < percent < 0.1:
        return "<0.1\u00a0%"
    if 99.9 < percent < 100:
        return ">99.9\u00a0%"
    fine = 0 < percent < 9.95 or 99 < percent < 100
    return f"{_trimmed(percent, 1 if fine else 0)}\u00a0%"


def score_text(value: float | None, texts: Texts, *, decimals: int = 0) -> str:
    """A score: ``62``. A negative one carries a true minus sign."""
    if value is None or math.isnan(value):
        return texts("no_data")
    return _trimmed(value, decimals)


def interval_text(
    value: float | None, low: float | None, high: float | None, texts: Texts, *, decimals: int = 0
) -> str:
    """A value and its interval: ``62 (58–66)``; the value alone where no interval is known."""
    if value is None or not known(value):
        return texts("no_data")
    if low is None or high is None or not (known(low) and known(high)):
        return _trimmed(value, decimals)
    return f"{_trimmed(value, decimals)} ({range_text(low, high, texts, decimals=decimals)})"


def range_text(low: float | None, high: float | None, texts: Texts, *, decimals: int = 0) -> str:
    """An interval: ``58–66``; with room around the dots where an end is negative."""
    if low is None or high is None or not (known(low) and known(high)):
        return texts("no_data")
    dash = " … " if min(low, high) < 0 else "–"
    return f"{_trimmed(low, decimals)}{dash}{_trimmed(high, decimals)}"


def duration_text(seconds: float | None, texts: Texts) -> str:
    """A length of time in its natural unit: ``45 s``, ``1.2 h``, ``3 d``."""
    if seconds is None or not math.isfinite(seconds):
        return texts("no_data")
    length = abs(seconds)
    if length == 0:
        return texts("unit.s", number="0")
    _, size, unit = next(entry for entry in reversed(_UNITS) if length >= entry[0])
    number = length / size
    text = _trimmed(number, 1 if number < 9.95 else 0) if number >= 0.1 else f"{number:.2g}"
    return texts(unit, number=("−" if seconds < 0 else "") + text)


def plain_text(value: float | None, texts: Texts) -> str:
    """Any other number, to three significant digits or the whole."""
    if value is None or math.isnan(value):
        return texts("no_data")
    magnitude = abs(value)
    return _trimmed(value, 0 if magnitude >= 100 else 1 if magnitude >= 10 else 2)


def significant_text(value: float | None, texts: Texts) -> str:
    """A number of any size to three significant digits: ``0.00881``, ``−12.3``, ``4,560``."""
    if value is None or math.isnan(value):
        return texts("no_data")
    if value == 0 or math.isinf(value):
        return _trimmed(value, 0)
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{value:.2e}".replace("-", "−") if digits > 8 else _trimmed(round(value, digits), max(0, digits))


def _trimmed(value: float, decimals: int) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{abs(value):,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if value >= 0 or text == "0" else f"−{text}"
