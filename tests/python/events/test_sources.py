"""Every kind of table and file gives the same log; what is no table is refused with the way out."""

# ruff: noqa: DTZ001  times without a zone are what is tested

from __future__ import annotations

import datetime
import os
import struct
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

import journeykit as jk

if TYPE_CHECKING:
    from pathlib import Path

#   a: browse ─ NA ─ pay        b: 支付 ─ 👩‍👩‍👧        "001" and "1" are two cases
ROWS = {
    "case": ["a", "b", "a", "001", "1", "a", "b"],
    "touchpoint": ["browse", "支付", "NA", "null", " ", "pay", "👩‍👩‍👧"],
    "time": [datetime.datetime(2024, 1, 1, 10, k) for k in range(7)],
    "channel": ["web", None, "app", "web", None, "web", "app"],
    "score": [1, None, 5, 5, None, 3, None],
}
TABLE = pa.table(ROWS)
FRAME = TABLE.to_pandas()
POLARS = pl.DataFrame(ROWS)


def replaced(column: str, values: Any) -> pa.Table:
    return TABLE.set_column(TABLE.column_names.index(column), column, values)


KINDS = {
    "dictionary of lists": lambda: ROWS,
    "list of dictionaries": lambda: TABLE.to_pylist(),
    "pyarrow table": lambda: TABLE,
    "pyarrow large_string": lambda: replaced("touchpoint", TABLE["touchpoint"].cast(pa.large_string())),
    "pyarrow string_view": lambda: replaced("touchpoint", TABLE["touchpoint"].cast(pa.string_view())),
    "pyarrow dictionary": lambda: replaced("touchpoint", TABLE["touchpoint"].dictionary_encode()),
    "pyarrow run-end encoded": lambda: replaced(
        "channel", pa.chunked_array([pc.run_end_encode(TABLE["channel"].combine_chunks())])
    ),
    "pyarrow in chunks": lambda: pa.concat_tables([TABLE.slice(k, 2) for k in range(0, 7, 2)]),
    "pyarrow reader": lambda: TABLE.to_reader(max_chunksize=3),
    "pyarrow milliseconds UTC": lambda: replaced(
        "time", TABLE["time"].cast(pa.timestamp("ms")).cast(pa.timestamp("ms", "UTC"))
    ),
    "pandas object": lambda: FRAME,
    "pandas category": lambda: FRAME.astype({"case": "category", "touchpoint": "category"}),
    "pandas string": lambda: FRAME.astype({"case": "string", "touchpoint": "string"}),
    "pandas arrow types": lambda: FRAME.convert_dtypes(dtype_backend="pyarrow"),
    "pandas index of no meaning": lambda: FRAME.set_index(pd.Index([9] * 7)),
    "polars": lambda: POLARS,
    "polars categorical": lambda: POLARS.with_columns(pl.col("touchpoint").cast(pl.Categorical)),
    "polars enum": lambda: POLARS.with_columns(pl.col("touchpoint").cast(pl.Enum(ROWS["touchpoint"]))),
    "narwhals": lambda: narwhals.from_native(POLARS),
    "duckdb relation": lambda: duckdb.from_arrow(TABLE),
}


