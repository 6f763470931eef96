"""numpy: the directly-follows graph by hand, the bare scan of the columns, and the bootstrap of NPS."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks import answers
from benchmarks.files import COLUMNS
from benchmarks.sides import THREADS, Prepare, Prepared

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.answers import Answer

PACKAGES = ["numpy"]


def _columns(path: Path) -> tuple[NDArray[Any], NDArray[np.uint8], NDArray[np.int64], list[str]]:
    table = pq.read_table(path, columns=list(COLUMNS)).unify_dictionaries().combine_chunks()
    touchpoint = table["touchpoint"].chunk(0)
    words = touchpoint.dictionary.to_pylist()
    codes = touchpoint.indices.to_numpy().astype(np.uint8)
    return table["case"].to_numpy(), codes, table["time"].to_numpy().astype("datetime64[us]").astype(np.int64), words


def graph(path: Path) -> Prepared:
    case, touchpoint, moment, words = _columns(path)
    size = len(words)

    def go() -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(case, kind="stable")
        cases, codes, moments = case[order], touchpoint[order], moment[order]
        more = cases[1:] == cases[:-1]
        pairs = (codes[:-1].astype(np.intp) * size + codes[1:])[more]
        gaps = np.bincount(pairs, weights=(moments[1:] - moments[:-1])[more], minlength=size * size)
        starts = np.bincount(codes[np.concatenate([[True], ~more])], minlength=size)
        ends = np.bincount(codes[np.concatenate([~more, [True]])], minlength=size)
        return np.bincount(pairs, minlength=size * size), gaps, starts, ends

    def answer(result: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]) -> Answer:
        count, gaps, starts, ends = result
        seen = np.flatnonzero(count)
        edges = {
            "source": [words[k // size] for k in seen],
            "target": [words[k % size] for k in seen],
            "count": count[seen],
            "mean": gaps[seen] / count[seen] / 1e6,
        }
        named = [dict(zip(words, counts.tolist(), strict=True)) for counts in (starts, ends)]
        return answers.graph(edges, *named)

    return go, answer


def scan(path: Path) -> Prepared:
    """Every byte of the three columns read once: what memory alone costs."""
    columns = [column for column in _columns(path)[:3] if column.dtype != object]
    halves = [half for column in columns for half in np.array_split(column, THREADS)]
    pool = ThreadPoolExecutor(THREADS)

    def go() -> list[Any]:
        return list(pool.map(np.max, halves))

    return go, lambda _: {"nothing to compare": np.zeros(0)}


def bootstrap(path: Path) -> Prepared:
    given = np.load(path)

    def go() -> tuple[float, float, float]:
        count = np.bincount(given, minlength=11)
        classes = np.array([count[:7].sum(), count[7:9].sum(), count[9:].sum()])
        drawn = np.random.default_rng(1).multinomial(len(given), classes / len(given), 1000)
        low, high = np.percentile(100 * (drawn[:, 2] - drawn[:, 0]) / len(given), [2.5, 97.5])
        return 100 * float(classes[2] - classes[0]) / len(given), low, high

    return go, lambda result: {
        name: np.array([value]) for name, value in zip(("value", "low", "high"), result, strict=True)
    }


def chain(path: Path) -> Prepared:
    """The fundamental matrix, absorption probabilities and steps."""
    with np.load(path) as given:
        q, r = given["q"], given["r"]

    def go() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        visits = np.linalg.inv(np.eye(len(q)) - q)
        return visits, visits @ r, visits.sum(axis=1)

    return go, lambda found: dict(zip(("visits", "absorption", "steps"), (x.ravel() for x in found), strict=True))


TASKS: dict[str, Prepare] = {"graph": graph, "scan": scan, "bootstrap": bootstrap, "chain": chain}
