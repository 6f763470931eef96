"""Credit of channels against the plain reference."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.testing import reference_attribution
from journeykit.testing.comparing import cases_of, how_cases_ended, rounded, same
from journeykit.testing.reference_attribution import Way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from journeykit.events import EventLog

_MOST_CHANNELS = 12  # of a chain, which is solved once for each
_CLOSE = 1e-12  # of the whole


class AskedOptions(_core.AttributionOptions):
    """Options that can still say what they were made of."""

    def __init__(self, **asked: Any) -> None:
        super().__init__(**asked)
        self.asked = asked


def _attribute(
    found: Any,
    columns: Mapping[str, Any],
    _names: Mapping[str, str],
    separator: str,
    options: _core.AttributionOptions,
    *_customers: Any,
) -> bool:
    nothing = [0.0] * len(columns["conversions"])
    texts = (text for data, ends in columns["path"] for text in _texts(data, ends))
    numbers = [columns.get(name, nothing) for name in ("conversions", "nulls", "value")]
    ways = [
        Way(reference_attribution.channels_of(text, separator), *(Fraction(0 if math.isnan(x) else x) for x in row))
        for text, *row in zip(texts, *numbers, strict=True)
    ]
    return _agrees(found, ways, "value" in columns, options)


def _texts(data: memoryview, ends: Sequence[int]) -> list[str]:
    return [bytes(data[begin:end]).decode() for begin, end in itertools.pairwise(ends)]


def _attribute_log(found: Any, log: EventLog, metric: str, options: _core.AttributionOptions) -> bool:
    cases, core = cases_of(log), log._core
    by_outcome = "outcome" in log.roles  # then no touchpoint is an ending
    ways = reference_attribution.ways_of_log(
        cases,
        how_cases_ended(log, cases),
        () if by_outcome else core.completed,
        () if by_outcome else core.failed,
        next((one.column for one in core.metrics if one.name == metric), None),
    )
    return _agrees(found, ways, bool(metric), options)


def _agrees(found: Any, ways: Sequence[Way], valued: bool, options: _core.AttributionOptions) -> bool:
    import pyarrow as pa

    if not isinstance(options, AskedOptions):
        return False
    asked = options.asked
    model, channels = asked["model"], {name for way in ways for name in way.channels}
    if model == "markov":
        if asked["order"] != 1 or len(channels) > _MOST_CHANNELS:
            return False
    elif model not in reference_attribution.RULES:
        return False
    expected = reference_attribution.attribute(
        ways,
        model,
        valued,
        direct=asked["direct"],
        first=Fraction(asked["first_share"]),
        last=Fraction(asked["last_share"]),
    )
    rows = pa.table(found).to_pylist()
    keyed = {row["channel"]: row for row in rows}
    same("rows of attribute", len(rows), len(expected))
    same("channels of attribute", set(keyed), set(expected))
    within = {
        "conversions": _CLOSE * float(sum(way.conversions for way in ways)),
        "value": _CLOSE * float(sum(abs(way.value) for way in ways)),
    }
    for channel, numbers in expected.items():
        for column, number in rounded(numbers).items():
            same(f"attribute: {column}", keyed[channel][column], number, within.get(column, _CLOSE))
    falling = all(one["conversions"] >= two["conversions"] for one, two in itertools.pairwise(rows))
    same("attribute: most conversions first", falling, True)
    return True


CHECKS: dict[str, Callable[..., bool]] = {"attribute": _attribute, "attribute_log": _attribute_log}
