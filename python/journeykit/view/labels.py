"""Labels as they are drawn: cleaned, measured and cut by what people read as one character."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPLACEMENT = "\ufffd"
DRAWN_GRAPHEMES = 200  # no label is drawn longer than this; its full text stays in the title
_CODE_POINTS_PER_GRAPHEME = 16  # a tower of accents is cut here

_SPACES = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029 ]+")
# Not allowed in XML 1.0, or control characters that HTML parsers complain about.
_ILLEGAL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Embeddings, overrides and isolates would turn or end the direction of the text around the label.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ESCAPES = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?|[ -/]*[0-~])")
_INVISIBLE = re.compile("[\u200b-\u200f\u061c\u00ad\ufeff]")


def clean_label(text: object) -> str:
    """Text that may stand in a page or a picture.

    Line breaks and tabs become one space, characters that XML 1.0 does not allow become U+FFFD, and characters that
    turn the direction of the text around them are left out.

    Examples
    --------
    >>> clean_label("pay\\x00 now\\n")
    'pay\ufffd now '
    """
    return _DIRECTIONS.sub("", _ILLEGAL.sub(REPLACEMENT, _SPACES.sub(" ", str(text))))


def clean_terminal(text: object) -> str:
    """Text that may be printed: escape sequences, control, direction and invisible characters are left out.

    Examples
    --------
    >>> clean_terminal("\\x1b]0;title\\x07pay\\x1b[2J")
    'pay'
    """
    visible = _SPACES.sub(" ", _ESCAPES.sub("", str(text)))
    return _INVISIBLE.sub("", _DIRECTIONS.sub("", _ILLEGAL.sub("", visible)))


def _extends(character: str) -> bool:
    code = ord(character)
    return (
        code == 0x200D  # zero-width joiner
        or 0xFE00 <= code <= 0xFE0F  # variation selectors
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0xE0020 <= code <= 0xE007F  # tags of flags
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
    )


def _is_regional(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def _is_hangul_follow(character: str) -> bool:
    return 0x1160 <= ord(character) <= 0x11FF


def graphemes(text: str) -> Iterator[str]:
    """What people read as one character each: base with its accents, joined emoji, flags (a short form of UAX #29)."""
    cluster = ""
    for character in text:
        joins = cluster and (
            _extends(character)
            or cluster[-1] == "\u200d"
            or _is_hangul_follow(character)
            or (len(cluster) == 1 and _is_regional(cluster) and _is_regional(character))
        )
        if joins:
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def clip(text: str, limit: int = DRAWN_GRAPHEMES) -> str:
    """The first `limit` graphemes of a cleaned label, with an ellipsis where something is left out.

    Examples
    --------
    >>> clip("payment", 4)
    'pay…'
    """
    kept: list[str] = []
    for cluster in graphemes(text):
        if len(kept) == limit:
            return "".join(kept[:-1]).rstrip() + "…"
        kept.append(cluster[:_CODE_POINTS_PER_GRAPHEME])
    return "".join(kept)


def _is_wide(cluster: str) -> bool:
    return (
        "\ufe0f" in cluster or any(unicodedata.east_asian_width(c) in "WF" for c in cluster) or _is_regional(cluster[0])
    )


def cell_width(text: str) -> int:
    """Columns a text takes in a terminal: two for Chinese, Japanese, Korean and emoji, none for accents."""
    width = 0
    for cluster in graphemes(text):
        if _is_wide(cluster):
            width += 2
        elif not _extends(cluster[0]):
            width += 1
    return width


def clip_cells(text: str, limit: int) -> str:
    """The beginning of a text that fits into `limit` terminal columns."""
    if cell_width(text) <= limit:
        return text
    kept, width = "", 0
    for cluster in graphemes(text):
        width += cell_width(cluster)
        if width > limit - 1:
            break
        kept += cluster
    return kept + "…"
