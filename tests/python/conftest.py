"""Where the tests find data that is not shipped with the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


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
