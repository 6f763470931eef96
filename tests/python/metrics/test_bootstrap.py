"""The bootstrap of survey numbers: against a slow twin that draws unit by unit, scipy, and the closed form."""

from __future__ import annotations

import array
import math
import random
from decimal import Decimal

import pytest

import journeykit as jk
from journeykit.metrics import bootstrap

ANSWERS = [10, 9, 9, 10, 8, 7, 7, 6, 5, 3, 0, 10, 9, 8, 4, 10, 10, 2, 7, 9]


def number(answers, metric, scale=(0, 10), top=2):
    """The number itself, by its definition."""
    if metric == "nps":
        return 100 * sum((a >= 9) - (a <= 6) for a in answers) / len(answers)
    if metric == "csat":
        return sum(a > scale[1] - top for a in answers) / len(answers)
    return sum(answers) / len(answers)


def twin(groups, statistic, replicates, chance):
    """Draws whole groups of answers with replacement, one after the other; sorted replicates."""
    found = []
    for _ in range(replicates):
        drawn = [answer for group in chance.choices(groups, k=len(groups)) for answer in group]
        found.append(statistic(drawn))
    return sorted(found)


def quantile(ordered, q):
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def expect_like(result, replicates, step=0.0):
    """Spread and ends agree within what two bootstraps of this size may differ by; the ends lie on a grid of `step`."""
    mean = sum(replicates) / len(replicates)
    spread = math.sqrt(sum((value - mean) ** 2 for value in replicates) / (len(replicates) - 1))
    assert result.standard_error == pytest.approx(spread, rel=0.05)
    assert result.low == pytest.approx(quantile(replicates, 0.025), abs=max(step, 0.25 * spread))
    assert result.high == pytest.approx(quantile(replicates, 0.975), abs=max(step, 0.25 * spread))


@pytest.mark.parametrize(("metric", "step"), [("nps", 5.0), ("csat", 0.05), ("mean", 0.05)])
def test_independent_answers_agree_with_a_twin_that_draws_answer_by_answer(metric, step):
    result = bootstrap(ANSWERS, metric=metric, scale=(0, 10), replicates=5000, seed=1)
    assert result.value == pytest.approx(number(ANSWERS, metric), rel=1e-12)
    assert (result.n, result.units) == (20, 20)
    expect_like(result, twin([[a] for a in ANSWERS], lambda a: number(a, metric), 5000, random.Random(1)), step)


@pytest.mark.parametrize("metric", ["nps", "csat", "mean"])
def test_customers_agree_with_a_twin_that_draws_customer_by_customer(metric):
    chance = random.Random(2)
    customers = [chance.randrange(12) for _ in range(60)]
    likes = [chance.randrange(3, 11) for _ in range(12)]
    answers = [max(0, min(10, likes[c] + chance.randrange(-2, 3))) for c in customers]
    groups = [[a for a, c in zip(answers, customers, strict=True) if c == who] for who in sorted(set(customers))]
    result = bootstrap(answers, metric=metric, scale=(0, 10), clusters=customers, replicates=5000, seed=3)
    assert result.value == pytest.approx(number(answers, metric), rel=1e-12)
    assert (result.n, result.units) == (60, len(groups))
    expect_like(result, twin(groups, lambda a: number(a, metric), 5000, random.Random(4)))


def test_the_interval_agrees_with_scipy():
    numpy = pytest.importorskip("numpy")
    stats = pytest.importorskip("scipy.stats")
    coded = numpy.array([100 * ((a >= 9) - (a <= 6)) for a in ANSWERS])
    theirs = stats.bootstrap((coded,), numpy.mean, n_resamples=20_000, method="percentile", rng=5)
    ours = bootstrap(ANSWERS, replicates=20_000, seed=5)
    assert ours.standard_error == pytest.approx(theirs.standard_error, rel=0.03)
    # one answer more is 5 points: the ends are places on a coarse grid
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=5)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=5)


def test_many_answers_give_the_closed_form():
    answers = [10] * 45_000 + [7] * 25_000 + [2] * 30_000
    ours, wald = bootstrap(answers, replicates=20_000, seed=6), jk.metrics.nps(45_000, 25_000, 30_000, adjusted=False)
    assert ours.value == pytest.approx(wald.value, rel=1e-12)
    assert ours.standard_error == pytest.approx(wald.standard_error, rel=0.02)
    assert (ours.low, ours.high) == pytest.approx((wald.low, wald.high), abs=0.08 * wald.standard_error)


