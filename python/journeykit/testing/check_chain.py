"""Solved absorbing chains against the plain reference."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from journeykit.testing import reference_chain
from journeykit.testing.comparing import same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from journeykit import _core

_MOST_ROWS = 24
_MOST_STATES = 12
_CLOSE = 1e-9  # of the largest number


def _solve_matrix(found: _core.ChainSolution, matrix: Any, _threads: int) -> bool:
    rows: Any = memoryview(matrix)
    return len(rows) <= _MOST_ROWS and _agrees(found, rows.tolist())


def _solve_rows(
    found: _core.ChainSolution, offsets: Any, columns: Any, values: Any, _tolerance: float, _threads: int
) -> bool:
    starts, targets, numbers = (memoryview(one).tolist() for one in (offsets, columns, values))
    n = len(starts) - 1
    if n > _MOST_ROWS:
        return False
    matrix = [[0.0] * n for _ in range(n)]
    for row, (begin, end) in enumerate(itertools.pairwise(starts)):
        for k in range(begin, end):
            matrix[row][targets[k]] += numbers[k]
    return _agrees(found, matrix)


def _agrees(found: _core.ChainSolution, matrix: Sequence[Sequence[float]]) -> bool:
    if len(found.state_rows) > _MOST_STATES:
        return False
    expected = reference_chain.absorbing([[Fraction(one) for one in row] for row in matrix])
    same("rows of states", found.state_rows, expected.states)
    same("rows of ends", found.end_rows, expected.ends)
    _same_numbers("visits", found.visits, expected.visits)
    _same_numbers("absorption", found.absorption, expected.absorption)
    _same_numbers("steps", found.steps, [[one] for one in expected.steps])
    return True


def _same_numbers(what: str, found: Any, expected: reference_chain.Matrix) -> None:
    numbers = [float(one) for row in expected for one in row]
    flat = [one for row in found.tolist() for one in (row if isinstance(row, list) else [row])]
    same(f"numbers of {what}", len(flat), len(numbers))
    within = _CLOSE * max(numbers, default=0.0)
    for one, other in zip(flat, numbers, strict=True):
        same(f"{what} of a chain", one, other, within)


CHECKS: dict[str, Callable[..., bool]] = {"solve_matrix": _solve_matrix, "solve_rows": _solve_rows}
