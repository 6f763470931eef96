"""Folders of Parquet: the same state however the rows stand in the files, nothing left behind, errors that say why."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import journeykit as jk
from journeykit.scale import folder, merge_files, read_state
from journeykit.scale.folder import memory_bytes
from scale.conftest import METRICS, READING, RULES, state_of

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS: dict[str, Any] = {
    "case": "case",
    "touchpoint": "what",
    "time": "when",
    "end_time": "done",
    "channel": "channel",
    "metrics": METRICS,
}


def read(place: Path, **options: Any) -> Any:
    return read_state(place, **{**COLUMNS, **RULES, **options})


@pytest.fixture
def days(events: pa.Table, tmp_path: Path) -> Path:
    """Seven files of rows in the order of time: cases stand in many of them."""
    place = tmp_path / "days"
    place.mkdir()
    ordered = events.sort_by("when")
    for k in range(7):
        pq.write_table(ordered.slice(k * 430, 430), place / f"day{k}.parquet")
    return place


@pytest.fixture
def whole(events: pa.Table, tmp_path: Path) -> Path:
    """Four files of whole cases."""
    place = tmp_path / "whole"
    place.mkdir()
    last = pc.utf8_slice_codeunits(events["case"], -1)
    for k, digits in enumerate(("012", "345", "67", "89")):
        pq.write_table(events.filter(pc.is_in(last, pa.array(list(digits)))), place / f"{k}.parquet")
    return place


@pytest.fixture
def spilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """So little memory that the rows go through the disk; the folder they go through."""
    monkeypatch.setattr(folder, "BYTES_PER_EVENT", 100_000)
    place = tmp_path / "spill"
    place.mkdir()
    return place


@pytest.mark.parametrize("workers", [1, 3])
def test_cases_that_span_files_are_put_together(
    days: Path, events: pa.Table, spilled: Path, workers: int, capfd: pytest.CaptureFixture[str]
) -> None:
    state = read(days, memory="50MB", spill=spilled, workers=workers, variants=True)
    assert state == state_of(events, variants=True)
    assert list(spilled.iterdir()) == []
    assert capfd.readouterr() == ("", "")  # no bar where there is no terminal


def test_a_log_that_fits_is_read_at_once(days: Path, events: pa.Table) -> None:
    assert read(f"{days}/*.parquet", memory=10**8) == state_of(events)
    assert read(days / "day0.parquet").events == 430


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_case_columns_of_any_type_are_put_apart(
    events: pa.Table, tmp_path: Path, spilled: Path, kind: pa.DataType
) -> None:
    for k in range(3):
        part = events.slice(k * 1_000, 1_000)
        pq.write_table(part.set_column(0, "case", part["case"].cast(kind)), tmp_path / f"{k}.parquet")
    assert read(f"{tmp_path}/*.parquet", memory="50MB", spill=spilled) == state_of(events)


def test_numbers_as_cases_are_put_apart(events: pa.Table, tmp_path: Path, spilled: Path) -> None:
    numbers = pc.utf8_slice_codeunits(events["case"], 1, 99).cast(pa.int64())
    for k in range(3):
        pq.write_table(events.set_column(0, "case", numbers).slice(k * 1_000, 1_000), tmp_path / f"{k}.parquet")
    texts = events.set_column(0, "case", numbers.cast(pa.string()))
    assert read(f"{tmp_path}/*.parquet", memory="50MB", spill=spilled) == state_of(texts)


def test_files_of_whole_cases_need_no_disk(whole: Path, events: pa.Table, tmp_path: Path) -> None:
    assert read(whole, whole_cases=True, spill=tmp_path / "nowhere") == state_of(events)


def test_processes_over_files_give_the_same_state(whole: Path, events: pa.Table) -> None:
    assert merge_files(whole, reading=READING, workers=2, **RULES) == state_of(events)


def test_a_case_in_two_files_of_whole_cases_is_refused(days: Path) -> None:
    with pytest.raises(jk.InvalidInput, match=r"case 'c\d+' comes in more than one file"):
        read(days, whole_cases=True)


def test_errors_leave_nothing_on_the_disk(days: Path, spilled: Path) -> None:
    missing = pq.read_table(days / "day6.parquet")
    gone = pa.array([None] * missing.num_rows, pa.string())
    pq.write_table(missing.set_column(1, "what", gone), days / "day6.parquet")
    with pytest.raises(jk.InvalidInput, match="column 'what' has 420 missing values"):
        read(days, memory="50MB", spill=spilled)
    assert list(spilled.iterdir()) == []
    assert read(days, memory="50MB", spill=spilled, on_missing="drop").events == 6 * 430
    with pytest.raises(jk.Unsupported, match="more than 3 distinct variants"):
        read(days, memory="50MB", spill=spilled, on_missing="drop", variants=True, max_variants=3)
    assert list(spilled.iterdir()) == []


def test_files_that_cannot_be_read_are_named(days: Path, whole: Path) -> None:
    with pytest.raises(jk.NotFound, match=r"column 'whom' .*'day0.parquet'.*nearest: 'what'"):
        read(days, touchpoint="whom")
    part = pq.read_table(days / "day3.parquet")
    pq.write_table(
        part.set_column(2, "when", part["when"].cast(pa.timestamp("ms", "UTC"), safe=False)), days / "day3.parquet"
    )
    with pytest.raises(jk.InvalidInput, match=r"column 'when' is timestamp\[ms, tz=UTC\] in file 'day3.parquet'"):
        read(days)
    data = (whole / "2.parquet").read_bytes()
    (whole / "2.parquet").write_bytes(data[: len(data) // 2])
    for options in ({}, {"whole_cases": True}):
        with pytest.raises(jk.InvalidInput, match=r"'2.parquet' is no whole Parquet file"):
            read(whole, **options)


def test_arguments_that_cannot_be_are_refused(days: Path, tmp_path: Path) -> None:
    for memory in ("2", "GB", "1e9 MB", 3, None, True, "10MB"):
        with pytest.raises(jk.InvalidInput, match="memory is"):
            read(days, memory=memory)
    assert memory_bytes("2 GiB") == 2**31
    for workers in (0, 65, "2", True):
        with pytest.raises(jk.InvalidInput, match="workers is"):
            read(days, workers=workers)
    with pytest.raises(jk.NotFound, match=r"ending: touchpoint 'paid' .*nearest: 'pay'"):
        read(days, completed="paid")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(jk.NotFound, match="no Parquet file in the folder"):
        read(empty)
    (empty / "a.csv").write_text("a")
    with pytest.raises(jk.InvalidInput, match="is no Parquet file"):
        read(empty / "a.csv")
    pq.write_table(pq.read_table(days / "day0.parquet").slice(0, 0), empty / "a.parquet")
    with pytest.raises(jk.InvalidInput, match="no rows"):
        read(empty)


def test_parts_without_a_case_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cases in more parts than that."""
    monkeypatch.setattr(folder, "BYTES_PER_EVENT", 10**8)
    columns = {"case": [1, 2, 1, 2], "touchpoint": list("abba"), "time": pa.array(range(4), pa.timestamp("s"))}
    pq.write_table(pa.table(columns), tmp_path / "few.parquet")
    state = read_state(tmp_path / "few.parquet", case="case", touchpoint="touchpoint", time="time", memory="50MB")
    assert [(row["source"], row["target"], row["count"]) for row in state.directly_follows().rows()] == [
        ("a", "b", 1),
        ("b", "a", 1),
    ]


