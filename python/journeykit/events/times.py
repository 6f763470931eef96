"""Time columns as people have them, to nanoseconds UTC: nothing is guessed that could be read in two ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput
from journeykit.events.rows import first_failure, first_true, place
from journeykit.events.time_forms import as_iso, conclude_form

if TYPE_CHECKING:
    import pyarrow as pa

_UNIT_NS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_RANGE_NS = 2**63 - 1
_UTC_NAMES = ("UTC", "GMT", "Z")
# Numbers of seconds, milliseconds … since 1970 of the years 1973 to 5138 fall into bands that do not overlap.
_BANDS = (("s", 1e8, 1e11), ("ms", 1e11, 1e14), ("us", 1e14, 1e17), ("ns", 1e17, 9.3e18))
_ZONED = r"[T ][0-9:.]+ ?(?:Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)$"
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


@dataclass(frozen=True)
class TimeRules:
    """How times without a zone, texts in other forms and plain numbers are to be read."""

    timezone: str = "UTC"
    format: str | None = None
    unit: str | None = None
    ambiguous: str = "raise"
    nonexistent: str = "raise"

    def __post_init__(self) -> None:
        if self.unit is not None and self.unit not in _UNIT_NS:
            raise InvalidInput(f"time_unit is {quoted(self.unit)}; expected one of {', '.join(_UNIT_NS)}")
        for name in ("ambiguous", "nonexistent"):
            value = getattr(self, name)
            if value not in ("raise", "earliest", "latest"):
                raise InvalidInput(f"{name} is {quoted(value)}; expected 'raise', 'earliest' or 'latest'")
        if not isinstance(self.timezone, str) or not self.timezone:
            raise InvalidInput(
                f"timezone is {quoted(self.timezone)}; expected a name such as 'Europe/Berlin' or '+08:00'"
            )


def to_utc(column: pa.ChunkedArray, name: str, rules: TimeRules, notes: list[str]) -> pa.ChunkedArray:
    """Times of a column as timestamps in UTC that fit nanoseconds.

    Parameters
    ----------
    column : pyarrow.ChunkedArray, shape (n_rows,)
        Timestamps, dates, ISO 8601 text, text in `rules.format`, or numbers of `rules.unit` since 1970.
    name : str
        Name of the column, for messages.
    rules : TimeRules
        What the reader was told.
    notes : list of str
        What was concluded rather than told is added here.

    Raises
    ------
    InvalidInput
        With the first bad row: unreadable or ambiguous text, times with and without a zone mixed, numbers without a
        unit or in several units, local times that do not exist or exist twice, years outside 1677 to 2262.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        return _from_timestamps(column, name, rules)
    if pa.types.is_date(kind):
        return _from_timestamps(column.cast(pa.timestamp("ms" if pa.types.is_date64(kind) else "s")), name, rules)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _from_numbers(column, name, rules)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_text(column, name, rules, notes)
    raise InvalidInput(
        f"column {quoted(name)} holds {kind}; expected times: timestamps, dates, ISO 8601 text or numbers with "
        "time_unit="
    )


def _from_timestamps(column: pa.ChunkedArray, name: str, rules: TimeRules) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    zone = column.type.tz
    if rules.timezone.upper() in _UTC_NAMES or zone is not None:
        # Times that fit become nanoseconds in the engine, without a copy here.
        bounds = pc.min_max(column.cast(pa.int64()))
        most = _RANGE_NS // _UNIT_NS[column.type.unit]
        if not bounds["min"].is_valid or (-most <= bounds["min"].as_py() and bounds["max"].as_py() <= most):
            return column.cast(pa.timestamp(column.type.unit, "UTC"))
    target = pa.timestamp("ns", zone)

    def in_ns(part: pa.ChunkedArray) -> pa.ChunkedArray:
        return part.cast(target)

    try:
        exact = in_ns(column)
    except pa.ArrowInvalid as refused:
        row = first_failure(column, in_ns, (pa.ArrowInvalid,))
        raise InvalidInput(
            f"column {quoted(name)} has a time outside the years 1677 to 2262 in {place(row)}; mend or drop that row"
        ) from refused
    if zone is not None:
        return exact.cast(pa.timestamp("ns", "UTC"))
    return _with_zone(exact, name, rules)


