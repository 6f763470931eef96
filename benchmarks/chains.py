"""Absorbing chains as matrices, made from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPES = {
    "chain": "every touchpoint leads to every other and to 3 ends, 5 % of a row to the ends",
    "sparse chain": "10 random moves out of each touchpoint, 0 to 10 % of a row to 2 ends",
}
LEAVING = 0.05  # on average


def dense(states: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Moves among touchpoints (q) and to ends (r)."""
    chance = np.random.default_rng(seed)
    q, r = chance.random((states, states)), chance.random((states, 3))
    return {"q": _share(q, 1 - LEAVING), "r": _share(r, LEAVING)}


def sparse(states: int, seed: int) -> dict[str, NDArray[np.float64] | NDArray[np.int32]]:
    """Rows with 10 moves each, of shape (states, 10), and to ends (r)."""
    chance = np.random.default_rng(seed)
    targets = np.sort(chance.integers(0, states, (states, 10), dtype=np.int32), axis=1)
    for _ in range(100):  # a move stands once
        twice = np.flatnonzero((targets[:, 1:] == targets[:, :-1]).any(axis=1))
        if len(twice) == 0:
            break
        targets[twice] = np.sort(chance.integers(0, states, (len(twice), 10), dtype=np.int32), axis=1)
    # A constant share would make the steps a multiple of 1, which Krylov methods find at once.
    leaving = 2 * LEAVING * chance.random((states, 1))
    values = _share(chance.random((states, 10)), 1 - leaving)
    return {"targets": targets, "values": values, "r": _share(chance.random((states, 2)), leaving)}


def make(shape: str, states: int, seed: int) -> dict[str, NDArray[np.float64] | NDArray[np.int32]]:
    """A chain of one of the SHAPES."""
    return sparse(states, seed) if shape == "sparse chain" else {**dense(states, seed)}


def whole(q: NDArray[np.float64], r: NDArray[np.float64]) -> NDArray[np.float64]:
    """The square matrix in which an end leads only to itself."""
    states, ends = r.shape
    return np.block([[q, r], [np.zeros((ends, states)), np.eye(ends)]])


def _share(rows: NDArray[np.float64], total: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return rows * (total / rows.sum(axis=1, keepdims=True))
