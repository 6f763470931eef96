"""CSV files as they come: separators, quotes, encodings, broken rows."""

from __future__ import annotations

import gzip
import threading
from typing import TYPE_CHECKING, Any

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import journeykit as jk
from journeykit.events import opened

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "case,touchpoint,time\n"
GOOD = HEAD + "a,x,2024-01-01T00:00:00Z\n"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def reader(content: str | bytes, name: str = "log.csv", **options: Any) -> jk.EventLog:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return jk.read_events(tmp_path / name, **options)

    return reader


def rows(log: jk.EventLog) -> list[dict[str, Any]]:
    return log.to_arrow().to_pylist()


def test_names_and_ids_survive_as_they_are_written(read: Any) -> None:
    names = [
        "NA",
        "null",
        "None",
        "nan",
        "1e5",
        "001",
        "1",
        " ",
        "支付",
        "👩‍👩‍👧",
        "\u00e9",
        "e\u0301",
        "\u202eabc",
        "a\x00b",
    ]
    log = read(HEAD + "".join(f'{name},"{name}",2024-01-01T00:00:0{k % 10}Z\n' for k, name in enumerate(names)))
    assert sorted(row["case"] for row in rows(log)) == sorted(names)
    assert log.touchpoints == sorted(names, key=lambda name: name.encode())


def test_attributes_become_numbers_only_where_that_loses_nothing(read: Any) -> None:
    log = read(
        "case,touchpoint,time,whole,decimal,zeros,exponent,twins,long,gaps,word\n"
        "a,x,2024-01-01,1,1.5,001,1e5,1.5,12345678901234567890,,x\n"
        "a,x,2024-01-02,-20,2,002,2e5,1.50,1,7,1\n"
    )
    kinds = {field.name: str(field.type) for field in log.to_arrow().schema}
    assert (kinds["whole"], kinds["decimal"], kinds["gaps"]) == ("int64", "double", "int64")
    assert all(kinds[name].startswith("dictionary") for name in ("zeros", "exponent", "twins", "long", "word"))
    assert [row["twins"] for row in rows(log)] == ["1.5", "1.50"]


def test_a_second_column_of_one_name_gets_a_number_and_a_note(read: Any) -> None:
    log = read("case,touchpoint,time,category,category,\na,x,2024-01-01,p,q,r\n")
    assert log.columns == ["case", "touchpoint", "time", "category", "category_2", "column_6"]
    assert "column 'category' stands more than once; the one at place 5 is now 'category_2'" in log.notes


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_another_separator_is_found_and_said(read: Any, sign: str) -> None:
    log = read(GOOD.replace(",", sign))
    assert log.event_count == 1
    assert any(note.startswith("columns of 'log.csv' are separated by") for note in log.notes)


