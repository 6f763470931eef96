"""The list of everything that :func:`journeykit.measure` knows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from journeykit.base.table import Table
from journeykit.metrics.kinds import Ces, Csat, Mean, Nps
from journeykit.metrics.operations import (
    Abandonment,
    Completion,
    ContactRate,
    DropOff,
    Fcr,
    RepeatContacts,
    ResolutionTime,
    ResponseTime,
    ServiceLevel,
    SilentExit,
    Transfers,
)

if TYPE_CHECKING:
    from journeykit.metrics.kinds import Measure

KINDS: tuple[type[Measure], ...] = (
    Nps,
    Csat,
    Ces,
    Mean,
    Fcr,
    RepeatContacts,
    ContactRate,
    Transfers,
    ServiceLevel,
    Abandonment,
    ResponseTime,
    ResolutionTime,
    Completion,
    DropOff,
    SilentExit,
)

_CUSTOMERS = "by customers: Wilson on n/deff"

# metric: definition, unit, denominator, formula, source
_ENTRIES: dict[str, tuple[str, str, str, str, str]] = {
    "nps": (
        "Net promoter score: promoters (9–10) minus detractors (0–6)",
        "points",
        "answers",
        "100·(p − d); adjusted Wald on n/deff",
        "Reichheld 2003; interval: Rocks 2016, arXiv:1601.07235",
    ),
    "csat": (
        "Satisfied customers: share of the two best points, mean, or share of each point",
        "share or scale points",
        "answers",
        f"k/n, {_CUSTOMERS}; mean ± t·s/√n",
        "Wilson 1927",
    ),
    "ces": (
        "Customer effort: mean, or share on the easy side of the scale",
        "scale points or share",
        "answers",
        f"mean ± t·s/√n; k/n, {_CUSTOMERS}",
        "Dixon, Freeman & Toman 2010; as the one best number disputed",
    ),
    "mean": ("Mean of any metric column", "as recorded", "values", "mean ± t·s/√n by customers", ""),
    "fcr": (
        "First contact resolution: no further contact of the same customer and issue within the window",
        "share",
        "first contacts of chains; contacts younger than the window censored",
        "S(window) of Kaplan–Meier, or Aalen–Johansen with customers who left",
        "Kaplan & Meier 1958; Greenwood 1926; Aalen & Johansen 1978",
    ),
    "repeat_contacts": (
        "Contacts that follow another of the same customer and issue within the window",
        "share",
        "all contacts",
        f"k/n, {_CUSTOMERS}",
        "Wilson 1927",
    ),
    "contact_rate": (
        "Contacts per case, per customer, or per customer and period",
        "contacts per case, customer or period",
        "cases, customers, or customer time, with or without contact",
        "Σ contacts / Σ denominator, linearised variance by customers",
        "",
    ),
    "transfers": (
        "Changes of department or agent inside a case",
        "transfers per case, or share",
        "closed cases",
        f"mean ± t·s/√n; k/n, {_CUSTOMERS}",
        "",
    ),
    "service_level": (
        "Waits answered within the threshold",
        "share",
        "one of four: offered; answered; offered less short abandons; offered, with abandoned in time counted",
        f"k/n, {_CUSTOMERS}",
        "Wilson 1927",
    ),
    "abandonment": ("Waits that ended without an answer", "share", "waits that are over", f"k/n, {_CUSTOMERS}", ""),
    "response_time": (
        "Time to the answer",
        "seconds",
        "waits; open and abandoned ones censored",
        "median, percentile or area of Kaplan–Meier",
        "Kaplan & Meier 1958; Brookmeyer & Crowley 1982",
    ),
    "resolution_time": (
        "Time from the start of a case to its completion",
        "seconds",
        "cases; those not completed censored",
        "median, percentile or area of Kaplan–Meier",
        "Kaplan & Meier 1958; Brookmeyer & Crowley 1982",
    ),
    "completion": ("Closed cases that were completed", "share", "closed cases", f"k/n, {_CUSTOMERS}", ""),
    "drop_off": (
        "Cases that reached the group and ended in it, not completed",
        "share",
        "closed cases that reached the group",
        f"k/n, {_CUSTOMERS}",
        "",
    ),
    "silent_exit": (
        "Cases that fell silent without an ending",
        "share",
        "closed cases",
        f"k/n, {_CUSTOMERS}",
        "",
    ),
}


@cache
def catalogue() -> Table:
    """All metrics with definition, unit, denominator, formula and source.

    Returns
    -------
    Table
        metric, options (the class that takes them), definition, unit, denominator, formula, source.

    Examples
    --------
    >>> [row["options"] for row in catalogue().rows()][:5]
    ['Nps', 'Csat', 'Ces', 'Mean', 'Fcr']
    """
    import pyarrow as pa

    def row(kind: type[Measure]) -> dict[str, str]:
        fields = ("definition", "unit", "denominator", "formula", "source")
        return {"metric": kind.key, "options": kind.__name__, **dict(zip(fields, _ENTRIES[kind.key], strict=True))}

    return Table(arrow=pa.Table.from_pylist([row(kind) for kind in KINDS]))
