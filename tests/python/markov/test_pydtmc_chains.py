"""The 30 chains of PyDTMC's fixtures: those with ends by their numbers, all by their structure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import journeykit as jk
from journeykit.markov import solve

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def fixtures(shared_data: Path) -> list[dict[str, Any]]:
    found = json.loads((shared_data / "markov" / "pydtmc_fixtures_properties.json").read_text("utf-8"))
    assert len(found) == 30
    return list(found)


def test_absorbing_chains_have_their_fundamental_matrix(fixtures: list[dict[str, Any]]) -> None:
    compared = 0
    for fixture in fixtures:
        p = np.array(fixture["p"], dtype=float)
        if not fixture["is_absorbing"] or (np.diag(p) == 1).all():
            continue
        found = solve(p)
        assert np.asarray(found.visits) == pytest.approx(np.array(fixture["fundamental_matrix"]), rel=1e-8, abs=1e-10)
        # PyDTMC's Kemeny constant of an absorbing chain is the trace of N
        assert np.trace(np.asarray(found.visits)) == pytest.approx(fixture["kemeny_constant"], rel=1e-8)
        b = np.asarray(found.absorption)
        reached = np.linalg.matrix_power(p, 4096)[np.ix_(found.state_rows, found.end_rows)]
        assert b == pytest.approx(reached, abs=1e-9)
        compared += 1
    assert compared == 4


def test_chains_without_ends_are_refused_and_others_are_not(fixtures: list[dict[str, Any]]) -> None:
    refused = 0
    for fixture in fixtures:
        p = np.array(fixture["p"], dtype=float)
        if fixture["is_absorbing"]:
            continue
        with pytest.raises(jk.InvalidInput, match=r"needs an end|no end is reached"):
            solve(p)
        refused += 1
    assert refused == 25


def test_communicating_classes_are_those_of_the_fixtures(fixtures: list[dict[str, Any]]) -> None:
    for fixture in fixtures:
        # a way out of every state, so that any matrix is a chain: 1/2 to an end
        p = np.array(fixture["p"], dtype=float)
        n = len(p)
        wider = np.block([[p / 2, np.full((n, 1), 0.5)], [np.zeros((1, n)), np.ones((1, 1))]])
        chain = jk.absorbing_chain(wider)
        component = chain._model.components()
        together = np.equal.outer(component, component).astype(int)
        assert together.tolist() == np.array(fixture["communication_matrix"]).tolist(), fixture["id"]
