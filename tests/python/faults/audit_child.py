"""Works through hostile labels, maps and files with an audit hook that writes down whatever runs, loads or reaches out.

First everything is done once with harmless data, so that modules are loaded and templates compiled; then the hook is
set, for good, and the same is done with hostile data. Prints how many inputs were tried and what the hook saw.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

import journeykit as jk
from faults.damage_child import damaged
from journeykit import view
from view.hostile import HOSTILE

RUNS = ("exec", "compile", "import", "marshal.load", "pickle.", "code.__new__", "function.__new__", "ctypes.")
REACHES_OUT = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "subprocess.", "pty.", "socket.")
MORE = ("urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "shutil.", "os.remove", "os.rename", "os.link")
WATCHED = (*RUNS, *REACHES_OUT, *MORE, "os.symlink", "os.chmod", "os.mkdir", "os.rmdir", "os.putenv", "tempfile.")

CODE = (
    "__import__('os').system('touch executed')",
    "@pd.compat.os.system('touch executed')",
    "cos\nsystem\n(S'touch executed'\ntR.",
    "{0.__class__.__mro__[1].__subclasses__()}",
    "{{ cycler.__init__.__globals__.os.popen('touch executed').read() }}",
    "{% import 'os' as os %}{{ os.system('touch executed') }}",
    "!!python/object/apply:os.system ['touch executed']",
    "$(touch executed)",
    "`touch executed`",
    "; touch executed",
    "| touch executed",
    "=cmd|' /C touch executed'!A0",
    "../../executed",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://localhost:1/",
    "(a+)+$" + "a" * 40,
    "[" * 500,
    "*" * 200,
)


class Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch executed",)


def work(folder: Path, labels: list[str]) -> int:
    """Reads, counts, draws, saves and loads with each label in every place; errors must be ours."""
    tried = 0
    for k in range(0, len(labels), 4):
        four = (labels[k : k + 4] * 4)[:4]
        for attempt in (in_logs, in_maps, in_files):
            with suppress(jk.Error):
                attempt(folder, four)
            tried += 1
    return tried


def in_logs(folder: Path, four: list[str]) -> None:
    rows = {
        "case": [four[0], four[0], four[1], four[1]],
        "touchpoint": [four[2], four[3], four[2], four[2]],
        "time": ["2026-01-05T09:00"] * 4,
        "csat": [1, 2, 3, 4],
        four[3][:40] + " column": four,
    }
    log = jk.read_events(rows, metrics={"csat": "csat"}, completed=four[3])
    journey = jk.discover(log, stages={four[2]: four[0], four[3]: four[1], "*": "rest"}, name=four[0])
    card = jk.score(journey, log, minimum_n=1)
    for page in (view.page_html(journey, card), view.map_svg(journey, card), view.log_html(log), repr(log), repr(card)):
        assert page
    for table in (jk.directly_follows(log), log.variants(), log.rework(), card.failures(), jk.measure(log, "csat")):
        assert table._repr_html_()
        assert repr(table)
    log.filter(touchpoints=four[2])
    log.filter(where={log.columns[-1]: four[0]})
    pickle.dumps(log)


def in_maps(folder: Path, four: list[str]) -> None:
    journey = jk.JourneyMap.build(
        four[0],
        description=four[1],
        currency=four[2][:3],
        stages=[{"id": four[0], "name": four[1], "phase": four[2]}],
        touchpoints=[{"id": four[1], "name": four[0], "stage": four[0], "channels": four, "need": four[3]}],
        transitions=[{"source": four[1], "target": four[1], "probability": 1}],
        failure_points=[{"id": four[3], "touchpoint": four[1], "cause": four[2], "contact_reasons": four}],
    )
    for suffix in (".json", ".html", ".svg"):
        journey.save(folder / f"map{suffix}")
    assert jk.JourneyMap.load(folder / "map.json") == journey
    assert journey.validate() is not None
    journey.diff(journey.update_about(name=four[3]))
    jk.JourneyMap.merge(journey, journey, journey.update_about(name=four[3]))
    jk.JourneyMap.from_json(journey.to_json().replace("touchpoints", four[2].replace('"', "")))


def in_files(folder: Path, four: list[str]) -> None:
    table = pa.table({"case": four, "activity": four[::-1], "time": ["2026-01-05T09:00:00Z"] * 4, "x": four})
    pa.csv.write_csv(table, folder / "log.csv")
    jk.read_events(folder / "log.csv")
    extension = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": PICKLED}
    fields = [pa.field("x", pa.string(), metadata=extension) if f.name == "x" else f for f in table.schema]
    table = table.cast(pa.schema(fields, metadata={b"pandas": four[0].encode("utf-8", "replace"), b"x": PICKLED}))
    pa.parquet.write_table(table, folder / "log.parquet")
    jk.read_events(folder / "log.parquet")


PICKLED = pickle.dumps(Payload())


def damage(folder: Path, sources: dict[str, bytes], times: int) -> int:
    """Reads damaged copies of good files."""
    for name, content in sources.items():
        copy = folder / f"damaged-{name}"
        for k in range(times):
            copy.write_bytes(damaged(content, random.Random(f"{name} {k}")))
            with suppress(jk.Error):
                jk.JourneyMap.load(copy) if name == "map.json" else jk.read_events(copy)
    return times * len(sources)


def main(folder: Path, times: int, labels: int) -> None:
    warnings.simplefilter("ignore")
    sources = {Path(name).name: Path(name).read_bytes() for name in sys.argv[4:]}
    work(folder, [f"harmless {k}" for k in range(16)])
    damage(folder, sources, 150)
    listed = {entry.name for entry in folder.iterdir()}

    seen: dict[str, int] = {}
    package = str(Path(jk.__file__).parent)
    hearing = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not hearing:
            return
        if event == "open":
            path = str(arguments[0])
            if isinstance(arguments[0], int) or path.startswith((str(folder), package)):
                return
            seen[f"open {path}"] = seen.get(f"open {path}", 0) + 1
        elif event.startswith(WATCHED):
            told = f"{event} {arguments!r:.120}"
            seen[told] = seen.get(told, 0) + 1

    sys.addaudithook(hook)
    sys.audit("os.system", "is the hook awake?")
    assert seen
    seen.clear()
    hostile = [*CODE, *random.Random(1).sample(HOSTILE, min(labels, len(HOSTILE)))]
    tried = work(folder, hostile) + damage(folder, sources, times)
    hearing = False
    found = [f"{event} ({count} times)" for event, count in seen.items()]
    found += [f"file {entry}" for entry in sorted({entry.name for entry in folder.iterdir()} - listed)]
    found += [f"file {entry}" for entry in (Path("executed"), folder.parent / "executed") if entry.exists()]
    sys.stdout.write(json.dumps({"tried": tried, "found": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
