"""Run with the shim preloaded: prints, as JSON, the calls of many saves, and the bytes before and after each."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from faults.shim import Shim
from journey_maps import random_map


def main(folder: Path, saves: int) -> None:
    shim = Shim(f"{folder}/watched")
    (folder / "watched").mkdir()
    for k in range(saves):
        path = folder / "watched" / ("map.json", "map.svg", "map.html")[k % 3 if k % 10 == 0 else 0]
        old = path.read_text("utf-8") if path.exists() else None
        shim.watch(f"{folder}/watched")
        random_map(k).save(path)
        calls = shim.calls()
        shim.watch("")
        line = {"path": str(path), "old": old, "new": path.read_text("utf-8"), "calls": calls}
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(Path(os.path.realpath(sys.argv[1])), int(sys.argv[2]))
