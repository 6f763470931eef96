"""pm4py on a formatted frame: formatting is outside the clock."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd
import pm4py
from pm4py.algo.discovery.dfg.adapters.pandas import df_statistics

from benchmarks import answers
from benchmarks.files import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.answers import Answer
    from benchmarks.sides import Prepare, Prepared

PACKAGES = ["pm4py", "pandas", "numpy"]
warnings.filterwarnings("ignore")


def _formatted(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path, columns=list(COLUMNS))
    frame["case"] = frame["case"].astype(str)
    frame["touchpoint"] = frame["touchpoint"].astype(str)
    frame["time"] = frame["time"].astype("datetime64[ns]").dt.tz_localize("UTC")
    case, touchpoint, time = COLUMNS
    return pm4py.format_dataframe(frame, case_id=case, activity_key=touchpoint, timestamp_key=time)


def graph(path: Path) -> Prepared:
    frame = _formatted(path)

    def go() -> Any:
        # both at once: the public functions would sort and shift twice
        counts, means = df_statistics.get_dfg_graph(frame, measure="both", perf_aggregation_key="mean")
        return counts, means, pm4py.get_start_activities(frame), pm4py.get_end_activities(frame)

    return go, _graph


def _graph(result: Any) -> Answer:
    counts, means, starts, ends = result
    edges = {
        "source": [source for source, _ in counts],
        "target": [target for _, target in counts],
        "count": list(counts.values()),
        "mean": [means[edge] for edge in counts],
    }
    return answers.graph(edges, starts, ends)


def variants(path: Path) -> Prepared:
    frame = _formatted(path)
    return lambda: pm4py.get_variants(frame), lambda found: answers.variants_of_names(list(found), list(found.values()))


TASKS: dict[str, Prepare] = {"graph": graph, "variants": variants}
