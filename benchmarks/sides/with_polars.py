"""polars. Rows in time order need one stable sort by case; shuffled rows one by case and time; a frame that is sorted
already needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from benchmarks import answers, shapes

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.answers import Answer
    from benchmarks.sides import Prepare, Prepared

PACKAGES = ["polars", "numpy"]
TOUCHPOINTS = pl.Enum(shapes.TOUCHPOINTS)


def columns(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Touchpoints as one-byte codes, times as whole microseconds: what polars sorts and groups fastest."""
    return frame.select("case", pl.col("touchpoint").cast(TOUCHPOINTS), pl.col("time").cast(pl.Int64))


def by_case(path: Path) -> list[str]:
    """The keys of the stable sort that brings rows into the order of cases."""
    return ["case", "time"] if "shuffled" in path.name else ["case"]


def steps(frame: pl.DataFrame, keys: list[str], medians: bool) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Edges, starts and ends."""
    if keys:
        frame = frame.sort(keys, maintain_order=True)
    frame = frame.select(
        "touchpoint",
        following=pl.col("touchpoint").shift(-1),
        more=pl.col("case") == pl.col("case").shift(-1),
        gap=pl.col("time").shift(-1) - pl.col("time"),
    )
    numbers = [pl.len().alias("count"), pl.col("gap").sum()]
    if medians:
        numbers.append(pl.col("gap").median().alias("median"))
    edges = frame.lazy().filter("more").group_by("touchpoint", "following").agg(numbers)
    ends = frame.lazy().filter(~pl.col("more").fill_null(False)).group_by("touchpoint").len()
    first = ~pl.col("more").shift(1, fill_value=False)
    starts = frame.lazy().filter(first).group_by("touchpoint").len()
    found = pl.collect_all([edges, starts, ends])
    return found[0], found[1], found[2]


def graph(result: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> Answer:
    """The common form."""
    edges, starts, ends = result
    count = edges["count"].to_numpy()
    given: dict[str, Any] = {
        "source": edges["touchpoint"].to_list(),
        "target": edges["following"].to_list(),
        "count": count,
        "mean": edges["gap"].to_numpy() / count / 1e6,
    }
    if "median" in edges.columns:
        given["median"] = edges["median"].to_numpy() / 1e6
    return answers.graph(given, dict(starts.iter_rows()), dict(ends.iter_rows()))


def paths(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Variants as lists of codes with their number of cases. A group keeps the order of its rows, so that rows in time
    order need no sort at all, and others only one by time."""
    if len(keys) > 1:
        frame = frame.sort("time", maintain_order=True)
    cases = frame.lazy().group_by("case").agg(pl.col("touchpoint").to_physical())
    return cases.group_by("touchpoint").len().sort("len", descending=True).collect()


def variants_answer(found: pl.DataFrame) -> Answer:
    """The common form."""
    lists = found["touchpoint"]
    return answers.variants(lists.list.len().to_numpy(), lists.explode().to_numpy(), found["len"].to_numpy())


def read(path: Path, presorted: bool = False) -> pl.DataFrame:
    frame = columns(pl.scan_parquet(path)).collect().rechunk()
    return frame.sort(["case", "time"], maintain_order=True) if presorted else frame


def _graph_task(medians: bool, presorted: bool = False) -> Prepare:
    def prepare(path: Path) -> Prepared:
        frame = read(path, presorted)
        keys = [] if presorted else by_case(path)
        return lambda: steps(frame, keys, medians), graph

    return prepare


def _variants_task(presorted: bool = False) -> Prepare:
    def prepare(path: Path) -> Prepared:
        frame = read(path, presorted)
        keys = [] if presorted else by_case(path)
        return lambda: paths(frame, keys), variants_answer

    return prepare


def file_to_map(path: Path) -> Prepared:
    scan = pl.scan_csv if path.suffix == ".csv" else pl.scan_parquet
    options = {"try_parse_dates": True} if path.suffix == ".csv" else {}

    def go() -> Any:
        return steps(columns(scan(path, **options)).collect(), by_case(path), medians=True)

    return go, graph


def graph_and_variants(path: Path) -> Prepared:
    frame = read(path)
    keys = by_case(path)

    def go() -> Any:
        ordered = frame.sort(keys, maintain_order=True)
        return steps(ordered, [], medians=False), paths(ordered, [])

    return go, lambda result: graph(result[0]) | variants_answer(result[1])


def first_order(path: Path) -> Prepared:
    """Removal effects: names cut and coded by polars, moves counted and one inverse by numpy."""
    frame = pl.read_parquet(path).rechunk()

    def go() -> Any:
        lists = frame["path"].str.split(" > ")
        lengths = lists.list.len().to_numpy().astype(np.int64)
        touches = lists.explode()
        names = touches.unique().sort()
        codes = touches.cast(pl.Enum(names)).to_physical().to_numpy().astype(np.intp)
        conversions, nulls = (frame[name].to_numpy() for name in ("conversions", "nulls"))
        size = len(names)
        ends = np.cumsum(lengths) - 1
        customers = np.repeat(conversions + nulls, lengths)[:-1].astype(np.float64)
        customers[ends[:-1]] = 0  # the next touch is another path's
        moves = np.bincount(codes[:-1] * size + codes[1:], weights=customers, minlength=size * size)
        moves = moves.reshape(size, size)
        won, lost = (np.bincount(codes[ends], weights=weights, minlength=size) for weights in (conversions, nulls))
        inverse = np.linalg.inv(np.diag(moves.sum(axis=1) + won + lost) - moves)
        effects = inverse @ won / np.diag(inverse)
        return names.to_list(), effects / effects.sum() * won.sum()

    return go, lambda found: answers.attribution(*found)


TASKS: dict[str, Prepare] = {
    "order 1": first_order,
    "graph": _graph_task(medians=False),
    "graph presorted": _graph_task(medians=False, presorted=True),
    "medians": _graph_task(medians=True),
    "medians presorted": _graph_task(medians=True, presorted=True),
    "variants": _variants_task(),
    "variants presorted": _variants_task(presorted=True),
    "file to map": file_to_map,
    "graph and variants": graph_and_variants,
}
