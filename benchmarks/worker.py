"""One side of one task in a process of its own: loads its data, then works when told to, one JSON line per order.

Orders on stdin: ``{"do": "go", "calls": 3}``, ``{"do": "answer", "path": "…"}``; an empty stdin ends the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.answers import save


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def _forget_peak() -> bool:
    """Start the high-water mark of memory again from here, where the system allows it."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return False
    return True


def _give_back() -> None:
    """Free memory that loading left behind to the system, or the first call would find it and seem to need none."""
    gc.collect()
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _versions(names: list[str]) -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = str(getattr(sys.modules.get(name), "__version__", "?"))
    return found


def main() -> None:
    side, task, tiny, path = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    # what a library prints must not get between the replies
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def reply(**values: Any) -> None:
        replies.write(json.dumps(values) + "\n")
        replies.flush()

    module = importlib.import_module(f"benchmarks.sides.{side}")
    # code is loaded by a tiny input, so that the first call on the real one meets new memory and nothing else
    go, answer = module.TASKS[task](tiny)
    go()
    go, answer = module.TASKS[task](path)
    _give_back()
    reply(ready=True, versions=_versions(module.PACKAGES))
    result: Any = None
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "answer":
            save(answer(result), Path(order["path"]))
            reply(saved=True)
            continue
        seconds = []
        result = None
        gc.collect()
        exact = _forget_peak()
        before = _status("VmRSS")
        for _ in range(order["calls"]):
            result = None
            start = time.perf_counter()
            result = go()
            seconds.append(time.perf_counter() - start)
        peak = _status("VmHWM") if exact else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        reply(seconds=seconds, peak_bytes=max(0, peak - before), exact_peak=exact)


if __name__ == "__main__":
    main()
