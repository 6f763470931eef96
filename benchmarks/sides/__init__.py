"""One module per side. Each has PACKAGES, whose versions are reported, and TASKS: name → prepare.

``prepare(path)`` loads the data, outside the clock, and returns ``go``, the measured call, and ``answer``, which brings
what ``go`` gave into the common form of `benchmarks.answers`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.answers import Answer

Prepared = tuple[Callable[[], Any], Callable[[Any], Answer]]
Prepare = Callable[[Path], Prepared]
THREADS = 2
"""On every side."""
