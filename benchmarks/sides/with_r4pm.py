"""r4pm (Rust) on a log in its registry, filled outside the clock; its graph has counts only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import r4pm

from benchmarks import answers
from benchmarks.files import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.answers import Answer
    from benchmarks.sides import Prepare, Prepared

PACKAGES = ["r4pm", "polars"]


def _registered(path: Path) -> str:
    case, touchpoint, time = COLUMNS
    frame = pl.read_parquet(path, columns=[case, touchpoint, time])
    frame = frame.select(
        pl.col(case).cast(pl.String).alias("case:concept:name"),
        pl.col(touchpoint).cast(pl.String).alias("concept:name"),
        pl.col(time).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("time:timestamp"),
    )
    return r4pm.import_item_from_df("EventLog", frame)


def graph(path: Path) -> Prepared:
    log = _registered(path)

    def answer(found: Any) -> Answer:
        edges = found["directly_follows_relations"]
        return answers.graph(
            {
                "source": [pair[0] for pair, _ in edges],
                "target": [pair[1] for pair, _ in edges],
                "count": [count for _, count in edges],
            }
        )

    return lambda: r4pm.bindings.discover_dfg(log), answer


def variants(path: Path) -> Prepared:
    log = _registered(path)

    def go() -> Any:
        return r4pm.bindings.get_variants(r4pm.bindings.log_to_activity_projection(log))

    return go, lambda found: answers.variants_of_names(
        (variant["activities"] for variant in found), [variant["count"] for variant in found]
    )


def read(path: Path) -> Prepared:
    """Reading alone, into a frame."""
    return lambda: r4pm.df.import_xes(str(path))[0], lambda frame: {"events": np.array([frame.height])}


TASKS: dict[str, Prepare] = {"graph": graph, "variants": variants, "read": read}
