"""The same answer always: for any threads, order of rows, kind of source, hash seed, time zone and language.

Three hundred logs a question; JOURNEYKIT_LOGS=1000 for as many.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import journeykit as jk
from discovery import twins
from discovery.answers import digest, without_ties

if TYPE_CHECKING:
    import pyarrow as pa

LOGS = int(os.environ.get("JOURNEYKIT_LOGS", "300"))
ROLES = {"case": "case", "touchpoint": "touchpoint", "time": "time", "customer": "customer", "idle": "1h"}


def plain(seed: int) -> pa.Table:
    return twins.read(without_ties(seed)).to_arrow().select(["case", "touchpoint", "time", "customer", "plan"])


def test_threads_and_orders_of_rows() -> None:
    for seed in range(LOGS):
        events = without_ties(seed)
        expected = digest(twins.read(events), threads=1)
        assert digest(twins.read(events), threads=2) == digest(twins.read(events), threads=8) == expected, seed
        for turn in range(20 if seed % 10 == 0 else 2):
            mixed = random.Random(turn).sample(events, len(events))
            assert digest(twins.read(mixed)) == expected, (seed, turn)


def as_csv(table: pa.Table, folder: Path) -> Path:
    path = folder / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, table.column_names)
        rows.writeheader()
        rows.writerows({**row, "time": row["time"].isoformat()} for row in table.to_pylist())
    return path


def test_kinds_of_source(tmp_path: Path) -> None:
    for seed in range(LOGS // 5):
        table = plain(seed)
        expected = digest(jk.read_events(table, **ROLES))
        frame = table.to_pandas()
        missing = frame.astype(object).where(frame.notna(), None).assign(time=frame["time"])
        sources = [
            frame,
            missing,
            pl.from_arrow(table),
            {name: table[name].to_pylist() for name in ("case", "touchpoint", "customer", "plan")}
            | {"time": [moment.isoformat() for moment in frame["time"]]},
            as_csv(table, tmp_path),
        ]
        for source in sources:
            assert digest(jk.read_events(source, **ROLES)) == expected, (seed, type(source))


def test_hash_seeds_time_zones_and_languages() -> None:
    """One process each; locales that are not installed are as good as C."""
    settings = [
        {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "zh_CN.UTF-8"},
        {"PYTHONHASHSEED": "9", "TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8"},
    ]
    paths = [str(Path(__file__).parents[1]), str(Path(jk.__file__).parents[1])]
    said = {
        subprocess.run(
            [sys.executable, "-m", "discovery.answers", str(LOGS // 3)],
            env={**os.environ, **setting, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for setting in settings
    }
    assert len(said) == 1
    assert len(said.pop().strip()) == 64


@pytest.mark.parametrize("change", [lambda e: e[:-1], lambda e: [*e, e[-1]]])
def test_another_log_has_another_hash(change: Any) -> None:
    events = without_ties(3)
    assert digest(twins.read(change(events))) != digest(twins.read(events))
