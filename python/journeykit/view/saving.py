"""Pictures to files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from journeykit.base.errors import NotFound


def save_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a whole file or none: readers see the old bytes or the new ones, also after a crash."""
    target = Path(os.fspath(path)).resolve()
    if not target.parent.is_dir():
        raise NotFound(f"folder {str(target.parent)!r:.200} does not exist; make it first")
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        part = Path(temporary)
        part.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        part.replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target
