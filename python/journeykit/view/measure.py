"""How wide a text is drawn, without a font: for pictures that cannot ask a browser.

Widths are those of DejaVu Sans, the widest of the usual sans-serif fonts, so that a text that fits here fits anywhere.
"""

from __future__ import annotations

import unicodedata

from journeykit.view.labels import clip, graphemes

# 1/100 em, from U+0020 to U+007E
_ASCII = (
    *(32, 40, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34),
    *(84, 84, 84, 53, 100, 69, 69, 70, 77, 63, 58, 78, 75, 30, 30, 66, 56, 86, 75, 79, 60, 79, 70, 64, 61, 73, 69, 99),
    *(69, 61, 69, 39, 34, 39, 84, 50, 50, 62, 64, 55, 64, 62, 35, 64, 64, 28, 28, 58, 28, 98, 64, 61, 64, 64, 41, 52),
    *(39, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84),
)
_SIGNS = {"…": 100, "→": 84, "−": 84, "–": 50, "·": 32, "×": 84, "“": 52, "”": 52, "\u00a0": 32}
_OTHER = 76
_WIDE = 104
_BOLD = 1.12


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in the unit of its font size."""
    return sum(map(_cluster_width, graphemes(text))) / 100 * size * (_BOLD if bold else 1)


def _cluster_width(cluster: str) -> int:
    code = ord(cluster[0]) - 32
    if 0 <= code < len(_ASCII):
        return _ASCII[code]
    if cluster in _SIGNS:
        return _SIGNS[cluster]
    # a joined emoji is drawn as one sign or, without a font that has it, as its parts
    if wide := sum(unicodedata.east_asian_width(c) in "WF" or ord(c) > 0xFFFF for c in cluster):
        return _WIDE * wide
    return 0 if unicodedata.combining(cluster[0]) else _OTHER


def wrap(text: str, width: float, size: float, *, bold: bool = False, lines: int = 2) -> list[str]:
    """A cleaned label as at most `lines` lines of at most `width`, with an ellipsis where something is left out.

    Breaks stand at spaces and between Chinese, Japanese and Korean characters; a word wider than a line is broken where
    the line ends.
    """
    wrapped: list[str] = []
    line = ""
    pieces = _pieces(clip(text))
    for k, piece in enumerate(pieces):
        fitting = line + piece
        if text_width(fitting.rstrip(), size, bold=bold) <= width:
            line = fitting
            continue
        if len(wrapped) == lines - 1:  # the last line takes what fits of the rest
            wrapped.append(_cut(line + "".join(pieces[k:]), width, size, bold=bold))
            return wrapped
        if line.strip():
            wrapped.append(line.rstrip())
        line = piece.lstrip()
        while text_width(line.rstrip(), size, bold=bold) > width:
            if len(wrapped) == lines - 1:
                wrapped.append(_cut(line + "".join(pieces[k + 1 :]), width, size, bold=bold))
                return wrapped
            head = _head(line, width, size, bold=bold)
            wrapped.append(head)
            line = line[len(head) :]
    return [*wrapped, line.rstrip()] if line.strip() or not wrapped else wrapped


def _pieces(text: str) -> list[str]:
    """Where a line may break: after spaces, and after each wide character."""
    pieces = [""]
    for cluster in graphemes(text):
        pieces[-1] += cluster
        if cluster == " " or _cluster_width(cluster) >= _WIDE:
            pieces.append("")
    return [piece for piece in pieces if piece]


def _head(text: str, width: float, size: float, *, bold: bool) -> str:
    kept = ""
    for cluster in graphemes(text):
        if kept and text_width(kept + cluster, size, bold=bold) > width:
            break
        kept += cluster
    return kept


def _cut(text: str, width: float, size: float, *, bold: bool) -> str:
    room = width - text_width("…", size, bold=bold)
    return _head(text, room, size, bold=bold).rstrip() + "…"
