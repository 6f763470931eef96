"""Forms of times in text other than ISO 8601: concluded from a column, and rewritten by columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput
from journeykit.events.rows import first_true, place

if TYPE_CHECKING:
    import pyarrow as pa

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?:[ T,]+(?P<clock>\d{1,2}:\d{2}(?P<seconds>:\d{2})?(?P<fraction>\.\d+)?)(?P<half> ?[AaPp][Mm])?)?"
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})" + _CLOCK)
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})" + _CLOCK)
_DIRECTIVES = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>[0-9]{1,2})",
    "b": r"(?P<b>[A-Za-z]{3,9})",
    "d": r"(?P<d>[0-9]{1,2})",
    "H": r"(?P<H>[0-9]{1,2})",
    "I": r"(?P<I>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{1,2})",
    "S": r"(?P<S>[0-9]{1,2})",
    "f": r"(?P<f>[0-9]{1,9})",
    "p": r"(?P<p>[AaPp][Mm])",
    "z": r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})",
    "Z": r"(?:UTC|GMT|Z)",
    "a": r"[A-Za-z]+",
    "%": "%",
}
_LONG = {"T": "%H:%M:%S", "R": "%H:%M", "F": "%Y-%m-%d", "D": "%m/%d/%y", "B": "%b", "h": "%b", "A": "%a", "e": "%d"}


def conclude_form(column: pa.ChunkedArray, name: str, example: str) -> str | None:
    """The format of a column of day/month/year texts when only one reading fits; None for ISO 8601; refuses two "
    "readings."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if match := _YEAR_FIRST.fullmatch(example):
        return f"%Y{match[2]}%m{match[2]}%d" + _clock_format(match)
    match = _DAY_FIRST.fullmatch(example)
    if match is None:
        return None
    separator, clock = match[2], _clock_format(match)
    parts = pc.extract_regex(
        column, f"^(?P<a>[0-9]{{1,2}}){re.escape(separator)}(?P<b>[0-9]{{1,2}}){re.escape(separator)}"
    )
    known = pc.drop_null(parts)
    largest = [pc.max(pc.struct_field(known, [field]).cast(pa.int32())).as_py() for field in ("a", "b")]
    day_first, month_first = f"%d{separator}%m{separator}%Y{clock}", f"%m{separator}%d{separator}%Y{clock}"
    if largest[0] > 12 >= largest[1]:
        return day_first
    if largest[1] > 12 >= largest[0]:
        return month_first
    raise InvalidInput(
        f"column {quoted(name)} has dates such as {quoted(example)}, which can be day/month or month/day; "
        f"pass time_format={day_first!r} or time_format={month_first!r}"
    )


def _clock_format(match: re.Match[str]) -> str:
    if match["clock"] is None:
        return ""
    hours = "%I" if match["half"] else "%H"
    seconds = ("%S" if match["seconds"] else "") and ":%S"
    return f" {hours}:%M{seconds}{'.%f' if match['fraction'] else ''}{' %p' if match['half'] else ''}"


def _pattern(form: str) -> str:
    """Regular expression with one named group per directive of a strptime form."""
    for short, long in _LONG.items():
        form = re.sub(rf"(?<!%)((?:%%)*)%{short}", rf"\g<1>{long}", form)
    out, k = ["^"], 0
    seen: set[str] = set()
    while k < len(form):
        character = form[k]
        if character == "%":
            directive = form[k + 1 : k + 2]
            if directive not in _DIRECTIVES or directive in seen - {"%", "a", "Z"}:
                raise InvalidInput(
                    f"time_format {quoted(form)} has "
                    f"{quoted('%' + directive)}{' twice' if directive in seen else ''}; "
                    f"expected each of %{' %'.join(_DIRECTIVES)} at most once"
                )
            seen.add(directive)
            out.append(_DIRECTIVES[directive])
            k += 2
        else:
            out.append("[ T,]+" if character == " " else re.escape(character))
            k += 1
    if not (seen & {"Y", "y"} and seen & {"m", "b"} and "d" in seen):
        raise InvalidInput(f"time_format {quoted(form)} lacks year, month or day; expected such as '%d/%m/%Y %H:%M'")
    if ("I" in seen) != ("p" in seen):
        raise InvalidInput(f"time_format {quoted(form)}: %I and %p (AM, PM) go together; for 24 hours use %H")
    return "".join(out) + "$"


def as_iso(column: pa.ChunkedArray, name: str, form: str) -> tuple[pa.ChunkedArray, bool]:
    """Text in a strptime form rewritten as ISO 8601, and whether it has a zone. Month names are English.

    Raises
    ------
    InvalidInput
        A form that cannot be read; a text of another form.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    pattern = _pattern(form)
    parts = pc.extract_regex(column, pattern)
    bad = first_true(pc.and_(pc.is_valid(column), pc.is_null(parts)))
    if bad >= 0:
        raise InvalidInput(
            f"column {quoted(name)} has {quoted(column[bad].as_py())} in {place(bad)}, which is not of the form "
            f"{quoted(form)}"
        )
    groups = {parts.type.field(k).name for k in range(parts.type.num_fields)}

    def text(field: str, otherwise: str = "00") -> Any:
        return pc.utf8_lpad(pc.struct_field(parts, [field]), 2, "0") if field in groups else pa.scalar(otherwise)

    if "Y" in groups:
        year = text("Y")
    else:  # POSIX: 69 … 99 are 1969 … 1999
        short = text("y")
        year = pc.binary_join_element_wise(pc.if_else(pc.greater_equal(short, "69"), "19", "20"), short, "")
    if "m" in groups:
        month = text("m")
    else:
        index = pc.index_in(
            pc.utf8_slice_codeunits(pc.utf8_lower(pc.struct_field(parts, ["b"])), 0, 3), pa.array(_MONTHS)
        )
        month = pc.utf8_lpad(pc.add(index, 1).cast(pa.string()), 2, "0")
    if "I" in groups:
        of_twelve = pc.struct_field(parts, ["I"]).cast(pa.int32())
        afternoon = pc.equal(pc.utf8_lower(pc.struct_field(parts, ["p"])), "pm")
        real = pc.if_else(pc.equal(of_twelve, 12), 0, of_twelve)
        hour = pc.utf8_lpad(pc.if_else(afternoon, pc.add(real, 12), real).cast(pa.string()), 2, "0")
        hour = pc.if_else(
            pc.and_(pc.greater_equal(of_twelve, 1), pc.less_equal(of_twelve, 12)), hour, "99"
        )  # 13 PM is no time
    else:
        hour = text("H")
    date = pc.binary_join_element_wise(year, month, text("d"), "-")
    clock = pc.binary_join_element_wise(hour, text("M"), text("S"), ":")
    iso = pc.binary_join_element_wise(date, clock, "T")
    if "f" in groups:
        iso = pc.binary_join_element_wise(iso, pc.struct_field(parts, ["f"]), ".")
    if "z" in groups:
        iso = pc.binary_join_element_wise(iso, pc.struct_field(parts, ["z"]), "")
    aware = "z" in groups or "%Z" in form
    if aware and "z" not in groups:
        iso = pc.binary_join_element_wise(iso, "Z", "")
    return iso, aware
