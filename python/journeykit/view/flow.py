"""The flow picture: touchpoints in the columns of their stages, and every kind of move between them as an arrow.

Loops and moves back are drawn, never dropped. Where there are too many moves to read, the most frequent are drawn and
the picture says which rule chose them; all of them stand in the table beside it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeykit.view.arrows import FlowLabel, bend, head_data, head_length, path_data, place_labels
from journeykit.view.labels import clean_label
from journeykit.view.layers import Layers, depths, place, split
from journeykit.view.measure import wrap

if TYPE_CHECKING:
    from journeykit.view.layers import Place
    from journeykit.view.model import Picture, Stage, Touchpoint, Transition
    from journeykit.view.words import Words

COVERAGE = 0.95
_FEWEST_MOVES, _MOVES_PER_TOUCHPOINT, _MOST_MOVES = 24, 2, 64  # more arrows than this cannot be read
_MOST_TOUCHPOINTS = 60
_EASY_COLUMNS = 7  # fit a screen
_MOST_COLUMNS = 11
_PER_COLUMN = 4  # more touchpoints than this in a column are worth a wider picture
_MOST_PER_COLUMN = 7  # of touchpoints without arrows

_NODE_WIDTH = 140.0
_GAP = 102.0  # between columns: room for a label
_NODE_GAP = 26.0
_LANE = 15.0
_PORT = 11.0
_NAME_SIZE = 12.5
_FACT_SIZE = 11.0
_LINE = 15.0
_MARGIN = 16.0
_HEADER = 34.0
_LOOP = 26.0  # how far a loop rises above its touchpoint
_WIDEST_ARROW = 11.0


@dataclass(frozen=True)
class FlowNode:
    """A touchpoint as a box."""

    touchpoint: Touchpoint
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    facts: tuple[str, ...]
    starts: str
    ends: str


@dataclass(frozen=True)
class FlowArrow:
    """A move: its line, its head, its words."""

    move: Transition
    kind: str  # onwards, back, again
    path: str
    head: str
    width: float
    title: str
    label: FlowLabel | None


@dataclass(frozen=True)
class FlowStage:
    """The band behind the touchpoints of a stage."""

    name: str
    x: float
    width: float


@dataclass(frozen=True)
class Flow:
    """The whole picture, ready to draw."""

    width: float
    height: float
    stages: tuple[FlowStage, ...]
    nodes: tuple[FlowNode, ...]
    arrows: tuple[FlowArrow, ...]
    rule: str
    hidden_labels: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of arrows that occur, for the legend."""
        found = {arrow.kind for arrow in self.arrows}
        return tuple(kind for kind in ("onwards", "back", "again") if kind in found)


def flow_of(picture: Picture, words: Words) -> Flow | None:
    """Lay the flow out; None for a map without transitions."""
    if not picture.transitions:
        return None
    points = _drawn_touchpoints(picture)
    moves, rule = _drawn_moves(picture, points, words)
    weights = {(move.source, move.target): float(move.count or 1) for move in moves}
    columns, bands = _columns(picture, points, weights)
    boxes = {key: _Box(point, words) for key, point in points.items()}
    ports = _port_counts(moves, columns)
    heights = {
        key: max(box.height, _PORT * (ports[key] + 1)) + (_LOOP if (key, key) in weights else 0)
        for key, box in boxes.items()
    }
    layers = place(
        columns,
        heights,
        {pair: weight for pair, weight in weights.items() if pair[0] != pair[1]},
        gap=_NODE_GAP,
        lane=_LANE,
    )
    return _Drawing(layers, boxes, moves, words, picture).flow(bands, rule)


def _drawn_touchpoints(picture: Picture) -> dict[int, Touchpoint]:
    """All of them, or the busiest where there are too many to read."""
    points = picture.touchpoints
    if len(points) > _MOST_TOUCHPOINTS:
        traffic: dict[int, int] = defaultdict(int)
        for move in picture.transitions:
            traffic[move.source] += move.count or 1
            traffic[move.target] += move.count or 1
        busiest = sorted(points, key=lambda point: (-traffic[point.key], point.key))[:_MOST_TOUCHPOINTS]
        kept = {point.key for point in busiest}
        points = tuple(point for point in points if point.key in kept)
    return {point.key: point for point in points}


