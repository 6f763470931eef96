"""Columns of answers and amounts: which kind of metric they are, and text to numbers without guessing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput
from journeykit.events.rows import first_true, place
from journeykit.events.tables import is_text, without

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from journeykit import _core

_SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0), "number": (0.0, 0.0)}
_NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_PLAIN_INTEGER = r"^-?(?:0|[1-9][0-9]{0,17})$"
_PLAIN_DECIMAL = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?$"


@dataclass(frozen=True)
class MetricColumn:
    """A column that holds experience answers or amounts.

    Parameters
    ----------
    column : str
        Name of the column.
    kind : str
        ``"nps"`` (0–10, likely to recommend), ``"csat"`` (satisfaction), ``"ces"`` (effort) or ``"number"`` (money,
        minutes, …).
    low, high : float, optional
        Ends of the answer scale; by default 0–10 for NPS, 1–5 for CSAT, 1–7 for CES, none for numbers. Answers beyond
        it count as missing and are counted in ``log.quality``.
    high_is_good : bool
        Whether the high end is the good one. The CES question "was it easy?" has the good end high; the older "how
        much effort" has it low: pass False there.

    Examples
    --------
    >>> MetricColumn("satisfaction", kind="csat", low=1, high=7)
    MetricColumn(column='satisfaction', kind='csat', low=1.0, high=7.0, high_is_good=True)
    """

    column: str
    kind: str = "number"
    low: float | None = None
    high: float | None = None
    high_is_good: bool = True

    def __post_init__(self) -> None:
        if self.kind not in _SCALES:
            raise InvalidInput(f"metric kind is {quoted(self.kind)}; expected one of {', '.join(_SCALES)}")
        if (self.low is None) != (self.high is None):
            raise InvalidInput(
                f"metric column {quoted(self.column)} has one end of its scale; expected low and high, or neither"
            )
        low, high = _SCALES[self.kind] if self.low is None or self.high is None else (float(self.low), float(self.high))
        if self.kind != "number" and not low < high:
            raise InvalidInput(
                f"metric column {quoted(self.column)} has the scale {low:g} to {high:g}; expected low < high"
            )
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)


def metric_columns(metrics: Mapping[str, str | MetricColumn] | None) -> dict[str, MetricColumn]:
    """What the caller named as metrics, each as a :class:`MetricColumn`; the names nps, csat and ces say their kind."""
    named = {}
    for name, metric in (metrics or {}).items():
        if isinstance(metric, str):
            metric = MetricColumn(metric, kind=name if name in _SCALES else "number")
        elif not isinstance(metric, MetricColumn):
            raise InvalidInput(
                f"metric {quoted(name)} is a {type(metric).__name__}; expected a column name or a MetricColumn"
            )
        named[name] = metric
    return named


def core_metrics(metrics: Mapping[str, MetricColumn]) -> list[_core.Metric]:
    """The metrics as the engine takes them."""
    from journeykit import _core

    return [
        _core.Metric(name, metric.column, metric.kind, metric.low or 0.0, metric.high or 0.0, metric.high_is_good)
        for name, metric in metrics.items()
    ]


def to_numbers(column: pa.ChunkedArray, name: str, missing: Sequence[str]) -> pa.ChunkedArray:
    """A column as numbers; NaN is missing.

    Raises
    ------
    InvalidInput
        With the first bad row: text that is no plain number ("1,000", "¥12"), true and false, infinity.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if is_text(column.type):
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        column = without(pc.utf8_trim_whitespace(column), ("", *missing))
        bad = first_true(pc.invert(pc.match_substring_regex(column, _NUMBER)))
        if bad >= 0:
            raise InvalidInput(
                f"column {quoted(name)} has {quoted(column[bad].as_py())} in {place(bad)}; expected a plain number "
                "such as 4 or 12.5 "
                "(no currency, no thousands separator); name what stands for no answer in missing_values="
            )
        column = pc.replace_substring_regex(column, r"^\+", "")
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise InvalidInput(f"column {quoted(name)} holds {column.type}; expected numbers")
    numbers = column.cast(pa.float64(), safe=False)
    infinite = first_true(pc.is_inf(numbers))
    if infinite >= 0:
        raise InvalidInput(
            f"column {quoted(name)} has an infinite or overlarge number in {place(infinite)}; mend or drop it"
        )
    return numbers


def infer(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text column of a file as integers or decimals where that loses nothing, else as it stands.

    "001", "1e5" and numbers too long for a double stay text, and so does a column in which two texts are one number "
    "("1.5", "1.50").
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count == len(column):
        return column
    values = pc.unique(column)
    if pc.all(pc.match_substring_regex(values, _PLAIN_INTEGER)).as_py():
        return column.cast(pa.int64())
    if pc.all(pc.match_substring_regex(values, _PLAIN_DECIMAL)).as_py():
        numbers = values.cast(pa.float64())
        if pc.max(pc.utf8_length(values)).as_py() <= 17 and len(pc.unique(numbers)) == len(values):
            return column.cast(pa.float64())
    return column
