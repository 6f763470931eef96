"""The intervals of attribute() where customers are known: against attributions of customers drawn again one by one."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import journeykit as jk
from scoring.map_twin import drawn
from scoring.test_score import START

REPLICATES = 120
COLUMNS: dict[str, Any] = {"path": "path", "conversions": "conversions", "nulls": "nulls"}
NUMBERS = ("conversions", "value", "share", "removal_effect")


def random_rows(seed: int, customers: int = 20) -> list[dict[str, Any]]:
    """Customers with one to four paths; each keeps to a channel, and converts more or less often."""
    chance = random.Random(seed)
    rows = []
    for who in range(customers):
        favourite, luck = chance.choice("abc"), chance.random()
        for _ in range(chance.randint(1, 4)):
            path = [chance.choice("abc" + favourite * 3) for _ in range(chance.randint(1, 4))]
            bought = chance.random() < luck
            row = {"path": ">".join(path), "conversions": int(bought), "nulls": int(not bought)}
            rows.append({**row, "value": float(chance.randint(1, 9)) if bought else None, "who": f"k{who:02}"})
    return rows


def table(rows: list[dict[str, Any]]) -> pa.Table:
    names = {"path": pa.string(), "conversions": pa.int64(), "nulls": pa.int64(), "value": pa.float64()}
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in names.items()}
    return pa.table({**columns, "who": pa.array([row["who"] for row in rows])})


def numbers(found: jk.Table, column: str) -> dict[str, Any]:
    return {row["channel"]: row[column] for row in found.rows()}


def check(found: jk.Table, replicates: list[jk.Table], top: int = 3, rel: float = 1e-9) -> None:
    """The percentiles of the replicates, and how often each channel is among their first."""
    for row in found.rows():
        channel = row["channel"]
        shares = []
        for name in NUMBERS:
            if row[name] is None:
                assert row[f"{name}_low"] is None
                continue
            values = [numbers(one, name).get(channel) or 0.0 for one in replicates]
            low, high = np.percentile(values, [2.5, 97.5])
            assert (row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx((low, high), rel=rel, abs=1e-12), name
        for one in replicates:
            all_of_them = sorted(numbers(one, "conversions").values(), reverse=True)
            own = numbers(one, "conversions").get(channel, 0.0)
            shares.append(own > 0 and own >= all_of_them[min(top, len(all_of_them)) - 1])
        assert row["p_in_top"] == pytest.approx(np.mean(shares))


OPTIONS: list[dict[str, Any]] = [
    {},
    {"order": 2},
    {"model": "linear", "top": 1},
    {"model": "shapley"},
    {"model": "shapley", "worth": "rate"},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_intervals_of_a_table_are_those_of_customers_drawn_again(options: dict[str, Any]) -> None:
    rows = random_rows(1)
    asked = {**COLUMNS, "value": "value", **options}
    found = jk.attribute(table(rows), **asked, customer="who", replicates=REPLICATES)
    assert found.rows()[0]["method"].endswith("; bootstrap of customers, 120 replicates")
    names = list(dict.fromkeys(row["who"] for row in rows))
    again = []
    for r in range(REPLICATES):
        times = drawn(len(names), r, 0)
        copies = [row for who, n in times.items() for row in rows if row["who"] == names[who] for _ in range(n)]
        again.append(jk.attribute(table(copies), **asked, replicates=0))
    # effects of higher orders are solved to 1e-6 in replicates, shares of their sum to a few of that
    check(found, again, options.get("top", 3), 1e-5 if options.get("order", 1) > 1 else 1e-9)


def log_of(rows: list[dict[str, Any]], **options: Any) -> jk.EventLog:
    """A day for each step; who converted buys, which brings the value, and some buy at once."""
    steps, ends = [], []
    for number, row in enumerate(rows):
        path = [*([] if row["path"] == "c" else row["path"].split(">")), *(["buy"] if row["conversions"] else ["end"])]
        for day, name in enumerate(path):
            at = START + 86_400 * day
            steps.append({"case": f"{number:04}", "step": name, "at": at, "who": row["who"]})
            steps[-1]["worth"] = row["value"] if name == "buy" else None
        ends.append(path)
    steps.append({"case": "last", "step": "a", "at": START + 86_400 * 300, "who": "z", "worth": None})
    columns: dict[str, Any] = {name: [step[name] for step in steps] for name in ("case", "step", "who")}
    columns["at"] = pa.array([step["at"] for step in steps], pa.timestamp("s", "UTC"))
    columns["worth"] = pa.array([step["worth"] for step in steps], pa.float64())
    roles = {"case": "case", "touchpoint": "step", "time": "at", "customer": "who", **options}
    metrics = {"worth": jk.MetricColumn("worth")}
    return jk.read_events(pa.table(columns), **roles, completed=["buy"], failed=["end"], idle="30d", metrics=metrics)


@pytest.mark.parametrize(
    "options", [{}, {"model": "time_decay", "half_life": "1d"}, {"model": "last", "value": "worth"}]
)
def test_intervals_of_a_log_are_those_of_its_customers_drawn_again(options: dict[str, Any]) -> None:
    rows = random_rows(2)
    found = jk.attribute(log_of(rows), **options, replicates=REPLICATES)
    method = found.rows()[0]["method"]
    assert "; bootstrap of customers, 120 replicates; " in method
    assert method.endswith("completed cases without a touchpoint left out")
    assert "; 1 open cases left out" in method
    names = [*dict.fromkeys(row["who"] for row in rows), "z"]  # who is still on the way may be drawn too
    again = []
    for r in range(REPLICATES):
        copies = [row for who, n in drawn(len(names), r, 0).items() for row in rows if row["who"] == names[who]
                  for _ in range(n)]  # fmt: skip
        again.append(jk.attribute(log_of(copies), **options, replicates=0))
    check(found, again)


def test_intervals_are_wider_where_customers_repeat_themselves() -> None:
    # 40 customers of 10 paths each; a customer always comes over the same channel and always converts
    rows = {
        "path": [("a" if who % 2 else "b") for who in range(40) for _ in range(10)],
        "conversions": [1] * 400,
        "who": [who for who in range(40) for _ in range(10)],
    }
    asked: dict[str, Any] = {"path": "path", "conversions": "conversions", "model": "last"}
    wide = jk.attribute(rows, **asked, customer="who").rows()[0]
    naive = jk.attribute(rows, **asked).rows()[0]
    assert wide["share"] == naive["share"] == 0.5
    assert wide["share_high"] - wide["share_low"] == pytest.approx(2 * 1.96 * (0.25 / 40) ** 0.5, rel=0.1)
    assert naive["share_high"] - naive["share_low"] == pytest.approx(2 * 1.96 * (0.25 / 400) ** 0.5, rel=0.1)
    assert "Poisson bootstrap of customers" in naive["method"]


def test_intervals_hold_as_often_as_they_say_for_customers_of_several_paths() -> None:
    # of 150 customers each has an own liking for a; the truth is one half
    chance = np.random.default_rng(5)
    held = {"who": 0, None: 0}
    samples = 300
    for sample in range(samples):
        liking = chance.beta(1, 1, 150)
        paths = chance.random((150, 6)) < liking[:, None]
        rows = {
            "path": np.where(paths, "a", "b").ravel().tolist(),
            "conversions": [1] * 900,
            "who": np.repeat(np.arange(150), 6).tolist(),
        }
        for customer in held:
            found = jk.attribute(
                rows,
                path="path",
                conversions="conversions",
                model="last",
                customer=customer,
                replicates=400,
                seed=sample,
            )
            low, high = (numbers(found, f"share_{side}")["a"] for side in ("low", "high"))
            held[customer] += low <= 0.5 <= high
    assert 0.92 <= held["who"] / samples <= 0.98
    assert held[None] / samples < 0.85


def test_more_customers_than_groups_are_drawn_in_groups() -> None:
    chance = np.random.default_rng(2)
    rows: dict[str, Any] = {
        "path": np.where(chance.random(6000) < 0.3, "a", "b").tolist(),
        "conversions": [1] * 6000,
        "who": (np.arange(6000) // 2).tolist(),
    }
    row = jk.attribute(rows, path="path", conversions="conversions", model="last", customer="who").rows()[0]
    share = row["share"]
    width = 2 * 1.96 * (share * (1 - share) / 6000) ** 0.5  # the two paths of a customer are independent here
    assert row["share_high"] - row["share_low"] == pytest.approx(width, rel=0.15)


@pytest.mark.parametrize("options", [{}, {"order": 2}])
def test_customers_do_not_depend_on_threads_or_the_order_of_rows(options: dict[str, Any]) -> None:
    rows = random_rows(4, 60)
    asked = {**COLUMNS, "value": "value", "customer": "who", "replicates": 100, **options}
    wanted = jk.attribute(table(rows), **asked, threads=1).rows()
    assert jk.attribute(table(rows), **asked, threads=4).rows() == wanted
    # up to 2,048 customers the draws go by the order in which customers come, as everywhere
    by_customer = sorted(rows, key=lambda row: row["who"])
    turned = [row for who in dict.fromkeys(row["who"] for row in rows)
              for row in reversed([one for one in by_customer if one["who"] == who])]  # fmt: skip
    for one, other in zip(jk.attribute(table(turned), **asked).rows(), wanted, strict=True):
        for name, value in one.items():
            assert value == (pytest.approx(other[name], rel=1e-9) if isinstance(value, float) else other[name])


def test_a_row_without_a_customer_is_a_customer_of_its_own() -> None:
    rows = random_rows(6)
    anonymous = [{**row, "who": None} for row in rows]
    single = [{**row, "who": f"{k:03}"} for k, row in enumerate(rows)]
    asked = {**COLUMNS, "customer": "who", "replicates": 100}
    assert jk.attribute(table(anonymous).cast(table(single).schema), **asked).rows() == (
        jk.attribute(table(single), **asked).rows()
    )


def test_intervals_may_be_left_out_and_few_replicates_are_refused() -> None:
    rows = table(random_rows(7))
    assert jk.attribute(rows, **COLUMNS, customer="who", replicates=0).rows()[0]["share_low"] is None
    with pytest.raises(jk.InvalidInput, match=r"replicates is 5; expected 0 \(no intervals\) or 100"):
        jk.attribute(rows, **COLUMNS, customer="who", replicates=5)


def test_a_single_customer_says_nothing_about_others() -> None:
    rows = [{**row, "who": "me"} for row in random_rows(7)]
    row = jk.attribute(table(rows), **COLUMNS, customer="who").rows()[0]
    assert (row["share_low"], row["p_in_top"]) == (None, None)
    assert row["method"].endswith("; no intervals of a single customer")


def test_a_customer_column_that_is_not_there_or_no_names_is_refused() -> None:
    rows = table(random_rows(7))
    with pytest.raises(jk.NotFound, match="'whom'"):
        jk.attribute(rows, **COLUMNS, customer="whom")
    with pytest.raises(jk.InvalidInput, match=r"column 'value' \(customer\) holds double; expected text or whole"):
        jk.attribute(rows, **COLUMNS, customer="value")
    with pytest.raises(jk.InvalidInput, match="a log says by itself who its customers are"):
        jk.attribute(log_of(random_rows(7)), customer="who")
