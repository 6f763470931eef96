"""journeykit through its public Python API; results are taken as far as the Arrow table that a user would read."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import journeykit as jk
from benchmarks import answers, chains, shapes
from benchmarks.files import COLUMNS
from benchmarks.sides import THREADS, Prepare, Prepared

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.answers import Answer

PACKAGES = ["journeykit", "pyarrow", "numpy"]
NAMES: dict[str, Any] = dict(zip(("case", "touchpoint", "time"), COLUMNS, strict=True))
XES_NAMES: dict[str, Any] = {"case": "case:concept:name", "touchpoint": "concept:name", "time": "time:timestamp"}
pa.set_cpu_count(THREADS)

# What this version offers: the short ways are measured where they are there.
_ANY_SOURCE = "times" in inspect.signature(jk.directly_follows).parameters
_MAP_OF_FILE = "case" in inspect.signature(jk.discover).parameters


def _follows(source: Any, times: str) -> jk.Table:
    """The graph of an Arrow table or of a log."""
    log = isinstance(source, jk.EventLog)
    if _ANY_SOURCE:
        names = {} if log else NAMES
        flows = jk.directly_follows(source, times=times, threads=THREADS, **names)  # type: ignore[call-arg]
    else:
        flows = jk.directly_follows(source if log else jk.read_events(source, **NAMES), threads=THREADS)
    flows.to_arrow()
    return flows


def _map(path: Path, names: dict[str, Any]) -> Any:
    if _MAP_OF_FILE:
        return jk.discover(path, threads=THREADS, **names)  # type: ignore[call-overload]
    return jk.discover(jk.read_events(path, **names), threads=THREADS)


def _table(path: Path) -> pa.Table:
    return pq.read_table(path, columns=list(COLUMNS))


def _graph(flows: Any) -> Answer:
    table = flows.to_arrow()
    edges = {name: table[name].to_pylist() for name in ("source", "target", "count")}
    edges["mean"] = table["mean_seconds"].to_numpy()
    if "median_seconds" in table.column_names:
        edges["median"] = table["median_seconds"].to_numpy()
    return answers.graph(edges, flows.starts, flows.ends)


def _variants_answer(table: Any) -> Answer:
    rows = table.to_arrow()
    lists = rows["touchpoints"]
    codes = pc.index_in(pc.list_flatten(lists), pa.array(shapes.TOUCHPOINTS))
    return answers.variants(pc.list_value_length(lists).to_numpy(), codes.to_numpy(), rows["cases"].to_numpy())


def _variants(log: Any) -> Any:
    found = log.variants()
    found.to_arrow()
    return found


def _graph_of_map(journey: Any) -> Answer:
    edges: dict[str, list[Any]] = {"source": [], "target": [], "count": [], "mean": [], "median": []}
    names = {point.id: point.name for point in journey.touchpoints}
    for step in journey.transitions:
        edges["source"].append(names[step.source])
        edges["target"].append(names[step.target])
        edges["count"].append(step.count)
        edges["mean"].append(step.times.mean_seconds)
        edges["median"].append(step.times.median_seconds)
    seen = {point.name: point.statistics for point in journey.touchpoints}
    starts = {name: statistics.starts for name, statistics in seen.items()}
    return answers.graph(edges, starts, {name: statistics.ends for name, statistics in seen.items()})


def _table_task(times: str) -> Prepare:
    def prepare(path: Path) -> Prepared:
        table = _table(path)
        return lambda: _follows(table, times), _graph

    return prepare


def _log_task(times: str) -> Prepare:
    def prepare(path: Path) -> Prepared:
        log = jk.read_events(_table(path), **NAMES)
        return lambda: _follows(log, times), _graph

    return prepare


def variants(path: Path) -> Prepared:
    table = _table(path)
    return lambda: _variants(jk.read_events(table, **NAMES)), _variants_answer


def variants_of_log(path: Path) -> Prepared:
    log = jk.read_events(_table(path), **NAMES)
    return lambda: _variants(log), _variants_answer


def file_to_map(path: Path) -> Prepared:
    return lambda: _map(path, NAMES), _graph_of_map


def xes_to_map(path: Path) -> Prepared:
    def answer(journey: Any) -> Answer:
        return {"events": np.array([sum(point.statistics.events for point in journey.touchpoints)])}

    return lambda: _map(path, XES_NAMES), answer


def follows_and_variants(path: Path) -> Prepared:
    table = _table(path)

    def go() -> tuple[Any, Any]:
        log = jk.read_events(table, **NAMES)
        return _follows(log, "mean"), _variants(log)

    return go, lambda result: _graph(result[0]) | _variants_answer(result[1])


def follows_and_variants_of_log(path: Path) -> Prepared:
    log = jk.read_events(_table(path), **NAMES)
    return lambda: (
        _follows(log, "mean"),
        _variants(log),
    ), lambda result: _graph(result[0]) | _variants_answer(result[1])


def bootstrap(path: Path) -> Prepared:
    given = np.load(path)

    def answer(result: Any) -> Answer:
        return {name: np.array([getattr(result, name)]) for name in ("value", "low", "high")}

    return lambda: jk.metrics.bootstrap(given, metric="nps", replicates=1000, seed=1), answer


def _attribution_task(**options: Any) -> Prepare:
    def prepare(path: Path) -> Prepared:
        table = pq.read_table(path)

        def go() -> pa.Table:
            found = jk.attribute(
                table, path="path", conversions="conversions", nulls="nulls", threads=THREADS, **options
            )
            return found.to_arrow()

        return go, lambda found: answers.attribution(found["channel"].to_pylist(), found["conversions"].to_numpy())

    return prepare


def _chain_answer(found: Any) -> Answer:
    names = ("visits", "absorption", "steps") if found.visits is not None else ("absorption", "steps")
    return {name: np.asarray(getattr(found, name)).ravel() for name in names}


def chain(path: Path) -> Prepared:
    with np.load(path) as given:
        matrix = chains.whole(given["q"], given["r"])

    def go() -> Any:
        found = jk.markov.solve(matrix, threads=THREADS)
        # as far as the arrays that a user reads
        return found, np.asarray(found.visits), np.asarray(found.absorption), np.asarray(found.steps)

    return go, lambda result: _chain_answer(result[0])


class _Rows:
    """A compressed sparse row matrix as scipy gives it, without scipy."""

    def __init__(self, targets: Any, values: Any, r: Any) -> None:
        states, ends = r.shape
        last = states + np.arange(ends, dtype=np.int32)
        moves = np.hstack([targets, np.tile(last, (states, 1))])
        self.indices = np.concatenate([moves.ravel(), last])
        self.data = np.concatenate([np.hstack([values, r]).ravel(), np.ones(ends)])
        width = moves.shape[1]
        self.indptr = np.concatenate([np.arange(states + 1) * width, states * width + 1 + np.arange(ends)])


def sparse_chain(path: Path) -> Prepared:
    with np.load(path) as given:
        rows = _Rows(given["targets"], given["values"], given["r"])
    return lambda: jk.markov.solve(rows, tolerance=1e-10, threads=THREADS), _chain_answer


TASKS: dict[str, Prepare] = {
    "chain": chain,
    "sparse chain": sparse_chain,
    "graph": _table_task("mean"),
    "graph of log": _log_task("mean"),
    "medians": _table_task("median"),
    "medians of log": _log_task("median"),
    "variants": variants,
    "variants of log": variants_of_log,
    "file to map": file_to_map,
    "xes to map": xes_to_map,
    "graph and variants": follows_and_variants,
    "graph and variants of log": follows_and_variants_of_log,
    "order 1": _attribution_task(replicates=0),
    "order 4": _attribution_task(order=4, replicates=0),
    "order 1 with intervals": _attribution_task(replicates=1000),
    "bootstrap": bootstrap,
}