def test_a_wrong_separator_is_hinted_at(read: Any) -> None:
    with pytest.raises(jk.NotFound, match=r"case column 'case' is not in the table .*is another delimiter= needed\?"):
        read(GOOD, delimiter=";", case="case")
    with pytest.raises(jk.InvalidInput, match="delimiter is ', '; expected one character"):
        read(GOOD, delimiter=", ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + "b,y\n", r"has 2 fields in row 1 \(counted from 0\); expected 3 as in its header"),
        (GOOD + "b,y,2024-01-01,4\n", r"has 4 fields in row 1"),
        (GOOD * 1 + "a,x,2024-01-01T00:00:00Z\n" * 300_000 + "b\n", r"has 1 fields in row 300,001"),
        ("", "is empty; expected a header line"),
        ("\n\n", "is empty; expected a header line"),
        (HEAD, "source has no rows"),
        (HEAD[:-1], "or one line only; expected a header line and one line per event"),
        (
            GOOD + 'b,"y,2024-01-01T00:00:00Z\nc,z,2024-01-02T00:00:00Z\n',
            r'has (a quote \("\) that is never closed|2 fields)',
        ),
        (
            GOOD + 'b,y,"2024-01-01T00:00:00Z\nc,z,2024-01-02T00:00:00Z\n',
            r'a quote \("\) that is never closed: row 1 .* swallows the rest',
        ),
        (GOOD.encode("utf-16"), "is UTF-16; pass encoding='utf-16'"),
        (
            GOOD.encode() + b"b,caf\xe9,2024-01-01T00:00:00Z\n",
            r"is not UTF-8 in row 1 .* of column 'touchpoint'; name its encoding: encoding='cp1252'",
        ),
    ],
)
def test_a_broken_file_is_refused_with_the_row_and_the_way_out(read: Any, content: str | bytes, message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        read(content)


def test_named_encodings_are_read(read: Any) -> None:
    row = "b,café 支付,2024-01-01T00:00:00Z\n"
    assert read((HEAD + row).encode("gb18030"), encoding="gb18030").touchpoints == ["café 支付"]
    assert read((HEAD + row).encode("utf-16"), encoding="utf-16").touchpoints == ["café 支付"]
    assert read(b"\xef\xbb\xbf" + (HEAD + row).encode()).touchpoints == ["café 支付"]
    assert read((HEAD + "b,café,2024-01-01\n").encode("cp1252"), encoding="cp1252").touchpoints == ["café"]
    with pytest.raises(jk.InvalidInput, match="encoding 'klingon' is not known"):
        read(GOOD, encoding="klingon")


def test_line_ends_of_all_kinds_and_quoted_line_ends_are_read(read: Any) -> None:
    for end in ("\r\n", "\r"):
        assert read((GOOD + "b,y,2024-01-01T00:00:00Z\n").replace("\n", end)).event_count == 2
    log = read('case,touchpoint,time,text\na,x,2024-01-01,"line one\nline ""two"", and more"\n', text="text")
    assert rows(log)[0]["text"] == 'line one\nline "two", and more'


def test_a_million_quotes_and_a_long_field_are_read(read: Any) -> None:
    assert len(rows(read(HEAD + 'a,"' + '"' * 1_000_000 + '",2024-01-01\n'))[0]["touchpoint"]) == 500_000
    assert len(rows(read(HEAD + "a," + "x" * 20_000_000 + ",2024-01-01\n"))[0]["touchpoint"]) == 20_000_000


def test_an_empty_field_is_missing_and_so_is_what_the_caller_names(read: Any) -> None:
    text = "case,touchpoint,time,channel,csat\na,x,2024-01-01,?,?\na,y,2024-01-02,,4\n"
    log = read(text, missing_values=("?",), metrics={"csat": "csat"})
    assert log.quality.missing == {"case": 0, "touchpoint": 0, "time": 0, "channel": 2, "csat": 1}
    with pytest.raises(jk.InvalidInput, match=r"touchpoint column 'touchpoint' has no value in row 1"):
        read(GOOD + ",,\n".replace(",,", "b,,2024-01-01T00:00:00Z"))


@pytest.mark.parametrize(
    ("score", "said"),
    [("1,000", "'1,000'"), ("¥12", "'¥12'"), ("five", "'five'"), ("NaN", "'NaN'"), ("0x10", "'0x10'")],
)
def test_a_score_that_is_no_plain_number_is_refused_with_its_row(read: Any, score: str, said: str) -> None:
    with pytest.raises(
        jk.InvalidInput, match=rf"column 'score' has {said} in row 1 \(counted from 0\); expected a plain number"
    ):
        read(f'case,touchpoint,time,score\na,x,2024-01-01,5\na,x,2024-01-02,"{score}"\n', metrics={"csat": "score"})


def test_scores_in_text_become_numbers_and_those_beyond_the_scale_are_counted(read: Any) -> None:
    scores = ["0", "6", "11", "-1", "4.5", "5", " 4 ", "+3", "1e0", ""]
    log = read(
        "case,touchpoint,time,score\n" + "".join(f"a,x,2024-01-01,{score}\n" for score in scores),
        metrics={"csat": "score"},
    )
    assert [row["score"] for row in rows(log)] == [None] * 5 + [5, 4, 3, 1, None]
    assert log.quality.out_of_scale == {"csat": 5}


def test_huge_and_infinite_scores_are_refused() -> None:
    base: dict[str, Any] = {"case": ["a"], "touchpoint": ["x"], "time": ["2024-01-01"]}
    for score, message in (
        (float("inf"), "infinite"),
        ("1e999", "infinite or overlarge"),
        (True, "holds bool; expected numbers"),
    ):
        with pytest.raises(jk.InvalidInput, match=message):
            jk.read_events({**base, "score": [score]}, metrics={"csat": "score"})
    log = jk.read_events({**base, "score": ["1e308"]}, metrics={"spend": "score"})
    assert rows(log)[0]["score"] == 1e308


def test_metric_columns_say_their_scale_or_are_refused() -> None:
    base: dict[str, Any] = {"case": ["a"], "touchpoint": ["x"], "time": ["2024-01-01"], "score": [7]}
    log = jk.read_events(base, metrics={"mood": jk.MetricColumn("score", kind="csat", low=1, high=7)})
    assert log.metrics["mood"].high == 7
    with pytest.raises(jk.NotFound, match=r"column of metric 'csat' 'scor' is not in the table .*nearest: 'score'"):
        jk.read_events(base, metrics={"csat": "scor"})
    with pytest.raises(jk.InvalidInput, match="metric kind is 'stars'; expected one of nps, csat, ces, number"):
        jk.MetricColumn("score", kind="stars")
    with pytest.raises(jk.InvalidInput, match="has one end of its scale"):
        jk.MetricColumn("score", kind="csat", low=1)
    with pytest.raises(jk.InvalidInput, match="has the scale 5 to 1; expected low < high"):
        jk.MetricColumn("score", kind="csat", low=5, high=1)
    with pytest.raises(jk.InvalidInput, match="metric 'csat' is a int"):
        jk.read_events(base, metrics={"csat": 5})  # type: ignore[dict-item]


@pytest.mark.parametrize(("name", "encoding"), [("log.csv", None), ("log.csv.gz", None), ("log.csv", "cp1252")])
def test_only_the_caller_reads_by_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, encoding: str | None
) -> None:
    # A thread of Arrow that waits for Python when the program ends after Ctrl-C ended it with SIGABRT, now and then.
    rows = "case,touchpoint,time\n" + "1,Über,2026-01-01\n" * 500_000
    content = rows.encode(encoding or "utf-8")
    (tmp_path / name).write_bytes(gzip.compress(content, 9) if name.endswith("gz") else content)
    readers = set()
    for kind in (opened.Plain, opened.Expanding):

        def noting(self: Any, buffer: Any, read: Any = kind.readinto) -> Any:
            readers.add(threading.get_ident())
            return read(self, buffer)

        monkeypatch.setattr(kind, "readinto", noting)
    log = jk.read_events(tmp_path / name, encoding=encoding)
    assert (len(log), readers) == (500_000, {threading.get_ident()})


