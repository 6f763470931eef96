"""What callers pass to the operations of a log, in the form that the engine takes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def names_of(value: str | Sequence[str], option: str) -> list[str]:
    """One name or several, as a list."""
    names = [value] if isinstance(value, str) else list(value)
    for name in names:
        if not isinstance(name, str):
            raise InvalidInput(f"{option} has a {type(name).__name__}; expected names (text)")
    return names


def moment_ns(value: datetime | str, option: str) -> int:
    """A point in time to nanoseconds UTC; without a zone it is UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as refused:
            raise InvalidInput(
                f"{option} is {quoted(value)}; expected a datetime or ISO 8601 text such as '2026-01-31' or "
                "'2026-01-31T09:00+01:00'"
            ) from refused
    if not isinstance(value, datetime):
        raise InvalidInput(f"{option} is a {type(value).__name__}; expected a datetime or ISO 8601 text")
    since = (value if value.tzinfo else value.replace(tzinfo=UTC)) - EPOCH
    ns = ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000
    if not -(2**63) < ns < 2**63:
        raise InvalidInput(f"{option} is {quoted(value)}; expected a year from 1678 to 2261")
    return ns


def mask_of(mask: Any, length: int) -> Any:
    import pyarrow as pa

    try:
        array = (
            mask
            if isinstance(mask, pa.Array | pa.ChunkedArray)
            else pa.chunked_array(mask)
            if hasattr(mask, "__arrow_c_stream__")
            else pa.array(mask)
        )
        array = array.cast(pa.bool_())
    except (pa.ArrowException, TypeError, ValueError) as refused:
        raise InvalidInput("mask holds no booleans; expected one true or false per event") from refused
    if len(array) != length:
        raise InvalidInput(f"mask has {len(array):,} values; expected one for each of the {length:,} events")
    if array.null_count:
        raise InvalidInput(f"mask has {array.null_count:,} missing values; say true or false for each event")
    return array


def mask_bytes(chosen: Any) -> memoryview:
    """Booleans as one byte each, for the engine."""
    import pyarrow as pa

    if isinstance(chosen, pa.ChunkedArray):
        chosen = chosen.combine_chunks()
    as_bytes = chosen.cast(pa.uint8())
    return memoryview(as_bytes.buffers()[1])[as_bytes.offset : as_bytes.offset + len(as_bytes)]
