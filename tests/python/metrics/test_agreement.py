"""Agreement with other people's software and data: scipy, statsmodels, lifelines, and the UCI incident log."""

from __future__ import annotations

import math
import random
import zipfile

import pytest

import journeykit as jk
from metrics import twins
from metrics.small import only


def test_wilson_agrees_with_statsmodels_on_random_counts():
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    chance = random.Random(1)
    for _ in range(300):
        n = chance.randrange(1, 10_000)
        k = chance.randrange(n + 1)
        level = chance.choice([0.8, 0.9, 0.95, 0.99])
        expected = proportion.proportion_confint(k, n, alpha=1 - level, method="wilson")
        assert jk.metrics.wilson(k, n, confidence=level) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_newcombe_and_the_tests_of_shares_agree_with_statsmodels_on_random_counts():
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    chance = random.Random(2)
    for _ in range(200):
        n, m = chance.randrange(5, 500), chance.randrange(5, 500)
        k, j = chance.randrange(1, n), chance.randrange(1, m)
        expected = proportion.confint_proportions_2indep(k, n, j, m, method="newcomb", compare="diff")
        assert jk.metrics.newcombe(k, n, j, m) == pytest.approx(expected, rel=1e-9, abs=1e-12)
        z, p = proportion.proportions_ztest([k, j], [n, m])
        test = jk.metrics.compare_shares(k, n, j, m)
        assert (test.z, test.p) == pytest.approx((z, p), rel=1e-9)
        share = chance.random()
        z, p = proportion.proportions_ztest(k, n, share)
        test = jk.metrics.compare_share_with(k, n, share)
        assert (test.z, test.p) == pytest.approx((z, p), rel=1e-7, abs=1e-12)


def test_the_exact_verdict_agrees_with_scipy_on_random_counts():
    binom = pytest.importorskip("scipy.stats").binom
    chance = random.Random(3)
    for _ in range(300):
        n = chance.randrange(1, 3000)
        target = chance.uniform(0.01, 0.99)
        k = min(n, max(0, round(chance.gauss(target, 0.05) * n)))
        check = jk.metrics.check_standard(k, n, target)
        assert check.p_missed == pytest.approx(binom.cdf(k, n, target), rel=1e-8, abs=1e-14)
        assert check.p_met == pytest.approx(binom.sf(k - 1, n, target), rel=1e-8, abs=1e-14)


def test_benjamini_hochberg_agrees_with_statsmodels():
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    chance = random.Random(4)
    p = [chance.random() ** 3 for _ in range(200)]
    assert jk.metrics.benjamini_hochberg(p) == pytest.approx(list(multipletests(p, method="fdr_bh")[1]))


def waiting_log(make_log, seed, customers):
    """Waits from "ask" to "reply"; those still open at the end of the log began late."""
    chance = random.Random(seed)
    case, touchpoint, seconds, customer = [], [], [], []
    for k in range(300):
        start, wait = chance.randrange(1000), math.ceil(chance.expovariate(1 / 200))
        for name, second in (("ask", start), ("reply", start + wait)):
            if second <= 1000:
                case.append(str(k))
                touchpoint.append(name)
                seconds.append(second)
                customer.append(f"c{k % customers}")
    return make_log(case=case, touchpoint=touchpoint, seconds=seconds, customer=customer, idle="10000s", until=1000)


def spells_of(log):
    rows = [
        row | {"time": row["time"].timestamp(), "end": None, "index": k}
        for k, row in enumerate(log.to_arrow().to_pylist())
    ]
    status = {row["case"]: row["status"] for row in log.cases().rows()}
    until = log.observed_until.timestamp()
    return twins.waits(rows, {}, ["ask"], ["reply"], [], status, until)


def test_response_times_agree_with_lifelines(make_log):
    lifelines = pytest.importorskip("lifelines")
    log = waiting_log(make_log, 5, 300)
    spells = spells_of(log)
    fitted = lifelines.KaplanMeierFitter().fit([s[1] for s in spells], [s[2] == "answered" for s in spells])
    for statistic, share in (("median", 0.5), ("p75", 0.75), ("p30", 0.3)):
        metric = jk.metrics.ResponseTime(start="ask", answer="reply", statistic=statistic)
        row = only(jk.measure(log, metric))
        ends = fitted.survival_function_.join(fitted.confidence_interval_)
        value, *reached = [ends.index[(ends[name] <= 1 - share).to_numpy()].min() for name in ends.columns]
        assert row["value"] == value
        assert (row["low"], row["high"]) == pytest.approx(tuple(reached))
    mean = only(jk.measure(log, jk.metrics.ResponseTime(start="ask", answer="reply", statistic="mean")))
    limit = max(s[1] for s in spells)
    assert mean["value"] == pytest.approx(lifelines.utils.restricted_mean_survival_time(fitted, t=limit))


