"""The program on the front page runs as it stands, in both languages."""

from __future__ import annotations

import csv
import datetime
import random
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def write_tickets(path: Path) -> None:
    """Sixty tickets of thirty customers in six weeks, with the columns that the front page names."""
    draw = random.Random(7)
    start = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["ticket_id", "status", "updated_at", "customer_id", "channel", "csat"])
        for ticket in range(60):
            time = start + datetime.timedelta(hours=draw.randrange(1000))
            steps = [
                "New",
                "Open",
                *["Pending", "Open"] * draw.randrange(3),
                draw.choice(["Solved", "Solved", "Dropped"]),
            ]
            channel = draw.choice(["mail", "phone"])
            for status in steps:
                score = draw.randint(1, 5) if status == "Solved" else ""
                rows.writerow([f"T{ticket}", status, time.isoformat(), f"C{ticket % 30}", channel, score])
                time += datetime.timedelta(hours=draw.randint(1, 48))


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/hostile_inputs.md"])
def test_each_promise_names_tests_that_exist(page: str) -> None:
    named = re.findall(r"`(tests/[\w./]+)(?:::(\w+))?`", (ROOT / page).read_text("utf-8"))
    assert len(named) > 10
    for path, test in named:
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text("utf-8"), (path, test)


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_program_on_the_front_page_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    programs = re.findall(r"(?ms)^```python\n(.*?)^```", (ROOT / page).read_text("utf-8"))
    assert len(programs) == 1
    monkeypatch.chdir(tmp_path)
    write_tickets(tmp_path / "tickets.csv")
    exec(compile(programs[0], page, "exec"), {})
    printed = capsys.readouterr().out
    assert "60 cases" in printed
    assert {"tickets.html", "tickets.json"} <= {path.name for path in tmp_path.iterdir()}
