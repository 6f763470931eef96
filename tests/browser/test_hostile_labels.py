"""Labels are text wherever they stand: nothing runs, nothing is fetched, no element or attribute is added."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import cache
from typing import TYPE_CHECKING, Any

import html5lib
import pytest

from journeykit.view import card_html, flow_svg, map_html, map_svg, page_html, table_html
from journeykit.view.labels import clean_label
from view import hostile

if TYPE_CHECKING:
    from collections.abc import Callable

    from journeykit import Table
    from view import samples


@cache
def _page(labels: tuple[str, ...]) -> str:
    return page_html(hostile.journey(labels), hostile.card(labels))


@cache
def _figures(labels: tuple[str, ...]) -> str:
    """What a notebook shows, without the policy of a page: only escaping stands between the labels and the browser."""
    journey, card = hostile.journey(labels), hostile.card(labels)
    body = map_html(journey, card, title=labels[5]) + card_html(_CardOf(journey, card)) + _table(hostile.table(labels))
    return f"<!DOCTYPE html><html><head><title>t</title></head><body>{body}</body></html>"


def _table(table: Table) -> str:
    return table_html(table, rows=200, caption=hostile.LABELS[3])


class _CardOf:
    """A scorecard with its map."""

    def __init__(self, journey: samples.Map, card: samples.Card) -> None:
        self.map = journey
        self._card = card

    def __getattr__(self, name: str) -> Any:
        return getattr(self._card, name)


def _shapes(markup: str) -> set[tuple[str, frozenset[str]]]:
    """Every element of the document with the names of its attributes."""
    tree = html5lib.parse(markup, namespaceHTMLElements=False)
    return {
        (element.tag, frozenset(name.lower() for name in element.attrib))
        for element in tree.iter()
        if isinstance(element.tag, str)
    }


def _texts(markup: str) -> list[str]:
    tree = html5lib.parse(markup, namespaceHTMLElements=False)
    return ["".join(element.itertext()) for element in tree.iter("bdi")]


def test_at_least_2000_labels_stand_on_the_pages() -> None:
    assert len(hostile.HOSTILE) * len(hostile.POSITIONS) >= 2_000


@pytest.mark.parametrize("make", [_page, _figures])
def test_hostile_labels_add_no_element_and_no_attribute(make: Callable[[tuple[str, ...]], str]) -> None:
    assert _shapes(make(hostile.HOSTILE)) <= _shapes(make(hostile.BENIGN))


@pytest.mark.parametrize("make", [_page, _figures])
def test_each_label_reads_as_itself_after_cleaning(make: Callable[[tuple[str, ...]], str]) -> None:
    texts = set(_texts(make(hostile.HOSTILE)))
    assert {clean_label(label) for label in hostile.HOSTILE} <= texts


@pytest.mark.parametrize("make", [_page, _figures])
def test_hostile_labels_run_nothing_in_a_browser(visit: Any, make: Callable[[tuple[str, ...]], str]) -> None:
    with visit(make(hostile.HOSTILE)) as seen:
        for chip in seen.page.locator(".jk-chip").all()[:40]:
            chip.hover(force=True)
        seen.page.keyboard.press("Tab")
        seen.assert_quiet()


@pytest.mark.parametrize("draw", [lambda journey, card: map_svg(journey, card), lambda journey, _: flow_svg(journey)])
def test_hostile_labels_in_a_picture_are_text(visit: Any, draw: Callable[[Any, Any], str]) -> None:
    pictures = [draw(hostile.journey(labels), hostile.card(labels)) for labels in (hostile.HOSTILE, hostile.BENIGN)]
    shapes = []
    for picture in pictures:
        root = ET.fromstring(picture)
        shapes.append({(element.tag, frozenset(element.attrib)) for element in root.iter()})
    assert {tag for tag, _ in shapes[0]} == {tag for tag, _ in shapes[1]}
    names = {name for _, attributes in shapes[0] for name in attributes}
    assert names <= {name for _, attributes in shapes[1] for name in attributes}
    with visit(pictures[0], suffix=".svg") as seen:
        seen.assert_quiet()
    with visit(f"<!DOCTYPE html><title>t</title>{pictures[0]}") as seen:
        seen.assert_quiet()
