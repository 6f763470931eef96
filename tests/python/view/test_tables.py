"""The table twin of every result, as text and as markup."""

from __future__ import annotations

import subprocess
import sys

import html5lib
import pyarrow as pa
import pytest

from journeykit import Error, Table
from journeykit.view import table_html, table_text
from journeykit.view.labels import cell_width


def _table(**columns: object) -> Table:
    return Table(arrow=pa.table(columns))


def test_numbers_stand_right_and_text_stands_left() -> None:
    assert table_text(_table(name=["pay", "refund"], cases=[5, 12345])).splitlines() == [
        "name     cases",
        "pay          5",
        "refund  12,345",
    ]


def test_chinese_counts_as_two_columns_and_accents_as_none() -> None:
    lines = table_text(_table(name=["支付", "cafe\u0301", "👩‍👩‍👧"], n=[1, 2, 3])).splitlines()
    assert {cell_width(line) for line in lines} == {len("支付") * 2 + 2 + 1 + 2}  # 👩👩👧 after cleaning: six columns


def test_missing_values_are_a_dash_and_never_zero() -> None:
    text = table_text(_table(name=["a", None], x=[None, float("nan")], n=pa.array([None, 0], pa.int64())))
    assert text.splitlines()[1:] == ["a     –  –", "–     –  0"]


def test_reals_of_one_column_share_their_decimals() -> None:
    text = table_text(_table(share=[0.5, 0.125, 1.0, 1e-9]))
    assert text.splitlines() == ["share", "0.500", "0.125", "1.000", "1e-09"]


def test_nanosecond_times_do_not_load_pandas_and_keep_their_fraction() -> None:
    code = (
        "import struct, sys, pyarrow as pa; from journeykit import Table;"
        "packed = pa.py_buffer(struct.pack('=2q', 1_700_000_000_123_456_789, 0));"  # pa.array() would load pandas
        "at = pa.Array.from_buffers(pa.timestamp('ns', 'UTC'), 2, [None, packed]);"
        "print(Table(arrow=pa.Table.from_arrays([at], ['at'])));"
        "assert 'pandas' not in sys.modules and 'jinja2' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[1:] == ["2023-11-14 22:13:20.123456789Z", "1970-01-01 00:00:00Z"]


def test_times_no_calendar_has_are_shown_as_seconds() -> None:
    text = table_text(_table(at=pa.array([2**62], pa.timestamp("s"))))
    assert text.splitlines()[1] == "4,611,686,018,427,387,904 s"


def test_more_rows_and_columns_than_fit_are_counted_and_named() -> None:
    wide = {f"column_{k}": list(range(30)) for k in range(30)}
    lines = table_text(_table(**wide), width=40).splitlines()
    assert len(lines) == 1 + 20 + 2
    assert lines[-2] == "… 10 more rows"
    assert lines[-1].startswith("… 26 more columns: column_4, ")
    assert max(map(cell_width, lines)) <= 40


def test_a_table_without_rows_says_so() -> None:
    assert table_text(_table(a=pa.array([], pa.int64()))) == "a\n(no rows)"
    assert "no rows" in table_html(_table(a=pa.array([], pa.int64())))


@pytest.mark.parametrize(
    "label", ["\x1b]0;owned\x07pay", "\x1b[2Jpay", "\x1b[31mpay\x1b[0m", "p\x08a\x00y", "\u202epay"]
)
def test_terminal_escapes_are_left_out_of_cells_and_names(label: str) -> None:
    text = table_text(Table(arrow=pa.table({label: [label]})))
    assert text == "pay\npay"


def test_repr_and_notebook_form_come_from_the_view() -> None:
    table = _table(name=["pay"])
    assert repr(table) == "name\npay"
    assert "<bdi>pay</bdi>" in table._repr_html_()


def test_labels_in_the_html_table_are_text_only() -> None:
    hostile = '<script>x()</script>"><img src=x onerror=x()>'
    markup = table_html(Table(arrow=pa.table({hostile: [hostile]})), caption=hostile)
    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    names = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert names == {"DOCUMENT_FRAGMENT", "div", "style", "table", "caption", "bdi", "thead", "tbody", "tr", "th", "td"}
    assert [bdi.text for bdi in tree.iter("bdi")] == [hostile] * 3


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Error, match="'fr'; expected one of 'en', 'zh'"):
        table_html(_table(a=[1]), lang="fr")
