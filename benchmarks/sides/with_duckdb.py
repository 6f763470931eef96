"""duckdb: one window query over a table of its own, held in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import answers, shapes
from benchmarks.sides import THREADS, Prepare, Prepared

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.answers import Answer

PACKAGES = ["duckdb", "numpy"]


def _connect() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(config={"threads": THREADS})
    words = ", ".join(f"'{word}'" for word in shapes.TOUCHPOINTS)
    database.execute(f"create type touchpoint as enum ({words})")
    return database


_COLUMNS = 'select "case" as id, cast(touchpoint as touchpoint) as touchpoint, epoch_us("time") as moment'


def _loaded(path: Path) -> duckdb.DuckDBPyConnection:
    database = _connect()
    database.execute(f"create table log as {_COLUMNS} from read_parquet('{path}')")
    return database


def _order(path: Path) -> str:
    """Tied times stand in the order of the rows; without ties the time is enough."""
    return "moment, rowid" if "shuffled" in path.name else "moment"


def _graph_query(source: str, order: str, medians: bool) -> str:
    median = ", median(gap) as median" if medians else ""
    return f"""
        select source, target, count(*) as count, sum(gap) as gaps, count(*) filter (first) as starts{median} from (
          select touchpoint as source, lead(touchpoint) over cases as target, lead(moment) over cases - moment as gap,
                 lag(moment) over cases is null as first
          from {source} window cases as (partition by id order by {order})
        ) group by source, target"""


def _graph(found: dict[str, Any]) -> Answer:
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    kept: list[int] = []
    for k, (source, target) in enumerate(zip(found["source"], found["target"], strict=True)):
        starts[source] = starts.get(source, 0) + found["starts"][k]
        if target is None:
            ends[source] = found["count"][k]
        else:
            kept.append(k)
    edges: dict[str, list[Any]] = {name: [found[name][k] for k in kept] for name in ("source", "target", "count")}
    edges["mean"] = [float(found["gaps"][k]) / found["count"][k] / 1e6 for k in kept]
    if "median" in found:
        edges["median"] = [found["median"][k] / 1e6 for k in kept]
    return answers.graph(edges, starts, ends)


def _fetch(database: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    """The rows as Python lists: a graph has few."""
    cursor = database.execute(query)
    names = [about[0] for about in cursor.description]
    rows = cursor.fetchall()
    return dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True))


def _graph_task(medians: bool) -> Prepare:
    def prepare(path: Path) -> Prepared:
        database = _loaded(path)
        query = _graph_query("log", _order(path), medians)
        return lambda: _fetch(database, query), _graph

    return prepare


def _variants_query(path: Path) -> str:
    return f"""
        select steps, count(*) as cases from (
          select id, list(touchpoint order by {_order(path)}) as steps from log group by id
        ) group by steps"""


def _variants(found: pa.Table) -> Answer:
    lists = found["steps"]
    names = pc.list_flatten(lists).cast(pa.string())
    codes = pc.index_in(names, pa.array(shapes.TOUCHPOINTS))
    return answers.variants(pc.list_value_length(lists).to_numpy(), codes.to_numpy(), found["cases"].to_numpy())


def variants(path: Path) -> Prepared:
    database = _loaded(path)
    query = _variants_query(path)
    # an Arrow table, because a million Python lists would be measured too
    return lambda: database.execute(query).to_arrow_table(), _variants


def graph_and_variants(path: Path) -> Prepared:
    database = _loaded(path)
    queries = _graph_query("log", _order(path), medians=False), _variants_query(path)

    def go() -> Any:
        return _fetch(database, queries[0]), database.execute(queries[1]).to_arrow_table()

    return go, lambda result: _graph(result[0]) | _variants(result[1])


def file_to_map(path: Path) -> Prepared:
    database = _connect()
    reader = "read_csv" if path.suffix == ".csv" else "read_parquet"
    query = _graph_query(f"({_COLUMNS} from {reader}('{path}'))", "moment", medians=True)
    return lambda: _fetch(database, query), _graph


TASKS: dict[str, Prepare] = {
    "graph": _graph_task(medians=False),
    "medians": _graph_task(medians=True),
    "variants": variants,
    "graph and variants": graph_and_variants,
    "file to map": file_to_map,
}