def test_repeat_windows_agree_with_the_log_log_interval_of_lifelines(make_log):
    lifelines = pytest.importorskip("lifelines")
    chance = random.Random(6)
    case, seconds, customer = [], [], []
    for k in range(200):
        start, gap = chance.randrange(1000), math.ceil(chance.expovariate(1 / 300))
        for second in (start, start + gap):
            if second <= 1000:
                case.append(str(len(case)))
                seconds.append(second)
                customer.append(f"c{k}")
    log = make_log(case=case, touchpoint=["call"] * len(case), seconds=seconds, customer=customer, until=1000)
    rows = [
        row | {"time": row["time"].timestamp(), "end": None, "index": k}
        for k, row in enumerate(log.to_arrow().to_pylist())
    ]
    spells = twins.first_contacts(rows, {}, [], None, 300, log.observed_until.timestamp())
    # one spell per customer: with a second chain the intervals would rightly be wider
    assert len({s[0] for s in spells}) < len(spells)
    row = only(jk.measure(log, jk.metrics.Fcr(window="300s", join="15s")))
    fitted = lifelines.KaplanMeierFitter().fit([s[1] for s in spells], [s[2] == "event" for s in spells])
    assert row["value"] == pytest.approx(fitted.predict(300))
    low, high = fitted.confidence_interval_.loc[:300].iloc[-1]
    assert row["high"] - row["low"] == pytest.approx(high - low, rel=0.2)


def test_shares_by_customer_agree_with_the_cluster_robust_error_of_statsmodels(make_log):
    """statsmodels' clustered OLS of a constant has the factor G/(G−1)·(n−1)/(n−1): the same variance."""
    api = pytest.importorskip("statsmodels.api")
    numpy = pytest.importorskip("numpy")
    chance = random.Random(7)
    mood = [chance.choice([1, 3]) for _ in range(30)]
    customer = [chance.randrange(30) for _ in range(200)]
    given = [mood[c] + chance.randrange(3) for c in customer]
    log = make_log(
        case=[str(k) for k in range(200)], touchpoint=["x"] * 200, seconds=range(200),
        customer=[f"c{c}" for c in customer], csat=given, metrics={"csat": "csat"},
    )  # fmt: skip
    row = only(jk.measure(log, jk.metrics.Csat(statistic="mean")))
    fitted = api.OLS(numpy.array(given), numpy.ones(200)).fit(
        cov_type="cluster", cov_kwds={"groups": customer}, use_t=True
    )
    low, high = fitted.conf_int()[0]
    assert (row["low"], row["high"]) == pytest.approx((low, high), rel=1e-6)


@pytest.fixture(scope="module")
def incidents(shared_data):
    """The UCI incident log with two questions per row: was the SLA made, was the incident reopened."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    with zipfile.ZipFile(shared_data / "event_logs" / "uci_incident_event_log.zip") as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".csv")]
        with archive.open(name) as file:
            wanted = ["number", "ident_state", "sys_updated_at", "made_sla", "reopen_count", "sys_mod_count"]
            table = csv.read_csv(file, convert_options=csv.ConvertOptions(include_columns=wanted))
    made = pc.equal(pc.utf8_lower(table["made_sla"].cast(pa.string())), "true")
    table = table.append_column("sla", made.cast(pa.float64()))
    table = table.append_column("reopened", pc.greater(table["reopen_count"], 0).cast(pa.float64()))
    return jk.read_events(
        table.drop_columns(["made_sla"]), case="number", touchpoint="ident_state", time="sys_updated_at",
        order="sys_mod_count", time_format="%d/%m/%Y %H:%M", metrics={"sla": "sla", "reopened": "reopened"},
    )  # fmt: skip


def test_incidents_made_their_sla_in_15_803_of_24_918_cases_and_275_were_reopened(incidents):
    sla, reopened = jk.measure(
        incidents,
        [jk.metrics.Mean(of="sla", once_per_case=True), jk.metrics.Mean(of="reopened", once_per_case=True)],
    ).rows()
    assert (sla["n"], round(sla["value"] * sla["n"])) == (24_918, 15_803)
    assert sla["n"] - round(sla["value"] * sla["n"]) == 9_115
    assert round(reopened["value"] * reopened["n"]) == 275


def test_incidents_by_row_would_count_long_cases_often_and_say_so(incidents):
    row = only(jk.measure(incidents, "sla"))
    assert row["n"] == 141_712
    assert abs(row["value"] - 15_803 / 24_918) > 0.01
