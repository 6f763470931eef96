"""Event data by the numbers of docs/hostile_inputs.md, and what has gone wrong elsewhere in this field.

The numbers behind "pm4py" are issues of that project: each failure there is a test here.
"""

from __future__ import annotations

import datetime
import itertools
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import journeykit as jk

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 1_000_000_000


def events(*rows: tuple[str, str, int], **more: list[Any]) -> pa.Table:
    """(case, touchpoint, seconds since 1970) as a table, then further columns."""
    case, touchpoint, seconds = zip(*rows, strict=True)
    columns: dict[str, Any] = {"case": list(case), "touchpoint": list(touchpoint)}
    columns["time"] = pa.array([s * SECOND for s in seconds], pa.timestamp("ns", "UTC"))
    return pa.table({**columns, **more})


def edges(log: jk.EventLog) -> dict[tuple[str, str], int]:
    return {(row["source"], row["target"]): row["count"] for row in jk.directly_follows(log).rows()}


def paths(log: jk.EventLog) -> dict[str, int]:
    return {" → ".join(row["touchpoints"]): row["cases"] for row in log.variants().rows()}


# E1–E4: shapes, sizes, orders


def test_e1_columns_that_are_missing_or_stand_twice_are_refused() -> None:
    table = events(("1", "a", 0))
    with pytest.raises(jk.InvalidInput, match="no column is known as the time"):
        jk.read_events(table.drop_columns("time"))
    with pytest.raises(jk.NotFound, match=r"time column 'tme' is not in the table .*nearest: 'time'"):
        jk.read_events(table, time="tme")
    with pytest.raises(jk.InvalidInput, match="column 'case' stands twice"):
        jk.read_events(table.append_column("case", pa.array(["1"])), case="case")
    with pytest.raises(jk.InvalidInput, match="source has no rows"):
        jk.read_events(table.slice(0, 0))


@pytest.mark.parametrize(
    ("rows", "shape", "expected"),
    [
        ([("1", "a", 0)], (1, 1), {}),
        ([("1", "a", 0), ("1", "b", 1)], (1, 2), {("a", "b"): 1}),
        ([("1", "a", 0), ("1", "a", 1), ("2", "a", 0)], (2, 3), {("a", "a"): 1}),
        ([("1", "a", 0), ("2", "b", 0), ("3", "c", 0)], (3, 3), {}),
    ],
    ids=["one event", "one case", "one touchpoint", "every event its own case"],
)
def test_e2_the_smallest_logs_have_every_answer(
    rows: list[tuple[str, str, int]], shape: tuple[int, int], expected: dict[tuple[str, str], int]
) -> None:
    log = jk.read_events(events(*rows))
    assert (log.case_count, log.event_count) == shape
    assert edges(log) == expected
    assert sum(paths(log).values()) == log.case_count
    assert jk.discover(log).touchpoints
    assert log.rework().rows()
    assert jk.case_durations(log).rows()[0]["cases"] == log.case_count


def test_e4_identical_rows_count_twice_and_are_reported() -> None:
    log = jk.read_events(events(("1", "a", 0), ("1", "a", 0), ("1", "b", 5)))
    assert edges(log) == {("a", "a"): 1, ("a", "b"): 1}
    assert (log.quality.duplicate_events, log.quality.tied_events) == (1, 1)


def test_e4_an_end_before_its_start_is_missing_and_reported() -> None:
    ends = pa.array([3 * SECOND, 9 * SECOND], pa.timestamp("ns", "UTC"))
    log = jk.read_events(events(("1", "a", 5), ("1", "b", 6), end_time=ends))
    assert log.quality.ends_before_start == 1
    assert [row["end_time"] is None for row in log.to_arrow().to_pylist()] == [True, False]


def test_e4_a_log_of_more_than_292_years_is_refused() -> None:
    far = pa.array([-(2**63) + 1, 2**63 - 1], pa.timestamp("ns", "UTC"))
    table = pa.table({"case": ["1", "1"], "touchpoint": ["a", "b"], "time": far})
    with pytest.raises(jk.InvalidInput, match=r"spans more than 292 years; .* look for broken dates"):
        jk.read_events(table)


# E6–E8: scores, identifiers, text


