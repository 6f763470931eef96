"""scipy: GMRES on the sparse rows of a chain, one solve for the steps and one for each end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import gmres

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.sides import Prepare, Prepared

PACKAGES = ["scipy", "numpy"]


def sparse_chain(path: Path) -> Prepared:
    with np.load(path) as given:
        targets, values, r = given["targets"], given["values"], given["r"]
    states, width = targets.shape
    q = csr_array((values.ravel(), targets.ravel(), np.arange(states + 1) * width), shape=(states, states))
    system = (eye_array(states) - q).tocsr()

    def go() -> list[Any]:
        found = []
        for right in (np.ones(states), *np.ascontiguousarray(r.T)):
            x, failed = gmres(system, right, rtol=1e-10, atol=0, restart=40)
            if failed:
                raise ArithmeticError(f"GMRES did not converge: {failed}")
            found.append(x)
        return found

    def answer(found: list[Any]) -> dict[str, Any]:
        return {"steps": found[0], "absorption": np.stack(found[1:], axis=1).ravel()}

    return go, answer


TASKS: dict[str, Prepare] = {"gmres": sparse_chain}