def test_too_little_memory_for_so_many_events_is_said(days: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "BYTES_PER_EVENT", 10**8)
    with pytest.raises(jk.InvalidInput, match="at most 512 files"):
        read(days, memory="50MB")
    with pytest.raises(jk.InvalidInput, match="do not fit into the memory"):
        read(days, memory="50MB", whole_cases=True)


SCRIPT = """
    import sys
    from journeykit.scale import folder, read_state
    from journeykit.scale.reading import Reading
    folder.BYTES_PER_EVENT = 100_000
    {more}
    read_state(sys.argv[1], case="case", touchpoint="what", time="when", memory="50MB", spill=sys.argv[2])
"""


def run(days: Path, spilled: Path, more: str) -> subprocess.CompletedProcess[str]:
    script = textwrap.dedent(SCRIPT).format(more=more)
    asked = [sys.executable, "-c", script, str(days), str(spilled)]
    return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are of POSIX")
def test_a_full_disk_is_a_clear_error_and_leaves_nothing(days: Path, spilled: Path) -> None:
    done = run(days, spilled, "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))")
    assert done.returncode == 1
    assert "InvalidInput: the disk of folder" in done.stderr
    assert "is full; name another with spill=" in done.stderr
    assert list(spilled.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_stops_a_run_and_leaves_nothing(days: Path, spilled: Path) -> None:
    # the interrupt comes while the first part is read
    more = "Reading.log = lambda *_: os.kill(os.getpid(), signal.SIGINT) or time.sleep(1)"
    done = run(days, spilled, f"import os, signal, time; {more}")
    assert done.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in done.stderr
    assert list(spilled.iterdir()) == []


def test_too_little_room_is_said_before_anything_is_written(
    days: Path, spilled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(jk.InvalidInput, match="GB free"):
        read(days, memory="50MB", spill=spilled)
    assert list(spilled.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(days: Path, spilled: Path) -> None:
    with pytest.raises(jk.InvalidInput, match="cannot hold temporary files: No such file"):
        read(days, memory="50MB", spill=spilled / "nowhere")