def test_arrow_does_not_take_ctrl_c_for_itself(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # In the main thread it would: one that came between its last look and its end was lost, now and then.
    threads = []
    plain = pyarrow.csv.read_csv
    monkeypatch.setattr(pyarrow.csv, "read_csv", lambda *a: (threads.append(threading.current_thread()), plain(*a))[1])
    read("case,touchpoint,time\n1,a,2026-01-01\n")
    assert threads
    assert threading.main_thread() not in threads


def test_a_gzip_bomb_and_a_broken_gzip_are_refused(read: Any) -> None:
    bomb = gzip.compress(HEAD.encode() + b"a,x,2024-01-01T00:00:00Z\n" * 1_000_000, 9)
    with pytest.raises(
        jk.InvalidInput, match="grows more than 100 times when decompressed, as a decompression bomb does"
    ):
        read(bomb, "log.csv.gz")
    whole = gzip.compress(GOOD.encode() * 100)
    with pytest.raises(jk.InvalidInput, match="is no whole gzip file"):
        read(whole[:-20], "log.csv.gz")
    damaged = whole[:30] + bytes([whole[30] ^ 0xFF]) + whole[31:]
    for broken in (GOOD, damaged):
        with pytest.raises(jk.InvalidInput, match="is no whole gzip file"):
            read(broken, "log.csv.gz")
    with pytest.raises(
        jk.InvalidInput, match=r"holds more than 100 bytes when decompressed; if you trust it, pass max_bytes="
    ):
        read(whole, "log.csv.gz", max_bytes=100)


def test_every_flipped_byte_of_a_parquet_file_is_refused_or_changes_nothing_silently(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(
        jk.read_events({"case": ["a", "b"], "touchpoint": ["x", "y"], "time": ["2024-01-01"] * 2}).to_arrow(),
        path,
        write_page_checksum=True,
    )
    whole = path.read_bytes()
    refused = 0
    for k in range(len(whole)):
        path.write_bytes(whole[:k] + bytes([whole[k] ^ 0x5A]) + whole[k + 1 :])
        try:
            jk.read_events(path)
        except jk.Error:
            refused += 1
    assert refused > len(whole) / 4
    for k in range(0, len(whole), 7):
        path.write_bytes(whole[:k])
        with pytest.raises(jk.InvalidInput, match="is no whole Parquet file"):
            jk.read_events(path)
