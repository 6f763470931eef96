"""Counts without a log: the same numbers as with one, whatever form the table has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import journeykit as jk
from discovery import twins
from journeykit.discovery import directly_follows

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"case": "case", "touchpoint": "touchpoint", "time": "time"}
ROWS = 300_000  # enough for several threads to share


def interleaved(seed: int, unit: str = "us") -> pa.Table:
    """Cases that overlap in time, rows in time order, tied times too."""
    rng = np.random.default_rng(seed)
    time = np.sort(rng.integers(0, 40_000_000, ROWS))
    return pa.table(
        {
            "case": pa.array(rng.integers(-20_000, 20_000, ROWS), pa.int32()),
            "touchpoint": pa.array(rng.choice(list("abcdefg"), ROWS)).dictionary_encode(),
            "time": pa.array(time, pa.timestamp(unit)),
        }
    )


def forms(table: pa.Table) -> dict[str, pa.Table]:
    case, touchpoint, time = table.columns
    shuffled = table.take(np.random.default_rng(1).permutation(ROWS))
    words = case.cast(pa.string())
    return {
        "as it is": table,
        "several batches": pa.concat_tables([table.slice(0, 100), table.slice(100, 70_000), table.slice(70_100)]),
        "text": pa.table([words, touchpoint.cast(pa.string()), time], names=table.column_names),
        "dictionary of cases": pa.table([words.dictionary_encode(), touchpoint, time], names=table.column_names),
        "nanoseconds": pa.table([case, touchpoint, time.cast(pa.timestamp("ns"))], names=table.column_names),
        "other zone": pa.table(
            [case, touchpoint, time.cast(pa.timestamp("us", "Asia/Tokyo"))], names=table.column_names
        ),
        "shuffled": shuffled,
        "shuffled text": pa.table(
            [shuffled["case"].cast(pa.string()), *shuffled.columns[1:]], names=table.column_names
        ),
    }


def naive(table: pa.Table) -> dict[tuple[str, str], list[int]]:
    """Times in µs of each step, by sorting."""
    case = np.asarray(table["case"].combine_chunks())
    time = np.asarray(table["time"].cast(pa.timestamp("us")).cast(pa.int64()))
    touchpoint = np.asarray(table["touchpoint"].cast(pa.string()).to_pylist())
    order = np.lexsort((np.arange(len(case)), time, case))
    case, time, touchpoint = case[order], time[order], touchpoint[order]
    out: dict[tuple[str, str], list[int]] = {}
    for k in np.flatnonzero(case[1:] == case[:-1]):
        out.setdefault((touchpoint[k], touchpoint[k + 1]), []).append(int(time[k + 1] - time[k]))
    return out


def numbers(flows: Any) -> dict[tuple[str, str], tuple[int, float, float]]:
    return {(r["source"], r["target"]): (r["count"], r["mean_seconds"], r["median_seconds"]) for r in flows.rows()}


@pytest.mark.parametrize("unit", ["us", "s"])
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_a_table_in_time_order_is_counted_as_a_naive_sort_counts_it(unit: str, threads: int) -> None:
    table = interleaved(3, unit)
    flows = directly_follows(table, **KEYS, times="median", threads=threads)
    found = numbers(flows)
    expected = naive(table)
    assert found.keys() == expected.keys()
    for edge, steps in expected.items():
        count, mean, median = found[edge]
        assert count == len(steps)
        assert mean == pytest.approx(sum(steps) / len(steps) / 1e6, rel=1e-12)
        assert median == pytest.approx(float(np.median(steps)) / 1e6, rel=1e-12)
    assert sum(flows.starts.values()) == sum(flows.ends.values()) == len(np.unique(table["case"]))


def test_every_form_of_a_table_gives_the_numbers_of_its_log() -> None:
    table = interleaved(4)
    log = jk.read_events(table, **KEYS)
    whole = directly_follows(log)
    columns = ["source", "target", "count", "share", "mean_seconds", "median_seconds"]
    expected = whole.to_arrow().select(columns)
    for name, form in forms(table).items():
        if "shuffled" in name:  # ties fall otherwise: rows of one case and time stand in another order
            form = form.set_column(
                2,
                "time",
                pa.array(np.asarray(form["time"].cast(pa.int64())) * 1000 + np.arange(ROWS) % 997, pa.timestamp("ns")),
            )
            reference = directly_follows(jk.read_events(form, **KEYS))
        else:
            reference = whole
        flows = directly_follows(form, **KEYS, times="median")
        assert flows.to_arrow().equals(reference.to_arrow().select(columns)), name
        assert (flows.starts, flows.ends) == (reference.starts, reference.ends), name
        means = directly_follows(form, **KEYS, times="mean")
        assert means.to_arrow().equals(reference.to_arrow().select(columns[:-1])), name
    assert directly_follows(log, times="median").to_arrow().equals(expected)


def test_a_row_that_lacks_its_time_is_refused() -> None:
    table = interleaved(4)
    lacking = pa.table([pa.nulls(1, column.type) for column in table.columns], names=table.column_names)
    lacking = lacking.set_column(0, "case", pa.array([1], pa.int32())).set_column(
        1, "touchpoint", pa.array(["a"]).dictionary_encode()
    )
    with pytest.raises(jk.InvalidInput, match="has no value in row 300000"):
        directly_follows(pa.concat_tables([table, lacking]), **KEYS, times="mean")


@pytest.mark.parametrize("start", range(0, 1_000, 200))
def test_random_logs_give_the_same_with_and_without_a_log(start: int) -> None:
    for seed in range(start, start + 200):
        events = twins.random_events(seed, longest=25)
        log = twins.read(events)
        rows = [
            {key: row[key] for key in ("source", "target", "count", "share", "mean_seconds", "median_seconds")}
            for row in directly_follows(log).rows()
        ]
        assert directly_follows(log, times="median").rows() == rows, seed
        table = pa.table(
            {
                "case": [e.case for e in events],
                "touchpoint": [e.touchpoint for e in events],
                "time": pa.array([e.time for e in events], pa.timestamp("ns")),
            }
        )
        plain = directly_follows(jk.read_events(table, **KEYS))
        light = directly_follows(table, **KEYS, times="median")
        assert light.to_arrow().equals(plain.to_arrow().select(light.to_arrow().column_names)), seed
        assert (light.starts, light.ends) == (plain.starts, plain.ends), seed


def test_a_file_is_read_in_its_three_columns_only(tmp_path: Path) -> None:
    table = interleaved(5).append_column("text", pa.array(["x"] * ROWS))
    pq.write_table(table, tmp_path / "log.parquet")
    table.slice(0, 500).to_pandas().to_csv(tmp_path / "log.csv", index=False)
    expected = directly_follows(table, **KEYS, times="mean")
    assert directly_follows(tmp_path / "log.parquet", times="mean").to_arrow().equals(expected.to_arrow())
    small = directly_follows(tmp_path / "log.csv", **KEYS, times="mean")
    assert small.rows() == directly_follows(table.slice(0, 500), **KEYS, times="mean").rows()


def test_what_cannot_be_meant_is_refused() -> None:
    log = jk.read_events({"case": ["a"], "touchpoint": ["x"], "time": ["2026-01-05"]})
    with pytest.raises(jk.InvalidInput, match="times is 'max'; expected 'all', 'median' or 'mean'"):
        directly_follows(log, times="max")  # type: ignore[arg-type]
    with pytest.raises(jk.InvalidInput, match="leave by or times out"):
        directly_follows(log, by="case", times="mean")
    with pytest.raises(jk.InvalidInput, match="by needs a log"):
        directly_follows(log.to_arrow(), by="case")
    with pytest.raises(jk.InvalidInput, match="a log knows its own"):
        directly_follows(log, case="case")
    with pytest.raises(jk.NotFound, match="'cas' is not in the table"):
        directly_follows(log.to_arrow(), case="cas", times="mean")


def test_a_map_of_a_file_equals_that_of_a_log_of_its_three_columns(tmp_path: Path) -> None:
    table = interleaved(6).slice(0, 5_000)
    pq.write_table(table.append_column("channel", pa.array(["web"] * 5_000)), tmp_path / "log.parquet")
    expected = jk.discover(jk.read_events(table, **KEYS))
    assert jk.discover(tmp_path / "log.parquet") == expected
    assert jk.discover(table, **KEYS) == expected
    with pytest.raises(jk.InvalidInput, match="by needs a log"):
        jk.discover(table, **KEYS, by="case")
    with pytest.raises(jk.InvalidInput, match="a log knows its own"):
        jk.discover(jk.read_events(table, **KEYS), case="case")
