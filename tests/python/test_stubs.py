"""The committed types of the C++ module are those of the module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "stubs.py"


@pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="pybind11 names a capsule's type by another module from 3.13 on"
)
def test_the_stub_of_the_core_is_up_to_date() -> None:
    pytest.importorskip("pybind11_stubgen")
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
