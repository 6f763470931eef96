"""Answers in one form for all sides, and their comparison value by value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.shapes import TOUCHPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

Answer = dict[str, np.ndarray]
TIME_TOLERANCE = 1e-12  # relative


def graph(
    edges: Mapping[str, Sequence[object] | np.ndarray],
    starts: Mapping[str, int] | None = None,
    ends: Mapping[str, int] | None = None,
) -> Answer:
    """A directly-follows graph: source, target, count and perhaps mean and median in seconds, in byte order."""
    source, target = (np.asarray(list(edges[name]), dtype=str) for name in ("source", "target"))
    order = np.lexsort((target, source))
    answer = {"source": source[order], "target": target[order]}
    for name, kind in (("count", np.int64), ("mean", np.float64), ("median", np.float64)):
        if name in edges:
            answer[name] = np.asarray(edges[name], dtype=kind)[order]
    for name, counts in (("starts", starts), ("ends", ends)):
        if counts is not None:
            known = sorted((str(key), int(value)) for key, value in counts.items() if value)
            answer[f"{name} at"] = np.array([key for key, _ in known], dtype=str)
            answer[f"{name} count"] = np.array([value for _, value in known], dtype=np.int64)
    return answer


def variants(lengths: np.ndarray, codes: np.ndarray, cases: Sequence[int] | np.ndarray) -> Answer:
    """Each variant by a 64-bit digest of its touchpoints, with its number of cases.

    `codes` holds the touchpoints of all variants one after the other, as places in `shapes.TOUCHPOINTS`.
    """
    lengths = np.asarray(lengths, dtype=np.int64)
    first = np.cumsum(lengths) - lengths
    place = np.arange(len(codes)) - np.repeat(first, lengths)
    mixed = _mix(np.asarray(codes, dtype=np.uint64) + np.uint64(64) * place.astype(np.uint64))
    keys = np.add.reduceat(mixed, first) if len(lengths) else mixed
    order = np.argsort(keys, kind="stable")
    return {"variant": keys[order], "cases": np.asarray(cases, dtype=np.int64)[order]}


def variants_of_names(paths: Iterable[Sequence[str]], cases: Sequence[int]) -> Answer:
    """The same from names."""
    places = {name: k for k, name in enumerate(TOUCHPOINTS)}
    listed = list(paths)
    codes = np.fromiter((places[name] for path in listed for name in path), np.uint64)
    return variants(np.array([len(path) for path in listed]), codes, cases)


def _mix(x: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def attribution(channels: Iterable[str], conversions: Sequence[float] | np.ndarray) -> Answer:
    """Shares of the conversions by channel, in byte order."""
    names = np.asarray(list(channels), dtype=str)
    order = np.argsort(names)
    shares = np.asarray(conversions, dtype=np.float64)[order]
    return {"channel": names[order], "share": shares / shares.sum()}


def save(answer: Answer, path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, **answer)  # type: ignore[arg-type]


def load(path: Path) -> Answer:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


@dataclass(frozen=True)
class DifferenceError(Exception):
    """Where two answers disagree."""

    text: str

    def __str__(self) -> str:
        return self.text


def compare(ours: Answer, theirs: Answer, absolute: float | None = None) -> list[str]:
    """The columns that both give, found equal: counts and names exactly, decimals to 1e-12 (or `absolute`, for
    answers that rest on chance).

    Raises
    ------
    DifferenceError
        At the first value that differs, or if there is nothing to compare.
    """
    common = [name for name in ours if name in theirs]
    if not common:
        raise DifferenceError(f"no column in common: {sorted(ours)} and {sorted(theirs)}")
    for name in common:
        mine, other = ours[name], theirs[name]
        if mine.shape != other.shape:
            raise DifferenceError(f"{name}: {mine.size} values here, {other.size} there")
        if mine.dtype.kind != "f":
            unequal = mine != other
        elif absolute is not None and name != "value":
            unequal = ~(np.abs(mine - other) <= absolute)
        else:
            unequal = ~(np.abs(mine - other) <= TIME_TOLERANCE * np.maximum(np.abs(mine), np.abs(other)))
        if unequal.any():
            k = int(np.argmax(unequal))
            where = f" at {ours['source'][k]} → {ours['target'][k]}" if name in ("count", "mean", "median") else ""
            raise DifferenceError(f"{name}{where}: {mine[k]!r} here, {other[k]!r} there ({int(unequal.sum())} differ)")
    return common
