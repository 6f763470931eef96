"""Saves one map after the other over one file until it is killed, and says each time that a save is done."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import journeykit as jk


def sized(k: int) -> jk.JourneyMap:
    """One of three maps of other sizes that say in every element which they are: a mixture of two would show."""
    return jk.JourneyMap.build(touchpoints=[{"id": f"t{j}", "description": f"{k} " * 40} for j in range(50 + 200 * k)])


def main(path: Path, kills: int) -> None:
    maps = [sized(k) for k in range(3)]
    path.parent.mkdir()
    maps[0].update_about(name="0").save(path)
    draw = random.Random(1)
    lost, unreadable, in_the_middle = [], [], 0
    last = 0
    for k in range(kills):
        heard, tell = os.pipe()
        child = os.fork()
        if child == 0:
            at = last
            while True:
                at += 1
                maps[at % 3].update_about(name=str(at)).save(path)
                os.write(tell, at.to_bytes(8, "little"))
        os.close(tell)
        time.sleep(draw.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told = b""
        while block := os.read(heard, 2**16):
            told += block
        os.close(heard)
        done = int.from_bytes(told[-8:], "little") if told else last
        try:
            journey = jk.JourneyMap.load(path)
            found = int(journey.name)
            if journey != maps[found % 3].update_about(name=str(found)):
                unreadable.append(f"kill {k}: a mixture, by its name number {found}")
            elif not done <= found <= done + 1:
                lost.append(f"kill {k}: number {found} is there, after number {done} was saved")
            last = found
        except (jk.Error, ValueError) as wrong:
            unreadable.append(f"kill {k}: {wrong}")
            last = done
        left = [entry for entry in path.parent.iterdir() if entry != path]
        in_the_middle += bool(left)
        for entry in left:
            entry.unlink()
    sys.stdout.write(json.dumps({"lost": lost, "unreadable": unreadable, "middle": in_the_middle, "saves": last}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
