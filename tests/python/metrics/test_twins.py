"""Every measure against its slow twin on random logs with ties, missing values, open cases, customers of many cases."""

from __future__ import annotations

import random
from statistics import NormalDist

import pytest

import journeykit as jk
from metrics import twins
from metrics.conftest import moments
from metrics.small import only

LOGS = 1_000
TOUCHPOINTS = ["call", "chat", "wait", "answer", "quit", "done"]
UNTIL_AFTER = 20
START = moments([0])[0]
WITHIN, SHORT, WINDOW = 9, 4, 25


class Case:
    """A random log, its rows in log order, and the status of its cases."""

    def __init__(self, chance: random.Random) -> None:
        events = chance.randrange(1, 40)
        customers = chance.randrange(1, 6)
        cases = [f"{chance.randrange(12):02}" for _ in range(events)]
        seconds = [chance.choice([chance.randrange(12), chance.randrange(150)]) for _ in range(events)]
        some = lambda values: [chance.choice(values) for _ in range(events)]  # noqa: E731
        columns = {
            "case": cases,
            "touchpoint": some(TOUCHPOINTS),
            "time": moments(seconds),
            "customer": [f"c{int(case) % customers}" for case in cases],
            "end": [moments([s + chance.randrange(9)])[0] if chance.random() < 0.5 else None for s in seconds],
            "channel": some(["phone", "web", None]),
            "department": some(["one", "two", None]),
            "issue": some(["bill", "login", None, None]),
            "nps": some([*range(11), None, None, None]),
            "csat": some([1, 2, 3, 4, 5, None]),
        }
        # columns without any value have no type
        for name in ("channel", "department", "issue"):
            columns[name][0] = columns[name][0] or "other"
        for name in ("nps", "csat"):
            columns[name][0] = columns[name][0] or 3
        columns["end"][0] = moments([seconds[0]])[0]
        columns["touchpoint"][0] = "done"
        log = jk.read_events(
            columns, case="case", touchpoint="touchpoint", time="time", end_time="end", customer="customer",
            channel="channel", department="department", metrics={"nps": "nps", "csat": "csat"}, completed="done",
            failed=[name for name in ("quit",) if name in columns["touchpoint"] and chance.random() < 0.5],
            idle=f"{chance.choice([5, 30, 200])}s",
        )  # fmt: skip
        self.until = max(seconds) + chance.choice([0, UNTIL_AFTER])
        self.log = log.with_observed_until(moments([self.until])[0])
        seconds_of = lambda moment: None if moment is None else round((moment - START).total_seconds())  # noqa: E731
        self.rows = [
            row | {"time": seconds_of(row["time"]), "end": seconds_of(row["end"]), "index": k}
            for k, row in enumerate(self.log.to_arrow().to_pylist())
        ]
        self.names = set(self.log.touchpoints)
        self.status = {row["case"]: row["status"] for row in self.log.cases().rows()}

    def known(self, *names: str) -> list[str]:
        """Those touchpoints that occur."""
        return [name for name in names if name in self.names]


@pytest.fixture(scope="module")
def cases():
    chance = random.Random(20260105)
    return [Case(chance) for _ in range(LOGS)]


def compare(case, metric, twin, by):
    """twin(group) gives the expected (value, n, customers) of each group."""
    rows = jk.measure(case.log, metric, by=by).rows()
    groups = {row[by] for row in case.rows} if by else {None}
    assert {row[by] for row in rows} == groups if by else len(rows) == 1
    for row in rows:
        value, n, customers = twin({by: row[by]} if by else {})
        assert row["n"] == n
        assert row["customers"] == customers
        assert row["value"] == (None if value is None else pytest.approx(value, rel=1e-12, abs=1e-12))
        for end, beyond in (("low", 1), ("high", -1)):
            assert row[end] is None or (row[end] - row["value"]) * beyond <= 1e-12


def average(observations, scale=1.0):
    n = len(observations)
    value = scale * sum(v for _, v in observations) / n if n else None
    return value, n, len({customer for customer, _ in observations})


