"""pandas: a stable sort, shifts and a group-by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from benchmarks import answers
from benchmarks.files import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.answers import Answer
    from benchmarks.sides import Prepare, Prepared

PACKAGES = ["pandas", "numpy"]


def graph(path: Path) -> Prepared:
    frame = pd.read_parquet(path, columns=list(COLUMNS))
    frame["touchpoint"] = frame["touchpoint"].astype("category")
    frame["time"] = frame["time"].astype("datetime64[us]").astype("int64")
    keys = ["case", "time"] if "shuffled" in path.name else ["case"]

    def go() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
        rows = frame.sort_values(keys, kind="stable", ignore_index=True)
        following = rows.shift(-1)
        more = rows["case"] == following["case"]
        steps = pd.DataFrame(
            {
                "source": rows["touchpoint"],
                "target": following["touchpoint"],
                "gap": following["time"] - rows["time"],
            }
        )[more]
        edges = steps.groupby(["source", "target"], observed=True)["gap"].agg(["size", "sum"])
        starts = rows["touchpoint"][~more.shift(1, fill_value=False)].value_counts()
        return edges, starts, rows["touchpoint"][~more].value_counts()

    return go, _answer


def _answer(result: tuple[Any, Any, Any]) -> Answer:
    edges, starts, ends = result
    count = edges["size"].to_numpy()
    given = {
        "source": [source for source, _ in edges.index],
        "target": [target for _, target in edges.index],
        "count": count,
        "mean": edges["sum"].to_numpy() / count / 1e6,
    }
    return answers.graph(given, starts.to_dict(), ends.to_dict())


TASKS: dict[str, Prepare] = {"graph": graph}
