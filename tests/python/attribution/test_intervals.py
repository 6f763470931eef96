"""The intervals of attribute(): against the bootstrap written plainly, and their coverage on simulated customers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import journeykit as jk

COLUMNS: dict[str, Any] = {"path": "path", "conversions": "conversions", "nulls": "nulls"}
# ways that customers go, their shares, and their chances to convert
WAYS = ["ad", "ad>mail", "mail>ad>shop", "shop", "ad>shop>mail", "mail>mail>shop"]
SHARES = np.array([0.3, 0.2, 0.15, 0.15, 0.1, 0.1])
CHANCES = np.array([0.05, 0.2, 0.3, 0.1, 0.4, 0.25])


def drawn(customers: int, chance: np.random.Generator) -> dict[str, Any]:
    each = np.stack([SHARES * CHANCES, SHARES * (1 - CHANCES)]).ravel()
    counts = chance.multinomial(customers, each / each.sum()).reshape(2, -1)
    return {"path": WAYS, "conversions": counts[0].tolist(), "nulls": counts[1].tolist()}


def column(table: jk.Table, name: str) -> dict[str, float]:
    return {row["channel"]: row[name] for row in table.rows()}


@pytest.mark.parametrize("options", [{}, {"order": 2}, {"model": "linear"}, {"model": "shapley", "worth": "rate"}])
def test_intervals_are_those_of_the_multinomial_bootstrap(options: dict[str, Any]) -> None:
    chance = np.random.default_rng(4)
    table = drawn(3000, chance)
    found = jk.attribute(table, **COLUMNS, **options, replicates=2000, seed=1)
    cells = np.concatenate([table["conversions"], table["nulls"]])
    names = ("share", "conversions") if options else ("share", "conversions", "removal_effect")
    draws: dict[tuple[str, str], list[float]] = {(c, n): [] for c in ("ad", "mail", "shop") for n in names}
    for counts in chance.multinomial(3000, cells / 3000, 500):
        again = {"path": WAYS, "conversions": counts[:6].tolist(), "nulls": counts[6:].tolist()}
        one = jk.attribute(again, **COLUMNS, **options, replicates=0)
        for name in names:
            for channel, value in column(one, name).items():
                draws[channel, name].append(value)
    for (channel, name), values in draws.items():
        low, high = np.percentile(values, [2.5, 97.5])
        width = high - low
        assert column(found, f"{name}_low")[channel] == pytest.approx(low, abs=0.15 * width)
        assert column(found, f"{name}_high")[channel] == pytest.approx(high, abs=0.15 * width)


@pytest.mark.parametrize(("options", "samples"), [({}, 600), ({"model": "position"}, 600), ({"order": 2}, 300)])
def test_intervals_cover_the_truth_as_often_as_they_say(options: dict[str, Any], samples: int) -> None:
    truth = jk.attribute(
        {"path": WAYS, "conversions": SHARES * CHANCES, "nulls": SHARES * (1 - CHANCES)},
        **COLUMNS, **options, replicates=0,
    )  # fmt: skip
    chance = np.random.default_rng(8)
    covered = total = 0
    names = ("share", "removal_effect") if "model" not in options else ("share",)
    for sample in range(samples):
        found = jk.attribute(drawn(800, chance), **COLUMNS, **options, replicates=400, seed=sample)
        for name in names:
            expected, low, high = (
                column(t, n) for t, n in ((truth, name), (found, name + "_low"), (found, name + "_high"))
            )
            covered += sum(low[channel] <= expected[channel] <= high[channel] for channel in expected)
            total += len(expected)
    assert 0.93 <= covered / total <= 0.97


def test_p_in_top_is_the_share_of_replicates_among_the_first() -> None:
    table = {"path": ["a", "b", "c", "d"], "conversions": [500, 20, 20, 1], "nulls": [0] * 4}
    rows = jk.attribute(table, **COLUMNS, model="last", top=2, replicates=2000).rows()
    chances = {row["channel"]: row["p_in_top"] for row in rows}
    assert chances["a"] == 1
    assert chances["d"] == 0
    assert 0.4 < chances["b"] < 0.7  # ties count for both
    assert 0.4 < chances["c"] < 0.7


def test_another_seed_gives_other_replicates_and_the_same_numbers() -> None:
    table = drawn(500, np.random.default_rng(1))
    one, other = (jk.attribute(table, **COLUMNS, seed=seed) for seed in (1, 2))
    assert column(one, "share") == column(other, "share")
    assert column(one, "share_low") != column(other, "share_low")
