"""What a chain was asked, and its rows as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from journeykit.base import Table
from journeykit.base.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What :func:`absorbing_chain` was asked, by position of the chain's names."""

    reward: list[float]
    end_reward: list[float]
    sojourn: list[Any]
    sojourn_variance: list[float]
    move_seconds: list[float]
    confidence: float
    replicates: int
    seed: int
    threads: int
    prior: float
    case_count: int | None
    open_case_count: int
    left_out: tuple[str, ...]
    ends: tuple[str, ...]
    counts: Any = None  # replicates × (moves + starts), where they were given
    counts_method: str = "replicates"  # how they came about
    shrinkage: float | None = None  # κ, in chains of segments


def make_table(columns: dict[str, list[Any]], real: Sequence[str] = (), whole: Sequence[str] = ()) -> Table:
    """Rows as a Table; NaN is missing."""
    import pyarrow as pa

    def kind(name: str, values: list[Any]) -> pa.DataType | None:
        if name in real or any(isinstance(x, float) for x in values):
            return pa.float64()
        return pa.int64() if name in whole else None

    arrays = {name: pa.array(values, type=kind(name, values), from_pandas=True) for name, values in columns.items()}
    return Table(arrow=pa.table(arrays))


def number(value: Any, what: str) -> Any:
    """A number as float; a length of time as it is."""
    if isinstance(value, timedelta):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"{what} holds a {type(value).__name__}; expected a number") from None


def by_name(given: Mapping[str, Any] | None, names: list[str], option: str, *, complete: bool = False) -> list[Any]:
    """One number for each of `names`; none when nothing was given."""
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise InvalidInput(f"{option} is a {type(given).__name__}; expected a mapping of names to numbers")
    known = set(names)
    for name in given:
        if name not in known:
            raise NotFound(f"{option} names {name!r:.80}, which is not in the chain ({', '.join(names[:12])})")
    if complete and len(given) < len(names):
        missing = next(name for name in names if name not in given)
        raise InvalidInput(f"{option} has no number for {missing!r:.80}; expected one for each touchpoint")
    out = [number(given.get(name, 0.0), option) for name in names]
    if any(isinstance(x, float) and x - x != 0 for x in out):
        raise InvalidInput(f"{option} holds a number that is not finite")
    return out
