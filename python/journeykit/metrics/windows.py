"""Calendar windows of a time zone as moments in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from journeykit.base.arguments import quoted
from journeykit.base.duration import duration_ns
from journeykit.base.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CALENDAR = ("day", "week", "month", "quarter", "year")
_MOST_WINDOWS = 100_000


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name such as "Europe/Berlin".

    Raises
    ------
    InvalidInput
        A name that this machine's time-zone data do not know.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise InvalidInput(
            f"timezone is {quoted(name)}; expected an IANA name such as 'Europe/Berlin' or 'Asia/Shanghai' (without "
            "time-zone data on this machine: pip install tzdata)"
        ) from unknown


def _ns(moment: datetime) -> int:
    since = moment.astimezone(UTC) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000


def _first_day(day: date, window: str) -> date:
    if window == "day":
        return day
    if window == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": day.month - (day.month - 1) % 3, "year": 1}[window]
    return date(day.year, month, 1)


def _next_day(day: date, window: str) -> date:
    if window in ("day", "week"):
        return day + timedelta(days=1 if window == "day" else 7)
    months = day.year * 12 + day.month - 1 + {"month": 1, "quarter": 3, "year": 12}[window]
    return date(months // 12, months % 12 + 1, 1)


def _calendar(first: date, window: str, zone: tzinfo) -> Iterator[int]:
    day = _first_day(first, window)
    while True:
        yield _ns(datetime(day.year, day.month, day.day, tzinfo=zone))
        day = _next_day(day, window)


def _equal(first: date, length_ns: int, zone: tzinfo) -> Iterator[int]:
    start = _ns(datetime(first.year, first.month, first.day, tzinfo=zone))
    while True:
        yield start
        start += length_ns


def window_starts(first_ns: int, last_ns: int, window: str | timedelta, timezone: str) -> list[int]:
    """Starts of all windows from the one with the first moment, and the end of the one with the last, in ns UTC.

    Parameters
    ----------
    first_ns, last_ns : int
        First and last moment to cover.
    window : {"day", "week", "month", "quarter", "year"}, timedelta or text such as "12h"
        Calendar windows begin at midnight of the time zone (weeks on Monday), so that a day may have 23 or 25 hours;
        windows of a given length follow each other from midnight of the first day.
    timezone : str
        IANA name.

    Examples
    --------
    >>> hour = 3_600 * 10**9
    >>> [start // hour for start in window_starts(10 * hour, 30 * hour, "day", "UTC")]
    [0, 24, 48]
    """
    zone = zone_of(timezone)
    first = datetime.fromtimestamp(first_ns // 1_000_000_000, tz=zone).date()
    if isinstance(window, str) and window in _CALENDAR:
        moments = _calendar(first, window, zone)
    else:
        try:
            length_ns = duration_ns(window, name="window")
        except InvalidInput as refused:
            raise InvalidInput(f"{refused}; or a calendar window: {', '.join(_CALENDAR)}") from None
        if length_ns == 0:
            raise InvalidInput("window is 0; expected a length above 0 or a calendar window such as 'month'")
        moments = _equal(first, length_ns, zone)
    starts = []
    for start in moments:
        starts.append(start)
        if start > last_ns:
            return starts
        if len(starts) > _MOST_WINDOWS:
            break
    raise InvalidInput(
        f"window is {quoted(window)}; the log would have more than {_MOST_WINDOWS:,} windows: choose a longer one"
    )
