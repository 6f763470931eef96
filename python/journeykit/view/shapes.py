"""What a drawing is made of. Colours are roles of the palette, "" for none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rect:
    """A box; colours are roles of the palette, "" for none."""

    x: float
    y: float
    width: float
    height: float
    radius: float = 0
    fill: str = ""
    stroke: str = ""
    stroke_width: float = 1
    dash: str = ""


@dataclass(frozen=True)
class Line:
    """One line of text; `y` is the baseline."""

    x: float
    y: float
    text: str
    size: float
    fill: str = "ink"
    bold: bool = False
    italic: bool = False
    anchor: str = "start"
    halo: bool = False


@dataclass(frozen=True)
class Shape:
    """Path data, moved to (x, y) and scaled."""

    data: str
    fill: str = ""
    stroke: str = ""
    stroke_width: float = 1
    dash: str = ""
    opacity: float = 1
    x: float = 0
    y: float = 0
    scale: float = 1


@dataclass(frozen=True)
class Face:
    """A point of the curve with its expression."""

    x: float
    y: float
    level: str


Mark = Rect | Line | Shape | Face


@dataclass(frozen=True)
class Part:
    """Shapes that share a title."""

    title: str
    shapes: tuple[Mark, ...]

    @property
    def kinds(self) -> list[tuple[str, Mark]]:
        """Each shape with the name of its kind, for the template."""
        return [(type(shape).__name__, shape) for shape in self.shapes]
