"""The logs as files, made once into a folder that git ignores."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import numpy as np

from benchmarks import chains, shapes

if TYPE_CHECKING:
    import pyarrow as pa

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "bench-data"
COLUMNS = ("case", "touchpoint", "time")
REFERENCE_LOGS = ("helpdesk", "bpic2013_incidents")


@dataclass(frozen=True)
class Data:
    """One input: a log of a shape, answers of a survey, paths of customers, or a reference log by name."""

    shape: str
    events: int = 0
    seed: int = 1
    ending: str = "parquet"

    @property
    def tiny(self) -> Data:
        """The same kind of input with next to nothing in it."""
        if self.shape in REFERENCE_LOGS:
            return Data("interleaved", 1000, ending="xes")
        if self.shape in chains.SHAPES:
            return replace(self, events=3000 if self.shape == "sparse chain" else 10, seed=1)
        return replace(self, events=1000, seed=1)

    @property
    def path(self) -> Path | None:
        """Where it stands; None for a reference log that is not here."""
        if self.shape in REFERENCE_LOGS:
            return _reference(f"{self.shape}.xes.gz")
        return FOLDER / f"{self.shape}-{self.events}-{self.seed}.{self.ending}"


def _reference(name: str) -> Path | None:
    named = os.environ.get("JOURNEYKIT_SHARED")
    for folder in [Path(named)] if named else [ROOT.parent / "shared"]:
        path = folder / "data" / "event_logs" / name
        if path.exists():
            return path
    return None


def ensure(data: Data) -> Path | None:
    """The path of the input, made if it is not there yet."""
    path = data.path
    if path is None or path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".half")
    if data.ending == "npy":
        with half.open("wb") as file:
            np.save(file, shapes.answers(data.events, data.seed))
    elif data.shape == "paths":
        _write(_paths(data.events, data.seed), half, data.ending)
    elif data.ending == "npz":
        with half.open("wb") as file:
            np.savez(file, **chains.make(data.shape, data.events, data.seed))
    elif data.ending == "xes":
        half.write_text(_xes(shapes.make(data.shape, data.events, data.seed)), "utf-8")
    else:
        _write(_table(shapes.make(data.shape, data.events, data.seed)), half, data.ending)
    half.rename(path)
    return path


def _table(events: shapes.Events) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    def dictionary(codes: np.ndarray, words: tuple[str, ...]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(words))

    case = pa.array(events.case)
    if events.text_ids:
        case = pc.binary_join_element_wise("customer", pc.cast(case, pa.string()), "-")
    columns = (
        case,
        dictionary(events.touchpoint, shapes.TOUCHPOINTS),
        pa.array(events.time).cast(pa.timestamp("us")),
        dictionary(events.channel, shapes.CHANNELS),
        pa.array(events.score, mask=np.isnan(events.score)),
    )
    return pa.table(dict(zip((*COLUMNS, "channel", "score"), columns, strict=True)))


def _paths(rows: int, seed: int) -> pa.Table:
    import pyarrow as pa

    return pa.table(dict(zip(("path", "conversions", "nulls"), shapes.paths(rows, seed), strict=True)))


def _write(table: pa.Table, path: Path, ending: str) -> None:
    if ending == "csv":
        import pyarrow.csv

        pyarrow.csv.write_csv(table, path)
    else:
        import pyarrow.parquet

        pyarrow.parquet.write_table(table, path, compression="snappy")


def _xes(events: shapes.Events) -> str:
    """The log by cases; nothing in it but names and times."""
    words = [quoteattr(word) for word in shapes.TOUCHPOINTS]
    times = np.datetime_as_string(events.time.astype("datetime64[us]").astype("datetime64[ms]"))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">']
    before = None
    for k in np.argsort(events.case, kind="stable"):
        case = int(events.case[k])
        if case != before:
            lines += ["</trace>"] * (before is not None) + [f'<trace><string key="concept:name" value="{case}"/>']
            before = case
        lines.append(
            f'<event><string key="concept:name" value={words[events.touchpoint[k]]}/>'
            f'<date key="time:timestamp" value="{times[k]}+00:00"/></event>'
        )
    return "\n".join([*lines, "</trace>", "</log>", ""])
