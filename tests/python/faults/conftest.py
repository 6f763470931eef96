"""Faults by the thousand under `make faults`, by the dozen under `make test`; counts per goal at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
HEAVY = os.environ.get("JOURNEYKIT_FAULTS") == "heavy"

Tally = Callable[..., None]
_tallied: dict[str, list[tuple[str, int, list[str], str]]] = defaultdict(list)


@pytest.fixture(scope="session")
def heavy() -> bool:
    """Whether this is `make faults`."""
    return HEAVY


@pytest.fixture(scope="session")
def tally() -> Tally:
    """Counts the runs and findings of a goal, shows them at the end, and fails where something was found."""

    def count(goal: str, what: str, runs: int, found: list[str], figures: str = "") -> None:
        _tallied[goal].append((what, runs, found, figures))
        assert runs > 0, f"{what}: nothing was tried"
        assert not found, f"{what}: {len(found)} of {runs} runs\n" + "\n".join(found[:20])

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _tallied or not HEAVY:
        return
    terminalreporter.section("faults: runs and findings by goal")
    for goal in sorted(_tallied, key=lambda name: int(name[1:])):
        for what, runs, found, figures in _tallied[goal]:
            terminalreporter.write_line(f"{goal:4} {what:44} {runs:8,} runs {len(found):4} findings  {figures}")


@pytest.fixture(scope="session")
def run_child() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a module of this folder in a Python of its own."""

    def run(
        module: str, *arguments: object, preload: Path | None = None, timeout: float = 600, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONFAULTHANDLER": "1"}
        if preload is not None:
            environment["LD_PRELOAD"] = str(preload)
        done = subprocess.run(
            [sys.executable, "-m", f"faults.{module}", *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0 or not check, (
            f"{module}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
        return done

    return run


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fault shim, compiled."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the shim that fails system calls is for Linux")
    compiler = os.environ.get("CC") or shutil.which("cc") or "gcc"
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    options = ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-pthread"]
    subprocess.run([compiler, *options, "-o", library, HERE / "shim.c", "-ldl"], check=True)
    return library
