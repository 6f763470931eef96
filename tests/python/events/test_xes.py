"""XES and OCEL: reference logs, and files that are built to do harm or to be read wrongly."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import journeykit as jk

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("r4pm")

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def event(time: str = "2024-01-01T00:00:00Z", name: str = "x", more: str = "") -> str:
    return (
        f'<event><string key="concept:name" value="{name}"/><date key="time:timestamp" value="{time}"/>{more}</event>'
    )


def trace(*events: str, case: str = "1", more: str = "") -> str:
    return f'<trace><string key="concept:name" value="{case}"/>{more}{"".join(events)}</trace>'


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def reader(content: str | bytes, name: str = "log.xes", **options: Any) -> jk.EventLog:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return jk.read_events(tmp_path / name, **options)

    return reader


def edges(log: jk.EventLog) -> Counter[tuple[str, str]]:
    """Directly-follows counts, the slow way."""
    rows = log.to_arrow()
    cases, names = rows[log.roles["case"]].to_pylist(), rows[log.roles["touchpoint"]].to_pylist()
    return Counter((names[k], names[k + 1]) for k in range(len(names) - 1) if cases[k] == cases[k + 1])


@pytest.mark.parametrize("ending", ["xes", "csv"])
def test_the_running_example_has_the_published_counts(shared_data: Path, ending: str) -> None:
    log = jk.read_events(shared_data / "event_logs" / f"running-example.{ending}")
    assert (log.case_count, log.event_count, len(log.touchpoints)) == (6, 42, 8)  # pm4py, REFERENCES.md
    counted = edges(log)
    assert len(counted) == 16
    assert counted["check ticket", "decide"] == 6
    assert counted["examine casually", "check ticket"] == 4
    assert sum(n == 1 for n in counted.values()) == 6


def test_the_helpdesk_log_has_the_published_counts(shared_data: Path) -> None:
    log = jk.read_events(shared_data / "event_logs" / "helpdesk.xes.gz")
    assert (log.case_count, log.event_count, len(log.touchpoints)) == (4_580, 21_348, 14)  # pm4py, REFERENCES.md
    counted = edges(log)
    assert len(counted) == 55
    assert counted["Resolve ticket", "Closed"] == 4_558
    assert counted["Take in charge ticket", "Resolve ticket"] == 3_563


def test_every_attribute_is_read_and_the_columns_stand_in_one_order(shared_data: Path) -> None:
    for _ in range(2):
        log = jk.read_events(shared_data / "event_logs" / "receipt.xes.gz")
        assert log.columns == [
            "case:concept:name",
            "concept:name",
            "time:timestamp",
            "case:channel",
            "case:deadline",
            "case:department",
            "case:enddate",
            "case:enddate_planned",
            "case:group",
            "case:responsible",
            "case:startdate",
            "concept:instance",
            "lifecycle:transition",
            "org:group",
            "org:resource",
        ]
    assert (log.case_count, log.event_count) == (1_434, 8_577)  # SOURCES.md of the reference data


def test_start_and_complete_become_one_event_with_a_duration(shared_data: Path) -> None:
    path = shared_data / "event_logs" / "teleclaims.xes.gz"
    assert jk.read_events(path).event_count == 46_138  # SOURCES.md: start and complete events as they stand
    log = jk.read_events(path, pair_lifecycle=True)
    assert log.event_count == 46_138 - 21_313  # every start has its complete; 3,512 incoming claims are complete only
    assert log.quality.missing["end_time"] == 3_512
    patients = jk.read_events(
        shared_data / "event_logs" / "bupar_patients.csv", case="patient", touchpoint="handling", pair_lifecycle=True
    )
    assert patients.event_count == 5_442 // 2


def test_typed_attributes_keep_their_types(read: Any) -> None:
    more = (
        '<int key="n" value="-5"/><float key="f" value="1.5"/><boolean key="b" value="true"/>'
        '<date key="d" value="2024-01-02T00:00:00+01:00"/>'
    )
    rows = read(HEAD + "<log>" + trace(event(more=more), case="NA") + "</log>").to_arrow().to_pylist()
    assert (rows[0]["case:concept:name"], rows[0]["n"], rows[0]["f"], rows[0]["b"]) == ("NA", -5, 1.5, True)
    assert rows[0]["d"].isoformat() == "2024-01-01T23:00:00+00:00"


def test_times_without_a_zone_are_local_times(read: Any) -> None:
    content = HEAD + "<log>" + trace(event("2024-07-01T12:00:00.000")) + "</log>"
    assert read(content, timezone="Europe/Berlin").observed_until.isoformat() == "2024-07-01T10:00:00+00:00"
    assert read(content).observed_until.isoformat() == "2024-07-01T12:00:00+00:00"


def test_what_a_table_cannot_hold_is_left_out_with_a_note(read: Any) -> None:
    odd = (
        '<list key="many"><values><string key="a" value="1"/></values></list>'
        '<string key="deep" value="1"><string key="inner" value="2"/></string>'
        '<id key="ticket" value="T-1"/><int key="mixed" value="1"/>'
    )
    log = read(HEAD + "<log>" + trace(event(more=odd), event(more='<string key="mixed" value="one"/>')) + "</log>")
    assert log.columns == ["case:concept:name", "concept:name", "time:timestamp", "deep"]
    assert log.notes[:4] == (
        "attribute 'many' is left out: it holds a list",
        "attribute 'mixed' is left out: it is of several types (int, string)",
        "attribute 'ticket' is left out: its identifiers are no UUIDs",
        "attributes inside attributes are left out",
    )


LAUGHS = '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEAD + LAUGHS + "<log>" + trace(event(name="&b;")) + "</log>", "has a DOCTYPE in line 2; .* remove it"),
        (HEAD + OUTSIDE + "<log>" + trace(event(name="&x;")) + "</log>", "has a DOCTYPE in line 2"),
        (HEAD + "<!DOCTYPE log SYSTEM 'http://example.org/log.dtd'><log/>", "has a DOCTYPE in line 2"),
        (HEAD + "<log>" + trace(event(name="&undefined;")) + "</log>", "is no whole XML: undefined entity in line 2"),
        (HEAD + "<log>" + trace(event())[:-8], "is no whole XML: no element found in line 2; write or fetch it again"),
        (
            HEAD + "<log>" + trace(event("soon")) + "</log>",
            r"attribute 'time:timestamp' in line 2 is 'soon'; expected a date such as 2026-11-22T14:30:00\+01:00",
        ),
        (
            HEAD + "<log>" + trace(event("2024-02-30T00:00:00Z")) + "</log>",
            "1 values of 'time:timestamp' are no dates of the calendar",
        ),
        (
            HEAD + "<log>" + trace(event("9999-01-01T00:00:00Z")) + "</log>",
            "has a time outside the years 1677 to 2262 in row 0",
        ),
        (
            HEAD + "<log>" + trace(event("2024-01-01T00:00:00Z"), event("2024-01-01T00:00:00")) + "</log>",
            "mixes times with a zone .line 2. and without",
        ),
        (
            HEAD + "<log>" + trace(event(more='<float key="f" value="1,5"/>')) + "</log>",
            "attribute 'f' in line 2 is '1,5'; expected a float such as 1.5",
        ),
        (HEAD + "<log>" + trace(event(more='<int key="n" value="1e400"/>')) + "</log>", "expected a int such as 7"),
        (HEAD + "<log>" + trace("<event/>") + "</log>", "has an event without attributes in line 2"),
        (HEAD + "<log>" + event() + "</log>", "has an event outside a trace in line 2"),
        (HEAD + "<log></log>", "holds no events"),
        (HEAD + "<log><trace>" + event() + "</trace></log>", "(no column is known as the case|case column)"),
        (HEAD + "<log>" + trace(event(), case="") + "</log>", "case column 'case:concept:name' has no value in row 0"),
        (
            HEAD
            + "<log><trace><event>"
            + '<string key="a" value="1">' * 100
            + "</string>" * 100
            + "</event></trace></log>",
            "nests deeper than 64 elements in line 2",
        ),
        ("<log>" + '<string key="a" value="1">' * 1_000_000, "nests deeper than 64 elements"),
        ("hello", "is no whole XML: syntax error in line 1"),
        (b"", "is no whole XML: no element found"),
    ],
)
def test_a_harmful_or_broken_file_is_refused_with_its_line(read: Any, content: str | bytes, message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        read(content)


def test_another_encoding_is_refused_with_the_way_out(read: Any) -> None:
    content = '<?xml version="1.0" encoding="ISO-8859-1"?><log>' + trace(event(name="é")) + "</log>"
    with pytest.raises(
        jk.Unsupported,
        match="is encoded as 'ISO-8859-1'; expected UTF-8: convert it, for example with iconv -f ISO-8859-1",
    ):
        read(content.encode("latin-1"))


def test_a_compressed_bomb_is_refused_before_it_fills_the_memory(read: Any) -> None:
    bomb = gzip.compress(b"<log>" + b'<string key="a" value="1"/>' * 2_000_000)
    with pytest.raises(jk.InvalidInput, match="grows more than 100 times when decompressed"):
        read(bomb, "log.xes.gz")
    with pytest.raises(jk.InvalidInput, match="holds more than 1,000 bytes"):
        read(HEAD + "<log>" + trace(*[event()] * 50) + "</log>", max_bytes=1_000)


def test_without_r4pm_the_pip_line_is_said(tmp_path: Path) -> None:
    (tmp_path / "log.xes").write_text(HEAD + "<log>" + trace(event()) + "</log>")
    code = f"""
