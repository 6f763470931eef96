"""What is measured against whom, on which data, and what is aimed at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from benchmarks.files import REFERENCE_LOGS, Data

SMALL, LARGE = 1_000_000, 10_000_000
PATHS = 110_000
SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
ENVIRONMENTS = {
    "polars": "frames", "arrow": "frames", "duckdb": "frames", "pandas": "frames", "numpy": "frames",
    "pm4py": "pm4py", "r4pm": "r4pm", "channelattribution": "attribution",
    "scipy": "scipy", "pydtmc": "pydtmc",
}  # fmt: skip
SLOW = {("pm4py", LARGE): 2, ("pm4py", SMALL): 3, ("r4pm", LARGE): 3, ("pandas", LARGE): 3}
"""Peers that run fewer rounds at a size; the table says how many."""


@dataclass(frozen=True)
class Row:
    """One line of the table: our task against one peer's."""

    group: str  # target of BENCHMARKS: "1" … "11"
    title: str
    data: Data
    ours: str  # task of sides.ours
    peer: str
    theirs: str  # task of the peer's side
    call: Literal["first", "warm"] = "warm"
    target: float | None = None  # peer's time / ours must reach this
    full: bool = False  # only with --full
    absolute: float | None = None  # how far answers that rest on chance may lie apart
    measure: Literal["time", "memory"] = "time"

    @property
    def rounds(self) -> int | None:
        """Fewer rounds than asked for, or None."""
        return SLOW.get((self.peer, self.data.events))

    @property
    def key(self) -> str:
        """What --only is looked for in."""
        return f"{self.group} {self.title} {self.data.shape} {self.peer} {self.call}"


def rows() -> list[Row]:
    """Every line, in the order of the table."""
    return [
        *_graphs(), *_indexed(), *_medians(), *_variants(), *_files(), *_attribution(), *_chains(),
        *_bootstrap(), *_memory(),
    ]  # fmt: skip


def _each(row: Row, *peers: tuple[str, float | None]) -> list[Row]:
    return [replace(row, peer=peer, target=target) for peer, target in peers]


def _graphs() -> list[Row]:
    large, small = Data("interleaved", LARGE), Data("interleaved", SMALL)
    base = Row("1", "graph from a table", large, "graph", "polars", "graph")
    found = _each(replace(base, call="first"), ("polars", 3), ("duckdb", 10), ("pm4py", 100))
    found += _each(base, ("polars", None), ("duckdb", None), ("numpy", None), ("pandas", None))
    found += [replace(base, peer="r4pm", full=True)]
    log = replace(base, title="graph, log already read", ours="graph of log", target=8)
    found += [log]
    found += _each(replace(base, data=small, call="first"), ("polars", 6))
    peers = ("duckdb", "numpy", "pandas", "r4pm", "pm4py")
    found += _each(replace(base, data=small), ("polars", 6), *((peer, None) for peer in peers))
    for data in (Data("interleaved", LARGE, 2), Data("long", LARGE), Data("long", LARGE, 2)):
        more = data.shape == "long" and data.seed == 2
        found += _each(replace(base, data=data, call="first", full=more), ("polars", 3), ("duckdb", 10))
        found += [replace(log, data=data, full=more)]
    for seed in (1, 2):
        shuffled = replace(base, data=Data("shuffled", LARGE, seed))
        medians = replace(shuffled, title="graph with medians from a table", ours="medians", theirs="medians")
        found += _each(replace(medians, call="first"), ("duckdb", 3), ("polars", 6))
        found += _each(replace(shuffled, call="first", full=True), ("duckdb", 3), ("polars", 6))
    found += _each(replace(medians, data=Data("shuffled", SMALL)), ("duckdb", None), ("polars", None))
    return found


def _indexed() -> list[Row]:
    found = []
    for data in (Data("interleaved", LARGE), Data("interleaved", LARGE, 2), Data("long", LARGE)):
        row = Row("2", "graph of an indexed log", data, "graph of log", "polars", "graph presorted", target=5)
        found += [row, replace(row, peer="numpy", theirs="scan", target=1 / 3)]
    shuffled = replace(row, data=Data("shuffled", LARGE), full=True)
    return [*found, shuffled]


def _medians() -> list[Row]:
    large = Data("interleaved", LARGE)
    base = Row("3", "graph with medians from a table", large, "medians", "polars", "medians", target=3)
    found = [replace(base, call="first"), base, replace(base, peer="duckdb", target=None)]
    for data in (Data("interleaved", LARGE, 2), Data("long", LARGE), Data("long", LARGE, 2)):
        found += [replace(base, data=data, full=data.shape == "long" and data.seed == 2)]
    log = replace(base, title="graph with medians of an indexed log", ours="medians of log", theirs="medians presorted")
    return [*found, replace(log, target=3)]


