"""journeykit.scale on Spark, local[2]: `make test-spark` brings pyspark and asks for a Java runtime."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

import journeykit as jk
from journeykit.scale import Reading, read_state, spark_state
from scale.conftest import METRICS, READING, RULES, random_events, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

pytest.importorskip("pyspark", reason="pyspark is not installed: make test-spark brings it")
if shutil.which("java") is None:
    pytest.skip("no Java runtime: install openjdk-17-jre-headless", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")  # Spark warns of its own parts


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # the workers' Python is the one that has journeykit
    session = (
        SparkSession.builder.master("local[2]")
        .appName("journeykit")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def events() -> pa.Table:
    return random_events(3_000, 300, seed=4)


@pytest.fixture(scope="module")
def days(events: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("days")
    ordered = events.sort_by("when")
    for k in range(5):
        pq.write_table(ordered.slice(k * 600, 600), place / f"day{k}.parquet")
    return place


@pytest.mark.parametrize("partitions", [None, 1, 2, 7, 400])
def test_spark_gives_the_bytes_of_one_process(spark: Any, days: Path, events: pa.Table, partitions: int | None) -> None:
    state = spark_state(str(days), reading=READING, spark=spark, partitions=partitions, variants=True, **RULES)
    assert state.to_bytes() == state_of(events, variants=True).to_bytes()


def test_a_data_frame_and_a_path_give_what_read_state_gives(spark: Any, days: Path) -> None:
    frame = spark.read.parquet(str(days))
    whole = read_state(
        days, case="case", touchpoint="what", time="when", end_time="done", channel="channel", metrics=METRICS, **RULES
    )
    assert spark_state(frame, reading=READING, **RULES) == whole
    assert spark_state(days, reading=READING, **RULES) == whole  # the session that is active
    assert spark_state(frame.filter("what = 'pay'"), reading=READING).touchpoints == ["pay"]


def test_errors_reach_the_driver(spark: Any, days: Path) -> None:
    with pytest.raises(jk.NotFound, match=r"nearest: 'what'"):
        spark_state(str(days), reading=Reading(case="case", touchpoint="whom", time="when"), spark=spark)
    with pytest.raises(jk.NotFound, match=r"ending: touchpoint 'paid'"):
        spark_state(str(days), reading=READING, spark=spark, **{**RULES, "completed": "paid"})
    with pytest.raises(jk.InvalidInput, match="expected a Spark DataFrame or a path"):
        spark_state(3, reading=READING)
    with pytest.raises(jk.InvalidInput, match="partitions is"):
        spark_state(str(days), reading=READING, spark=spark, partitions=0)
    with pytest.raises(Exception, match="distinct variants"):
        spark_state(str(days), reading=READING, spark=spark, variants=True, max_variants=2)