def _drawn_moves(picture: Picture, points: dict[int, Touchpoint], words: Words) -> tuple[list[Transition], str]:
    """The most frequent moves until they make COVERAGE of all or as many as can be read, every touchpoint repeated at
    once, and the strongest move of each touchpoint left alone; and these rules in words.
    """
    ranked = sorted(picture.transitions, key=lambda move: (-(move.count or 0), move.source, move.target))
    inside = [move for move in ranked if move.source in points and move.target in points]
    total = sum(move.count or 0 for move in ranked)
    most = min(_MOST_MOVES, max(_FEWEST_MOVES, _MOVES_PER_TOUCHPOINT * len(points)))
    chosen: list[Transition] = []
    covered = 0
    for move in inside:
        if len(chosen) == most or (total and covered >= COVERAGE * total):
            break
        chosen.append(move)
        covered += move.count or 0
    frequent = len(chosen)
    taken = {(move.source, move.target) for move in chosen}
    chosen += [move for move in inside if move.source == move.target and (move.source, move.target) not in taken]
    joined = {key for move in chosen if move.source != move.target for key in (move.source, move.target)}
    for move in inside:
        if move.source != move.target and not {move.source, move.target} <= joined:
            chosen.append(move)
            joined |= {move.source, move.target}
    share = covered / total if total else None
    rule = words.flow_rule(len(chosen), len(ranked), frequent, share)
    if len(points) < len(picture.touchpoints):
        rule += " " + words.flow_busiest(len(points), len(picture.touchpoints))
    return chosen, rule


def _columns(
    picture: Picture, points: dict[int, Touchpoint], weights: dict[tuple[int, int], float]
) -> tuple[list[list[int]], list[tuple[Stage, int, int]]]:
    """Touchpoints by column, and for each stage its first column and their number."""
    inside = [(stage, [point.key for point in stage.touchpoints if point.key in points]) for stage in picture.stages]
    inside = [(stage, keys) for stage, keys in inside if keys]
    joined = {key for a, b in weights if a != b for key in (a, b)}
    steps = [depths([key for key in keys if key in joined], weights) for _, keys in inside]
    parts = [1] * len(inside)

    def widen(limit: int, crowded: float) -> None:
        """One more column for the fullest stage that has steps to fill it, while it is more crowded than this."""
        while sum(parts) < limit:
            open_ = [k for k in range(len(inside)) if parts[k] <= max(steps[k].values(), default=0)]
            fullest = max(open_, key=lambda k: len(steps[k]) / parts[k], default=None)
            if fullest is None or len(steps[fullest]) / parts[fullest] <= crowded:
                return
            parts[fullest] += 1

    widen(_EASY_COLUMNS, 1)
    widen(_MOST_COLUMNS, _PER_COLUMN)
    columns: list[list[int]] = []
    bands = []
    for (stage, keys), depth, count in zip(inside, steps, parts, strict=True):
        own = split(depth, count) or [[]]
        for key in keys:
            if key not in joined:  # nothing says where it belongs: wherever there is room
                if min(map(len, own)) >= _MOST_PER_COLUMN and len(columns) + len(own) < _MOST_COLUMNS:
                    own.append([])
                min(own, key=len).append(key)
        bands.append((stage, len(columns), len(own)))
        columns += own
    return columns, bands


def _port_counts(moves: list[Transition], columns: list[list[int]]) -> dict[int, int]:
    """Arrows at the busier side of each touchpoint; those inside a column may come to stand on either side."""
    column = {key: k for k, keys in enumerate(columns) for key in keys}
    left: dict[int, int] = defaultdict(int)
    right: dict[int, int] = defaultdict(int)
    for move in moves:
        if move.source == move.target:
            continue
        step = column[move.target] - column[move.source]
        for key, side in ((move.source, step), (move.target, -step)):
            left[key] += side <= 0
            right[key] += side >= 0
    return {key: max(left[key], right[key]) for key in column}


class _Box:
    """A touchpoint's texts and the height they need."""

    def __init__(self, point: Touchpoint, words: Words) -> None:
        self.point = point
        self.lines = tuple(wrap(clean_label(point.name), _NODE_WIDTH - 22, _NAME_SIZE, bold=True, lines=3))
        self.facts = (
            tuple(wrap(words.flow_facts(point), _NODE_WIDTH - 22, _FACT_SIZE, lines=1))
            if words.flow_facts(point)
            else ()
        )
        self.starts = words.count(point.starts) if point.starts else ""
        self.ends = words.count(point.ends) if point.ends else ""
        rows = len(self.lines) + len(self.facts) + (1 if self.starts or self.ends else 0)
        self.height = 16 + _LINE * rows


