"""Labels cleaned, measured, cut and wrapped by what people read as one character."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeykit.view.labels import cell_width, clean_label, clean_terminal, clip, graphemes
from journeykit.view.measure import text_width, wrap

_FAMILY = "👩‍👩‍👧"


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("", []),
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        (f"{_FAMILY}!", [_FAMILY, "!"]),
        ("🇩🇪🇨🇳", ["🇩🇪", "🇨🇳"]),
        ("👍🏽支", ["👍🏽", "支"]),
        ("☎️x", ["☎️", "x"]),
        ("\u1112\u1161\u11ab", ["\u1112\u1161\u11ab"]),
    ],
)
def test_graphemes_are_what_people_read_as_one_character(text: str, clusters: list[str]) -> None:
    assert list(graphemes(text)) == clusters


def test_clipping_never_splits_a_family_and_caps_towers_of_accents() -> None:
    assert clip(_FAMILY * 3, 2) == f"{_FAMILY}…"
    assert len(clip("a" + "\u0301" * 1_000)) == 16


@given(st.text())
def test_a_cleaned_label_is_legal_xml_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean_label(text)
    assert ET.fromstring(f"<a>{escape(cleaned)}</a>").text in (cleaned, None)
    assert clean_label(cleaned) == cleaned


@given(st.text())
def test_printed_labels_hold_no_control_character(text: str) -> None:
    assert not [c for c in clean_terminal(text) if ord(c) < 32 or 127 <= ord(c) < 160]


@given(st.text())
def test_graphemes_lose_nothing(text: str) -> None:
    assert "".join(graphemes(text)) == text


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("支付", 4), ("e\u0301", 1), (_FAMILY, 2), ("\u200b", 0)])
def test_terminal_columns_of_a_text(text: str, width: int) -> None:
    assert cell_width(clean_terminal(text) if text == "\u200b" else text) == width


@given(st.text(max_size=80), st.floats(60, 300), st.integers(1, 4))
def test_wrapped_lines_fit_their_width(text: str, width: float, lines: int) -> None:
    wrapped = wrap(clean_label(text), width, 13, bold=True, lines=lines)
    assert 1 <= len(wrapped) <= lines
    assert all(text_width(line, 13, bold=True) <= width for line in wrapped)


def test_text_that_fits_is_not_cut() -> None:
    assert wrap("Receives the parcel", 140, 12.5, lines=2) == ["Receives the parcel"]
    assert wrap("Receives the parcel at home", 100, 12.5, lines=2) == ["Receives the", "parcel at home"]


def test_chinese_breaks_between_characters_and_the_rest_is_marked() -> None:
    assert wrap("在线客服机器人", 40, 13, lines=2) == ["在线", "客…"]
