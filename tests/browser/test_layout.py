"""Pages as people see them: nothing overlaps, nothing is cut off, in every width, language and direction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import journeykit as jk
from journeykit import datasets
from journeykit.view import map_html, page_html
from view import samples

# Boxes of one cell that lie over each other, and boxes wider than the cell they stand in.
_CLASHES = """() => {
  const clashes = [];
  const name = (e) => e.className + ' ' + e.textContent.trim().slice(0, 40);
  for (const cell of document.querySelectorAll('table.jk-map td, table.jk-map th')) {
    const outer = cell.getBoundingClientRect();
    const inside = '.jk-chip, .jk-failure, .jk-pills li, .jk-need, .jk-scene, .jk-chevron bdi';
    const boxes = [...cell.querySelectorAll(inside)];
    const rects = boxes.map((box) => box.getBoundingClientRect());
    rects.forEach((a, i) => {
      if (a.left < outer.left - 1 || a.right > outer.right + 1 || a.bottom > outer.bottom + 1)
        clashes.push('outside: ' + name(boxes[i]));
      const clamped = boxes[i].matches('.jk-stage-name');  // ends in an ellipsis; whole in the title
      if (!clamped && boxes[i].scrollWidth > boxes[i].clientWidth + 1) clashes.push('cut: ' + name(boxes[i]));
      rects.slice(i + 1).forEach((b, j) => {
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
          clashes.push('over: ' + name(boxes[i]) + ' / ' + name(boxes[i + 1 + j]));
      });
    });
  }
  return clashes;
}"""

_LONG = (
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "在线客服机器人转人工客服等待时间过长的投诉处理流程与回访",
    "اتصل بخدمة العملاء للاستفسار عن الفاتورة",
    "👩‍👩‍👧‍👦🏳️‍🌈 family plan upgrade with a name that goes on and on until nobody reads it any more",
    "x" * 300,
    "Z̶̢͎̈́a̴̧̛l̵g̷o̸",
)


def _crowded() -> samples.Map:
    """Long words, Chinese, right-to-left, emoji; one stage with 17 touchpoints, one with none."""
    journey = samples.shop()
    points = [
        replace(point, name=_LONG[k % len(_LONG)], channels=(_LONG[(k + 1) % len(_LONG)], "Phone"), need=_LONG[k % 3])
        for k, point in enumerate(journey.touchpoints)
    ]
    points += [replace(points[0], id=f"more{k}", stage="pay", name=f"{_LONG[k % 6]} {k}") for k in range(13)]
    stages = (*(replace(stage, name=_LONG[k % 6]) for k, stage in enumerate(journey.stages)), samples.Stage("empty"))
    return replace(journey, stages=stages, touchpoints=tuple(points))


@pytest.mark.parametrize("width", [1400, 800, 420])
@pytest.mark.parametrize("journey", [samples.shop(), _crowded()])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_boxes_do_not_overlap_and_fit_their_cells(visit: Any, journey: samples.Map, width: int, lang: str) -> None:
    with visit(page_html(journey, samples.shop_card(), lang=lang), width=width) as seen:
        assert seen.page.evaluate(_CLASHES) == []
        seen.assert_quiet()


@pytest.mark.parametrize("width", [1400, 800, 420])
def test_a_discovered_and_scored_journey_opens_quietly_and_fits(visit: Any, width: int) -> None:
    log = datasets.load_simulated()
    journey = jk.discover(log, like=datasets.load_simulated_map())
    with visit(page_html(journey, jk.score(journey, log)), width=width) as seen:
        assert seen.page.evaluate(_CLASHES) == []
        seen.assert_quiet()


@pytest.mark.parametrize("width", [1400, 800, 420])
def test_only_the_tables_scroll_never_the_page(visit: Any, width: int) -> None:
    with visit(page_html(_crowded(), samples.shop_card()), width=width) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_stages_beyond_the_screen_scroll_and_keep_their_width(visit: Any) -> None:
    stages = tuple(samples.Stage(f"s{k}", f"Stage {k}") for k in range(20))
    points = tuple(samples.Touchpoint(f"t{k}", f"Step {k}", f"s{k}") for k in range(20))
    with visit(page_html(samples.Map(stages=stages, touchpoints=points)), width=1400) as seen:
        widths = seen.page.evaluate("[...document.querySelectorAll('th.jk-stage')].map((e) => e.offsetWidth)")
        scroll = seen.page.evaluate("document.querySelector('.jk-scroll').scrollWidth")
    assert min(widths) >= 140
    assert scroll > 1400


def test_points_of_the_curve_stand_in_the_middle_of_their_stages(visit: Any) -> None:
    middles = """() => ['th.jk-stage', '.jk-point circle[r="11"]'].map((which) =>
      [...document.querySelectorAll(which)].map((e) => {
        const r = e.getBoundingClientRect();
        return (r.left + r.right) / 2;
      }))"""
    with visit(page_html(samples.shop(), samples.shop_card())) as seen:
        stages, points = seen.page.evaluate(middles)
    assert len(points) == len(stages) == 7
    assert max(abs(a - b) for a, b in zip(stages, points, strict=True)) < 1.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visit: Any, scheme: str) -> None:
    # WCAG 2.1 AA: contrast 4.5 for normal text; the ground is the nearest ancestor that paints one
    script = """() => {
      const channel = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 };
      const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
      const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
      const poor = [];
      const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || element.closest('svg, style, .jk-hidden')) continue;
        let ground = element;
        while (ground && (rgb(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
        const a = light(rgb(getComputedStyle(element).color)), b = light(rgb(getComputedStyle(ground).backgroundColor));
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const text = walker.currentNode.data.trim().slice(0, 30);
        if (contrast < 4.5) poor.push([contrast.toFixed(2), element.className, text]);
      }
      return poor;
    }"""
    with visit(page_html(samples.shop(), samples.shop_card()), color_scheme=scheme) as seen:
        assert seen.page.evaluate(script) == []


def test_paper_shows_grey_only(visit: Any) -> None:
    with visit(page_html(samples.shop(), samples.shop_card())) as seen:
        seen.page.emulate_media(media="print")
        colours = seen.page.evaluate(
            """() => [...new Set([...document.querySelectorAll('main *')].flatMap((e) => {
              const s = getComputedStyle(e);
              return [s.color, s.backgroundColor, s.borderTopColor, s.fill, s.stroke];
            }))].filter((c) => c.startsWith('rgb')).map((c) => c.match(/[\\d.]+/g).map(Number))"""
        )
    assert colours
    assert [colour for colour in colours if len(set(colour[:3])) > 1] == []


def test_a_figure_leaves_the_page_around_it_as_it_was(visit: Any) -> None:
    around = "<p id=p>text</p><table id=t><tr><td>cell</td></tr></table><a id=a href='#p'>link</a><ul id=u><li>one</ul>"
    script = """() => ['p', 't', 'a', 'u', 'p'].map((id) => {
      const s = getComputedStyle(document.getElementById(id));
      return [s.color, s.fontSize, s.fontFamily, s.margin, s.borderSpacing, s.listStyleType, s.overflowWrap].join('|');
    })"""
    with visit(f"<!DOCTYPE html><title>t</title><body>{around}") as seen:
        before = seen.page.evaluate(script)
    figure = map_html(samples.shop(), samples.shop_card())
    with visit(f"<!DOCTYPE html><title>t</title><body>{around}{figure}") as seen:
        assert seen.page.evaluate(script) == before
