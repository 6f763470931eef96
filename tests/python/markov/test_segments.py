"""Chains of segments that lean on the whole: by hand, against scipy, and whether κ is found again."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import beta

import journeykit as jk
from chains import by


def log_with(counts: dict[str, dict[str, int]]) -> jk.EventLog:
    """For each channel, how many cases go which way; a letter a touchpoint, "d" completes."""
    cases = [(channel, way, k) for channel, ways in counts.items() for way, n in ways.items() for k in range(n)]
    events = [(f"{channel} {way} {k}", channel, name, at) for channel, way, k in cases for at, name in enumerate(way)]
    columns: dict[str, Any] = {name: [row[k] for row in events] for k, name in enumerate(("case", "channel", "step"))}
    columns["at"] = pa.array([1_700_000_000 + row[3] for row in events], pa.timestamp("s", "UTC"))
    return jk.read_events(columns, case="case", touchpoint="step", time="at", completed=["d"], idle="0s")


def over(counts: dict[str, dict[str, int]]) -> jk.EventLog:
    """From "a" to "d" over one of these touchpoints."""
    return log_with({channel: {f"a{way}d": n for way, n in ways.items()} for channel, ways in counts.items()})


def test_a_row_is_its_counts_and_kappa_of_the_whole() -> None:
    # whole: x 0.6, y 0.2, z 0.2; segment A: 3, 1, 0. With κ: (3 + 0.6 κ) / (4 + κ), …
    log = over({"A": {"x": 3, "y": 1}, "B": {"x": 57, "y": 19, "z": 20}})
    whole = jk.absorbing_chain(log, ends=["d"])
    assert by(whole.moves(), "target", "probability")["x"] == pytest.approx(0.6)
    chain = whole.by_segment("channel")["A"]
    kappa = chain.shrinkage
    assert kappa is not None
    rows = {row["target"]: row for row in chain.moves().rows() if row["source"] == "a"}
    for target, count, p in (("x", 3, 0.6), ("y", 1, 0.2), ("z", 0, 0.2)):
        row = rows[target]
        assert row["count"] == count
        assert row["n"] == 4
        assert row["probability"] == row["posterior_mean"] == pytest.approx((count + kappa * p) / (4 + kappa))
        of = beta(count + kappa * p, 4 - count + kappa * (1 - p))
        assert (row["low"], row["high"]) == pytest.approx((of.ppf(0.025), of.ppf(0.975)), rel=1e-8)
        assert row["method"] == "beta (shrunk to the whole)"
    assert chain.endings().rows()[0]["method"] == "dirichlet (shrunk to the whole)"
    assert whole.shrinkage is None


def random_counts(kappa: float, segments: int, visits: int, seed: int) -> dict[str, dict[str, int]]:
    chance = np.random.default_rng(seed)
    out = {}
    for k in range(segments):
        drawn = chance.multinomial(visits, chance.dirichlet(kappa * np.array([0.5, 0.3, 0.2])))
        out[f"s{k:02}"] = dict(zip("xyz", (int(n) for n in drawn), strict=True))
    return out


@pytest.mark.parametrize("seed", range(4))
def test_kappa_is_the_maximum_of_the_marginal_likelihood(seed: int) -> None:
    counts = random_counts(8, 6, 25, seed)
    chains = jk.absorbing_chain(over(counts), ends=["d"]).by_segment("channel")
    assert list(chains) == sorted(counts, key=str.encode)
    n = np.array([list(row.values()) for row in counts.values()], dtype=float)
    p = n.sum(axis=0) / n.sum()
    used = p > 0

    def minus(log_kappa: float) -> float:
        a = np.exp(log_kappa) * p[used]
        rows = gammaln(a.sum()) - gammaln(a.sum() + n.sum(axis=1)) + (gammaln(a + n[:, used]) - gammaln(a)).sum(axis=1)
        return -float(rows.sum())

    found = minimize_scalar(minus, bounds=(np.log(1e-3), np.log(1e6)), method="bounded", options={"xatol": 1e-9})
    kappas = {chain.shrinkage for chain in chains.values()}
    assert len(kappas) == 1
    # x, y and z lead to d alone and say nothing about κ
    assert kappas.pop() == pytest.approx(np.exp(found.x), rel=1e-3)


def test_kappa_is_found_again_in_simulated_segments() -> None:
    found = jk.absorbing_chain(over(random_counts(20, 60, 60, 3)), ends=["d"]).by_segment("channel")
    # 60 segments: the logarithm of κ has a standard error of about 0.25 here
    assert np.log(next(iter(found.values())).shrinkage or 0) == pytest.approx(np.log(20), abs=0.75)


def test_equal_segments_are_the_whole_and_others_stay_themselves() -> None:
    same = jk.absorbing_chain(over({"A": {"x": 30, "y": 30}, "B": {"x": 30, "y": 30}}), ends=["d"])
    assert same.by_segment("channel")["A"].shrinkage == 1e6
    log = over({"A": {"x": 400}, "B": {"y": 400}})
    apart = jk.absorbing_chain(log, ends=["d"]).by_segment("channel")
    moves = by(apart["A"].moves(), "target", "probability")
    assert moves["x"] == pytest.approx(1, abs=0.002)
    kappa = apart["A"].shrinkage
    assert kappa is not None
    assert kappa < 1


def test_what_a_segment_never_saw_is_that_of_the_whole() -> None:
    # nobody of B came to x, from where half of A end at once
    log = log_with({"A": {"axd": 20, "ax": 20, "ayd": 10}, "B": {"ayd": 30, "ay": 10}})
    whole = jk.absorbing_chain(log)
    chain = whole.by_segment("channel")["B"]
    assert chain.probability("completed", start="x") == pytest.approx(whole.probability("completed", start="x"))
    assert (chain.touchpoints, chain.ends) == (whole.touchpoints, whole.ends)
    assert 0.5 < chain.probability("completed") < 0.75 + 1e-9
    both = whole.by_segment(["channel", "case"])
    assert ("A", "A axd 0") in both
    assert len(both) == 90


def test_chains_of_segments_are_pickled_and_do_not_depend_on_threads() -> None:
    log = over(random_counts(8, 4, 25, 1))
    one, many = (jk.absorbing_chain(log, ends=["d"], threads=k, replicates=200).by_segment("channel") for k in (1, 3))
    for name, chain in one.items():
        assert many[name].visits().rows() == chain.visits().rows()
        back = pickle.loads(pickle.dumps(chain))
        assert back.visits().rows() == chain.visits().rows()
        assert back.shrinkage == chain.shrinkage
        assert back.moves().rows() == chain.moves().rows()


def test_what_has_no_segments_is_refused() -> None:
    log = over({"A": {"x": 3, "y": 1}, "B": {"x": 4}})
    whole = jk.absorbing_chain(log, ends=["d"])
    with pytest.raises(jk.NotFound, match="chanel"):
        whole.by_segment("chanel")
    with pytest.raises(jk.InvalidInput, match="by names no column"):
        whole.by_segment([])
    with pytest.raises(jk.InvalidInput, match="only a chain of a log has segments"):
        jk.absorbing_chain({"a": {"b": 1.0}}).by_segment("channel")
    chain = whole.by_segment("channel")["A"]
    with pytest.raises(jk.InvalidInput, match="only a chain of a log has customers"):
        chain.with_customers()
    with pytest.raises(jk.InvalidInput, match="shrunk to the whole cannot be split"):
        chain.split("x", after="a", triples=[("a", "x", "d", 3)])
