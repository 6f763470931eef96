"""The flow picture: nothing dropped in silence, loops drawn, layout readable."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import pytest

from journeykit import InvalidInput
from journeykit.view import flow_svg
from journeykit.view.flow import flow_of
from journeykit.view.layers import depths, feedback_order, place, split
from journeykit.view.model import picture_of
from journeykit.view.texts import Texts
from journeykit.view.words import Words
from view import samples


def _flow(journey: samples.Map):
    flow = flow_of(picture_of(journey), Words(Texts("en")))
    assert flow is not None
    return flow


def _chain(moves: dict[tuple[str, str], int]) -> samples.Map:
    names = sorted({name for pair in moves for name in pair})
    return samples.Map(
        stages=(samples.Stage("s", "All"),),
        touchpoints=tuple(samples.Touchpoint(name, name, "s") for name in names),
        transitions=tuple(samples.Transition(a, b, count) for (a, b), count in moves.items()),
    )


def test_self_loops_are_drawn_however_rare() -> None:
    flow = _flow(_chain({("a", "b"): 1_000_000, ("a", "a"): 1}))
    assert {(arrow.kind, arrow.move.source == arrow.move.target) for arrow in flow.arrows} == {
        ("onwards", False),
        ("again", True),
    }


def test_a_move_back_is_an_arrow_of_its_own() -> None:
    flow = _flow(_chain({("a", "b"): 60, ("b", "a"): 40}))
    assert sorted(arrow.kind for arrow in flow.arrows) == ["back", "onwards"]


def test_drawn_moves_cover_95_percent_and_the_rule_says_so() -> None:
    # 100 moves: 90 + 5 make 95 %; c → d is drawn so that d does not stand alone; b → a is left to the table
    flow = _flow(_chain({("a", "b"): 90, ("a", "c"): 5, ("b", "a"): 3, ("c", "d"): 2}))
    names = ("a", "b", "c", "d")
    drawn = {(names[arrow.move.source], names[arrow.move.target]) for arrow in flow.arrows}
    assert drawn == {("a", "b"), ("a", "c"), ("c", "d")}
    assert flow.rule.startswith(
        "3 of 4 kinds of moves are shown: the 2 most frequent, which make 95\u00a0% of all moves"
    )


def test_no_more_arrows_than_can_be_read_are_drawn_and_their_true_share_is_said() -> None:
    # 12 touchpoints, each joined to each of the others 10 times: 132 kinds, of which 24 make 24/132
    names = [f"t{k:02}" for k in range(12)]
    flow = _flow(_chain({(a, b): 10 for a in names for b in names if a != b}))
    assert len(flow.arrows) <= 24 + 12
    assert "the 24 most frequent, which make 18\u00a0% of all moves" in flow.rule


def test_a_drawn_map_without_counts_shows_all_moves() -> None:
    journey = samples.Map(
        stages=(samples.Stage("s"),),
        touchpoints=(samples.Touchpoint("a", stage="s"), samples.Touchpoint("b", stage="s")),
        transitions=(samples.Transition("a", "b"), samples.Transition("b", "a", probability=0.25)),
    )
    flow = _flow(journey)
    assert flow.rule == "All 2 kinds of moves are shown."
    assert {label.count for arrow in flow.arrows if (label := arrow.label)} == {"25\u00a0%"}


def test_width_of_an_arrow_is_in_proportion_to_its_count() -> None:
    flow = _flow(_chain({("a", "b"): 100, ("b", "c"): 50}))
    width = {arrow.move.count: arrow.width for arrow in flow.arrows}
    assert width[100] == 2 * width[50]


@pytest.mark.parametrize(
    "journey", [samples.shop(), _chain({("a", "b"): 5, ("b", "c"): 4, ("c", "a"): 3, ("a", "c"): 2})]
)
def test_boxes_and_labels_do_not_overlap_and_stay_inside(journey: samples.Map) -> None:
    flow = _flow(journey)
    boxes = [(n.x, n.y, n.x + n.width, n.y + n.height) for n in flow.nodes]
    boxes += [
        (label.x - label.width / 2, label.y - label.height / 2, label.x + label.width / 2, label.y + label.height / 2)
        for arrow in flow.arrows
        if (label := arrow.label)
    ]
    for k, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left < right <= flow.width
        assert 0 <= top < bottom <= flow.height
        assert not any(left < r and x < right and top < b and y < bottom for x, y, r, b in boxes[k + 1 :])


def test_touchpoints_beyond_the_readable_number_are_counted_not_drawn() -> None:
    flow = _flow(_chain({(f"t{k:03}", f"t{k + 1:03}"): 1_000 - k for k in range(300)}))
    assert len(flow.nodes) == 60
    assert "60 of 301 touchpoints" in flow.rule


def test_a_map_without_moves_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no transitions to draw"):
        flow_svg(samples.Map())


def test_the_picture_is_well_formed_and_has_a_text_alternative() -> None:
    root = ET.fromstring(flow_svg(samples.shop()))
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.find(f"{space}title").text == "Moves between touchpoints: 网购旅程 · Online store"  # type: ignore[union-attr]
    assert "Sees an advert → Searches the shop" in root.find(f"{space}desc").text  # type: ignore[union-attr,operator]


def test_feedback_order_of_a_chain_is_the_chain() -> None:
    assert feedback_order([3, 1, 2], {(1, 2): 1, (2, 3): 1}) == [1, 2, 3]


def test_depth_counts_steps_from_the_start_and_ignores_moves_back() -> None:
    # a → b → c with c → a back: the weakest move of the circle is the one against the order
    assert depths([0, 1, 2], {(0, 1): 9, (1, 2): 8, (2, 0): 2}) == {0: 0, 1: 1, 2: 2}


def test_splitting_keeps_steps_in_order_and_loses_nothing() -> None:
    depth = {k: k // 3 for k in range(12)}
    for parts in range(1, 6):
        columns = split(depth, parts)
        assert len(columns) == min(parts, 4)
        assert [node for column in columns for node in column] == list(range(12))


def test_a_long_edge_gets_a_place_in_every_column_it_crosses() -> None:
    layers = place([[0], [1], [2]], {0: 10, 1: 10, 2: 10}, {(0, 1): 1, (1, 2): 1, (0, 2): 1}, gap=20, lane=10)
    route = layers.routes[0, 2]
    assert [at.column for at in route] == [0, 1, 2]
    crossing, node = route[1], layers.nodes[1]
    assert abs(crossing.y - node.y) >= (crossing.height + node.height) / 2


def test_touchpoints_without_arrows_do_not_pile_up_in_one_column() -> None:
    journey = _chain({("a", "b"): 9})
    lone = tuple(samples.Touchpoint(f"lone {k}", stage="s") for k in range(20))
    flow = _flow(replace(journey, touchpoints=(*journey.touchpoints, *lone)))
    columns = Counter(node.x for node in flow.nodes)
    assert len(flow.nodes) == 22
    assert max(columns.values()) <= 8
