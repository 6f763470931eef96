"""Solved chains are computed twice: right numbers pass, falsified ones are found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeykit import _core, markov
from journeykit.testing import verified

# state 0 → 1 or the end 2, state 1 → 0 or the end 3
WALK = np.array([[0.0, 0.5, 0.5, 0.0], [0.25, 0.0, 0.0, 0.75], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


class Sparse:
    """Compressed rows of a matrix."""

    def __init__(self, matrix: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        rows, columns = matrix.nonzero()
        self.indptr = np.searchsorted(rows, np.arange(len(matrix) + 1)).astype(np.int64)
        self.indices, self.data = columns.astype(np.int64), matrix[rows, columns]


@st.composite
def matrices(draw: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Every state leads to the next, the last to an end; some ends are rare, some states hold long."""
    n, ends = draw(st.integers(1, 8)), draw(st.integers(1, 3))
    weight = st.sampled_from((0.0, 0.0, 1.0, 2.0, 5.0, 1e-9, 1e6))
    matrix = np.eye(n + ends)
    for i in range(n):
        row = np.array([draw(weight) for _ in range(n + ends)])
        row[i + 1] += 1
        matrix[i] = row / row.sum()
    order = draw(st.permutations(range(n + ends)))
    return np.ascontiguousarray(matrix[np.ix_(order, order)])


@settings(max_examples=150, deadline=None)
@given(matrices(), st.booleans())
def test_solved_chains_agree_with_their_reference(matrix: Any, sparse: bool) -> None:
    with verified() as seen:
        markov.solve(Sparse(matrix) if sparse else matrix)
    assert (seen.checked, seen.skipped) == (1, 0)


@pytest.mark.parametrize("wrap", [np.array, Sparse])
def test_moves_of_rows_that_miss_1_are_shares_of_what_they_add_up_to(wrap: Any) -> None:
    matrix = WALK.copy()
    matrix[0, 1] += 9e-7
    with verified() as seen:
        markov.solve(wrap(matrix))
    assert (seen.checked, seen.skipped) == (1, 0)


@pytest.mark.parametrize("wrap", [np.array, Sparse])
@pytest.mark.parametrize("what", ["visits", "absorption", "steps"])
def test_one_wrong_number_of_a_chain_is_found(monkeypatch: pytest.MonkeyPatch, what: str, wrap: Any) -> None:
    function = "solve_rows" if wrap is Sparse else "solve_matrix"
    right = getattr(_core, function)

    def falsified(*given: Any) -> Any:
        solved = right(*given)
        numbers = np.array(getattr(solved, what).tolist())
        numbers[-1] *= 1 + 1e-7
        kept = {name: getattr(solved, name) for name in ("state_rows", "end_rows", "visits", "absorption", "steps")}
        return SimpleNamespace(**kept | {what: numbers})

    monkeypatch.setattr(_core, function, falsified)
    with verified(), pytest.raises(AssertionError, match=f"journeykit counts {what} of a chain = .* the reference"):
        markov.solve(wrap(WALK))


@pytest.mark.parametrize("wrap", [np.array, Sparse])
def test_long_chains_are_counted_as_skipped(wrap: Any) -> None:
    line = np.diag(np.ones(13), 1)
    line[-1, -1] = 1
    with verified() as seen:
        assert markov.solve(wrap(line)).steps.tolist()[0] == pytest.approx(13)
    assert (seen.checked, seen.skipped) == (0, 1)
