"""Every file call fails once, and from then on: the old file or the new one is there, and the error is one of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import journeykit as jk
from journey_maps import random_map

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_any_file_call_that_fails_is_an_error_of_ours_and_changes_nothing(tmp_path, shim, run_child, tally) -> None:
    done = run_child("io_child", tmp_path, preload=shim)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == 10
    for report in reports:
        tally("R5", report["name"], report["runs"], report["found"])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB and 20 names; where mounting is not allowed, a folder."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=20", "none", str(disk)]
    mounted = (
        sys.platform.startswith("linux") and os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    )
    yield disk
    if mounted:
        subprocess.run(["umount", str(disk)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """No byte more fits, on the small disk or else (RLIMIT_FSIZE) beyond 1,000 bytes of any file."""
    if disk.is_mount():
        ballast = disk / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        yield
        ballast.unlink()
        return
    import resource
    import signal

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("suffix", [".json", ".svg", ".html"])
def test_a_full_disk_leaves_the_old_file_and_no_other(small_disk: Path, suffix: str, tally) -> None:
    path = small_disk / f"map{suffix}"
    journey = jk.JourneyMap("old", description="x" * 2000)
    journey.save(path)
    old = path.read_bytes()
    with full(small_disk):
        before = sorted(small_disk.iterdir())
        with pytest.raises(jk.Error, match=r"cannot save to .*; the old file is unchanged"):
            journey.update_about(name="new").save(path)
        assert path.read_bytes() == old
        assert sorted(small_disk.iterdir()) == before
    journey.update_about(name="new").save(path)
    assert path.read_bytes() != old
    tally("R5", f"full disk, save {suffix}", 1, [])


def test_a_disk_without_room_for_names_leaves_the_old_file(small_disk: Path, tally) -> None:
    path = small_disk / "map.json"
    random_map(3).save(path)
    old = path.read_bytes()
    with suppress(OSError):
        for k in range(100):
            (small_disk / str(k)).touch()
    if small_disk.is_mount():
        with pytest.raises(jk.Error, match=r"cannot save to .*: No space left on device; nothing was changed"):
            random_map(4).save(path)
        assert path.read_bytes() == old
    assert jk.JourneyMap.load(path) == random_map(3)
    tally("R5", "no room for names", 1, [])


def test_a_full_device_behind_the_output_of_the_command_is_one_line_and_no_success(tally) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    command = [sys.executable, "-c", "import sys; from journeykit.cli import main; sys.exit(main())"]
    for arguments in (["--help"], ["--version"]):
        with open("/dev/full", "w") as device:  # noqa: PTH123
            done = subprocess.run([*command, *arguments], stdout=device, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2, (arguments, done)
        assert done.stderr == "journeykit: cannot write: No space left on device; the output is not whole\n"
    tally("R5", "output of the command into /dev/full", 2, [])
