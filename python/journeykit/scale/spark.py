"""The same state on Spark: rows go to partitions by case, each partition becomes the bytes of a state."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from journeykit.base.arguments import whole
from journeykit.base.errors import InvalidInput, Unsupported
from journeykit.scale.folder import check_endings
from journeykit.scale.reading import Reading
from journeykit.scale.state import State, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa


def partition_worker(
    reading: Reading, options: dict[str, Any]
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What Spark runs on each partition: record batches in, one row with the bytes of their state out."""

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        rows = [batch for batch in batches if batch.num_rows]
        if rows:
            state = State(metrics=reading.metric_columns, **options).update(reading.log(pa.Table.from_batches(rows)))
            yield pa.record_batch([pa.array([state.to_bytes()], pa.binary())], names=["state"])

    return work


def spark_state(
    source: Any, *, reading: Reading, spark: Any = None, partitions: int | None = None, **options: Any
) -> State:
    """The state of a log that Spark holds, partition by partition, merged on the driver.

    Parameters
    ----------
    source : pyspark.sql.DataFrame, path or pattern
        Events as rows, or what ``spark.read.parquet`` takes.
    reading : Reading
        The columns.
    spark : SparkSession, optional
        For a path; by default the session that is active.
    partitions : int, optional
        Into how many partitions the rows go by case; by default as ``spark.sql.shuffle.partitions`` says. A partition
        is held in the memory of its executor: allow about 250 bytes an event.
    **options
        As for :class:`State`, but for `metrics`, which `reading` has.

    Returns
    -------
    State
        The same as of one process, in every number and byte by byte, ties in time inside a case aside (name an `order`
        column where there are any).

    Raises
    ------
    NotFound
        A column is not there; an ending that occurs nowhere.
    InvalidInput
        A source of another type; a path without an active session.
    Unsupported
        Without pyspark.

    Notes
    -----
    The executors need journeykit installed. Spark reads no Parquet timestamps in nanoseconds.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise Unsupported(
            "spark_state() needs pyspark: pip install 'journeykit[spark]', and a Java runtime 17 or 21"
        ) from missing
    if not isinstance(reading, Reading):
        raise InvalidInput(f"reading is a {type(reading).__name__}; expected journeykit.scale.Reading(case=…, …)")
    partitions = None if partitions is None else whole(partitions, "partitions", 1)
    empty = State(metrics=reading.metric_columns, **options)
    frame = source
    if isinstance(source, str | os.PathLike):
        session = spark if spark is not None else SparkSession.getActiveSession()
        if session is None:
            raise InvalidInput("no Spark session is active; make one, and pass it as spark=")
        frame = session.read.parquet(os.fspath(source))
    elif not hasattr(source, "mapInArrow"):
        raise InvalidInput(f"source is a {type(source).__name__}; expected a Spark DataFrame or a path")
    reading.check_columns(frame.columns, "the Spark DataFrame")
    rows = frame.select(*(f"`{name.replace('`', '``')}`" for name in reading.columns))
    by_case = rows[f"`{reading.case.replace('`', '``')}`"]
    apart = rows.repartition(by_case) if partitions is None else rows.repartition(partitions, by_case)
    found = apart.mapInArrow(partition_worker(reading, options), "state binary").collect()
    state = merged([empty, *(State.from_bytes(bytes(row["state"])) for row in found)])
    check_endings(state, reading, options.get("completed", ()), options.get("failed", ()))
    return state
