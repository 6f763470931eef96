"""Maps as figures and pages."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import html5lib
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import journeykit as jk
from journeykit import Error, InvalidInput, NotFound, Table
from journeykit.testing import event_logs
from journeykit.view import card_html, log_html, map_html, map_svg, page_html, save_map, table_html
from journeykit.view.measure import text_width
from view import samples

if TYPE_CHECKING:
    from pathlib import Path


def test_a_saved_page_is_one_file_without_script_or_outside_address(tmp_path: Path) -> None:
    path = save_map(samples.shop(), tmp_path / "map.html", samples.shop_card())
    page = path.read_text(encoding="utf-8")
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)
    assert not re.findall(r"url\((?!#)", page)
    assert [child.name for child in tmp_path.iterdir()] == ["map.html"]


def test_links_of_a_page_lead_to_elements_that_exist_and_ids_are_unique() -> None:
    page = page_html(samples.shop(), samples.shop_card())
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_two_figures_share_no_id() -> None:
    first, second = (map_html(samples.shop(), title=title) for title in ("one", "two"))
    ids = [set(re.findall(r'\bid="([^"]+)"', figure)) for figure in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_the_same_map_gives_the_same_bytes() -> None:
    assert page_html(samples.shop(), samples.shop_card()) == page_html(samples.shop(), samples.shop_card())


def test_a_map_without_anything_says_so_instead_of_drawing() -> None:
    page = page_html(samples.Map())
    assert "Customer journey" in page
    assert "No experience was measured" in page


def test_notebook_figures_stay_small() -> None:
    assert len(map_html(samples.shop(), samples.shop_card()).encode()) < 200_000


def test_an_unknown_suffix_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"'\.pdf'; expected \.html"):
        save_map(samples.shop(), tmp_path / "map.pdf")
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        save_map(samples.shop(), tmp_path / "nowhere" / "map.html")


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(Error):
        save_map(samples.shop(), path, lang="fr")
    assert path.read_text(encoding="utf-8") == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["map.html"]


def test_pages_are_html_without_parse_errors() -> None:
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(page_html(samples.shop(), samples.shop_card()))
    parser.parse(
        "<!DOCTYPE html><html><head><title>t</title></head><body>" + map_html(samples.shop()) + "</body></html>"
    )


@pytest.mark.parametrize(
    "markup", [map_html(samples.shop(), samples.shop_card()), table_html(Table(arrow=pa.table({"a": [1]})))]
)
def test_every_style_rule_of_a_figure_stays_inside_it(markup: str) -> None:
    styles = "".join(re.findall(r"<style>(.*?)</style>", markup, re.DOTALL))
    selectors = [one.strip() for rule in re.findall(r"([^{}]+)\{", styles) for one in rule.split(",")]
    scoped = [one for one in selectors if not one.startswith("@media")]
    assert len(scoped) > 20
    assert not [one for one in scoped if ".jk-figure" not in one]


def test_the_map_as_svg_is_well_formed_with_illegal_characters_replaced() -> None:
    journey = samples.Map(
        samples.About("a\x00b\ufffe]]>"),
        (samples.Stage("s", "\x1b\ud800"),),
        (),
        (samples.Touchpoint("t", "<&>", "s"),),
    )
    root = ET.fromstring(map_svg(journey))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a\ufffdb\ufffd]]>", "\ufffd\ufffd", "<&>"} <= set(texts)


def test_texts_of_the_svg_map_stay_inside_the_sheet() -> None:
    root = ET.fromstring(map_svg(samples.shop(), samples.shop_card()))
    _, _, width, height = map(float, root.get("viewBox", "").split())
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert len(texts) > 100
    for element in texts:
        size, text = float(element.get("font-size", "0")), element.text or ""
        length = text_width(text, size, bold=element.get("font-weight") == "600")
        shift = {"middle": length / 2, "end": length}.get(element.get("text-anchor", ""), 0)
        x, y = float(element.get("x", "0")) - shift, float(element.get("y", "0"))
        assert x >= 0
        assert x + length <= width
        assert size <= y <= height


def test_suffix_svg_saves_the_map_alone(tmp_path: Path) -> None:
    path = save_map(samples.shop(), tmp_path / "map.SVG", samples.shop_card(), lang="zh")
    assert path.read_text(encoding="utf-8") == map_svg(samples.shop(), samples.shop_card(), lang="zh")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(event_logs(), st.sampled_from(["en", "zh"]))
def test_whatever_a_log_holds_its_pictures_are_well_formed(table: pa.Table, lang: str) -> None:
    log = jk.read_events(table)
    journey = jk.discover(log)
    card = jk.score(journey, log, minimum_n=1)
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(page_html(journey, card, lang=lang))
    for figure in (log_html(log, lang=lang), card_html(card, lang=lang), map_html(journey, lang=lang)):
        parser.parse(f"<!DOCTYPE html><title>t</title><body>{figure}</body>")
    ET.fromstring(map_svg(journey, card, lang=lang))
