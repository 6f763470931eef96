"""Maps to and from NetworkX graphs."""

import networkx
import pytest

import journeykit as jk
from journey_maps import random_map
from journeykit.interop import from_networkx, to_networkx


@pytest.mark.parametrize("seed", range(100))
def test_a_map_comes_back_equal(seed: int) -> None:
    journey = random_map(seed)
    assert from_networkx(to_networkx(journey)) == journey


def test_nodes_and_edges_carry_the_fields_that_were_given() -> None:
    journey = (
        jk.JourneyMap("Shop", currency="EUR")
        .add_stage("Buy")
        .add_touchpoint("Cart", stage="Buy", channels="web")
        .add_touchpoint("Pay", name="Payment")
        .add_transition("Cart", "Pay", count=3)
        .add_failure_point("Declined", touchpoint="Pay")
    )
    graph = journey.to_networkx()
    assert dict(graph.nodes(data=True)) == {"Cart": {"stage": "Buy", "channels": ["web"]}, "Pay": {"name": "Payment"}}
    assert list(graph.edges(data=True)) == [("Cart", "Pay", {"count": 3})]
    assert graph.graph == {
        "name": "Shop",
        "currency": "EUR",
        "stages": [{"id": "Buy"}],
        "scenes": [],
        "failure_points": [{"id": "Declined", "touchpoint": "Pay"}],
    }
    assert jk.JourneyMap.from_networkx(graph) == journey


def test_a_plain_graph_is_a_map_of_bare_touchpoints() -> None:
    journey = from_networkx(networkx.DiGraph([("a", "b"), ("b", "a"), ("b", "b")]))
    assert [touchpoint.id for touchpoint in journey.touchpoints] == ["a", "b"]
    assert journey.successors("b") == ("a", "b")
    assert from_networkx(networkx.DiGraph()) == jk.JourneyMap()


def test_attributes_that_are_no_field_are_refused_or_left_out() -> None:
    graph = networkx.DiGraph()
    graph.add_node("a", owner="Ann")
    graph.add_edge("a", "a", weight=2.0)
    with pytest.raises(jk.InvalidInput, match=r"transitions\[0\]: field 'weight' is not in Transition"):
        from_networkx(graph)
    graph.add_node("a", pos=(0, 1))
    with pytest.raises(jk.InvalidInput, match=r"touchpoints\[0\]: field 'pos' is not in Touchpoint"):
        from_networkx(graph)
    graph.graph["title"] = "x"
    with pytest.raises(jk.InvalidInput, match="field 'title' is not in About"):
        from_networkx(graph)
    assert from_networkx(graph, ignore_unknown=True).touchpoint("a").owner == "Ann"


def test_graphs_of_another_kind_are_refused() -> None:
    with pytest.raises(jk.Unsupported, match="a multigraph has several edges for one pair"):
        from_networkx(networkx.MultiDiGraph([("a", "b")]))
    with pytest.raises(jk.InvalidInput, match="the graph is undirected"):
        from_networkx(networkx.Graph([("a", "b")]))
    with pytest.raises(jk.InvalidInput, match=r"touchpoints\[0\]: Touchpoint.id is 1; expected text"):
        from_networkx(networkx.DiGraph([(1, 2)]))
    graph = networkx.DiGraph()
    graph.add_node("a", stage="x")
    with pytest.raises(jk.NotFound, match="stage 'x' is not in the map"):
        from_networkx(graph)
