"""Whatever stands in a log, a map or a label: nothing is run or loaded, and no file is opened but the given one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from faults.test_corruption import files_of_events
from journey_maps import random_map

if TYPE_CHECKING:
    from pathlib import Path


def test_hostile_data_runs_nothing_and_opens_nothing_but_its_file(
    tmp_path: Path, run_child, tally, heavy: bool
) -> None:
    sources, folder = tmp_path / "sources", tmp_path / "work"
    sources.mkdir()
    folder.mkdir()
    random_map(11).save(sources / "map.json")
    files = [*files_of_events(sources), sources / "map.json"]
    told = json.loads(run_child("audit_child", folder, *((2_000, 133) if heavy else (100, 20)), *files).stdout)
    tally("R17", "audit hook: run, load, reach out, open", told["tried"], told["found"])
