"""The fault shim (shim.c) from inside a process that has it preloaded."""

from __future__ import annotations

import ctypes
import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN, READ, WRITE, FSYNC, RENAME, CLOSE, STAT = (1 << k for k in range(7))
KINDS = {"open": OPEN, "read": READ, "write": WRITE, "fsync": FSYNC, "rename": RENAME, "close": CLOSE, "stat": STAT}
SHORT, NOTHING = -1, -2
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EDQUOT": errno.EDQUOT, "EINTR": errno.EINTR}


@dataclass(frozen=True)
class Fault:
    """The `nth` call of a kind fails; from then on every one, where `persistent`."""

    kind: str
    error: str
    nth: int
    persistent: bool

    @property
    def code(self) -> int:
        return {"short": SHORT, "nothing": NOTHING}.get(self.error) or ERRORS[self.error]

    @property
    def harmless(self) -> bool:
        """A caller goes on after a short count, and after an interruption of a call that POSIX lets be interrupted."""
        interrupted = self.error == "EINTR" and not self.persistent
        return self.error == "short" or (interrupted and self.kind not in {"rename", "stat"})


class Shim:
    """The shim of this process; raises OSError where it is not preloaded."""

    def __init__(self, folder: str) -> None:
        self._library = ctypes.CDLL(None)
        try:
            self._library.faults_calls.restype = ctypes.c_char_p
        except AttributeError as absent:
            raise OSError("the shim is not preloaded") from absent
        self.watch(folder)

    def watch(self, folder: str) -> None:
        """Forget the calls so far; look at the files below `folder`."""
        self._library.faults_watch(folder.encode())

    def arm(self, fault: Fault) -> None:
        self._library.faults_arm(KINDS[fault.kind], fault.nth, fault.code, fault.persistent)

    def disarm(self) -> int:
        """How many calls failed."""
        return int(self._library.faults_disarm())

    def calls(self) -> list[list[str]]:
        """The calls that opened or changed files, in order, each as its words."""
        calls = []
        for line in self._library.faults_calls().decode().splitlines():
            name, rest = line.split(" ", 1)
            calls.append([name, *(rest.split("\t") if name == "rename" else rest.split(" ", 2))])
        return calls


def sorts(kinds: list[str], *, endless_interruptions: bool) -> Iterator[tuple[str, str, bool]]:
    """Kind, error and persistence of every fault worth trying; the n-th call is the caller's loop."""
    for kind in kinds:
        errors = [*ERRORS]
        if kind in {"read", "write"}:
            errors.append("short")
        if kind == "write":
            errors.append("nothing")
        for error in errors:
            for persistent in (False, True):
                if endless_interruptions or not (error == "EINTR" and persistent):
                    yield kind, error, persistent
