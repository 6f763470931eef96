"""The numbers of a plain matrix, with as little as possible around them."""

from __future__ import annotations

from typing import Any

from journeykit import _core
from journeykit._core import ChainSolution

__all__ = ["ChainSolution", "solve"]


def solve(matrix: Any, *, tolerance: float = 1e-12, threads: int = 0) -> ChainSolution:
    """Fundamental matrix, absorption probabilities and steps of an absorbing chain.

    Parameters
    ----------
    matrix : array of float64, shape (n, n), or a compressed sparse row matrix
        Probabilities, row to column, in rows without gaps; anything with a buffer (numpy) or, sparse, with ``indptr``,
        ``indices`` and ``data`` (scipy ``csr_array``). A row that leads only to itself is an end.
    tolerance : float, default 1e-12
        Sparse only: of the residual against the right side, 2-norm.
    threads : int, default 0
        0: all cores.

    Returns
    -------
    ChainSolution
        ``visits`` N = (I − Q)⁻¹, shape (states, states), ``None`` beyond 2,500 states; ``absorption`` B = NR, shape
        (states, ends); ``steps`` t = N·1; ``state_rows`` and ``end_rows``, the rows of the matrix that they stand for;
        ``residual``. ``numpy.asarray(solution.visits)`` is a view.

    Raises
    ------
    InvalidInput
        No end is reached from some row (its loop is named), a row does not add up to 1, NaN, negative numbers.
    NotConverged
        The error of a sparse solution cannot be bounded by a millionth of its largest number.

    Notes
    -----
    Up to 2,500 states: elimination without subtractions [1]_, right to the last digits however rare the ends are,
    O(n³). Beyond: BiCGSTAB with its true residual checked, then SparseLU; |error| ≤ max(t)·|residual|.

    References
    ----------
    .. [1] Grassmann, W., Taksar, M. & Heyman, D. (1985). Regenerative analysis and steady state distributions for
       Markov chains. Operations Research 33(5).

    Examples
    --------
    >>> from array import array
    >>> walk = memoryview(array("d", [0, 0.5, 0.5, 0, 1, 0, 0, 0, 1])).cast("B").cast("d", (3, 3))
    >>> solve(walk).absorption.tolist()
    [[0.5, 0.5]]
    """
    if hasattr(matrix, "indptr"):
        return _core.solve_rows(matrix.indptr, matrix.indices, matrix.data, tolerance, threads)
    return _core.solve_matrix(matrix, threads)
