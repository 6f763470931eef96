"""The chain's intervals over customers: the counts of a replicate are those of a log of the customers drawn."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import journeykit as jk
from journeykit import _core
from scoring.map_twin import drawn
from scoring.test_map_intervals import log_of, random_rows


def chain_of(rows: list[dict[str, Any]], ends: list[str]) -> tuple[jk.EventLog, Any]:
    log = log_of(rows)
    return log, jk.absorbing_chain(log, ends=ends) if ends else jk.absorbing_chain(log)


def replicates(log: jk.EventLog, chain: Any, ends: list[str], seed: int = 0, threads: int = 0) -> Any:
    counts = _core.customer_replicates(log._core, ends, chain._model, replicates=150, seed=seed, threads=threads)
    return np.asarray(counts)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ends", [[], ["d"]])
def test_replicates_are_counts_of_customers_drawn(seed: int, ends: list[str]) -> None:
    rows = random_rows(seed, customers=9)
    log, chain = chain_of(rows, ends)
    found = replicates(log, chain, ends, seed)
    # what each customer adds: the same chain's counts with weight one on it, by linearity from its own events
    of_case = {row["case"]: row["customer"] or f"case {row['case']}" for row in rows}
    customers = list(dict.fromkeys(of_case[case] for case in sorted(of_case, key=str.encode)))
    status = {row["case"]: row["status"] for row in log.cases().to_arrow().to_pylist()}
    moves = chain.moves().rows()
    order = {(row["source"], row["target"]): k for k, row in enumerate(moves)}
    starts = {name: len(moves) + k for k, name in enumerate(chain.touchpoints)}
    own = {who: Counter[int]() for who in customers}
    for case, who in of_case.items():
        path = [row["touchpoint"] for row in sorted((r for r in rows if r["case"] == case), key=lambda r: r["at"])]
        if path[0] in ends:
            continue
        stop = next((k for k, name in enumerate(path) if name in ends), None)
        path = path if stop is None else path[: stop + 1]
        steps = list(pairwise(path))
        if stop is None and status[case] != "open":
            steps.append((path[-1], "exit" if ends else status[case]))
        own[who][starts.get(path[0], -1)] += 1
        for step in steps:
            own[who][order.get(step, -1)] += 1
    for r in range(150):
        wanted = np.zeros(found.shape[1])
        for g, times in drawn(len(customers), r, seed).items():
            for number, count in own[customers[g]].items():
                if number >= 0:
                    wanted[number] += times * count
        assert found[r].tolist() == wanted.tolist()


def test_intervals_over_customers_are_wider_where_customers_repeat_themselves() -> None:
    # 40 customers of 8 cases each; a customer always takes the same way.
    rows = [
        {"case": f"{who:02}{k}", "touchpoint": name, "customer": f"k{who}", "at": 1000 * k + at}
        for who in range(40)
        for k in range(8)
        for at, name in enumerate("ad" if who % 2 else "ac")
    ]
    chain = jk.absorbing_chain(log_of(rows, idle="0s"))
    naive = {row["end"]: row for row in chain.endings().rows()}["completed"]
    row = {row["end"]: row for row in chain.with_customers().endings().rows()}["completed"]
    assert row["probability"] == 0.5
    wide = row["high"] - row["low"]
    assert wide == pytest.approx(2 * 1.96 * (0.25 / 40) ** 0.5, rel=0.15)
    assert wide > 2 * (naive["high"] - naive["low"])
    assert row["method"] == "bootstrap of customers"


def test_replicates_do_not_depend_on_threads() -> None:
    log, chain = chain_of(random_rows(2, customers=50), [])
    wanted = replicates(log, chain, [], threads=1).tolist()
    assert replicates(log, chain, [], threads=4).tolist() == wanted


def test_what_has_no_customers_or_too_few_replicates_is_refused() -> None:
    _, chain = chain_of(random_rows(2, customers=9), [])
    with pytest.raises(jk.InvalidInput, match="replicates is 5"):
        chain.with_customers(replicates=5)
    _, alone = chain_of([{**row, "customer": "me"} for row in random_rows(2, customers=9)], [])
    with pytest.raises(jk.InvalidInput, match="a single customer, who is the same in every draw"):
        alone.with_customers()
    plain = jk.absorbing_chain({"a": {"b": 1.0}})
    with pytest.raises(jk.InvalidInput, match="only a chain of a log"):
        plain.with_customers()
