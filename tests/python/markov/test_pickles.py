"""Chains and their results elsewhere: pickled, in another process, damaged."""

from __future__ import annotations

import multiprocessing
import pickle
from typing import Any

import numpy as np
import pytest

import journeykit as jk
from chains import COST, ROWS, example, probabilities
from journeykit.markov import solve
from scoring.test_map_intervals import log_of, random_rows

TRIPLES = [("S", "C", "O", 20), ("S", "C", "L", 10), ("F", "C", "O", 40), ("F", "C", "F", 20), ("F", "C", "L", 10)]


def chains() -> dict[str, Any]:
    """Every way to a chain: counts, shares, a log, its customers, a split, replicates, beyond 2,500 states."""
    import scipy.sparse as sp

    log = log_of(random_rows(3, customers=12))
    line = sp.diags_array([0.25, 0.75], offsets=[-1, 1], shape=(3001, 3001)).tolil()
    line[0, 1], line[3000, 2999], line[3000, 3000] = 1.0, 0.0, 1.0
    moves = sum(len(row) for row in ROWS.values())
    counts = np.random.default_rng(1).poisson(40, (120, moves)).astype(float) + 1
    return {
        "counts": example(end_reward={"K": 100}, sojourn=COST, replicates=200),
        "shares": probabilities(reward=COST),
        "no intervals": example(replicates=0, prior=0.5),
        "log": jk.absorbing_chain(log, replicates=200),
        "ends of a log": jk.absorbing_chain(log, ends=["d"], replicates=200),
        "customers": jk.absorbing_chain(log).with_customers(replicates=100),
        "split": example(replicates=100).split("C", after="F", triples=TRIPLES),
        "replicates": example().with_replicates(counts),
        "sparse": jk.absorbing_chain(sp.csr_array(line)),
    }


def shown(chain: jk.AbsorbingChain) -> list[Any]:
    """Everything that a user can see of a chain."""
    seen: list[Any] = [repr(chain), chain.touchpoints, chain.ends, chain.start, chain.open_case_count, chain.left_out]
    tables = [chain.endings(), chain.moves(), chain.steps(), chain.sensitivities("steps"), chain.structure()]
    if len(chain.touchpoints) < 100:
        np.testing.assert_array_equal(np.asarray(chain.fundamental), np.asarray(chain.fundamental))
        seen.append(chain.fundamental.tolist())
        tables += [chain.visits(), chain.endings(by_start=True), chain.removal("steps"), chain.bypass("steps")]
        tables += [chain.shapley(chain.ends[0]), chain.shifts(chain.ends[0], most=5), chain.worst_moment(level(chain))]
    for ask in (chain.time, chain.value):
        try:
            tables.append(ask())
        except jk.InvalidInput as refused:
            seen.append(str(refused))
    return [*seen, *(table.rows() for table in tables)]


def level(chain: jk.AbsorbingChain) -> dict[str, float]:
    return {name: float(k) for k, name in enumerate(chain.touchpoints)}


def there_and_back(pickled: bytes) -> bytes:
    """What another process sees of a chain, and the chain."""
    chain = pickle.loads(pickled)
    return pickle.dumps((repr(shown(chain)), chain))


@pytest.mark.parametrize("name", chains())
def test_a_pickled_chain_answers_the_same_to_the_last_digit(name: str) -> None:
    chain = chains()[name]
    expected = repr(shown(chain))  # also what is kept once worked out is in the chain by now
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert repr(shown(pickle.loads(pickle.dumps(chain, protocol)))) == expected


@pytest.mark.parametrize("name", ["counts", "customers", "sparse"])
def test_a_chain_goes_to_another_process_and_comes_back(name: str) -> None:
    chain = chains()[name]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        told, back = pickle.loads(pool.apply(there_and_back, (pickle.dumps(chain),)))
    assert told == repr(shown(chain)) == repr(shown(back))


def test_a_chain_of_a_log_still_has_its_customers_and_paths() -> None:
    chain = jk.absorbing_chain(log_of(random_rows(3, customers=12)))
    back = pickle.loads(pickle.dumps(chain))
    assert back.with_customers(replicates=100).endings().rows() == chain.with_customers(replicates=100).endings().rows()
    assert back.order_test().rows() == chain.order_test().rows()


@pytest.mark.parametrize("sparse", [False, True])
def test_a_solution_and_its_numbers_are_pickled(sparse: bool) -> None:
    import scipy.sparse as sp

    matrix: Any = np.array([[0, 0.5, 0.5, 0], [0.25, 0, 0.25, 0.5], [0, 0, 1, 0], [0, 0, 0, 1]])
    solution = solve(sp.csr_array(matrix) if sparse else matrix)
    back = pickle.loads(pickle.dumps(solution))
    for name in ("visits", "absorption", "steps"):
        one, other = getattr(solution, name), getattr(back, name)
        assert (one.shape, one.tolist()) == (other.shape, other.tolist())
    assert (back.state_rows, back.end_rows, back.residual) == ([0, 1], [2, 3], solution.residual)
    big = solve(sp.csr_array(sp.vstack([sp.diags_array([1.0], offsets=[1], shape=(2501, 2502)), last_row(2502)])))
    assert pickle.loads(pickle.dumps(big)).visits is None


def last_row(size: int) -> Any:
    import scipy.sparse as sp

    return sp.csr_array(([1.0], ([0], [size - 1])), shape=(1, size))


def state(chain: jk.AbsorbingChain) -> list[Any]:
    return list(chain._model.__getstate__())  # type: ignore[attr-defined]


def restored(kept: list[Any]) -> None:
    model = type(example()._model)
    model.__new__(model).__setstate__(tuple(kept))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("place", "changed"),
    [
        (1, ["S", "S", "C", "F"]),  # a name twice
        (3, b"\x09" * 40),  # offsets beyond the moves
        (4, b"\xff" * 44),  # targets outside
        (5, b"\x00" * 88),  # rows that add up to 0
        (5, b"\x00" * 7),  # no whole number of numbers
        (6, b"\x00" * 8),  # counts of another number of moves
        (7, b""),  # no start
    ],
)
def test_a_damaged_pickle_is_refused(place: int, changed: Any) -> None:
    kept = state(example())
    restored(kept)
    kept[place] = changed
    with pytest.raises(jk.InvalidInput, match=r"damaged|stands twice"):
        restored(kept)


def test_the_pickle_of_a_newer_version_is_refused() -> None:
    with pytest.raises(jk.Unsupported, match="version 2, this journeykit reads 1"):
        restored([2, *state(example())[1:]])
    with pytest.raises(jk.InvalidInput, match="not that of a chain"):
        restored([1])
