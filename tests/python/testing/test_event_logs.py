"""The public strategy makes logs that can be read, and reading them keeps what they hold."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import journeykit as jk
from journeykit.testing import HOSTILE_LABELS, event_logs

if TYPE_CHECKING:
    import random
    from pathlib import Path


def plain(log: jk.EventLog) -> pa.Table:
    table = log.to_arrow()
    return table.cast(
        pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema])
    )


def slow_order(table: pa.Table) -> list[dict[str, Any]]:
    """Rows by case (bytes), time and row, the slow way; answers beyond 1 to 5 are missing."""
    rows = [row | {"csat": row["csat"] if row["csat"] in (1, 2, 3, 4, 5) else None} for row in table.to_pylist()]
    return sorted(rows, key=lambda row: (row["case"].encode(), row["time"]))  # sorted() is stable


@settings(max_examples=300, deadline=None)
@given(event_logs())
def test_reading_agrees_with_the_slow_twin(table: pa.Table) -> None:
    log = jk.read_events(table, metrics={"csat": "csat"})
    expected = slow_order(table)
    assert plain(log).to_pylist() == expected
    ties = sum(one["case"] == two["case"] and one["time"] == two["time"] for one, two in itertools.pairwise(expected))
    assert log.quality.tied_events == ties
    assert log.quality.missing["channel"] == table["channel"].null_count
    assert log.quality.out_of_scale == {"csat": sum(value in (0, 6) for value in table["csat"].to_pylist())}
    assert log.case_count == len(set(table["case"].to_pylist()))


@settings(max_examples=100, deadline=None)
@given(event_logs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_apart_from_ties(table: pa.Table, draw: random.Random) -> None:
    order = list(range(table.num_rows))
    draw.shuffle(order)
    one, two = (plain(jk.read_events(rows)) for rows in (table, table.take(order)))
    assert Counter(map(str, one.to_pylist())) == Counter(map(str, two.to_pylist()))
    assert one["case"].equals(two["case"])
    assert one["time"].equals(two["time"])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event_logs())
def test_a_file_of_the_table_gives_the_same_log(tmp_path: Path, table: pa.Table) -> None:
    arrow_csv.write_csv(table, tmp_path / "log.csv")
    options = {"metrics": {"csat": "csat"}}
    from_file, from_table = (plain(jk.read_events(source, **options)) for source in (tmp_path / "log.csv", table))  # type: ignore[arg-type]
    # a CSV file has no types: a channel of "001" alone is text in both, and none is a number by accident
    assert from_file.to_pylist() == from_table.to_pylist()


def test_hostile_labels_come_and_can_be_turned_off() -> None:
    seen: set[str] = set()

    @settings(max_examples=200, deadline=None)
    @given(event_logs())
    def collect(table: pa.Table) -> None:
        seen.update(table["touchpoint"].to_pylist())

    @settings(max_examples=50, deadline=None)
    @given(event_logs(hostile=False, min_events=2, max_cases=1))
    def check(table: pa.Table) -> None:
        assert set(table["touchpoint"].to_pylist()) <= {"search", "pay", "call"}
        assert table.num_rows >= 2
        assert len(set(table["case"].to_pylist())) == 1

    collect()
    check()
    assert len(seen & set(HOSTILE_LABELS)) > 10


def test_impossible_sizes_are_refused() -> None:
    for wrong in ({"min_events": 0}, {"min_events": 5, "max_events": 4}, {"max_cases": 0}):
        with pytest.raises(jk.InvalidInput, match="expected 1 ≤ min ≤ max"):
            event_logs(**wrong)
