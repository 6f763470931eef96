"""The machine, and who else works on it."""

from __future__ import annotations

import os
import platform
import resource
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def _busy_seconds() -> float:
    """CPU time that all processes of the machine, and whoever takes it from outside, have used since it started."""
    fields = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / _TICK


def _own_seconds(workers: tuple[int, ...]) -> float:
    """CPU time of this process, of its ended children, and of the living workers."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    for pid in workers:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


@dataclass(frozen=True)
class Moment:
    """What was used up to a moment."""

    clock: float
    busy: float
    own: float

    @classmethod
    def now(cls, workers: tuple[int, ...] = ()) -> Moment:
        return cls(time.perf_counter(), _busy_seconds(), _own_seconds(workers))

    def others_since(self, before: Moment) -> float:
        """Cores that others used on average."""
        return max(0.0, (self.busy - before.busy) - (self.own - before.own)) / (self.clock - before.clock)


def describe() -> dict[str, str]:
    """CPU, cores, memory, system; nothing that names this machine."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "CPU": model,
        "cores": str(os.cpu_count()),
        "memory": f"{total:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
    }
