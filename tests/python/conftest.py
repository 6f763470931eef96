"""Where the tests find data that is not shipped with the project, and the switch that computes every answer twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEN = pytest.StashKey()  # type: ignore[var-annotated]


def pytest_addoption(parser: pytest.Parser) -> None:
    """--verify, as of `make verify`."""
    parser.addoption("--verify", action="store_true", help="hold every answer to its reference while the tests run")


@pytest.fixture(scope="session", autouse=True)
def verification(pytestconfig: pytest.Config) -> Iterator[None]:
    """Under --verify the whole run stands inside journeykit.testing.verified()."""
    if not pytestconfig.getoption("verify"):
        yield
        return
    from journeykit.testing import verified

    with verified() as seen:
        pytestconfig.stash[SEEN] = seen
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """How many answers were computed twice."""
    seen = config.stash.get(SEEN, None)
    if seen is not None:
        terminalreporter.write_line(f"verified: {seen.checked:,} answers computed twice, {seen.skipped:,} left")


def shared_folder() -> Path | None:
    """The folder of reference data: $JOURNEYKIT_SHARED, or `shared` beside the checkout."""
    named = os.environ.get("JOURNEYKIT_SHARED")
    candidates = [Path(named)] if named else [Path(__file__).parents[2].parent / "shared"]
    return next((folder for folder in candidates if (folder / "data").is_dir()), None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The `data` folder of the reference data; tests that ask for it are skipped where it is absent."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("reference data not here: set JOURNEYKIT_SHARED to the folder that has data/")
    return folder / "data"
