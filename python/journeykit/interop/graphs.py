"""Maps to and from NetworkX graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit.base.errors import InvalidInput, Unsupported
from journeykit.journey import About, JourneyMap, Touchpoint, Transition
from journeykit.journey.element import Element, field_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx

_LISTS = ("stages", "scenes", "failure_points")


def to_networkx(journey: JourneyMap) -> networkx.DiGraph[str]:
    """Touchpoints as nodes, transitions as edges, the rest as attributes of the graph.

    Returns
    -------
    networkx.DiGraph
        Nodes are touchpoint ids in touchpoint order. Attributes are the fields of the file format that differ from
        their default; ``graph.graph`` holds those of the map, and stages, scenes and failure points as lists of
        dictionaries. :func:`from_networkx` gives the same map back.

    Raises
    ------
    Unsupported
        NetworkX is not installed.

    Examples
    --------
    >>> journey = JourneyMap("Shop").add_touchpoint("Cart").add_touchpoint("Pay").add_transition("Cart", "Pay", count=3)
    >>> to_networkx(journey).edges(data=True)
    OutEdgeDataView([('Cart', 'Pay', {'count': 3})])
    """
    try:
        import networkx
    except ImportError as missing:
        raise Unsupported("to_networkx() needs NetworkX: pip install 'journeykit[networkx]'") from missing
    attributes = journey.about.to_dict(defaults=False)
    for name in _LISTS:
        attributes[name] = [one.to_dict(defaults=False) for one in getattr(journey, name)]
    graph: networkx.DiGraph[str] = networkx.DiGraph(**attributes)
    for touchpoint in journey.touchpoints:
        fields = touchpoint.to_dict(defaults=False)
        graph.add_node(fields.pop("id"), **fields)
    for transition in journey.transitions:
        fields = transition.to_dict(defaults=False)
        graph.add_edge(fields.pop("source"), fields.pop("target"), **fields)
    return graph


def from_networkx(graph: networkx.DiGraph[Any], *, ignore_unknown: bool = False) -> JourneyMap:
    """The map of a directed graph.

    Parameters
    ----------
    graph : networkx.DiGraph
        Nodes are texts, the ids of touchpoints; attributes of the graph, nodes and edges are fields as of
        :func:`to_networkx`.
    ignore_unknown : bool
        Leave out attributes that are no field of a map, such as a layout's positions, instead of refusing them.

    Raises
    ------
    InvalidInput
        An undirected graph, a node that is no text, an unknown attribute, a value of another type or out of range.
    NotFound
        A stage or scene that is not in the graph's attributes.
    Unsupported
        A multigraph: a map has at most one transition for each pair.

    Examples
    --------
    >>> import networkx
    >>> from_networkx(networkx.DiGraph([("Cart", "Pay"), ("Pay", "Cart")])).successors("Pay")
    ('Cart',)
    """
    if graph.is_multigraph():
        raise Unsupported("a multigraph has several edges for one pair; merge them into one (networkx.DiGraph(graph))")
    if not graph.is_directed():
        raise InvalidInput("the graph is undirected; transitions have a direction, give a networkx.DiGraph")
    about = About.from_fields(_fields(About, graph.graph, ignore_unknown, beside=_LISTS))
    return JourneyMap.build(
        **about.to_dict(),
        **{name: graph.graph.get(name, ()) for name in _LISTS},
        touchpoints=[
            {"id": node, **_fields(Touchpoint, data, ignore_unknown)} for node, data in graph.nodes(data=True)
        ],
        transitions=[
            {"source": source, "target": target, **_fields(Transition, data, ignore_unknown)}
            for source, target, data in graph.edges(data=True)
        ],
    )


def _fields(
    kind: type[Element], data: Mapping[str, Any], ignore_unknown: bool, beside: tuple[str, ...] = ()
) -> dict[str, Any]:
    kept = field_names(kind) if ignore_unknown else data
    return {name: value for name, value in data.items() if name in kept and name not in beside}