import sys
sys.modules["r4pm"] = None
import journeykit as jk
try:
    jk.read_events({str(tmp_path / "log.xes")!r})
except jk.Unsupported as refused:
    print(refused)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "reading XES and OCEL needs r4pm: pip install 'journeykit[xes]'"


def test_ocel_one_is_seen_by_the_objects_of_the_case_type(shared_data: Path) -> None:
    path = shared_data / "event_logs" / "example_log.jsonocel"
    content = json.loads(path.read_text())
    expected = [
        (thing, about["ocel:activity"], about["ocel:timestamp"])
        for about in content["ocel:events"].values()
        for thing in about["ocel:omap"]
        if content["ocel:objects"][thing]["ocel:type"] == "order"
    ]
    log = jk.read_events(path, case="order")
    got = [
        (row["ocel:oid"], row["ocel:activity"], f"{row['ocel:timestamp']:%Y-%m-%dT%H:%M:%S}")
        for row in log.to_arrow().to_pylist()
    ]
    assert Counter(got) == Counter(expected)


def test_ocel_two_is_seen_by_the_objects_of_the_case_type(shared_data: Path) -> None:
    path = shared_data / "event_logs" / "ocel20_example.jsonocel"
    content = json.loads(path.read_text())
    kinds = {thing["id"]: thing["type"] for thing in content["objects"]}
    expected = [
        (relation["objectId"], happened["type"])
        for happened in content["events"]
        for relation in happened["relationships"]
        if kinds[relation["objectId"]] == "Purchase Order"
    ]
    log = jk.read_events(path, case="Purchase Order")
    assert Counter((row["ocel:oid"], row["ocel:activity"]) for row in log.to_arrow().to_pylist()) == Counter(expected)
    assert "Invoice" in log.columns
    with pytest.raises(
        jk.InvalidInput,
        match="needs the object type that is the case: case=… one of 'Invoice', 'Payment', 'Purchase Order'",
    ):
        jk.read_events(path)
    with pytest.raises(jk.NotFound, match=r"object type 'Invoices' is not in .*nearest: 'Invoice'"):
        jk.read_events(path, case="Invoices")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no object-centric event log"),
        ('{"eventTypes": [', "cannot be read: 'Failed to import OCEL"),
        ('{"ocel:events": {}, "ocel:objects": {}}', "relates no event to an object"),
        ('{"ocel:events": {"e": {"ocel:omap": ["o"]}}, "ocel:objects": {}}', "is no OCEL 1.0: .*ocel:activity"),
        ('{"ocel:events": ' + "[" * 100_000, "is no JSON that can be read"),
        ('{"ocel:events": 1', "is no JSON that can be read"),
    ],
)
def test_broken_ocel_is_refused(read: Any, content: str, message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        read(content, "log.jsonocel")


def test_ocel_in_xml_with_a_doctype_is_refused(read: Any) -> None:
    with pytest.raises(jk.InvalidInput, match="has a DOCTYPE in line 1"):
        read("<!DOCTYPE log><log/>", "log.xmlocel")