def _variants() -> list[Row]:
    large = Data("interleaved", LARGE)
    base = Row("4", "variants from a table", large, "variants", "polars", "variants")
    targets = (("polars", 3), ("duckdb", 15), ("pm4py", 25))
    found = _each(base, *targets)
    log = replace(base, title="variants, log already read", ours="variants of log")
    found += _each(log, *targets[:2]) + _each(replace(log, full=True), targets[2])
    found += [replace(log, title="variants of an indexed log", theirs="variants presorted")]
    for data in (Data("interleaved", LARGE, 2), Data("long", LARGE), Data("shuffled", LARGE)):
        found += _each(replace(log, data=data), *targets[:2])
    found += [replace(log, peer="r4pm", full=True)]
    found += _each(replace(log, data=Data("interleaved", SMALL)), ("polars", None), ("r4pm", None))
    return found


def _files() -> list[Row]:
    found = []
    for data in (Data("interleaved", LARGE), Data("interleaved", LARGE, 2), Data("long", LARGE)):
        row = Row("5", "Parquet file to map", data, "file to map", "polars", "file to map")
        found += _each(replace(row, full=data.shape == "long"), ("polars", 1.7), ("duckdb", 5))
    text = replace(row, title="CSV file to map", data=Data("interleaved", SMALL, ending="csv"), full=False)
    found += _each(text, ("arrow", 1), ("polars", None), ("duckdb", None))
    for data in (Data("interleaved", 100_000, ending="xes"), *(Data(name) for name in REFERENCE_LOGS)):
        found += [
            Row("5", "XES file to map", data, "xes to map", "r4pm", "read", target=1 / 1.3),
        ]
    return found


def _attribution() -> list[Row]:
    """ChannelAttribution simulates: its shares may lie a hundredth apart from the exact ones."""
    found = []
    for seed in (1, 2):
        data = Data("paths", PATHS, seed)
        first = Row("6", "attribution, order 1", data, "order 1", "polars", "order 1", target=2)
        found += [first, replace(first, peer="channelattribution", target=10, absolute=0.01)]
        fourth = replace(
            first, title="attribution, order 4", ours="order 4", peer="channelattribution", theirs="order 4"
        )
        found += [replace(fourth, target=25, absolute=0.01)]
    sure = "attribution, order 1 with 1,000 replicates; the peer without"
    return [*found, replace(found[0], title=sure, ours="order 1 with intervals", target=None)]


def _chains() -> list[Row]:
    found = []
    for states, target in ((20, 2.0), (200, 1.0), (2000, 0.8)):
        for seed in (1, 2):
            data = Data("chain", states, seed, "npz")
            row = Row("7", "N, B and t of a matrix", data, "chain", "numpy", "chain", target=target)
            found += [row, *([replace(row, peer="pydtmc", target=None)] if states < 2000 and seed == 1 else [])]
    for seed in (1, 2):
        data = Data("sparse chain", 100_000, seed, "npz")
        found += [
            Row("7", "B and t of a sparse matrix", data, "sparse chain", "scipy", "gmres", target=1.5, absolute=1e-7)
        ]
    return found


def _bootstrap() -> list[Row]:
    return [
        Row(
            "9", "NPS with 1,000 replicates", Data("answers", SMALL, seed, "npy"), "bootstrap", "numpy", "bootstrap",
            target=3, absolute=0.05,
        )
        for seed in (1, 2)
    ]  # fmt: skip


def _memory() -> list[Row]:
    """The target is ours: at most 26 bytes an event; the peers stand beside it."""
    row = Row(
        "11", "graph and variants from a table", Data("interleaved", LARGE), "graph and variants", "polars",
        "graph and variants", call="first", target=26, measure="memory",
    )  # fmt: skip
    log = replace(row, title="graph and variants, log already read", ours="graph and variants of log")
    return [row, replace(row, peer="duckdb", target=None), log]


def cost_tasks() -> list[tuple[str, str]]:
    """What is measured over the sizes, ours alone: title and task."""
    return [
        ("graph from a table", "graph"),
        ("graph with medians from a table", "medians"),
        ("graph of an indexed log", "graph of log"),
        ("variants of an indexed log", "variants of log"),
    ]
