"""What validate(), diff() and merge() say: rows that print themselves and are a table too."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeAlias, TypeVar, overload

from journeykit._core import quote_safe
from journeykit.base.table import Table

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from journeykit.journey.map import JourneyMap

Severity: TypeAlias = Literal["error", "warning", "info"]
ChangeKind: TypeAlias = Literal["added", "removed", "changed", "moved"]

_SHOWN = 40  # rows that a repr prints


@dataclass(frozen=True, slots=True)
class Finding:
    """Something allowed but unwise in a map.

    `rule` names what was found, in every version alike; `path` is the JSON pointer into the saved map, ``"/"`` for the
    map itself.
    """

    severity: Severity
    rule: str
    element: str
    id: str
    path: str
    message: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.severity:7}  {self.message}; {self.way_out}  [{self.rule} {self.path}]"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two maps.

    `id` is the source and `target` the target of a transition; `field` is empty when a whole element came or went, and
    ``"position"`` (counted from 0) when it moved. `before` and `after` are of the field, or of the whole element.
    """

    kind: ChangeKind
    element: str
    id: str
    target: str
    field: str
    before: Any
    after: Any

    def __str__(self) -> str:
        sign = {"added": "+", "removed": "-", "changed": "~", "moved": "^"}[self.kind]
        shown = f"{sign} {_named(self.element, self.id, self.target)}"
        return shown if not self.field else f"{shown} {self.field}: {_value(self.before)} → {_value(self.after)}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """What two sides of a merge changed in different ways.

    With an empty `field`, one side removed the element (its value is None) and the other changed it or refers to it.
    """

    element: str
    id: str
    target: str
    field: str
    base: Any
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        named = _named(self.element, self.id, self.target)
        if self.field:
            ours, theirs, base = (_value(value) for value in (self.ours, self.theirs, self.base))
            return f"{named} {self.field}: ours {ours}, theirs {theirs}, base {base}"
        remover, other = ("ours", "theirs") if self.ours is None else ("theirs", "ours")
        return f"{named}: {remover} removed it, {other} changed it or refers to it"


_Row = TypeVar("_Row", Finding, Change, Conflict)


class _Rows(Sequence[_Row], Generic[_Row]):
    """Immutable rows; a column that holds values of any kind is JSON text in the table."""

    __slots__ = ("_rows",)
    _columns: ClassVar[tuple[str, ...]]
    _values: ClassVar[tuple[str, ...]] = ()
    _nothing: ClassVar[str]

    def __init__(self, rows: Sequence[_Row] = ()) -> None:
        self._rows: tuple[_Row, ...] = tuple(rows)

    @overload
    def __getitem__(self, index: int) -> _Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[_Row, ...]: ...
    def __getitem__(self, index: int | slice) -> _Row | tuple[_Row, ...]:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[_Row]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        return self._rows == other._rows if isinstance(other, type(self)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def table(self) -> Table:
        """The rows as a table."""
        import pyarrow as pa

        def column(name: str) -> pa.Array:
            values = [getattr(row, name) for row in self._rows]
            if name in self._values:
                values = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
            return pa.array(values, pa.string())

        return Table(arrow=pa.table({name: column(name) for name in self._columns}))

    def to_arrow(self) -> pa.Table:
        """The rows as a ``pyarrow.Table``."""
        return self.table().to_arrow()

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a ``pandas.DataFrame``."""
        return self.table().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """The rows as a ``polars.DataFrame``."""
        return self.table().to_polars()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.table().__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __repr__(self) -> str:
        lines = [str(row) for row in self._rows[:_SHOWN]]
        if len(self) > _SHOWN:
            lines.append(f"… and {len(self) - _SHOWN} more; see table()")
        return "\n".join(lines) or self._nothing


class Findings(_Rows[Finding]):
    """Findings about a map: errors first, then warnings, then infos; within these in the order of the saved map.

    A sequence of :class:`Finding`, printable, and a table with the columns severity, rule, element, id, path, message,
    way_out.
    """

    __slots__ = ()
    _columns = ("severity", "rule", "element", "id", "path", "message", "way_out")
    _nothing = "no findings"

    def _of(self, severity: Severity) -> Findings:
        return Findings([finding for finding in self if finding.severity == severity])

    @property
    def errors(self) -> Findings:
        """Findings that make numbers drawn from the map wrong or impossible."""
        return self._of("error")

    @property
    def warnings(self) -> Findings:
        """Findings that are most likely slips."""
        return self._of("warning")

    @property
    def infos(self) -> Findings:
        """What a planned map should still say."""
        return self._of("info")

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not self.errors


class MapDiff(_Rows[Change]):
    """Differences of two maps, in the order of the file format; empty exactly when the maps are equal.

    A sequence of :class:`Change`, printable, and a table with the columns kind, element, id, target, field, before,
    after; the last two as JSON text.
    """

    __slots__ = ()
    _columns = ("kind", "element", "id", "target", "field", "before", "after")
    _values = ("before", "after")
    _nothing = "no differences"


class Conflicts(_Rows[Conflict]):
    """Conflicts of a merge.

    A sequence of :class:`Conflict`, printable, and a table with the columns element, id, target, field, base, ours,
    theirs; the last three as JSON text.
    """

    __slots__ = ()
    _columns = ("element", "id", "target", "field", "base", "ours", "theirs")
    _values = ("base", "ours", "theirs")
    _nothing = "no conflicts"


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The merged map, valid in any case, and the conflicts that a person should look at."""

    map: JourneyMap
    conflicts: Conflicts

    @property
    def clean(self) -> bool:
        """Whether there was no conflict."""
        return not self.conflicts

    def __repr__(self) -> str:
        n = len(self.conflicts)
        heading = f"MergeResult({self.map!r}, {n} conflict{'' if n == 1 else 's'})"
        return heading if not n else f"{heading}\n{self.conflicts!r}"


def fold(text: str) -> str:
    """Text as ids are compared for look-alikes: compatibility forms and case folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _named(element: str, name: str, target: str) -> str:
    if not name:
        return element
    return f"{element} {quote_safe(f'{name} → {target}' if target else name)}"


def _value(value: object) -> str:
    return "none" if value is None else quote_safe(json.dumps(value, ensure_ascii=False), 60)[1:-1]