def content(log: jk.EventLog) -> pa.Table:
    """All rows with dictionaries decoded, to compare."""
    table = log.to_arrow()
    return table.cast(
        pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema])
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_log(kind: str) -> None:
    log = jk.read_events(KINDS[kind](), metrics={"csat": "score"})
    rows = content(log).to_pylist()
    assert [(row["case"], row["touchpoint"]) for row in rows] == [
        ("001", "null"),
        ("1", " "),
        ("a", "browse"),
        ("a", "NA"),
        ("a", "pay"),
        ("b", "支付"),
        ("b", "👩‍👩‍👧"),
    ]
    assert [row["score"] for row in rows] == [5, None, 1, 5, 3, None, None]
    assert [row["channel"] for row in rows] == ["web", None, "web", "app", "web", None, "app"]
    assert rows[0]["time"] == pd.Timestamp("2024-01-01 10:03", tz="UTC")
    assert log.quality.missing == {"case": 0, "touchpoint": 0, "time": 0, "channel": 2, "score": 3}


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_a_file_gives_the_log_of_the_table(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"log.{ending}"
    if ending == "parquet":
        pq.write_table(TABLE, path)
    else:
        with pa.output_stream(path, compression="gzip" if ending.endswith("gz") else None) as out:
            arrow_csv.write_csv(TABLE, out)
    assert content(jk.read_events(path, metrics={"csat": "score"})).equals(
        content(jk.read_events(TABLE, metrics={"csat": "score"}))
    )


def test_a_pattern_reads_all_its_files_and_says_which_lack_a_column(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("case,touchpoint,time,channel\na,x,2024-01-01T00:00:00Z,web\n")
    (tmp_path / "2.csv").write_text("case,touchpoint,time\na,y,2024-01-01T00:00:00+02:00\n")
    log = jk.read_events(str(tmp_path / "*.csv"))
    assert [row["touchpoint"] for row in content(log).to_pylist()] == ["y", "x"]  # +02:00 is two hours earlier
    assert "1 of 2 files lack columns that others have; they count as missing there" in log.notes


def test_integer_ids_become_text_and_floats_are_refused() -> None:
    numbered = pd.DataFrame({"case": [1, 2], "touchpoint": [10, 10], "time": pd.to_datetime(["2024-01-01"] * 2)})
    log = jk.read_events(numbered)
    assert log.touchpoints == ["10"]
    assert log.cases().to_arrow()["case"].to_pylist() == ["1", "2"]
    gaps = numbered.assign(case=[1.0, None])
    with pytest.raises(
        jk.InvalidInput,
        match=r"column 'case' \(case\) holds floating numbers such as '1.0'; .* read the column as text",
    ):
        jk.read_events(gaps)


def test_wide_integers_of_sql_are_ids() -> None:
    relation = duckdb.sql("select 7::hugeint as case_id, 'a' as activity, timestamptz '2024-01-01 00:00:00+00' as ts")
    assert jk.read_events(relation).cases().to_arrow()["case"].to_pylist() == ["7"]


def test_a_lazy_frame_is_refused_with_the_way_out() -> None:
    for lazy in (POLARS.lazy(), narwhals.from_native(POLARS.lazy())):
        with pytest.raises(jk.Unsupported, match=r"lazy frame, which has no rows yet; pass source.collect\(\)"):
            jk.read_events(lazy)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("case", ["a", 1, "b"], r"column 'case' mixes str \(row 0 \(counted from 0\)\) and int \(row 1"),
        ("case", ["a", b"a", "b"], r"mixes str .* and bytes"),
        ("case", [("a", "b")] * 3, r"column 'case' holds .*list.*; expected flat values"),
        ("case", ["\ud800", "b", "c"], r"no valid Unicode \(a lone surrogate\)"),
        (
            "time",
            [datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, 9), None],
            r"mixes date .* and datetime without a zone",
        ),
        (
            "time",
            [datetime.datetime(2024, 1, 1), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), None],
            r"mixes datetime without a zone .* and datetime with a zone",
        ),
        ("score", [True, 5, None], r"mixes bool .* and int"),
    ],
)
@pytest.mark.parametrize("as_frame", [False, True])
def test_a_column_of_several_types_is_refused_with_its_first_rows(
    column: str, values: list[object], message: str, as_frame: bool
) -> None:
    source: Any = {name: values if name == column else known[:3] for name, known in ROWS.items()}
    if as_frame:
        source = pd.DataFrame({name: pd.Series(known, dtype=object) for name, known in source.items()})
    with pytest.raises((jk.InvalidInput, jk.Unsupported), match=message):
        jk.read_events(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"case": ["a"], "touchpoint": ["b", "c"], "time": []}, "columns have different lengths"),
        ([1, 2], r"row 0 \(counted from 0\) is a int; expected a list of dictionaries"),
        (17, "source is a int; expected a path, a table with __arrow_c_stream__"),
        ({"case": "abc", "touchpoint": ["b"], "time": ["c"]}, "column 'case' is a str; expected a list of values"),
        (pl.Series([1, 2]), "source cannot be read as a table"),
        (pd.DataFrame([["a", "b"]], columns=["x", "x"]), "column 'x' stands twice in the table"),
        (TABLE.slice(0, 0), "source has no rows"),
        ({}, "no column is known as the case"),
    ],
)
def test_what_is_no_table_of_events_is_refused(source: object, message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        jk.read_events(source)


def test_nested_columns_are_left_out_with_a_note() -> None:
    table = TABLE.append_column("basket", pa.array([["x"]] * 7))
    log = jk.read_events(table)
    assert "basket" not in log.columns
    assert any(note.startswith("column 'basket' is left out: it holds list<") for note in log.notes)


def test_forever_in_an_attribute_counts_as_missing_with_a_note() -> None:
    forever = [datetime.datetime(9999, 12, 31)] + [datetime.datetime(2024, 1, 2)] * 6
    log = jk.read_events(TABLE.append_column("due", pa.array(forever)))
    assert log.quality.missing["due"] == 1
    assert "column 'due': 1 times outside the years 1677 to 2262 count as missing" in log.notes


def test_no_such_file_and_unknown_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(jk.NotFound, match="no file"):
        jk.read_events(tmp_path / "nothing.csv")
    with pytest.raises(jk.InvalidInput, match="is a folder"):
        jk.read_events(tmp_path)
    (tmp_path / "log.xlsx").write_bytes(b"")
    with pytest.raises(jk.Unsupported, match=r"no known ending; expected .csv"):
        jk.read_events(tmp_path / "log.xlsx")


def test_paths_that_are_no_files_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(jk.InvalidInput, match="is a pipe or device; expected a file"):
        jk.read_events(tmp_path / "pipe.csv")
    with pytest.raises(jk.InvalidInput, match="cannot be opened: File name too long"):
        jk.read_events(tmp_path / ("x" * 300 + ".csv"))
    for wrong in ("", "a\0b.csv", b"log.csv"):
        with pytest.raises(jk.InvalidInput, match="expected a"):
            jk.read_events(wrong)


def test_dictionaries_that_share_only_their_offsets_are_two() -> None:
    offsets = pa.py_buffer(struct.pack("3i", 0, 1, 2))
    batches = []
    for letters, minute in ((b"ab", 0), (b"cd", 10)):
        words = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(letters))
        times = pa.array([minute * 60, minute * 60 + 60], pa.timestamp("s"))
        touchpoint = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), words)
        batches.append(pa.record_batch([pa.array([1, 1]), touchpoint, times], names=["case", "touchpoint", "time"]))
    table = pa.Table.from_batches(batches)
    steps = {("a", "b"), ("b", "c"), ("c", "d")}
    for found in (jk.directly_follows(table), jk.directly_follows(jk.read_events(table))):
        assert {(row["source"], row["target"]) for row in found.rows()} == steps


def test_many_batches_over_one_long_dictionary_read_as_one() -> None:
    names = [f"c{k:05d}" for k in range(30_000)]
    cases = pa.DictionaryArray.from_arrays(pa.array(list(range(30_000)) * 2, pa.int32()), pa.array(names))
    times = pa.array(range(60_000), pa.timestamp("s"))
    table = pa.table({"case": cases, "touchpoint": pa.array(["x"] * 60_000), "time": times})
    log = jk.read_events(pa.Table.from_batches(table.to_batches(max_chunksize=7_000)))
    assert (log.case_count, log.event_count) == (30_000, 60_000)
    assert log.cases().to_arrow()["case"].to_pylist() == names