class _Drawing:
    """Coordinates of everything, from the places of nodes and crossings."""

    def __init__(
        self, layers: Layers, boxes: dict[int, _Box], moves: list[Transition], words: Words, picture: Picture
    ) -> None:
        self._layers = layers
        self._boxes = boxes
        self._moves = moves
        self._words = words
        self._names = {point.key: point.name for point in picture.touchpoints}
        self._most = max((move.count or 0 for move in moves), default=0)
        self._loops = {move.source for move in moves if move.source == move.target}
        top = min(at.y - at.height / 2 for column in layers.columns for at in column)
        self._shift = _MARGIN + _HEADER - top
        self._ports: dict[tuple[int, int, str], float] = {}

    def flow(self, bands: list[tuple[Stage, int, int]], rule: str) -> Flow:
        nodes = [self._node(key) for key in self._layers.nodes]
        self._set_ports()
        shapes = [(move, *self._shape(move)) for move in self._moves]
        taken = [(node.x, node.y, node.x + node.width, node.y + node.height) for node in nodes]
        labels = place_labels(shapes, taken, self._words)
        bottom = max(at.y + at.height / 2 for column in self._layers.columns for at in column) + self._shift
        arrows = [
            FlowArrow(
                move=move,
                kind=kind,
                path=path_data(points),
                head=head_data(points, self._width(move)),
                width=self._width(move),
                title=self._words.move_title(move, self._names),
                label=labels.get((move.source, move.target)),
            )
            for move, kind, points in shapes
        ]
        # thin over wide, so that no arrow hides another
        arrows.sort(key=lambda arrow: -arrow.width)
        return Flow(
            width=self._x(len(self._layers.columns) - 1) + _NODE_WIDTH + _GAP / 2 + _MARGIN,
            height=bottom + _MARGIN,
            stages=tuple(
                FlowStage(
                    name=stage.name,
                    x=self._x(first) - _GAP / 2 + 6,
                    width=count * (_NODE_WIDTH + _GAP) - 12,
                )
                for stage, first, count in bands
            ),
            nodes=tuple(nodes),
            arrows=tuple(arrows),
            rule=rule,
            hidden_labels=sum(1 for move in self._moves if (move.source, move.target) not in labels),
        )

    @staticmethod
    def _x(column: int) -> float:
        return _MARGIN + _GAP / 2 + column * (_NODE_WIDTH + _GAP)

    def _node(self, key: int) -> FlowNode:
        at, box = self._layers.nodes[key], self._boxes[key]
        loop = _LOOP if key in self._loops else 0
        return FlowNode(
            touchpoint=box.point,
            x=self._x(at.column),
            y=at.y - at.height / 2 + loop + self._shift,
            width=_NODE_WIDTH,
            height=at.height - loop,
            lines=box.lines,
            facts=box.facts,
            starts=box.starts,
            ends=box.ends,
        )

    def _set_ports(self) -> None:
        """Where arrows touch a box: on each side in the order of what they come from, so that none cross there."""
        sides: dict[tuple[int, str], list[tuple[float, int, tuple[int, int, str]]]] = defaultdict(list)
        for k, move in enumerate(self._moves):
            if move.source == move.target:
                continue
            route = self._layers.routes[move.source, move.target]
            leave, arrive = _sides(route)
            sides[move.source, leave].append((route[1].y, k, (move.source, move.target, "out")))
            sides[move.target, arrive].append((route[-2].y, k, (move.source, move.target, "in")))
        for (key, _), ends in sides.items():
            at = self._layers.nodes[key]
            loop = _LOOP if key in self._loops else 0
            height = at.height - loop
            top = at.y - at.height / 2 + loop
            for k, (_, _, end) in enumerate(sorted(ends)):
                self._ports[end] = top + height * (k + 1) / (len(ends) + 1) + self._shift

    def _width(self, move: Transition) -> float:
        return 1.2 if not move.count or not self._most else max(1.2, _WIDEST_ARROW * move.count / self._most)

    def _shape(self, move: Transition) -> tuple[str, list[tuple[float, float]]]:
        """Kind and control points: a start, then three for each cubic piece."""
        key = (move.source, move.target)
        head = head_length(self._width(move))
        if move.source == move.target:
            node = self._node(move.source)
            right, left = node.x + node.width - 14, node.x + node.width - 50
            return "again", [
                (left, node.y),
                (left, node.y - _LOOP * 1.15),
                (right, node.y - _LOOP * 1.15),
                (right, node.y - head),
            ]
        route = self._layers.routes[key]
        first, last = route[0].column, route[-1].column
        out, into = self._ports[(*key, "out")], self._ports[(*key, "in")]
        if first == last:
            down = _sides(route)[0] == "right"
            bulge = min(_GAP * 0.52, 22 + abs(out - into) * 0.18) * (1 if down else -1)
            x = self._x(first) + (_NODE_WIDTH if down else 0)
            points = [(x, out), (x + bulge, out), (x + bulge, into), (x + (head if down else -head), into)]
            return ("onwards" if down else "back"), points
        forward = last > first
        points = [(self._x(first) + (_NODE_WIDTH if forward else 0), out)]
        for crossing in route[1:-1]:
            near, far = self._x(crossing.column), self._x(crossing.column) + _NODE_WIDTH
            enter, leave = (near, far) if forward else (far, near)
            y = crossing.y + self._shift
            points += bend(points[-1], (enter, y))
            points += [(enter, y), (leave, y), (leave, y)]
        end = (self._x(last) + (-head if forward else _NODE_WIDTH + head), into)
        points += bend(points[-1], end)
        return ("onwards" if forward else "back"), points


def _sides(route: list[Place]) -> tuple[str, str]:
    """Where an arrow leaves and where it arrives. Inside a column it runs down on the right and back up on the left."""
    source, target = route[0], route[-1]
    if source.column == target.column:
        return ("right", "right") if target.y > source.y else ("left", "left")
    return ("right", "left") if target.column > source.column else ("left", "right")