def test_the_order_of_rows_and_the_number_of_threads_do_not_matter():
    chance = random.Random(7)
    rows = [(chance.randrange(11), chance.randrange(200)) for _ in range(1000)]
    first = bootstrap([a for a, _ in rows], clusters=[c for _, c in rows], seed=8, threads=1)
    chance.shuffle(rows)
    assert bootstrap([a for a, _ in rows], clusters=[c for _, c in rows], seed=8, threads=3) == first
    assert bootstrap([a for a, _ in rows], clusters=[f"customer {c}" for _, c in rows], seed=8) == first
    assert bootstrap([a for a, _ in rows], clusters=[c for _, c in rows], seed=9) != first


def columns():
    numpy, pandas, polars, pa = map(pytest.importorskip, ("numpy", "pandas", "polars", "pyarrow"))
    return {
        "list": ANSWERS,
        "array": array.array("h", ANSWERS),
        "uint8": numpy.array(ANSWERS, numpy.uint8),
        "int64": numpy.array(ANSWERS),
        "float32": numpy.array(ANSWERS, numpy.float32),
        "every second of an array": numpy.repeat(numpy.array(ANSWERS), 2)[::2],
        "objects": numpy.array(ANSWERS, object),
        "nan": numpy.array([*ANSWERS, math.nan]),
        "masked": numpy.ma.masked_equal([*ANSWERS, 99], 99),
        "arrow": pa.array(ANSWERS, pa.int8()),
        "arrow slice": pa.array([99, *ANSWERS, 99], pa.int16()).slice(1, 20),
        "arrow chunks": pa.chunked_array([ANSWERS[:3], [], ANSWERS[3:]], pa.uint8()),
        "arrow nulls": pa.array([None, *ANSWERS, None]),
        "arrow dictionary": pa.array(ANSWERS).dictionary_encode(),
        "arrow decimal": pa.array(list(map(Decimal, ANSWERS))),
        "pandas": pandas.Series(ANSWERS),
        "pandas nan": pandas.Series([*ANSWERS, None]),
        "pandas Int64": pandas.Series([*ANSWERS, None], dtype="Int64"),
        "polars": polars.Series(ANSWERS),
        "polars null": polars.Series([*ANSWERS, None]),
    }


@pytest.mark.parametrize("kind", columns())
def test_every_kind_of_column_gives_the_same(kind):
    column = columns()[kind]
    expected = bootstrap(ANSWERS, seed=10)
    assert bootstrap(column, seed=10) == expected
    alone = bootstrap(column, clusters=list(range(len(column))), seed=10)
    assert (alone.value, alone.low, alone.high) == (expected.value, expected.low, expected.high)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([9, 11], {}, r"row 1 \(from 0\) is 11; expected whole numbers from 0 to 10"),
        ([None, 3, 7.5], {}, r"row 2 \(from 0\) is 7.5"),
        ([4, 0], {"metric": "csat"}, r"row 1 \(from 0\) is 0; expected whole numbers from 1 to 5"),
        (["9", "10"], {}, "answers are of type string; expected numbers"),
        ([True, False], {}, "answers are of type bool"),
        ([9, "10"], {}, "answers cannot be read as a column"),
        (3, {}, "answers cannot be read as a column"),
        ([9], {"metric": "loyalty"}, "metric is 'loyalty'; expected one of 'nps', 'csat', 'mean'"),
        ([9], {"scale": (1, 5)}, "NPS has the scale 0 to 10"),
        ([9], {"metric": "mean", "scale": 5}, "scale is '5'|scale is 5"),
        ([9], {"metric": "mean", "scale": (5, 1)}, "scale is 5 to 1; expected low < high"),
        ([4], {"metric": "csat", "top": 5}, "top is 5"),
        ([9], {"replicates": 10}, "replicates is 10; expected 100 to"),
        ([9], {"seed": -1}, "seed is"),
        ([9], {"confidence": 95}, "confidence is 95"),
        ([9, 8], {"clusters": [1]}, "got 2 answers and the customers of 1"),
        ([9, 8], {"clusters": ["a", None]}, r"clusters: row 1 \(from 0\) has an answer of nobody"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, options, message):
    with pytest.raises(jk.InvalidInput, match=message):
        bootstrap(arguments, **options)


@pytest.mark.parametrize(
    ("answers", "options", "warning"),
    [
        ([], {}, "no data"),
        ([None, math.nan], {}, "no data"),
        ([], {"clusters": []}, "no data"),
        ([9], {}, "one answer: no interval"),
        ([9, 3], {"clusters": ["a", "a"]}, "one customer: no interval"),
        ([9, 10, 9], {}, "nothing varies: no interval"),
    ],
)
def test_where_there_is_no_interval_the_warning_says_why(answers, options, warning):
    result = bootstrap(answers, **options)
    assert result.warning == warning
    assert math.isnan(result.low)
    assert math.isnan(result.high)
    assert math.isnan(result.standard_error)
