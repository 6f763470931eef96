"""The written rules of attribute(): what counts, what does not, and what is refused with its column and row."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import journeykit as jk

COLUMNS: dict[str, Any] = {"path": "path", "conversions": "conversions", "nulls": "nulls"}
MODELS = ["markov", "first", "last", "last_non_direct", "linear", "position", "time_decay", "shapley"]
TABLE: dict[str, list[Any]] = {
    "path": ["ad > mail > shop", "mail", "ad > ad > mail", "shop > ad", "direct > mail > direct"],
    "conversions": [5, 1, 2, 0, 3],
    "nulls": [20, 30, 8, 9, 4],
}


def numbers(table: jk.Table, column: str) -> dict[str, Any]:
    return {row["channel"]: row[column] for row in table.rows()}


def same(one: jk.Table, other: jk.Table) -> bool:
    """Equal but for the last digits."""
    rows, others = one.rows(), other.rows()
    return [row["channel"] for row in rows] == [row["channel"] for row in others] and all(
        value == (pytest.approx(again, rel=1e-12) if isinstance(value, float) else again)
        for mine, theirs in zip(rows, others, strict=True)
        for value, again in zip(mine.values(), theirs.values(), strict=True)
    )


def credit(table: Any = TABLE, **options: Any) -> jk.Table:
    return jk.attribute(table, **{**COLUMNS, "replicates": 0, **options})


# what holds for every model


@pytest.mark.parametrize("model", MODELS)
def test_shares_add_to_one_and_conversions_to_their_total(model: str) -> None:
    table = {**TABLE, "worth": [50.0, 7.0, 11.0, 0.0, 2.5]}
    rows = credit(table, model=model, value="worth").rows()
    assert sum(row["share"] for row in rows) == pytest.approx(1, abs=1e-12)
    assert sum(row["conversions"] for row in rows) == pytest.approx(11, abs=1e-11)
    assert sum(row["value"] for row in rows) == pytest.approx(70.5, abs=1e-10)


@pytest.mark.parametrize("model", MODELS)
def test_the_order_of_rows_and_the_number_of_threads_change_nothing(model: str) -> None:
    chance = random.Random(5)
    rows = list(zip(*TABLE.values(), strict=True))
    chance.shuffle(rows)
    shuffled = dict(zip(TABLE, map(list, zip(*rows, strict=True)), strict=True))
    for order in (1, 2) if model == "markov" else (1,):
        options: dict[str, Any] = {"model": model, "order": order, "replicates": 200, "seed": 3}
        given = credit(TABLE, **options, threads=1).rows()
        assert credit(shuffled, **options, threads=2).rows() == given
        assert credit(TABLE, **options, threads=2).rows() == given


@pytest.mark.parametrize("model", MODELS)
def test_splitting_a_row_changes_nothing(model: str) -> None:
    split = {
        "path": [*TABLE["path"], "ad>mail>shop"],
        "conversions": [2, *TABLE["conversions"][1:], 3],
        "nulls": [13, *TABLE["nulls"][1:], 7],
    }
    options: dict[str, Any] = {"model": model, "replicates": 100}
    assert same(credit(split, **options), credit(TABLE, **options))


@pytest.mark.parametrize("model", MODELS)
def test_renaming_channels_changes_nothing_but_the_names(model: str) -> None:
    names = {"ad": "zz", "mail": "aa", "shop": "mm", "direct": "direct"}
    renamed = {**TABLE, "path": [" > ".join(names[n] for n in path.split(" > ")) for path in TABLE["path"]]}
    for column in ("conversions", "share", "n"):
        found = numbers(credit(renamed, model=model), column)
        for name, value in numbers(credit(model=model), column).items():
            assert found[names[name]] == pytest.approx(value, rel=1e-12)


# channels and paths


def test_white_space_around_names_is_cut_off_and_wide_space_too() -> None:
    table = {"path": ["  搜索 >\t邮件\u3000", "搜索>\u00a0邮件"], "conversions": [1, 1], "nulls": [0, 0]}
    assert numbers(credit(table), "n") == {"搜索": 2, "邮件": 2}


def test_the_separator_may_be_longer_than_one_character() -> None:
    table = {"path": ["a -> b>c", "a"], "conversions": [1, 1], "nulls": [1, 1]}
    assert sorted(numbers(credit(table, separator="->"), "n")) == ["a", "b>c"]


def test_repeats_do_not_matter_to_the_first_order_chain_but_from_order_two_on() -> None:
    once = {"path": ["a>b", "a>c", "b"], "conversions": [3, 1, 1], "nulls": [1, 5, 2]}
    more = {**once, "path": ["a>a>a>b", "a>c>c", "b"]}
    assert numbers(credit(once), "removal_effect") == pytest.approx(numbers(credit(more), "removal_effect"), rel=1e-12)
    # from order 2 on "a, a" is a state of its own, which c > a > a and a > a share
    straight = {"path": ["c>a>b", "c>a>d", "a>d"], "conversions": [1, 0, 0], "nulls": [0, 1, 1]}
    lingering = {**straight, "path": ["c>a>a>b", "c>a>d", "a>a>d"]}
    assert numbers(credit(straight, order=2), "removal_effect")["c"] == pytest.approx(1, rel=1e-12)
    assert numbers(credit(lingering, order=2), "removal_effect")["c"] == pytest.approx(1 / 2, rel=1e-12)


def test_empty_paths_with_nulls_lower_the_chance_and_change_no_removal_effect() -> None:
    more = {key: [*values, extra] for (key, values), extra in zip(TABLE.items(), ["  ", 0, 1000], strict=True)}
    for column in ("removal_effect", "conversions"):
        assert numbers(credit(more), column) == pytest.approx(numbers(credit(), column), rel=1e-12)


def test_rows_without_customers_name_channels_and_change_nothing() -> None:
    more = {key: [*values, extra] for (key, values), extra in zip(TABLE.items(), ["ad > tv", 0, 0], strict=True)}
    found = credit(more, replicates=100)
    row = found.rows()[-1]
    assert (row["channel"], row["n"], row["removal_effect"], row["conversions"]) == ("tv", 0, None, 0)
    assert (row["share_low"], row["rank"], row["evidence"]) == (None, None, None)
    assert found.rows()[:-1] == credit(TABLE, replicates=100).rows()


def test_without_nulls_the_effect_is_the_share_of_conversions_that_met_the_channel() -> None:
    table = {"path": ["a>b", "b", "c>a"], "conversions": [2, 5, 3]}
    found = jk.attribute(table, path="path", conversions="conversions", replicates=0)
    assert numbers(found, "removal_effect") == pytest.approx({"a": 0.5, "b": 0.7, "c": 0.3}, abs=1e-12)


def test_rare_channels_have_numbers_and_no_rank() -> None:
    rows = {row["channel"]: row for row in credit(minimum_n=10).rows()}
    assert (rows["direct"]["n"], rows["direct"]["rank"], rows["direct"]["evidence"]) == (7, None, "partly_observed")
    assert rows["mail"]["rank"] == 1
    assert rows["mail"]["evidence"] == "observed"
    assert rows["direct"]["conversions"] > 0


def test_counts_need_not_be_whole_and_booleans_count_one() -> None:
    halves = {**TABLE, "conversions": [c / 2 for c in TABLE["conversions"]], "nulls": [n / 2 for n in TABLE["nulls"]]}
    found = numbers(credit(halves), "removal_effect")
    assert found == pytest.approx(numbers(credit(), "removal_effect"), rel=1e-12)
    one_each = {"path": ["a>b", "a", "b"], "bought": [True, False, True]}
    rows = jk.attribute(one_each, path="path", conversions="bought", model="linear", replicates=0)
    assert numbers(rows, "conversions") == {"a": 0.5, "b": 1.5}


# models and their options


def test_last_non_direct_passes_over_the_channels_named() -> None:
    table = {"path": ["a > direct", "direct > Direct", "direct"], "conversions": [1, 2, 4], "nulls": [0, 0, 0]}
    found = numbers(credit(table, model="last_non_direct"), "conversions")
    assert found == {"a": 1, "Direct": 2, "direct": 4}
    found = numbers(credit(table, model="last_non_direct", direct=["direct", "Direct"]), "conversions")
    assert found == {"a": 1, "Direct": 2, "direct": 4}


def test_position_takes_other_shares_and_two_touches_have_no_middle() -> None:
    table = {"path": ["a>b>c>b", "a>b", "a"], "conversions": [10, 10, 10], "nulls": [0, 0, 0]}
    found = numbers(credit(table, model="position", position=(0.6, 0.1, 0.3)), "conversions")
    # 6 · ½ each · 3; then 60 : 30 of ten; then all
    assert found == pytest.approx({"a": 6 + 20 / 3 + 10, "b": 0.5 + 3 + 10 / 3, "c": 0.5}, rel=1e-12)


def test_time_decay_halves_per_half_life_of_the_times() -> None:
    table = {"path": ["a>b>c"], "at": ["0 > 7 > 14"], "conversions": [7]}
    found = jk.attribute(
        table, path="path", conversions="conversions", times="at", half_life=7, model="time_decay", replicates=0
    )
    assert numbers(found, "conversions") == pytest.approx({"a": 1, "b": 2, "c": 4}, rel=1e-12)


def test_times_far_before_the_last_touch_do_not_round_all_credit_away() -> None:
    table = {"path": ["a>b"], "at": ["0>1e6"], "conversions": [1]}
    found = jk.attribute(
        table, path="path", conversions="conversions", times="at", half_life=1, model="time_decay", replicates=0
    )
    assert numbers(found, "conversions") == {"a": 0, "b": 1}


def test_sampled_permutations_lie_within_their_standard_errors() -> None:
    chance = random.Random(1)
    names = [f"c{k:02}" for k in range(21)]  # one more than are evaluated set by set
    paths = [">".join(chance.sample(names, chance.randint(1, 3))) for _ in range(300)]
    table = {"path": paths, "conversions": [chance.randint(0, 3) for _ in paths], "nulls": [5] * 300}
    sampled = credit(table, model="shapley", worth="rate", permutations=2000, seed=1).rows()
    again = credit(table, model="shapley", worth="rate", permutations=2000, seed=1, threads=1).rows()
    other = {r["channel"]: r for r in credit(table, model="shapley", worth="rate", permutations=2000, seed=2).rows()}
    assert sampled == again
    assert sum(row["share"] for row in sampled) == pytest.approx(1, abs=1e-12)
    for row in sampled:
        both = other[row["channel"]]
        error = (row["standard_error"] ** 2 + both["standard_error"] ** 2) ** 0.5
        assert error > 0
        assert abs(row["conversions"] - both["conversions"]) < 5 * error


@pytest.mark.parametrize("worth", ["rate", "chain"])
def test_sampled_permutations_come_to_the_exact_values(worth: str) -> None:
    # a channel that nobody met adds nothing, and makes twenty-one channels of four
    idle = [f"z{k}" for k in range(17)]
    table = {key: [*TABLE[key], *extra] for key, extra in zip(TABLE, (idle, [0] * 17, [0] * 17), strict=True)}
    exact = {row["channel"]: row for row in credit(model="shapley", worth=worth).rows()}
    for row in credit(table, model="shapley", worth=worth, permutations=4000).rows():
        expected = exact[row["channel"]]["conversions"] if row["channel"] in exact else 0
        assert row["conversions"] == pytest.approx(expected, abs=5 * row["standard_error"] + 1e-12)


# input


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(pd.DataFrame(TABLE), id="pandas"),
        pytest.param(pd.DataFrame(TABLE).astype({"path": "category"}), id="pandas categories"),
        pytest.param(pl.DataFrame(TABLE), id="polars"),
        pytest.param(pl.DataFrame(TABLE).with_columns(pl.col("path").cast(pl.Categorical)), id="polars categories"),
        pytest.param(pa.table(TABLE), id="pyarrow"),
        pytest.param(pa.concat_tables([pa.table(TABLE).slice(0, 2), pa.table(TABLE).slice(2)]), id="chunks"),
        pytest.param([dict(zip(TABLE, row, strict=True)) for row in zip(*TABLE.values(), strict=True)], id="records"),
    ],
)
def test_every_kind_of_table_gives_the_same(table: Any) -> None:
    assert credit(table).rows() == credit(TABLE).rows()


BY_TIME = {"times": "t", "model": "time_decay", "half_life": 1}


def changed(**columns: Any) -> dict[str, Any]:
    return {"path": ["a>b", "b", "c"], "conversions": [1, 2, 0], "nulls": [1, 1, 1], **columns}


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (changed(path=["a>b", "b>>c", "c"]), {}, "'path', row 1 .*name 2 of the path 'b>>c' is empty"),
        (changed(path=["a>b", "b>", "c"]), {}, "'path', row 1 .*name 2"),
        (changed(path=["a>b", None, "c"]), {}, "'path', row 1 .*missing"),
        (changed(path=["a>b", " ", "c"]), {}, "'path', row 1 .*empty but has 2 conversions"),
        (changed(path=[1, 2, 3]), {}, "'path' holds int64; expected text"),
        (changed(conversions=[1, -2, 0]), {}, "'conversions', row 1 .*-2; expected"),
        (changed(conversions=[1, None, 0]), {}, "'conversions', row 1 .*no number"),
        (changed(conversions=[1, float("inf"), 0]), {}, "'conversions', row 1 .*inf"),
        (changed(conversions=["1", "2", "0"]), {}, "'conversions'.*holds string; expected numbers"),
        (changed(conversions=[2**53 + 1, 2, 0]), {}, "'conversions', row 0 .*too large"),
        (changed(conversions=[0, 0, 0]), {}, "no conversion in 3 paths"),
        (changed(nulls=[1, 1, -0.5]), {}, "'nulls', row 2 .*-0.5; expected"),
        (changed(nulls=[1, None, 1]), {}, "'nulls', row 1 .*no number"),
        (changed(v=[1.0, None, 0]), {"value": "v"}, "'v', row 1 .*no number, but there are conversions"),
        (changed(v=[1.0, 2.0, 3.0]), {"value": "v"}, "'v', row 2 .*3 without a conversion"),
        (changed(v=[1.0, -2.0, 0]), {"value": "v"}, "'v', row 1 .*-2; expected the value"),
        (changed(t=["1>2", "x", "3"]), BY_TIME, "'t', row 1 .*'x' is no"),
        (changed(t=["2>1", "1", "3"]), BY_TIME, "'t', row 0 .*fall from 2 to 1"),
        (changed(t=["1>2", "1>2", "3"]), BY_TIME, "'t', row 1 .*2 times for 1"),
        (changed(t=["1>2", "1", "3"]), {"times": "t", "model": "time_decay"}, "half_life=7"),
        (changed(t=["1>2", "1", "3"]), {"times": "t"}, "does not look at it"),
        (changed(), {"separator": ""}, "separator is empty"),
        (changed(), {"order": 5}, "order is 5; expected 1 to 4"),
        (changed(), {"order": True}, "order is 'True'"),
        (changed(), {"replicates": 5}, "replicates is 5"),
        (changed(), {"confidence": 1.0}, "confidence is 1"),
        (changed(), {"position": (0.5, 0.2, 0.5)}, "add up to 1"),
        (changed(), {"model": "time_decay", "half_life": 0}, "half_life is 0"),
        (changed(), {"model": "time_decay", "half_life": "7d"}, "half_life is '7d'"),
        (changed(), {"top": 0}, "top is 0; expected"),
        ({"path": [], "conversions": [], "nulls": []}, {}, "'conversions' .*holds string; expected numbers"),
    ],
)  # fmt: skip
def test_bad_input_names_the_column_and_the_first_bad_row(table: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        credit(table, **options)


def test_the_first_bad_row_is_named_however_many_threads_look() -> None:
    paths = ["a>b"] * 60_000
    paths[59_000] = paths[20_001] = paths[45_000] = "a>>b"
    with pytest.raises(jk.InvalidInput, match="row 20001 "):
        credit({"path": paths, "conversions": [1] * 60_000, "nulls": [1] * 60_000})


@pytest.mark.parametrize(
    ("options", "message"),
    [({"path": "paht"}, "nearest: 'path'"), ({"model": "markof"}, "nearest: 'markov'"), ({"worth": "x"}, "worth 'x'")],
)
def test_unknown_names_are_not_found(options: dict[str, Any], message: str) -> None:
    with pytest.raises(jk.NotFound, match=message):
        credit(changed(), **options)


def test_an_order_beyond_64_bits_is_unsupported() -> None:
    table = {"path": [f"c{k}" for k in range(70_000)], "conversions": [1] * 70_000, "nulls": [0] * 70_000}
    with pytest.raises(jk.Unsupported, match="order 4 with 70000 channels"):
        credit(table, order=4)