def spread(spells, number):
    return number(spells), len(spells), len({spell[0] for spell in spells})


def coded_nps(observations):
    return [(customer, (value >= 9) - (value <= 6)) for customer, value in observations]


@pytest.mark.parametrize("by", [None, "channel"])
def test_scores_agree_with_their_twins(cases, by):
    for case in cases if by else cases[::5]:
        compare(case, "nps", lambda g, c=case: average(coded_nps(twins.scores(c.rows, g, "nps")), 100), by)
        compare(case, jk.metrics.Csat(statistic="mean"), lambda g, c=case: average(twins.scores(c.rows, g, "csat")), by)
        top = jk.metrics.Csat(once_per_case=True)
        compare(
            case,
            top,
            lambda g, c=case: average([(w, v >= 4) for w, v in twins.last_scores(c.rows, g, "csat")]),
            by,
        )


@pytest.mark.parametrize("by", [None, "channel"])
def test_contact_measures_agree_with_their_twins(cases, by):
    for case in cases if by else cases[::5]:
        calls = case.known("call", "chat")
        if not calls:
            continue
        options = {"contacts": calls, "issue": "issue", "join": f"{twins.JOIN}s"}
        window = f"{WINDOW}s"

        def fcr(group, *, mature=False, left=(), case=case, calls=calls):
            spells = twins.first_contacts(case.rows, group, calls, "issue", WINDOW, case.until, left)
            if mature:
                old = [s for s in spells if case.until - s[3] >= WINDOW]
                return average([(s[0], int(s[2] != "event" or s[1] > WINDOW)) for s in old])
            share = twins.incidence(spells, WINDOW)
            return spread(spells, lambda _: None if share is None else 1 - share)

        compare(case, jk.metrics.Fcr(window=window, **options), fcr, by)
        compare(case, jk.metrics.Fcr(window=window, edge="mature", **options), lambda g, f=fcr: f(g, mature=True), by)
        left = case.known("quit")
        compare(case, jk.metrics.Fcr(window=window, left=left, **options), lambda g, f=fcr, n=left: f(g, left=n), by)
        repeats = jk.metrics.RepeatContacts(window=window, **options)
        compare(
            case,
            repeats,
            lambda g, c=case, n=calls: average(twins.repeats(c.rows, g, n, "issue", WINDOW)),
            by,
        )
        for per in ("case", "customer"):
            rate = jk.metrics.ContactRate(contacts=calls, per=per, join=f"{twins.JOIN}s")

            def counted(group, case=case, calls=calls, per=per):
                return average(twins.contact_counts(case.rows, group, calls, per))

            compare(case, rate, counted, by)


def test_contacts_without_names_are_the_cases(cases):
    for case in cases:
        metric = jk.metrics.RepeatContacts(window=f"{WINDOW}s", join="1s")

        def twin(group, case=case):
            out = []
            for (customer, _), chain in twins.contacts(case.rows, [], None, join=1).items():
                starts = [contact["start"] for contact in chain]
                out += [(customer, int(k > 0 and starts[k] - starts[k - 1] <= WINDOW)) for k in range(len(starts))]
            return average(out)

        compare(case, metric, twin, None)


@pytest.mark.parametrize("by", [None, "channel"])
def test_wait_measures_agree_with_their_twins(cases, by):
    for case in cases if by else cases[::5]:
        start, answer, quit_at = case.known("wait"), case.known("answer"), case.known("quit")
        if not answer:
            continue
        options = {"start": start, "answer": answer, "abandon": quit_at}

        def found(group, case=case, options=options):
            return twins.waits(case.rows, group, *options.values(), case.status, case.until)

        for denominator in ("offered", "answered", "offered_less_short_abandons", "abandoned_in_time_count"):
            level = jk.metrics.ServiceLevel(
                within=f"{WITHIN}s", denominator=denominator, short_abandon=f"{SHORT}s", **options
            )

            def share(group, case=case, found=found, denominator=denominator):
                return average(twins.service(found(group), WITHIN, denominator, SHORT, case.until))

            compare(case, level, share, by)

        def abandoned(group, found=found):
            return average([(w[0], int(w[2] != "answered")) for w in found(group) if w[2] != "open"])

        compare(case, jk.metrics.Abandonment(**options), abandoned, by)

        def spells(group, found=found):
            return [(w[0], w[1], "event" if w[2] == "answered" else "censored") for w in found(group)]

        for statistic, number in (
            ("median", lambda s: twins.quantile(s, 0.5)),
            ("p90", lambda s: twins.quantile(s, 0.9)),
            ("mean", twins.mean_time),
        ):
            time = jk.metrics.ResponseTime(statistic=statistic, **options)
            compare(case, time, lambda g, s=spells, f=number: spread(s(g), f), by)


