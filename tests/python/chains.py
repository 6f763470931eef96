"""Small absorbing chains for tests."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import journeykit as jk
from journeykit.testing import reference_chain

if TYPE_CHECKING:
    import random

# S→ O .5, C .3, L .2 · O→ K .8, F .2 · C→ O .6, F .2, L .2 · F→ C .5, K .1, L .4, from 100 visits each
ROWS = {
    "S": {"O": 50, "C": 30, "L": 20},
    "O": {"K": 80, "F": 20},
    "C": {"O": 60, "F": 20, "L": 20},
    "F": {"C": 50, "K": 10, "L": 40},
}
COST = {"S": 1, "O": 5, "C": 8, "F": 25}


def example(**options: object) -> jk.AbsorbingChain:
    return jk.absorbing_chain(ROWS, counts=True, **options)  # type: ignore[arg-type]


def probabilities(**options: object) -> jk.AbsorbingChain:
    rows = {name: {to: count / 100 for to, count in row.items()} for name, row in ROWS.items()}
    return jk.absorbing_chain(rows, **options)  # type: ignore[arg-type]


def by(table: jk.Table, key: str, value: str) -> dict[str, object]:
    return dict(zip(table.to_arrow()[key].to_pylist(), table.to_arrow()[value].to_pylist(), strict=True))


def random_rows(rng: random.Random, n: int, ends: int) -> list[list[Fraction]]:
    """Rows of fractions over n states and some ends; every state leads to the next, the last to an end."""
    rows = []
    for i in range(n):
        weights = [rng.choice([0, 0, 1, 2, 5]) for _ in range(n + ends)]
        weights[min(i + 1, n)] += 1
        total = sum(weights)
        rows.append([Fraction(w, total) for w in weights])
    return rows


def exact_inverse(q: list[list[Fraction]]) -> list[list[Fraction]]:
    """(I − Q)⁻¹ over fractions."""
    unit = [[Fraction(i == j) for j in range(len(q))] for i in range(len(q))]
    left = [[one - move for one, move in zip(*rows, strict=True)] for rows in zip(unit, q, strict=True)]
    return reference_chain.solve(left, unit)


def named(rows: list[list[Fraction]], ends: int) -> dict[str, dict[str, float]]:
    names = [f"s{k}" for k in range(len(rows))] + [f"e{k}" for k in range(ends)]
    return {f"s{i}": {names[j]: float(p) for j, p in enumerate(row) if p} for i, row in enumerate(rows)}