def _with_zone(naive: pa.ChunkedArray, name: str, rules: TimeRules) -> pa.ChunkedArray:
    """Local times of `rules.timezone` to UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    utc = pa.timestamp("ns", "UTC")
    if rules.timezone.upper() in _UTC_NAMES:  # needs no zone database
        return naive.cast(utc)
    if offset := _OFFSET.fullmatch(rules.timezone):
        sign, hours, minutes = offset.groups()
        shift = (int(hours) * 60 + int(minutes)) * 60 * _UNIT_NS["s"] * (1 if sign == "+" else -1)
        moved = pc.subtract_checked(naive.cast(pa.int64()), shift)
        return moved.cast(utc)

    def assume(part: pa.ChunkedArray) -> pa.ChunkedArray:
        return pc.assume_timezone(part, rules.timezone, ambiguous=rules.ambiguous, nonexistent=rules.nonexistent)

    try:
        return assume(naive).cast(utc)
    except pa.ArrowInvalid as refused:
        try:
            assume(pa.chunked_array([pa.array([0], pa.timestamp("ns"))]))
        except pa.ArrowInvalid as unknown:
            raise InvalidInput(
                f"timezone {quoted(rules.timezone)} is not known here; expected a name such as 'Europe/Berlin' or an "
                "offset such as '+08:00' "
                "(names need the system's time zone database: package tzdata)"
            ) from unknown
        row = first_failure(naive, assume, (pa.ArrowInvalid,))
        reason = "falls twice" if "ambiguous" in str(refused) else "does not exist"
        option = "ambiguous" if "ambiguous" in str(refused) else "nonexistent"
        raise InvalidInput(
            f"column {quoted(name)}: the local time {quoted(naive[row].cast(pa.string()).as_py())} in {place(row)} "
            f"{reason} in {rules.timezone} (clock change); "
            f"pass {option}='earliest' or 'latest', or times with their offset"
        ) from refused


def _from_numbers(column: pa.ChunkedArray, name: str, rules: TimeRules) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if rules.unit is None:
        raise InvalidInput(
            f"column {quoted(name)} holds numbers; say what they count since 1970: time_unit='s', 'ms', 'us' or 'ns'"
        )
    whole = pa.types.is_integer(column.type)
    values = column.cast(pa.int64()) if whole and not pa.types.is_uint64(column.type) else column.cast(pa.float64())
    size = pc.abs(values.cast(pa.float64(), safe=False))  # the smallest int64 has no absolute value of its own
    seen = [(unit, first_true(pc.and_(pc.greater_equal(size, low), pc.less(size, high)))) for unit, low, high in _BANDS]
    bands = [(unit, row) for unit, row in seen if row >= 0]
    if len(bands) > 1:
        (one, first), (other, second) = sorted(bands, key=lambda band: band[1])[:2]
        raise InvalidInput(
            f"column {quoted(name)} mixes units: {place(first)} looks like {one} and {place(second)} like {other} "
            "since 1970; convert the column to timestamps first"
        )
    scale = _UNIT_NS[rules.unit]
    too_large = first_true(pc.greater(size, float(_RANGE_NS // scale)))
    if too_large >= 0:
        raise InvalidInput(
            f"column {quoted(name)} has {quoted(column[too_large].as_py())} in {place(too_large)}, which as "
            f"time_unit={rules.unit!r} "
            "is outside the years 1677 to 2262; check time_unit"
        )
    if not whole:
        values = pc.if_else(pc.is_nan(values), None, values)
    ns = pc.multiply(values, scale) if whole else pc.round(pc.multiply(values, float(scale))).cast(pa.int64())
    return ns.cast(pa.timestamp("ns", "UTC"))


def _from_text(column: pa.ChunkedArray, name: str, rules: TimeRules, notes: list[str]) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if rules.format is not None:
        return _in_format(column, name, rules, rules.format)
    if rules.unit is not None:

        def numbers(part: pa.ChunkedArray) -> pa.ChunkedArray:
            return part.cast(pa.int64())

        try:
            return _from_numbers(numbers(column), name, rules)
        except pa.ArrowInvalid as refused:
            row = first_failure(column, numbers, (pa.ArrowInvalid,))
            raise InvalidInput(
                f"column {quoted(name)} has {quoted(column[row].as_py())} in {place(row)}; with "
                f"time_unit={rules.unit!r} every value is to be a whole number"
            ) from refused
    known = first_true(pc.is_valid(column))
    if known < 0:
        return pa.chunked_array([pa.nulls(len(column), pa.timestamp("ns", "UTC"))])
    example = column[known].as_py()
    if (concluded := conclude_form(column, name, example)) is not None:
        notes.append(f"times of column {quoted(name)} are read as {concluded}, the only way that fits all rows")
        return _in_format(column, name, rules, concluded)
    return _from_iso(column, name, rules)


def _from_iso(column: pa.ChunkedArray, name: str, rules: TimeRules) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    zoned = pc.match_substring_regex(column, _ZONED)
    aware, naive = first_true(zoned), first_true(pc.invert(zoned))
    if aware >= 0 and naive >= 0:
        raise InvalidInput(
            f"column {quoted(name)} mixes times with and without a zone: {quoted(column[aware].as_py())} in "
            f"{place(aware)}, "
            f"{quoted(column[naive].as_py())} in {place(naive)}; give all of them an offset, or none and timezone="
        )
    if aware >= 0:  # "… +0100" and "… UTC", as databases print them
        column = pc.replace_substring_regex(column, r" ?(?:UTC|GMT)$", "Z")
        column = pc.replace_substring_regex(column, r" ([+-][0-9]{2}:?[0-9]{2})$", r"\1")
    parse = partial(_parse, zone="UTC" if aware >= 0 else None)
    try:
        exact = parse(column)
    except pa.ArrowInvalid as refused:
        row = first_failure(column, parse, (pa.ArrowInvalid,))
        raise InvalidInput(_why_not(name, column[row].as_py(), row)) from refused
    return exact if aware >= 0 else _with_zone(exact, name, rules)


def _parse(iso: pa.ChunkedArray, zone: str | None) -> pa.ChunkedArray:
    """ISO 8601 text as nanoseconds. Older pyarrow (18) turns years out of range into others without a word."""
    import pyarrow as pa
    import pyarrow.compute as pc

    exact = iso.cast(pa.timestamp("ns", zone))
    years = pc.utf8_slice_codeunits(iso, 0, 4)
    ends = pc.min_max(years).as_py()
    if ends["min"] is not None and not "1678" <= ends["min"] <= ends["max"] <= "2261":
        apart = pc.abs(pc.subtract(years.cast(pa.int64()), pc.year(exact)))
        if pc.max(apart).as_py() > 1:  # an offset may move a time into the next year
            raise pa.ArrowInvalid("a year out of range")
    return exact


def _why_not(name: str, text: str, row: int) -> str:
    """Message about a text that is no time."""
    told = f"column {quoted(name)} has {quoted(text)} in {place(row)}"
    if re.fullmatch(r"[+-]?\d{8}", text):
        return f"{told}; if these are dates, pass time_format='%Y%m%d'; if numbers since 1970, time_unit='s', 'ms', …"
    if re.fullmatch(r"[+-]?\d+", text):
        return f"{told}; if these are numbers since 1970, pass time_unit='s', 'ms', 'us' or 'ns'"
    if (year := re.match(r"(\d{4,})-", text)) and not 1677 < int(year[1]) < 2262:
        return f"{told}: a time outside the years 1677 to 2262; mend or drop that row"
    if re.search(r":60(?:\D|$)", text):
        return f"{told}: a leap second, which timestamps cannot hold; use second 59"
    return (
        f"{told}, which is no ISO 8601 time such as 2026-11-22T14:30:00+01:00; "
        "pass time_format= (such as '%d.%m.%Y %H:%M') for another form"
    )


def _in_format(column: pa.ChunkedArray, name: str, rules: TimeRules, form: str) -> pa.ChunkedArray:
    """Text in a strptime form, read strictly."""
    import pyarrow as pa

    iso, aware = as_iso(column, name, form)
    parse = partial(_parse, zone="UTC" if aware else None)
    try:
        exact = parse(iso)
    except pa.ArrowInvalid as refused:
        row = first_failure(iso, parse, (pa.ArrowInvalid,))
        raise InvalidInput(
            f"column {quoted(name)} has {quoted(column[row].as_py())} in {place(row)}, which is no time of the form "
            f"{quoted(form)} between 1677 and 2262"
        ) from refused
    return exact if aware else _with_zone(exact, name, rules)
