"""Reads damaged copies of one file of events, and prints the number of each before it tries: the last one is guilty.

Prints `result`, `refused` or the error that is none of ours. Ends itself where a file takes longer than 20 seconds.
"""

from __future__ import annotations

import faulthandler
import random
import resource
import sys
import warnings
from pathlib import Path

import journeykit as jk


def damaged(content: bytes, draw: random.Random) -> bytes:
    """One accident: bytes changed, lost, doubled, put in, or the end lost."""
    place, length = draw.randrange(len(content)), draw.choice((1, 1, 2, 8, 64))
    match draw.randrange(7):
        case 0 | 1:
            return content[:place] + bytes([content[place] ^ 1 << draw.randrange(8)]) + content[place + 1 :]
        case 2:
            return content[:place] + draw.randbytes(length) + content[place + length :]
        case 3:
            return content[:place] + content[place + length :]
        case 4:
            return content[: place + length] + content[place:]
        case 5:
            return (
                content[:place]
                + draw.choice((b"\0", b"\xff", b'"', b"\n", b",", b"<", b"]", b"-", b"9" * 30))
                + content[place:]
            )
        case _:
            return content[:place]


def main(path: Path, first: int, count: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    warnings.simplefilter("ignore")
    content = path.read_bytes()
    copy = path.with_name(f"damaged-{path.name}")
    for k in range(first, first + count):
        sys.stdout.write(f"{k} ")
        sys.stdout.flush()
        copy.write_bytes(damaged(content, random.Random(f"{path.name} {k}")))
        faulthandler.dump_traceback_later(20, exit=True)
        try:
            len(jk.read_events(copy))
            end = "result"
        except jk.Error:
            end = "refused"
        except BaseException as wrong:  # noqa: BLE001  also a panic of a reader in Rust
            end = f"{type(wrong).__name__}: {' '.join(str(wrong).split())[:300]}"
        faulthandler.cancel_dump_traceback_later()
        sys.stdout.write(f"{end}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