@pytest.mark.parametrize(
    ("metric", "values", "kept"),
    [
        ("csat", [0.0, 6.0, 11.0, -1.0, 4.5, float("nan"), 5.0], [5.0]),
        ("nps", [10.4, 11.0, -1.0, 1e300, 0.0, 10.0, None], [0.0, 10.0]),
        ("ces", [0.0, 8.0, 1.0, 7.0, 3.0, None, None], [1.0, 7.0, 3.0]),
    ],
)
def test_e6_answers_beyond_their_scale_are_missing_and_counted(
    metric: str, values: list[float | None], kept: list[float]
) -> None:
    table = events(*((str(k), "a", k) for k in range(7)), score=pa.array(values, pa.float64()))
    log = jk.read_events(table, metrics={metric: "score"})
    assert [v for v in log.to_arrow()["score"].to_pylist() if v is not None] == kept
    given = sum(value is not None and value == value for value in values)
    assert log.quality.out_of_scale == {metric: given - len(kept)}


def test_e7_identifiers_keep_their_form() -> None:
    ids = ["NA", "null", "None", "nan", " ", "001", "1", "1e5", "x" * 65_536, "1.0"]
    log = jk.read_events(events(*((one, one, 0) for one in ids)))
    assert [row["case"] for row in log.cases().rows()] == sorted(ids)
    assert log.touchpoints == sorted(ids)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["a", "b"]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([1, 2]), pa.array(["never", "a", "b"])),
        pa.array(["a", "b"], pa.large_string()),
        pa.chunked_array([["a"], [], ["b"]]),
    ],
    ids=["categories", "unused categories", "long text", "several chunks"],
)
def test_e7_every_form_of_text_is_the_same_text(column: Any) -> None:
    table = pa.table({"case": column, "touchpoint": ["x", "y"], "time": pa.array([0, 1], pa.timestamp("s", "UTC"))})
    log = jk.read_events(table)
    assert [row["case"] for row in log.cases().rows()] == ["a", "b"]


@pytest.mark.parametrize(
    "label",
    [
        *("\ufffe", "a\0b", "\x9b2J", "👩\u200d👩\u200d👧", "e" + "\u0301" * 1_000, "支付", "＝１"),
        *("مرحبا", "\u202eabc", "\u2066x", "\t\n"),
    ],
)
def test_e8_labels_of_all_kinds_are_kept_shown_and_found_again(label: str) -> None:
    log = jk.read_events(events(("1", label, 0), ("1", "end", 1)))
    assert set(log.touchpoints) == {label, "end"}
    assert edges(log) == {(label, "end"): 1}
    assert log.filter_paths(contains=label).case_count == 1
    journey = jk.discover(log)
    assert jk.JourneyMap.from_json(journey.to_json()) == journey
    for shown in (repr(log), repr(journey)):
        assert shown.isprintable() or not set(shown) & {"\0", "\x9b", "\u202e", "\u2066"}


def test_e8_text_that_is_no_utf8_is_refused_with_its_row() -> None:
    ends = pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0")
    broken = pa.Array.from_buffers(pa.string(), 2, [None, ends, pa.py_buffer(b"a\xff")])
    table = events(("1", "a", 0), ("1", "b", 1)).set_column(1, "touchpoint", broken)
    with pytest.raises(jk.InvalidInput, match=r"touchpoint.*UTF-8|UTF-8.*touchpoint"):
        jk.read_events(table)


# What went wrong elsewhere


def test_pm4py_166_and_481_tied_times_give_one_answer_and_are_counted() -> None:
    """Rows of one time kept their input order by luck of the sort: two runs gave two graphs."""
    tied = [("1", "a", 0), ("1", "c", 7), ("1", "b", 7), ("1", "d", 9)]
    log = jk.read_events(events(*tied))
    assert edges(log) == {("a", "c"): 1, ("b", "d"): 1, ("c", "b"): 1}  # as the rows stand
    assert log.quality.tied_events == 1
    orders = {"a": 0, "b": 1, "c": 2, "d": 3}
    for rows in itertools.permutations(tied):  # with an order column the rows may stand anyhow
        ordered = jk.read_events(events(*rows, step=[orders[row[1]] for row in rows]), order="step")
        assert edges(ordered) == {("a", "b"): 1, ("b", "c"): 1, ("c", "d"): 1}
        assert ordered.quality.tied_events == 0


