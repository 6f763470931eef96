"""The elements of a map as flat Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit.journey import coerce

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from journeykit.journey.contents import MapContents
    from journeykit.journey.element import Element

_TIMES = ("n", "mean_seconds", "median_seconds", "p90_seconds", "min_seconds", "max_seconds")
_NAMED = {"id": "text", "name": "text"}
_TOUCHPOINT_STATISTICS = ("events", "cases", "customers", "starts", "ends")


def _times(field: str) -> dict[str, str]:
    return {f"{field}_{name}": "integer" if name == "n" else "real" for name in _TIMES}


# kind of table → column → type; the same for an empty map
_COLUMNS: dict[str, dict[str, str]] = {
    "stages": {**_NAMED, "phase": "text", "description": "text", "evidence": "text"},
    "scenes": {**_NAMED, "stage": "text", "description": "text", "evidence": "text"},
    "touchpoints": {
        **_NAMED,
        "stage": "text",
        "scene": "text",
        "description": "text",
        "channels": "texts",
        "departments": "texts",
        "visibility": "text",
        "need": "text",
        "emotion": "real",
        **dict.fromkeys(_TOUCHPOINT_STATISTICS, "integer"),
        **_times("duration"),
        "owner": "text",
        "tags": "texts",
        "evidence": "text",
    },
    "transitions": {
        "source": "text",
        "target": "text",
        "count": "integer",
        "cases": "integer",
        "probability": "real",
        **_times("times"),
        "evidence": "text",
    },
    "failure_points": {
        **_NAMED,
        "touchpoint": "text",
        "source": "text",
        "target": "text",
        "cause": "text",
        "description": "text",
        "contact_reasons": "texts",
        "frequency_share": "real",
        "loss_amount": "real",
        "detection_share": "real",
        "evidence": "text",
    },
    "metrics": {
        "touchpoint": "text",
        "name": "text",
        "value": "real",
        "n": "integer",
        "customers": "integer",
        "low": "real",
        "high": "real",
        "method": "text",
    },
}


def element_table(journey: MapContents, kind: str) -> pa.Table:
    """One kind of element, one row each; nested summaries become columns with the field in front."""
    import pyarrow as pa

    types = {"text": pa.string(), "texts": pa.list_(pa.string()), "integer": pa.int64(), "real": pa.float64()}
    columns = _COLUMNS[coerce.choice(kind, "kind", tuple(_COLUMNS))]
    rows = list(_metric_rows(journey)) if kind == "metrics" else [_flat(one) for one in getattr(journey, kind)]
    schema = pa.schema([(name, types[column]) for name, column in columns.items()])
    return pa.table({name: [row.get(name) for row in rows] for name in columns}, schema=schema)


def _metric_rows(journey: MapContents) -> Iterable[dict[str, Any]]:
    for touchpoint in journey.touchpoints:
        for metric in touchpoint.metrics:
            yield {"touchpoint": touchpoint.id, **metric.to_dict()}


def _flat(element: Element) -> dict[str, Any]:
    row = element.to_dict()
    statistics = row.pop("statistics", None) or {}
    for field, summary in (("duration", statistics.pop("duration", None)), ("times", row.pop("times", None))):
        row.update({f"{field}_{name}": value for name, value in (summary or {}).items()})
    return {**row, **statistics}
