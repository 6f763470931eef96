"""Layered placement of a directed graph whose columns are mostly given (after Sugiyama, Tagawa & Toda 1981).

Long edges get a place of their own in every column they cross, so that no line runs behind a node; columns are ordered
by barycentres, and heights are set by least squares under the order (pool adjacent violators).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MATTERS = 0.2  # of the strongest move out of the same touchpoint
_ORDER_SWEEPS = 24
_SWAP_SWEEPS = 6
_HEIGHT_SWEEPS = 16
_PULL = 0.3  # of the middle of the picture, against the places joined
_LOOSE = 0.02


@dataclass
class Place:
    """A node, or the place where an edge crosses a column (`node` is None)."""

    column: int
    height: float
    node: int | None = None
    y: float = 0.0  # middle
    weight: float = 1.0
    links: list[tuple[Place, float]] = field(default_factory=list, repr=False)


@dataclass
class Layers:
    """Columns of places from top to bottom, and the places each edge passes, in the direction of the edge."""

    columns: list[list[Place]]
    nodes: dict[int, Place]
    routes: dict[tuple[int, int], list[Place]]


def feedback_order(nodes: Sequence[int], weights: Mapping[tuple[int, int], float]) -> list[int]:
    """Nodes from source to sink with little weight against the order (Eades, Lin & Smyth 1993)."""
    left, head, tail = list(nodes), list[int](), list[int]()
    known = set(nodes)
    inside = {(a, b): w for (a, b), w in weights.items() if a != b and a in known and b in known}
    while left:
        out: dict[int, float] = defaultdict(float)
        into: dict[int, float] = defaultdict(float)
        for (a, b), w in inside.items():
            out[a] += w
            into[b] += w
        sinks = [v for v in left if not out[v]]
        sources = [v for v in left if not into[v]]
        if sinks and any(into[v] for v in sinks):
            chosen = next(v for v in sinks if into[v])
            tail.insert(0, chosen)
        elif sources:
            chosen = sources[0]
            head.append(chosen)
        else:
            chosen = max(left, key=lambda v: out[v] - into[v])
            head.append(chosen)
        left.remove(chosen)
        inside = {(a, b): w for (a, b), w in inside.items() if chosen not in (a, b)}
    return head + tail


def depths(nodes: Sequence[int], weights: Mapping[tuple[int, int], float]) -> dict[int, int]:
    """Steps from the start of a stage to each of its nodes, along the moves that matter and run forwards."""
    order = feedback_order(nodes, weights)
    strongest = {a: max((weights.get((a, b), 0.0) for b in order if b != a), default=0.0) for a in order}
    depth = dict.fromkeys(order, 0)
    for k, a in enumerate(order):
        for b in order[k + 1 :]:
            if weights.get((a, b), 0.0) > _MATTERS * strongest[a]:
                depth[b] = max(depth[b], depth[a] + 1)
    return depth


def split(depth: Mapping[int, int], parts: int) -> list[list[int]]:
    """Nodes of one stage in `parts` columns of about equal size, none before a column that leads to it."""
    ranked = sorted(depth, key=lambda v: depth[v])
    levels = sorted(set(depth.values()))
    if parts >= len(levels):
        return [[v for v in ranked if depth[v] == level] for level in levels]
    columns: list[list[int]] = [[]]
    for k, level in enumerate(levels):
        here = [v for v in ranked if depth[v] == level]
        full = len(columns[-1]) + len(here) / 2 > len(ranked) / parts
        must = len(levels) - k == parts - len(columns)  # one level left for each column left
        if columns[-1] and len(columns) < parts and (full or must):
            columns.append([])
        columns[-1] += here
    return columns


def place(
    columns: Sequence[Sequence[int]],
    heights: Mapping[int, float],
    edges: Mapping[tuple[int, int], float],
    *,
    gap: float,
    lane: float,
) -> Layers:
    """Order and height of every node, and the way of every edge.

    Parameters
    ----------
    columns
        Nodes of each column, from left to right.
    heights
        Height of each node.
    edges
        Weight of each edge between two nodes.
    gap, lane
        Least distance between two nodes, and height kept free for an edge that crosses a column.
    """
    nodes = {v: Place(k, heights[v], v) for k, column in enumerate(columns) for v in column}
    layers = Layers([[nodes[v] for v in column] for column in columns], nodes, {})
    for (a, b), weight in edges.items():
        route = [nodes[a]]
        step = 1 if nodes[b].column > nodes[a].column else -1
        for k in range(nodes[a].column + step, nodes[b].column, step) if nodes[a].column != nodes[b].column else ():
            crossing = Place(k, lane, weight=2.0)
            layers.columns[k].append(crossing)
            route.append(crossing)
        route.append(nodes[b])
        layers.routes[a, b] = route
        for one, other in pairwise(route):
            one.links.append((other, weight))
            if one.column != other.column:
                other.links.append((one, weight))
    _order(layers)
    _set_heights(layers, gap)
    return layers


def _order(layers: Layers) -> None:
    """Barycentric sweeps, the best of which is then improved by swapping neighbours."""
    best, least = [list(column) for column in layers.columns], _cost(layers.columns)
    for sweep in range(_ORDER_SWEEPS):
        rank = {id(at): (k + 0.5) / len(column) for column in layers.columns for k, at in enumerate(column)}
        forward = sweep % 2 == 0
        for column in layers.columns if forward else layers.columns[::-1]:
            middle: dict[int, float] = {}
            for at in column:
                beside = [
                    (rank[id(other)], weight)
                    for other, weight in at.links
                    if other.column != at.column and (sweep % 4 == 3 or (other.column < at.column) == forward)
                ]
                total = sum(weight for _, weight in beside)
                middle[id(at)] = sum(r * w for r, w in beside) / total if total else rank[id(at)]
            column.sort(key=lambda at: middle[id(at)])
            rank.update({id(at): (k + 0.5) / len(column) for k, at in enumerate(column)})
        cost = _cost(layers.columns)
        if cost < least:
            best, least = [list(column) for column in layers.columns], cost
    layers.columns[:] = best
    for _ in range(_SWAP_SWEEPS):
        improved = [_swap_neighbours(layers.columns, k) for k in range(len(layers.columns))]
        if not any(improved):
            break


def _swap_neighbours(columns: Sequence[list[Place]], k: int) -> bool:
    """Swap neighbours of one column where that costs less; only the columns beside it are looked at."""
    near = columns[max(0, k - 1) : k + 2]
    column = columns[k]
    cost, improved = _cost(near), False
    for one in range(len(column)):
        for other in range(one + 1, len(column)):
            column[one], column[other] = column[other], column[one]
            swapped = _cost(near)
            if swapped < cost - 1e-9:
                cost, improved = swapped, True
            else:
                column[one], column[other] = column[other], column[one]
    return improved


def _cost(columns: Sequence[Sequence[Place]]) -> float:
    """Crossings between neighbouring columns, each by the thinner of its two edges, and the way of edges inside a
    column: short and downwards is best.
    """
    rank = {id(at): k for column in columns for k, at in enumerate(column)}
    total = 0.0
    for column in columns:
        links = []
        for at in column:
            for other, weight in at.links:
                if other.column == at.column + 1 and id(other) in rank:
                    links.append((rank[id(at)], rank[id(other)], weight**0.5))
                elif other.column == at.column:  # listed once, at its source
                    steps = rank[id(other)] - rank[id(at)]
                    total += weight**0.5 * (steps - 1 if steps > 0 else 1 - steps)
        links.sort()
        for k, (a, b, w) in enumerate(links):
            total += sum(min(w, v) for c, d, v in links[k + 1 :] if c > a and d < b)
    return total


def _set_heights(layers: Layers, gap: float) -> None:
    """Heights near those of the places they are joined to, and near the middle of the picture, in the order found."""
    for column in layers.columns:
        y = -sum(at.height + gap for at in column) / 2
        for at in column:
            at.y = y + at.height / 2
            y += at.height + gap
    stacked = {id(at): at.y for column in layers.columns for at in column}
    for sweep in range(_HEIGHT_SWEEPS):
        for column in layers.columns if sweep % 2 == 0 else layers.columns[::-1]:
            offsets = [0.0]
            for upper, lower in pairwise(column):
                space = gap if upper.node is not None or lower.node is not None else gap / 3
                offsets.append(offsets[-1] + (upper.height + lower.height) / 2 + space)
            wanted = _wanted(column, stacked)
            level = _isotonic(
                [y - offset for (y, _), offset in zip(wanted, offsets, strict=True)], [weight for _, weight in wanted]
            )
            for at, base, offset in zip(column, level, offsets, strict=True):
                at.y = base + offset


def _wanted(column: Sequence[Place], stacked: Mapping[int, float]) -> list[tuple[float, float]]:
    """Height each place would take alone, and how much that matters. A place joined to none beside its own column
    follows the place above it.
    """
    wanted: list[tuple[float, float]] = []
    for k, at in enumerate(column):
        beside = [(other.y, weight) for other, weight in at.links if other.column != at.column]
        total = sum(weight for _, weight in beside)
        if total:
            joined = sum(y * weight for y, weight in beside) / total
            wanted.append((joined + _PULL * (stacked[id(at)] - joined), at.weight))
        else:
            wanted.append((wanted[-1][0] if k else stacked[id(at)], _LOOSE))
    return wanted


def _isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Least-squares non-decreasing fit (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, w, n), (b, v, m) = blocks[-2:]
            blocks[-2:] = [((a * w + b * v) / (w + v), w + v, n + m)]
    return [value for value, _, size in blocks for _ in range(size)]
