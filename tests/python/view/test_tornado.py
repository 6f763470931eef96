"""A tornado: sizes and places of bars and whiskers, what is left out, words, escaping."""

from __future__ import annotations

import re

import html5lib
import pyarrow as pa
import pytest

import journeykit as jk
from journeykit import Table
from journeykit.view import tornado_html

#   −10 ├────────┼────────┤ +10: zero stands at 50 %
ROWS = [
    {"source": "pay", "target": "lost", "slope": -5.0, "low": -10.0, "high": 0.0, "n": 1200},
    {"source": "call", "target": "kept", "slope": 8.0, "low": 6.0, "high": 10.0, "n": 30},
    {"source": "wait", "target": "lost", "slope": None, "low": None, "high": None, "n": 3},
    {"source": "mail", "target": "kept", "slope": 0.25, "low": None, "high": None, "n": None},
]


def table(rows: list[dict[str, object]] = ROWS) -> Table:
    return Table(arrow=pa.Table.from_pylist(rows))


def places(page: str) -> list[tuple[str, float, float]]:
    found = re.findall(r'<(?:i class="jk-(more|less)"|u) style="left:([\d.]+)%;width:([\d.]+)%"', page)
    return [(side or "whisker", float(left), float(width)) for side, left, width in found]


def test_bars_run_from_zero_to_the_number_and_whiskers_over_the_interval() -> None:
    page = tornado_html(table())
    assert page.count('<b style="left:50.00%">') == 3
    assert places(page) == [
        ("more", 50.0, 40.0),
        ("whisker", 80.0, 20.0),
        ("less", 25.0, 25.0),
        ("whisker", 0.0, 50.0),
        ("more", 50.0, 1.25),
    ]


def test_rows_stand_by_size_and_numbers_beside_them() -> None:
    cells = [
        ["".join(cell.itertext()) for cell in row]
        for row in html5lib.parse(tornado_html(table()), namespaceHTMLElements=False).iter("tr")
    ]
    assert cells == [
        ["What changes", "", "slope", "Interval", "n"],
        ["call → kept", "", "8", "6 … 10", "30"],
        ["pay → lost", "", "−5", "−10 … 0", "1,200"],
        ["mail → kept", "", "0.25", "–", "–"],
    ]


def test_rows_that_are_not_drawn_are_counted() -> None:
    page = tornado_html(table(), rows=1, lang="zh", caption="影响")
    assert "另有 2 行" in page
    assert "影响" in page
    assert len(places(page)) == 2


def test_without_intervals_there_is_no_such_column() -> None:
    page = tornado_html(
        Table(arrow=pa.table({"name": ["a"], "change": [-0.0000000123]})), value="change", labels=["name"]
    )
    assert "Interval" not in page
    assert "−1.23e−08" in page


def test_labels_are_escaped() -> None:
    page = tornado_html(table([{"source": "<script>alert(1)</script>", "target": '" onload="x', "slope": 1.0}]))
    html5lib.HTMLParser(strict=True).parse(f"<!DOCTYPE html><title>t</title><body>{page}</body>")
    assert "<script" not in page


def test_a_table_without_numbers_says_so() -> None:
    empty = pa.table({"source": [], "target": [], "slope": pa.array([], pa.float64())})
    assert "no rows" in tornado_html(Table(arrow=empty))


def test_rows_picked_in_pandas_are_drawn_the_same() -> None:
    frame = table().to_pandas().query("n > 1000")
    assert places(tornado_html(frame)) == [("less", 50.0, 50.0), ("whisker", 0.0, 100.0)]
    with pytest.raises(jk.InvalidInput, match="a list is no table to draw"):
        tornado_html(ROWS)


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (jk.NotFound, "column 'slop' is not in the table; it has source, target, slope", {"value": "slop"}),
        (jk.NotFound, "column 'name' is not in the table", {"labels": ["name"]}),
        (jk.InvalidInput, "column 'source' holds string; expected numbers to draw", {"value": "source"}),
        (jk.InvalidInput, "labels is empty; expected the columns that name a row", {"labels": []}),
        (jk.InvalidInput, "rows is 0; expected a whole number from 1", {"rows": 0}),
        (jk.InvalidInput, "lang is 'fr'", {"lang": "fr"}),
    ],
)
def test_errors_name_what_is_wrong(error: type[Exception], message: str, options: dict[str, object]) -> None:
    with pytest.raises(error, match=re.escape(message)):
        tornado_html(table(), **options)  # type: ignore[arg-type]
