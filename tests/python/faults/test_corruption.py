"""A stored file in which a byte was changed or whose end was lost is read as what was saved, or refused."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import pytest

import journeykit as jk
from journey_maps import random_map
from journeykit.scale import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def damaged(content: bytes, flips: int, seed: int) -> Iterator[bytes]:
    """The content with one byte changed, `flips` times, and cut at each hundredth."""
    draw = random.Random(seed)
    for _ in range(flips):
        place = draw.randrange(len(content))
        changed = bytearray(content)
        changed[place] ^= draw.randrange(1, 256)
        yield bytes(changed)
    for k in range(100):
        yield content[: len(content) * k // 100]


def undetected(content: bytes, read: Callable[[bytes], Any], flips: int, seed: int) -> tuple[int, list[str], str]:
    """How many damaged contents were tried, those that gave another result or error, and a count of each end."""
    right = read(content)
    runs, same, found = 0, 0, []
    for one in damaged(content, flips, seed):
        runs += 1
        try:
            if read(one) == right:
                same += 1
            else:
                found.append(f"another result from {one!r:.300}")
        except jk.Error:
            pass
        except Exception as wrong:  # noqa: BLE001  whatever it is, it is a finding
            found.append(f"{type(wrong).__name__}: {wrong}")
    return runs, found, f"{same:,} equal, {runs - same - len(found):,} refused"


def test_a_damaged_map_is_refused_or_equal(tmp_path: Path, tally, heavy: bool) -> None:
    path = tmp_path / "map.json"
    flips = 10_000 if heavy else 500
    for seed in (11, 12) if heavy else (11,):
        random_map(seed).save(path)

        def read(content: bytes) -> jk.JourneyMap:
            path.write_bytes(content)
            return jk.JourneyMap.load(path)

        runs, found, figures = undetected(path.read_bytes(), read, flips, seed)
        tally("R7", f"map JSON {seed}: undetected wrong results", runs, found, figures)


def checksum(content: bytes) -> int:
    """FNV-1a, then the finaliser of SplitMix64 with a seed of 0."""

    def mix(x: int) -> int:
        x = (x + 0x9E3779B97F4A7C15) % 2**64
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
        return x ^ x >> 31

    state = 0xCBF29CE484222325
    for byte in content:
        state = (state ^ byte) * 0x100000001B3 % 2**64
    return mix(state ^ mix(0))


def test_a_map_that_was_edited_by_hand_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    jk.JourneyMap.build("Shop", touchpoints=["Pay"]).save(path)
    saved = path.read_text("utf-8")
    plain = jk.JourneyMap.load(path).to_json()
    assert saved == plain.replace('"version": 1', f'"version": 1,\n  "checksum": "{checksum(plain.encode()):016x}"')
    edited = saved.replace("Pay", "Paid")
    path.write_text(edited, "utf-8")
    with pytest.raises(jk.InvalidInput, match=r"/checksum: the map is not the one that was saved: .* remove the line"):
        jk.JourneyMap.load(path)
    path.write_text("\n".join(line for line in edited.splitlines() if "checksum" not in line), "utf-8")
    journey = jk.JourneyMap.load(path)
    assert journey == jk.JourneyMap.build("Shop", touchpoints=["Paid"])
    journey.save(path)
    assert jk.JourneyMap.load(path) == journey


def test_a_checksum_is_of_the_content_and_not_of_the_layout(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    random_map(11).save(path)
    text = path.read_text("utf-8")
    turned = dict(reversed(json.loads(text).items()))
    for other in (text.replace("\n", "\r\n"), json.dumps(turned), json.dumps(turned, indent=8, ensure_ascii=False)):
        path.write_text(other, "utf-8", newline="")
        assert jk.JourneyMap.load(path) == random_map(11)


def test_damaged_files_of_events_give_a_result_or_an_error_of_ours(
    tmp_path: Path, run_child, tally, heavy: bool
) -> None:
    for path in files_of_events(tmp_path):
        count, first = (2_000 if heavy else 40), 0
        ends: Counter[str] = Counter()
        found: list[str] = []
        while first < count:
            done = run_child("damage_child", path, first, count - first, check=False)
            lines = done.stdout.splitlines()
            for line in lines:
                number, _, end = line.partition(" ")
                first = int(number) + 1
                if not end:
                    end = f"exit {done.returncode}: {done.stderr[-1500:]}"
                ends[end if end in {"result", "refused"} else "wrong"] += 1
                if end not in {"result", "refused"}:
                    found.append(f"damage {number} of {path.name}: {end}")
            assert lines, done.stderr
        figures = f"{ends['result']:,} results, {ends['refused']:,} refused"
        tally("R7", f"damaged {path.name}: crash, hang, other error", first, found, figures)


def files_of_events(folder: Path) -> list[Path]:
    """The same small log in each form that is read."""
    import gzip

    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    draw = random.Random(5)
    rows = [
        {
            "case": f"c{k // 4}",
            "activity": draw.choice(("search", "pay", "客服", 'say "no"', "a,b")),
            "time": f"2026-01-{1 + k // 4:02}T09:{k % 60:02}:00Z",
            "spend": draw.choice(("1.5", "20", "")),
        }
        for k in range(80)
    ]
    table = pa.Table.from_pylist(rows)
    csv = folder / "log.csv"
    pa.csv.write_csv(table, csv)
    (folder / "log.csv.gz").write_bytes(gzip.compress(csv.read_bytes()))
    times = pa.array([row["time"] for row in rows]).cast(pa.timestamp("us", "UTC"))
    pa.parquet.write_table(table.set_column(2, "time", times), folder / "log.parquet", row_group_size=30)
    events = [
        f'<event><string key="concept:name" value={quoteattr(row["activity"])}/>'
        f'<date key="time:timestamp" value="{row["time"]}"/><float key="spend" value="{row["spend"] or 0}"/></event>'
        for row in rows
    ]
    cases = ["".join(events[4 * k : 4 * k + 4]) for k in range(20)]
    traces = [f'<trace><string key="concept:name" value="c{k}"/>{case}</trace>' for k, case in enumerate(cases)]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">'
    (folder / "log.xes").write_text("\n".join([head, *traces, "</log>"]), "utf-8")
    ocel = {
        "ocel:global-log": {"ocel:version": "1.0", "ocel:object-types": ["order"], "ocel:attribute-names": ["spend"]},
        "ocel:events": {
            str(k): {
                "ocel:activity": row["activity"],
                "ocel:timestamp": row["time"],
                "ocel:omap": [row["case"]],
                "ocel:vmap": {"spend": row["spend"]},
            }
            for k, row in enumerate(rows)
        },
        "ocel:objects": {f"c{k}": {"ocel:type": "order", "ocel:ovmap": {}} for k in range(20)},
    }
    (folder / "log.jsonocel").write_text(json.dumps(ocel, ensure_ascii=False, indent=1), "utf-8")
    names = ("log.csv", "log.csv.gz", "log.parquet", "log.xes", "log.jsonocel")
    return [folder / name for name in names]


def test_damaged_bytes_of_a_state_are_refused_or_equal(tally, heavy: bool) -> None:
    state = State(metrics={"csat": "csat"}, variants=True).update(
        jk.read_events(
            {
                "case": [str(k // 5) for k in range(200)],
                "touchpoint": [f"t{k * 7 % 11}" for k in range(200)],
                "time": [f"2026-01-05T{k % 24:02}:{k % 60:02}" for k in range(200)],
                "csat": [1 + k % 5 if k % 3 else None for k in range(200)],
            },
            metrics={"csat": "csat"},
        )
    )
    runs, found, figures = undetected(state.to_bytes(), State.from_bytes, 10_000 if heavy else 500, 1)
    tally("R7", "bytes of a state: undetected wrong results", runs, found, figures)
