"""pyarrow reads the CSV file, polars counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.csv

from benchmarks.files import COLUMNS
from benchmarks.sides import THREADS, Prepare, Prepared, with_polars

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ["pyarrow", "polars"]
pa.set_cpu_count(THREADS)


def file_to_map(path: Path) -> Prepared:
    options = pyarrow.csv.ConvertOptions(include_columns=list(COLUMNS))

    def go() -> Any:
        frame = pl.from_arrow(pyarrow.csv.read_csv(path, convert_options=options))
        assert isinstance(frame, pl.DataFrame)
        # CSV times come in seconds where no row has a fraction
        frame = frame.with_columns(pl.col("time").cast(pl.Datetime("us")))
        return with_polars.steps(with_polars.columns(frame.lazy()).collect(), with_polars.by_case(path), medians=True)

    return go, with_polars.graph


TASKS: dict[str, Prepare] = {"file to map": file_to_map}
