"""Lines of the flow picture: their paths, heads and labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeykit.view.measure import text_width

if TYPE_CHECKING:
    from journeykit.view.model import Transition
    from journeykit.view.words import Words

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

_LABEL_SIZE = 10.5


@dataclass(frozen=True)
class FlowLabel:
    """How often and how long, on the arrow; `x`, `y` are the middle."""

    x: float
    y: float
    width: float
    height: float
    count: str
    time: str


def bend(start: Point, end: Point) -> list[Point]:
    """Control points and end of a curve that leaves and arrives level."""
    middle = (start[0] + end[0]) / 2
    return [(middle, start[1]), (middle, end[1]), end]


def path_data(points: list[Point]) -> str:
    """SVG path of a start and three points for each cubic piece."""
    first, rest = points[0], points[1:]
    return f"M{first[0]:.1f} {first[1]:.1f}" + "".join(
        "C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in rest[k : k + 3]) for k in range(0, len(rest), 3)
    )


def head_length(width: float) -> float:
    """How long the head of an arrow of this width is."""
    return 5 + 0.8 * width


def head_data(points: list[Point], width: float) -> str:
    """A triangle at the end; every arrow ends level, a loop ends downwards."""
    (before, _), (x, y) = points[-2:]
    length, half = head_length(width), 3.2 + 0.6 * width
    if before == x:
        return f"M{x - half:.1f} {y:.1f}H{x + half:.1f}L{x:.1f} {y + length:.1f}Z"
    along = length if x > before else -length
    return f"M{x:.1f} {y - half:.1f}V{y + half:.1f}L{x + along:.1f} {y:.1f}Z"


def _point_at(points: list[Point], piece: int, t: float) -> Point:
    p = points[3 * piece : 3 * piece + 4]
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    return (
        a * p[0][0] + b * p[1][0] + c * p[2][0] + d * p[3][0],
        a * p[0][1] + b * p[1][1] + c * p[2][1] + d * p[3][1],
    )


def place_labels(
    shapes: list[tuple[Transition, str, list[Point]]], boxes: list[Box], words: Words
) -> dict[tuple[int, int], FlowLabel]:
    """Labels on their arrows where there is room, the most frequent first; the rest are in the title and the table."""
    taken = list(boxes)
    labels: dict[tuple[int, int], FlowLabel] = {}
    for move, kind, points in sorted(shapes, key=lambda shape: -(shape[0].count or 0)):
        count, time = words.flow_label(move)
        if not count and not time:
            continue
        for texts in ((count, time), (count, "")) if time and count else ((count, time),):
            label = _free_label(points, kind, texts, taken)
            if label is not None:
                labels[move.source, move.target] = label
                taken.append(_label_box(label))
                break
    return labels


def _free_label(points: list[Point], kind: str, texts: tuple[str, str], taken: list[Box]) -> FlowLabel | None:
    width = max(text_width(text, _LABEL_SIZE, bold=k == 0) for k, text in enumerate(texts)) + 4
    height = 13.0 * sum(1 for text in texts if text) + 1
    pieces = (len(points) - 1) // 3
    bends = [k for k in range(pieces) if k % 2 == 0]  # they lie between columns; level pieces run across them
    for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78) if kind != "again" else (0.5,):
        for piece in dict.fromkeys((bends[0], bends[-1], *bends)):
            x, y = _point_at(points, piece, t)
            if kind == "again":
                x, y = x - 22 - width / 2, y - 2
            label = FlowLabel(x, y, width, height, *texts)
            left, top, right, bottom = _label_box(label)
            if not any(
                left < far and near < right and top < below and above < bottom for near, above, far, below in taken
            ):
                return label
    return None


def _label_box(label: FlowLabel) -> Box:
    return label.x - label.width / 2, label.y - label.height / 2, label.x + label.width / 2, label.y + label.height / 2
