"""An event log as a figure: how much there is, how its cases ended, what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from journeykit.view.rendering import render
from journeykit.view.texts import Texts
from journeykit.view.words import Words

if TYPE_CHECKING:
    from journeykit.events import EventLog
    from journeykit.events.quality import Quality

_TOUCHPOINTS = 12
_STATUSES = ("completed", "failed", "abandoned", "open")
_FINDINGS = ("rows_dropped", "duplicate_events", "tied_events", "out_of_order_rows", "ends_before_start")


class Bar(NamedTuple):
    """One line of a bar list."""

    label: str
    number: int
    share: float  # of the longest


def log_html(log: EventLog, *, lang: str = "en") -> str:
    """An event log as one HTML figure: size, period, endings, busiest touchpoints, quality.

    Parameters
    ----------
    log : EventLog
        The log to show.
    lang : {"en", "zh"}
        Language of all words that are not labels of the data.

    Returns
    -------
    str
        One ``<div>`` with its own scoped style; labels are escaped and isolated.

    Raises
    ------
    InvalidInput
        Another language.

    Examples
    --------
    >>> from journeykit import datasets
    >>> "3,000" in log_html(datasets.load_incidents())
    True
    """
    import pyarrow.compute as pc

    texts = Texts(lang)
    words = Words(texts)
    rows = log.to_arrow()
    roles = log.roles
    quality = log.quality
    counted = pc.value_counts(rows[roles["touchpoint"]])
    busiest = sorted(
        zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True),
        key=lambda entry: (-entry[1], entry[0]),
    )
    span = pc.min_max(rows[roles["time"]]) if rows.num_rows else None
    return str(
        render(
            "log_figure.html.j2",
            lang=lang,
            log=log,
            period=[f"{span[end].as_py():%Y-%m-%d}" for end in ("min", "max")] if span is not None else [],
            roles=roles,
            statuses=_bars([(texts(f"status.{name}"), quality.case_status[name]) for name in _STATUSES]),
            touchpoints=_bars(busiest[:_TOUCHPOINTS]),
            more_touchpoints=len(busiest) - _TOUCHPOINTS,
            findings=_findings(quality, texts),
            idle=words.duration(log.idle.total_seconds()),
            count=words.count,
            clipped=words.clipped,
        )
    )


def _bars(counts: list[tuple[str, int]]) -> list[Bar]:
    longest = max((count for _, count in counts), default=0)
    return [Bar(label, count, count / longest if longest else 0.0) for label, count in counts]


def _findings(quality: Quality, texts: Texts) -> list[tuple[str, str]]:
    """Count and meaning of everything that may mislead."""
    found = [(getattr(quality, name), texts(f"quality.{name}")) for name in _FINDINGS]
    found += [(count, texts("quality.out_of_scale", name=name)) for name, count in quality.out_of_scale.items()]
    found += [(count, texts("quality.missing", name=name)) for name, count in quality.missing.items()]
    return [(f"{count:,}", meaning) for count, meaning in found if count]