@pytest.mark.parametrize("by", [None, "channel", "touchpoint"])
def test_case_measures_agree_with_their_twins(cases, by):
    for case in cases if by else cases[::5]:

        def closed(value, case=case):
            return lambda group: average(twins.closed_cases(case.rows, group, case.status, value))

        compare(case, "completion", closed(lambda _, status: int(status == "completed")), by)
        compare(case, "silent_exit", closed(lambda _, status: int(status == "abandoned")), by)
        compare(case, "transfers", closed(lambda events, _: twins.transfers(events, "department")), by)
        share = jk.metrics.Transfers(statistic="share")
        compare(case, share, closed(lambda events, _: int(twins.transfers(events, "department") > 0)), by)

        def dropped(group, case=case):
            ends_here = lambda events, status: int(status != "completed" and twins.inside(events[-1], group))  # noqa: E731
            return average(twins.closed_cases(case.rows, group, case.status, ends_here))

        compare(case, "drop_off", dropped, by)

        def resolved(group, case=case):
            return twins.resolutions(case.rows, group, case.status, ["done"], case.until)

        for statistic, number in (("median", lambda s: twins.quantile(s, 0.5)), ("mean", twins.mean_time)):
            time = jk.metrics.ResolutionTime(statistic=statistic)
            compare(case, time, lambda g, r=resolved, f=number: spread(r(g), f), by)


def test_intervals_by_customer_agree_with_their_twin(cases):
    stats = pytest.importorskip("scipy.stats")
    z = NormalDist().inv_cdf(0.975)

    def t_quantile(degrees):
        return stats.t.ppf(0.975, degrees)

    checked = 0
    for case in cases:
        given = [(customer, int(value >= 4)) for customer, value in twins.scores(case.rows, {}, "csat")]
        share, score = jk.measure(case.log, ["csat", jk.metrics.Csat(statistic="mean")]).rows()
        n_eff, _ = twins.effective_number(given, t_quantile)
        if n_eff is None:
            assert share["low"] is None
            assert "one customer" in share["warning"] or share["n"] == 0
            continue
        k = share["value"] * n_eff
        centre = (k + z * z / 2) / (n_eff + z * z)
        half = z / (n_eff + z * z) * (k * (n_eff - k) / n_eff + z * z / 4) ** 0.5
        assert (share["low"], share["high"]) == pytest.approx((centre - half, centre + half), rel=1e-9, abs=1e-12)
        answers = twins.scores(case.rows, {}, "csat")
        _, error = twins.effective_number(answers, t_quantile)
        if error == 0:
            assert score["low"] is None
        else:
            half = t_quantile(score["customers"] - 1) * error
            low, high = max(1.0, score["value"] - half), min(5.0, score["value"] + half)
            assert (score["low"], score["high"]) == pytest.approx((low, high), rel=1e-9)
        checked += 1
    assert checked > LOGS / 2


def test_the_whole_is_the_groups_together(cases):
    for case in cases[:200]:
        whole = only(jk.measure(case.log, "nps"))
        parts = jk.measure(case.log, "nps", by=["channel", "touchpoint"]).rows()
        assert sum(part["n"] for part in parts) == whole["n"]
        if whole["n"]:
            total = sum(part["n"] * (part["value"] or 0) for part in parts)
            assert total / whole["n"] == pytest.approx(whole["value"], abs=1e-9)