def test_pm4py_546_variants_of_unsorted_rows_are_those_of_sorted_rows() -> None:
    """Variants were read off the rows as they stood, in silence."""
    rows = [(case, touchpoint, 10 * k) for case in ("1", "2", "3") for k, touchpoint in enumerate("abca")]
    expected = {"a → b → c → a": 3}
    for seed in range(20):
        mixed = random.Random(seed).sample(rows, len(rows))
        log = jk.read_events(events(*mixed))
        assert paths(log) == expected
        assert log.quality.out_of_order_rows > 0 or mixed == rows


def test_pm4py_563_a_name_with_entities_is_read_once_and_rightly(tmp_path: Path) -> None:
    """Of two readers one left `&amp;` in the names: the same file had two sets of activities."""
    pytest.importorskip("r4pm")
    file = tmp_path / "log.xes"
    file.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><log><trace><string key="concept:name" value="A &lt;1&gt;"/>'
        '<event><string key="concept:name" value="Q&amp;A &quot;live&quot; &#x5ba2;&#26381;"/>'
        '<date key="time:timestamp" value="2026-01-05T09:00:00Z"/></event></trace></log>',
        encoding="utf-8",
    )
    log = jk.read_events(file)
    assert log.touchpoints == ['Q&A "live" 客服']
    assert [row["case"] for row in log.cases().rows()] == ["A <1>"]


def test_pm4py_395_any_number_of_threads_gives_the_same_graph() -> None:
    """Worker processes crashed on some machines. There are none here, and threads change no number."""
    chance = random.Random(395)
    rows = [(str(chance.randrange(200)), chance.choice("abcde"), chance.randrange(10**6)) for _ in range(20_000)]
    log = jk.read_events(events(*rows))
    one = jk.directly_follows(log, threads=1)
    for threads in (2, 3, 8, 64):
        assert jk.directly_follows(log, threads=threads).rows() == one.rows()


def test_pm4py_187_reading_a_file_again_and_again_keeps_no_memory(tmp_path: Path) -> None:
    """Each import of a file kept some of it."""
    import gc
    import tracemalloc

    file = tmp_path / "log.csv"
    rows = (f"{k % 50},t{k % 7},2026-01-05T00:00:{k % 60:02}Z\n" for k in range(5_000))
    file.write_text("case,touchpoint,time\n" + "".join(rows), encoding="utf-8")

    def read() -> None:
        log = jk.read_events(file)
        jk.directly_follows(log).rows()

    for _ in range(3):
        read()
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    gc.collect()
    start = tracemalloc.get_traced_memory()[0]
    for _ in range(20):
        read()
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0] - start
    tracemalloc.stop()
    assert kept < 20 * 1_024
    assert pa.total_allocated_bytes() <= before


def test_single_pandas_times_with_nanoseconds_are_refused_and_a_column_of_them_is_read() -> None:
    """Arrow cuts them to microseconds: two events 2 ns apart changed places."""
    pd = pytest.importorskip("pandas")
    times = [pd.Timestamp(5, tz="UTC"), pd.Timestamp(3, tz="UTC")]
    rows = {"case": ["1", "1"], "touchpoint": ["late", "early"]}
    for source in ({**rows, "time": times}, pd.DataFrame({**rows, "time": pd.Series(times, dtype=object)})):
        with pytest.raises(jk.InvalidInput, match=r"holds single times with nanoseconds \(row 0 .*pandas\.to_datetime"):
            jk.read_events(source)
    for column in (pd.to_datetime(times), pd.Series(times)):
        assert paths(jk.read_events({**rows, "time": column})) == {"early → late": 1}


def test_times_of_all_units_and_zones_name_the_same_moments() -> None:
    moment = datetime.datetime(2026, 1, 5, 9, 0, tzinfo=datetime.UTC)
    logs = [
        jk.read_events({"case": ["1"], "touchpoint": ["a"], "time": [moment.astimezone(datetime.timezone(offset))]})
        for offset in (datetime.timedelta(0), datetime.timedelta(hours=14), -datetime.timedelta(hours=9, minutes=30))
    ]
    assert len({str(log.to_arrow()["time"].to_pylist()) for log in logs}) == 1
