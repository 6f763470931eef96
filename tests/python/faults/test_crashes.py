"""A process is killed, or the power goes, in the middle of a save: the whole old map or the whole new one is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import journeykit as jk
from journey_maps import random_map

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_kill_in_the_middle_of_saves_leaves_a_whole_map(tmp_path: Path, run_child, tally, heavy: bool) -> None:
    kills = 1000 if heavy else 60
    found = json.loads(run_child("kill_child", tmp_path / "maps" / "map.json", kills).stdout)
    figures = f"{found['saves']:,} saves; {found['middle']} kills left a temporary file"
    tally("R6", "kill -9: versions lost", kills, found["lost"], figures)
    tally("R6", "kill -9: unreadable or mixed", kills, found["unreadable"])
    assert found["middle"] > 0, "no kill came in the middle of a save"


def test_every_save_flushes_file_and_directory_in_order_and_survives_a_power_cut(
    tmp_path: Path, shim, run_child, tally, heavy: bool
) -> None:
    saves = 1000 if heavy else 60
    lines = run_child("order_child", tmp_path, saves, preload=shim).stdout.splitlines()
    disordered, lost, images, saved_again = [], [], 0, 0
    for k, line in enumerate(lines):
        save = json.loads(line)
        if said := out_of_order(save["calls"], save["path"]):
            disordered.append(f"save {k}: {said}: {save['calls']}")
            continue
        old, new = (None if save[text] is None else save[text].encode() for text in ("old", "new"))
        target = Path(save["path"]).name
        for done, image in power_cuts(save["calls"], target, old, new):
            images += 1
            if image.get(target) not in ((new,) if done else (old, new)):
                lost.append(f"save {k}: {target} holds {image.get(target, b'nothing')[:40]!r}")
            elif target.endswith(".json") and images % 50 == 0:
                saved_again += 1
                lost.extend(f"save {k}: {one}" for one in recovery(tmp_path / f"image{images}", target, image, k))
    tally("R6", "write → fsync → rename → fsync(directory)", len(lines), disordered)
    tally("R6", "power cut after each call: old or new, whole", images, lost, f"{saved_again} loaded and saved again")


def out_of_order(calls: list[list[str]], path: str) -> str | None:
    """What is wrong with the order of a save's calls: all bytes, flush, close, rename, flush of the directory."""
    names = [call[0] for call in calls]
    temporary = next((call for call in calls if call[0] == "open" and call[2] == "new"), None)
    directory = next((call for call in calls if call[0] == "open" and call[2] == "dir"), None)
    if temporary is None or directory is None or names.count("rename") != 1:
        return "no new file, no directory or no single rename"
    renamed = names.index("rename")
    if calls[renamed] != ["rename", temporary[3], path] or Path(temporary[3]).parent != Path(path).parent:
        return "the rename is not from a new file beside it"
    expected = ["write", "fsync", "close"]
    mine = [call[0] for call in calls[:renamed] if call[0] in expected and call[1] == temporary[1]]
    if [name for k, name in enumerate(mine) if k == 0 or mine[k - 1] != name] != expected:
        return f"before the rename: {mine}"
    after = [call for call in calls[renamed + 1 :] if call[0] != "close"]
    return None if after == [["fsync", directory[1]]] else f"after the rename: {after}"


def power_cuts(
    calls: list[list[str]], target: str, old: bytes | None, new: bytes
) -> Iterator[tuple[bool, dict[str, bytes]]]:
    """What a disk may hold when the power goes after each call, and whether the save had ended by then.

    Names that were not flushed are there up to any one of them, in their order; data that was not flushed is there in
    part, missing, or zeros.
    """
    contents = {0: old or b""}
    flushed = {0: len(contents[0])}
    names: list[tuple[str, int, str | None]] = [] if old is None else [(target, 0, None)]
    safe_names, number_of = len(names), {}
    for k in range(len(calls) + 1):
        for kept in range(safe_names, len(names) + 1):
            there: dict[str, int] = {}
            for name, number, gone in names[:kept]:
                there.pop(gone or "", None)
                there[name] = number
            for cut, filler in ((0.0, b""), (0.0, b"\0"), (0.5, b""), (0.5, b"\0"), (1.0, b"")):
                yield k == len(calls), {name: torn(contents[n], flushed[n], cut, filler) for name, n in there.items()}
        if k == len(calls):
            return
        match calls[k]:
            case ["open", file, "new", path]:
                number_of[file] = len(contents)
                contents[number_of[file]], flushed[number_of[file]] = b"", 0
                names.append((Path(path).name, number_of[file], None))
            case ["write", file, size]:
                number = number_of[file]
                contents[number] = new[: len(contents[number]) + int(size)]
            case ["fsync", file] if file in number_of:
                flushed[number_of[file]] = len(contents[number_of[file]])
            case ["fsync", _]:
                safe_names = len(names)
            case ["rename", source, path]:
                number = next(n for name, n, _ in reversed(names) if name == Path(source).name)
                names.append((Path(path).name, number, Path(source).name))


def torn(content: bytes, safe: int, cut: float, filler: bytes) -> bytes:
    kept = safe + int((len(content) - safe) * cut)
    return content[:kept] + filler * (len(content) - kept)


def recovery(folder: Path, target: str, image: dict[str, bytes], k: int) -> Iterator[str]:
    """What is wrong when the next process finds this directory, loads the map and saves it anew."""
    folder.mkdir()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    if target in image:
        jk.JourneyMap.load(folder / target)
    random_map(k + 1).save(folder / target)
    if jk.JourneyMap.load(folder / target) != random_map(k + 1):
        yield "the next save is not there"
