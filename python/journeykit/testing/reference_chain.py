"""Linear systems and absorbing chains in exact fractions; see :mod:`journeykit.testing.reference`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Matrix = list[list[Fraction]]


def solve(matrix: Sequence[Sequence[Fraction]], right: Sequence[Sequence[Fraction]]) -> Matrix:
    """X with matrix · X = right, by elimination; the matrix has an inverse."""
    n = len(matrix)
    rows = [[*row, *values] for row, values in zip(matrix, right, strict=True)]
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(n):
            if i != k and rows[i][k] != 0:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[n:] for row in rows]


@dataclass(frozen=True)
class Chain:
    """The rows of the states and ends in a matrix, and what becomes of a start in each state."""

    states: list[int]
    ends: list[int]
    visits: Matrix  # N, state to state
    absorption: Matrix  # B, state to end
    steps: list[Fraction]  # t


def absorbing(matrix: Sequence[Sequence[Fraction]]) -> Chain:
    """N = (I − Q)⁻¹, B = N·R and t = N·1; a row that leads only to itself is an end, and rows need not add up to 1."""
    rows = range(len(matrix))
    ends = [i for i in rows if not any(matrix[i][j] for j in rows if j != i)]
    states = [i for i in rows if i not in ends]
    shares = {i: [one / sum(matrix[i], Fraction()) for one in matrix[i]] for i in states}
    identity = [[Fraction(i == j) for j in states] for i in states]
    visits = solve([[(i == j) - shares[i][j] for j in states] for i in states], identity)
    absorption = [
        [sum((n * shares[k][end] for n, k in zip(row, states, strict=True)), Fraction()) for end in ends]
        for row in visits
    ]
    return Chain(states, ends, visits, absorption, [sum(row, Fraction()) for row in visits])
