"""PyDTMC: a chain object and its fundamental matrix, absorption probabilities and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydtmc import MarkovChain

from benchmarks.chains import whole

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.sides import Prepare, Prepared

PACKAGES = ["PyDTMC", "numpy"]


def chain(path: Path) -> Prepared:
    with np.load(path) as given:
        matrix = whole(given["q"], given["r"])

    def go() -> tuple[Any, Any, Any]:
        made = MarkovChain(matrix)  # answers are cached in the object: a new one each time
        return made.fundamental_matrix, made.absorption_probabilities(), made.mean_absorption_times()

    def answer(found: tuple[Any, Any, Any]) -> dict[str, Any]:
        visits, absorption, steps = found  # its absorption matrix is ends × touchpoints
        return {"visits": visits.ravel(), "absorption": absorption.T.ravel(), "steps": steps.ravel()}

    return go, answer


TASKS: dict[str, Prepare] = {"chain": chain}
