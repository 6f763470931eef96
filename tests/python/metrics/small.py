"""Helpers of the tests of the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import journeykit as jk


def only(table: jk.MeasureTable) -> dict[str, Any]:
    """The one row of a result."""
    (row,) = table.rows()
    return row
