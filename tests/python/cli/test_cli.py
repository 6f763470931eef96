"""The command line, run as people run it: numbers of known logs, exit codes, one-line errors, pipes, Ctrl-C."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import journeykit as jk
from journeykit.cli import main

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = [sys.executable, "-c", "import sys; from journeykit.cli import main; sys.exit(main())"]
SUMMARY_KEYS = [
    "cases",
    "events",
    "touchpoints",
    "variants",
    "edges",
    "starts",
    "ends",
    "directly_follows",
    "case_duration_seconds",
    "top_variants",
    "quality",
]
LOG = "ticket_id,status,created_at,csat\n" + "".join(
    f"{case},{status},2026-01-{day:02d}T09:00:00Z,{score}\n"
    for case, status, day, score in [
        ("1", "new", 1, ""),
        ("1", "done", 2, 5),
        ("2", "new", 1, ""),
        ("2", "new", 3, 1),
        ("2", "done", 9, 2),
    ]
)


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "log.csv").write_text(LOG)
    return str(tmp_path / "log.csv")


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_summary_of_the_running_example_has_the_published_numbers(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = answer(capsys, "summary", str(shared_data / "event_logs" / "running-example.csv"), "--json")
    assert (code, err) == (0, "")
    got = json.loads(out)
    assert list(got) == SUMMARY_KEYS
    # pm4py 2.7.23, REFERENCES.md
    assert [got[name] for name in ("cases", "events", "touchpoints", "variants", "edges")] == [6, 42, 8, 6, 16]
    assert got["starts"] == {"register request": 6}
    assert got["ends"] == {"pay compensation": 3, "reject request": 3}
    assert got["case_duration_seconds"]["mean"] == 966_890
    assert got["case_duration_seconds"]["median"] == 815_940
    assert got["case_duration_seconds"]["max"] == 1_576_440
    follows = {(edge["source"], edge["target"]): edge for edge in got["directly_follows"]}
    assert follows["check ticket", "decide"]["count"] == 6
    assert follows["check ticket", "decide"]["mean_seconds"] == 181_960
    assert [edge["count"] for edge in got["directly_follows"]] == sorted(
        (edge["count"] for edge in got["directly_follows"]), reverse=True
    )
    assert set(follows["check ticket", "decide"]) == {"source", "target", "count", "mean_seconds", "median_seconds"}
    assert sum(variant["cases"] for variant in got["top_variants"]) == 6
    assert got["quality"]["rows_read"] == 42


def test_summary_of_the_helpdesk_has_the_published_numbers(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("r4pm")
    code, out, _ = answer(
        capsys, "summary", str(shared_data / "event_logs" / "helpdesk.xes.gz"), "--json", "--top", "3"
    )
    got = json.loads(out)
    assert code == 0
    # pm4py, REFERENCES.md
    assert [got[name] for name in ("cases", "events", "touchpoints", "variants", "edges")] == [
        4_580,
        21_348,
        14,
        226,
        55,
    ]
    assert [variant["cases"] for variant in got["top_variants"]] == [2_366, 552, 228]
    assert got["case_duration_seconds"]["mean"] == pytest.approx(3_530_166.42, abs=0.005)
    assert got["case_duration_seconds"]["median"] == 3_443_836.5
    counts = [(edge["source"], edge["target"], edge["count"]) for edge in got["directly_follows"][:4]]
    assert counts == [
        ("Resolve ticket", "Closed", 4_558),
        ("Assign seriousness", "Take in charge ticket", 4_160),
        ("Take in charge ticket", "Resolve ticket", 3_563),
        ("Take in charge ticket", "Wait", 1_265),
    ]


def test_summary_for_people_names_what_was_guessed(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(capsys, "summary", log)
    assert (code, err) == (0, "")
    assert "EventLog: 5 events, 2 cases, 2 touchpoints" in out
    assert (
        "guessed from the names of the columns: case = 'ticket_id', touchpoint = 'status', time = 'created_at'" in out
    )
    assert "\x1b[" not in out


def test_roles_and_endings_are_options(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    roles = ("--case", "ticket_id", "--touchpoint", "status", "--time", "created_at")
    code, out, err = answer(capsys, "score", log, *roles, "--completed", "done", "--metric", "csat=csat", "--json")
    assert (code, err) == (0, "")
    got = json.loads(out)
    assert set(got) == {"journey", "stages", "touchpoints", "failures"}
    assert {row["id"] for row in got["touchpoints"]} == {"new", "done"}


def test_a_map_is_written_in_each_form(log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix, start in (("html", "<!doctype html"), ("svg", "<svg"), ("json", "{")):
        path = tmp_path / f"map.{suffix}"
        code, out, _ = answer(capsys, "map", log, "--out", str(path), "--completed", "done")
        assert code == 0
        assert str(path) in out
        assert path.read_text("utf-8").lower().lstrip().startswith((start, "<?xml"))
    code, out, _ = answer(
        capsys, "map", log, "--out", str(tmp_path / "again.json"), "--like", str(tmp_path / "map.json")
    )
    assert code == 0
    assert "2 touchpoints" in out


def test_the_demo_writes_three_files_and_says_where_to_look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(capsys, "demo", "--folder", str(tmp_path / "demo"), "--lang", "zh")
    assert (code, err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == [
        "incidents.html",
        "incidents.json",
        "incidents.svg",
    ]
    assert "CC BY 4.0" in out
    assert "of 100" in out
    assert f"look at {tmp_path / 'demo' / 'incidents.html'}" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("summary", "nothing.csv"), "no file 'nothing.csv'; check the path"),
        (("summary",), "Missing argument"),
        (("summary", "LOG", "--cas", "x"), "No such option"),
        (("sumary", "LOG"), "No such command 'sumary'"),
        (("summary", "LOG", "--case", "id"), "case column 'id' is not in the table"),
        (("summary", "LOG", "--metric", "csat"), "--metric 'csat': expected NAME=COLUMN"),
        (("summary", "LOG", "--time-unit", "h"), "time_unit is 'h'; expected one of s, ms, us, ns"),
        (("summary", "LOG", "--top", "0"), "Invalid value for '--top'"),
        (("score", "LOG", "--completed", "paid"), "ending: touchpoint 'paid' is not in the log"),
        (("map", "LOG", "--out", "x.pdf"), "--out ends in '.pdf'; expected .html, .svg or .json"),
        (("map", "LOG", "--out", "nowhere/x.svg"), "folder 'nowhere' does not exist; make it first"),
        (("map", "LOG", "--out", "x.html", "--lang", "xx"), "xx"),
        (("map", "LOG", "--out", "x.html", "--like", "nothing.json"), "nothing.json"),
    ],
)
def test_wrong_usage_and_bad_input_are_one_line_on_stderr_and_code_2(
    log: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = answer(capsys, *(log if argument == "LOG" else argument for argument in arguments))
    lines = [line for line in err.splitlines() if not line.startswith("journeykit: note:")]
    assert (code, out) == (2, "")
    assert len(lines) == 1
    assert lines[0].startswith("journeykit: ")
    assert message in lines[0]


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    base = (
        jk.JourneyMap("Support")
        .add_stage("Help")
        .add_touchpoint("Page", stage="Help", channels="web", departments="Care", need="an answer", owner="Ann")
        .add_touchpoint("Call", stage="Help", channels="phone", departments="Care", need="a person", owner="Ann")
        .add_transition("Page", "Call", probability=1)
    )
    base.save(tmp_path / "base.json")
    base.update_touchpoint("Call", emotion=0.1).save(tmp_path / "ours.json")
    base.update_touchpoint("Call", owner="Bo").save(tmp_path / "theirs.json")
    base.update_touchpoint("Call", emotion=-0.5).save(tmp_path / "angry.json")
    base.add_touchpoint("Lost").save(tmp_path / "broken.json")
    return tmp_path


def test_validate_gives_1_for_errors_and_warnings_only(maps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "validate", str(maps / "base.json"))[0] == 0
    code, out, err = answer(capsys, "validate", str(maps / "broken.json"))
    assert (code, err) == (1, "")
    assert "[touchpoint-without-stage /touchpoints/2" in out
    code, out, _ = answer(capsys, "validate", str(maps / "broken.json"), "--json")
    assert code == 1
    assert "touchpoint-without-stage" in {row["rule"] for row in json.loads(out)}
    (maps / "no.json").write_text("{}")
    code, out, err = answer(capsys, "validate", str(maps / "no.json"))
    assert (code, out) == (2, "")
    assert err.startswith("journeykit: ")


def test_diff_gives_1_and_names_each_change(maps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "diff", str(maps / "base.json"), str(maps / "base.json")) == (0, "", "")
    code, out, _ = answer(capsys, "diff", str(maps / "base.json"), str(maps / "ours.json"))
    assert (code, out) == (1, "~ touchpoint 'Call' emotion: none → 0.1\n")
    code, out, _ = answer(capsys, "diff", str(maps / "base.json"), str(maps / "ours.json"), "--json")
    assert [(row["id"], row["field"], row["after"]) for row in json.loads(out)] == [("Call", "emotion", 0.1)]


def test_merge_joins_two_sides_and_gives_1_for_conflicts(maps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    merged = maps / "merged.json"
    paths = [str(maps / f"{name}.json") for name in ("base", "ours", "theirs", "angry")]
    code, out, err = answer(capsys, "merge", *paths[:3], "--out", str(merged))
    assert (code, err) == (0, "")
    assert str(merged) in out
    call = jk.JourneyMap.load(merged).touchpoint("Call")
    assert (call.emotion, call.owner) == (0.1, "Bo")
    code, out, err = answer(capsys, "merge", *paths[:2], paths[3], "--out", str(merged), "--prefer", "theirs")
    assert code == 1
    assert out == "touchpoint 'Call' emotion: ours 0.1, theirs -0.5, base none\n"
    assert err == f"journeykit: 1 conflicts; {merged} follows theirs there\n"
    assert jk.JourneyMap.load(merged).touchpoint("Call").emotion == -0.5
    for wrong, message in (
        (("--out", "x.html"), "--out ends in '.html'"),
        (("--out", "x.json", "--prefer", "me"), "--prefer is 'me'"),
    ):
        code, _, err = answer(capsys, "merge", *paths[:3], *wrong)
        assert code == 2
        assert message in err


def test_help_and_version_and_nothing_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "--version")
    assert (code, out) == (0, "journeykit 0.1.0\n")
    for arguments in ((), ("--help",), ("score", "--help")):
        code, out, _ = answer(capsys, *arguments)
        assert code == 0
        assert "Usage: journeykit" in out


def test_labels_that_a_terminal_would_obey_are_not_sent_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.csv").write_text("case,touchpoint,time\na,\x1b]0;title\x07\x1b[2J,2026-01-01\na,b,2026-01-02\n")
    code, out, err = answer(capsys, "summary", str(tmp_path / "log.csv"))
    assert code == 0
    assert "\x1b" not in out + err
    assert "\x07" not in out + err
    code, _, err = answer(capsys, "summary", str(tmp_path / "log.csv"), "--completed", "\x1b[2J")
    assert code == 2
    assert "\x1b" not in err


def test_the_machine_does_not_change_the_answer(shared_data: Path) -> None:
    pytest.importorskip("r4pm")
    path = str(shared_data / "event_logs" / "running-example.xes")
    answers = {
        subprocess.run(
            [*PROGRAM, "summary", path, "--json"], capture_output=True, check=True, env=os.environ | machine
        ).stdout
        for machine in (
            {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C"},
            {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"},
            {"TZ": "America/New_York", "PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "1"},
        )
    }
    assert len(answers) == 1


def test_a_reader_that_leaves_ends_the_command_quietly(shared_data: Path) -> None:
    command = subprocess.Popen(
        [*PROGRAM, "summary", str(shared_data / "event_logs" / "running-example.csv"), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.close()  # before anything is written
    with command.stderr:
        errors = command.stderr.read()
    assert (command.wait(), errors) == (141, b"")


def test_ctrl_c_ends_with_130_and_one_line(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("w") as file:
        file.write("case,touchpoint,time\n")
        file.writelines(f"{k},x,2026-01-01T00:00:{k % 60:02d}\n" for k in range(1_500_000))
    code = (
        "import signal, sys, threading, os; from journeykit.cli import main; import journeykit.discovery, "
        "journeykit.events, pyarrow.csv\n"
        "threading.Timer(0.15, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "sys.exit(main())"
    )
    command = subprocess.run(
        [sys.executable, "-c", code, "summary", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert command.returncode == 130
    assert command.stderr == "journeykit: stopped\n"
    assert "Traceback" not in command.stdout


def test_colour_only_where_a_terminal_wants_it(shared_data: Path) -> None:
    path = str(shared_data / "event_logs" / "running-example.csv")

    def on_terminal(*arguments: str, **variables: str) -> bytes:
        import pty

        environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
        try:
            ours, theirs = pty.openpty()
        except OSError:  # a bare root has no /dev/pts: a pipe that is told to be taken for a terminal
            ours, theirs = os.pipe()
            environment["FORCE_COLOR"] = "1"
        command = subprocess.Popen(
            [*PROGRAM, *arguments],
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            env=environment | {"TERM": "xterm", "COLUMNS": "80"} | variables,
        )
        os.close(theirs)
        out = b""
        try:
            while block := os.read(ours, 65_536):
                out += block
        except OSError:  # Linux says so when the other side is closed
            pass
        os.close(ours)
        assert command.wait() == 0
        return out

    assert b"\x1b[1m" in on_terminal("summary", path)
    assert b"\x1b[3" not in on_terminal("--no-color", "summary", path)
    assert b"\x1b[3" not in on_terminal("summary", path, NO_COLOR="1")
