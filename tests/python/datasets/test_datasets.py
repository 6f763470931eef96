"""The packaged data is what its docstrings and its notice say."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from journeykit import datasets

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

ROOT = Path(__file__).parents[3]
DATA = Path(datasets.__file__).parent / "data"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_incidents_have_their_roles_and_the_counts_of_the_file() -> None:
    log = datasets.load_incidents()
    with gzip.open(DATA / "incidents.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert (log.event_count, log.case_count) == (len(rows), len({row["number"] for row in rows}))
    last = {row["number"]: row["made_sla"] for row in sorted(rows, key=lambda row: int(row["sys_mod_count"]))}
    status = log.quality.case_status
    assert (status["completed"], status["failed"]) == (
        list(last.values()).count("true"),
        list(last.values()).count("false"),
    )
    assert log.quality.missing["assigned_to"] == sum(row["assigned_to"] == "?" for row in rows)
    assert {"New", "Active", "Resolved", "Closed"} <= set(log.touchpoints)
    assert log.notes == ()


def test_incidents_are_whole_incidents_of_the_source(shared_data: Path) -> None:
    with (
        zipfile.ZipFile(shared_data / "event_logs" / "uci_incident_event_log.zip") as files,
        files.open(files.namelist()[0]) as raw,
    ):
        source = list(csv.reader(io.TextIOWrapper(raw, "utf-8")))
    with gzip.open(DATA / "incidents.csv.gz", "rt", encoding="utf-8") as file:
        ours = list(csv.DictReader(file))
    numbers = {row["number"] for row in ours}
    assert len(numbers) == 3_000
    state, category = source[0].index("ident_state"), source[0].index("category")
    kept = [(row[0], row[state], row[category]) for row in source[1:] if row[0] in numbers]
    assert kept == [(row["number"], row["incident_state"], row["category"]) for row in ours]


def test_the_eshop_is_the_clickstream_of_its_source(shared_data: Path) -> None:
    log = datasets.load_eshop()
    assert (log.event_count, log.case_count, len(log.touchpoints)) == (
        31_106,
        3_605,
        19,
    )  # SOURCES.md of the reference data
    assert (DATA / "eshop.csv.gz").read_bytes() == (
        shared_data / "event_logs" / "retentioneering_ecom.csv.gz"
    ).read_bytes()


def test_the_simulation_makes_the_packaged_file_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "simulate_journey", raising=False)
    rows, truth = script("simulate_journey").make_simulated()
    with gzip.open(DATA / "simulated.csv.gz", "rt", encoding="utf-8") as file:
        packaged = list(csv.DictReader(file))
    assert [{name: str(value) for name, value in row.items()} for row in rows] == packaged
    assert json.loads(truth) == datasets.truth()


def test_the_simulated_log_is_labelled_and_has_answers_from_few_events() -> None:
    log = datasets.load_simulated()
    assert log.case_count == datasets.truth()["cases"] == 6_000
    customers = log.cases().to_arrow()["customer"].to_pylist()
    assert len(set(customers)) == datasets.truth()["customers"] == 4_000
    answered = [1 - log.quality.missing[name] / len(log) for name in ("nps", "csat", "ces")]
    assert all(0.005 < share < 0.02 for share in answered)
    texts = [text for text in log.to_arrow()["text"].to_pylist() if text]
    chinese = sum(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in texts)
    assert 0.2 < chinese / len(texts) < 0.5
    assert "SIMULATED" in datasets.truth()["label"]
    assert "SIMULATED" in datasets.notices()
    assert "SIMULATED" in str(datasets.load_simulated.__doc__)


def test_the_planted_failures_show_in_the_plain_rows() -> None:
    rows = datasets.load_simulated().to_arrow().to_pylist()
    by_case: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        by_case.setdefault(str(row["case_id"]), []).append(row)
    planted = {failure["id"]: failure for failure in datasets.truth()["planted"]}

    payment = planted["payment_hangs_in_app"]
    stays = {True: [0, 0], False: [0, 0]}  # broken or not: cases that pay, and those that get no further
    for events in by_case.values():
        paid = [row for row in events if row["touchpoint"] == "payment"]
        if paid:
            broken = (
                paid[0]["channel"] == "app" and payment["since"] <= f"{paid[0]['time']:%Y-%m-%d}" < payment["until"]
            )
            stays[broken][0] += 1
            stays[broken][1] += events[-1]["touchpoint"] == "payment"
    assert stays[True][0] == payment["cases"]
    assert stays[True][1] / stays[True][0] > 0.4
    assert stays[False][1] / stays[False][0] < 0.05

    satisfaction = [row["csat"] for row in rows if row["touchpoint"] == "IVR menu" and row["csat"] is not None]
    assert sum(satisfaction) / len(satisfaction) < 2.5  # type: ignore[arg-type]
    days = [
        (paid["time"] - asked["time"]).days  # type: ignore[operator]
        for events in by_case.values()
        for asked in events
        for paid in events
        if asked["touchpoint"] == "refund request" and paid["touchpoint"] == "refund paid"
    ]
    assert min(days) >= 13


def test_the_planned_map_draws_the_touchpoints_of_the_log_in_their_stages() -> None:
    planned = datasets.load_simulated_map()
    assert {touchpoint.id: touchpoint.stage for touchpoint in planned.touchpoints} == datasets.truth()["stages"]
    assert {touchpoint.id for touchpoint in planned.touchpoints} == set(datasets.load_simulated().touchpoints)
    departments = {touchpoint.id: touchpoint.departments for touchpoint in planned.touchpoints}
    for row in datasets.load_simulated().to_arrow().slice(0, 2_000).to_pylist():
        assert departments[row["touchpoint"]] == (row["department"],)
    assert "SIMULATED" in planned.about.description


def test_the_notice_names_every_file_its_licence_and_the_citation() -> None:
    notice = datasets.notices()
    assert all(path.name in notice for path in DATA.iterdir() if path.suffix != ".md")
    assert "CC BY 4.0" in notice
    assert "Apache License 2.0" in notice
    assert "Amaral" in notice
