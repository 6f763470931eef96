"""Intervals at 95 % hold the number of the whole population in 93 to 97 % of simulated logs, customers alike to
themselves. The long form is `make coverage`."""

from __future__ import annotations

import pytest
from benchmarks.coverage import Coverage, Key, coverage
from scipy.stats import binom

WORLDS = 250
CHANCE = 1e-5  # of a right interval to be called wrong here


@pytest.fixture(scope="module")
def found() -> dict[Key, Coverage]:
    return coverage(WORLDS, replicates=300)


# Which numbers are held to 93–97 %; those left out are said, with their coverage, in benchmarks/RESULTS.md.
NUMBERS = [
    ("map", "events_per_case"),
    ("map", "completed_share"),
    ("map", "failed_share"),
    ("map", "mean_seconds"),
    ("map", "median_seconds"),
    ("map", "p90_seconds"),
    ("map", "ask cases_share"),
    ("map", "ask → pay probability"),
    ("map", "look → ask probability"),
    ("map", "ask → gone median_seconds"),
    ("map", "look → ask mean_seconds"),
    ("map", "look → ask median_seconds"),
    ("map", "look → ask p90_seconds"),
    ("metrics", "csat"),
    ("metrics", "completion"),
    ("scorecard", "journey"),
    ("scorecard", "touchpoint ask"),
    ("failures", "detour gone lost per case"),
]


@pytest.mark.parametrize(("result", "name"), NUMBERS)
def test_intervals_hold_the_truth_as_often_as_they_say(found: dict[Key, Coverage], result: str, name: str) -> None:
    methods = {key[2]: one for key, one in found.items() if key[:2] == (result, name)}
    assert methods, [key for key in found if key[0] == result]
    for method, one in methods.items():
        least = binom.ppf(CHANCE, one.worlds, 0.93)
        most = binom.ppf(1 - CHANCE, one.worlds, 0.97)
        assert least <= one.held <= most, (method, one.held, one.worlds)
