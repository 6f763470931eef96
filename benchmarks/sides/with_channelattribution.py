"""ChannelAttribution on two cores: it simulates until its estimates move by less than 5 %."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ChannelAttribution
import pandas as pd

from benchmarks import answers
from benchmarks.sides import THREADS, Prepare, Prepared

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ["ChannelAttribution", "pandas", "numpy"]


def _task(order: int) -> Prepare:
    def prepare(path: Path) -> Prepared:
        frame = pd.read_parquet(path)

        def go() -> Any:
            return ChannelAttribution.markov_model(
                frame, "path", "conversions", var_null="nulls", order=order, ncore=THREADS, verbose=False, flg_pro=False
            )

        return go, lambda found: answers.attribution(found["channel_name"], found["total_conversions"])

    return prepare


TASKS: dict[str, Prepare] = {"order 1": _task(1), "order 4": _task(4)}
