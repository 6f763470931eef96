"""Event logs that come with the package: two to try things on, one with the truth known."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeykit.events import EventLog, read_events

if TYPE_CHECKING:
    from journeykit.journey import JourneyMap

__all__ = ["load_eshop", "load_incidents", "load_simulated", "load_simulated_map", "notices", "truth"]

_FOLDER = Path(str(files("journeykit.datasets"))) / "data"


def load_incidents() -> EventLog:
    """Incidents of an IT service desk, real: 3,000 incidents, 17,091 updates, 2016 to 2017.

    Each row is one update of an incident in ServiceNow; the touchpoint is the state after it. A case counts as
    completed when its service level (``made_sla``) was met at the last update, as failed when it was not.

    Returns
    -------
    EventLog
        Roles: case ``number``, touchpoint ``incident_state``, time ``sys_updated_at``, order ``sys_mod_count``,
        customer ``caller_id``, channel ``contact_type``, department ``assignment_group``, agent ``assigned_to``,
        outcome ``made_sla``.

    Notes
    -----
    A sample of whole incidents, chosen by a hash of their number, of the 24,918 incidents of the UCI data set 498 (CC
    BY 4.0; see :func:`notices`). Oddities of the source: "?" stands for a missing value, dates are day/month/year to
    the minute without a zone (taken as UTC), the state "-100" has no known meaning, people and groups are numbers,
    and nearly all contacts came by phone.

    References
    ----------
    Amaral, Fantinato & Peres (2018), Incident management process enriched event log, UCI Machine Learning Repository,
    498.

    Examples
    --------
    >>> load_incidents().case_count
    3000
    """
    return read_events(
        _FOLDER / "incidents.csv.gz",
        case="number",
        touchpoint="incident_state",
        time="sys_updated_at",
        order="sys_mod_count",
        customer="caller_id",
        channel="contact_type",
        department="assignment_group",
        agent="assigned_to",
        outcome="made_sla",
        completed="true",
        failed="false",
        time_format="%d/%m/%Y %H:%M",
        missing_values=("", "?"),
    )


def load_eshop() -> EventLog:
    """Clicks in an e-shop, simulated by its authors: 600 users, 3,605 sessions, 31,106 events, January to June 2024.

    Returns
    -------
    EventLog
        Roles: case ``session_id``, touchpoint ``event``, time ``timestamp``, customer ``user_id``, channel
        ``platform``; completed by ``purchase``. Attributes: acquisition_channel, user_cohort, user_lifecycle.

    Notes
    -----
    From retentioneering-tools (Apache License 2.0; see :func:`notices`). On mobile devices the checkout breaks in one
    period.

    Examples
    --------
    >>> load_eshop().completed
    ['purchase']
    """
    return read_events(
        _FOLDER / "eshop.csv.gz",
        case="session_id",
        touchpoint="event",
        time="timestamp",
        customer="user_id",
        channel="platform",
        completed="purchase",
        idle="30min",
    )


def load_simulated() -> EventLog:
    """SIMULATED journeys of an online shop with five failures planted: 4,000 customers, 6,000 cases.

    Returns
    -------
    EventLog
        Roles: case, touchpoint, time, end_time, customer, channel, department, agent, outcome (``kept``, ``lost``),
        text (English and Chinese). Metrics: nps, csat (1–5), ces (1–7, 7 is easy) from about 1 % of the events each,
        spend. Attributes: region, tier, language, issue (what a contact is about).

    Notes
    -----
    Made by ``scripts/simulate_journey.py`` from one seed; no real customers. :func:`truth` lists what was planted.

    Examples
    --------
    >>> log = load_simulated()
    >>> log.case_count, sorted(log.metrics)
    (6000, ['ces', 'csat', 'nps', 'spend'])
    """
    return read_events(
        _FOLDER / "simulated.csv.gz",
        case="case_id",
        touchpoint="touchpoint",
        time="time",
        end_time="end_time",
        customer="customer_id",
        channel="channel",
        department="department",
        agent="agent",
        outcome="outcome",
        text="text",
        metrics={"nps": "nps", "csat": "csat", "ces": "ces", "spend": "amount"},
        completed="kept",
        failed="lost",
        idle="14d",
    )


def load_simulated_map() -> JourneyMap:
    """The journey of :func:`load_simulated` as planned: SIMULATED, drawn before any data.

    Returns
    -------
    JourneyMap
        Five stages, 16 touchpoints with channels, department and need, the intended moves, and the failure points
        that a workshop would name. Its touchpoints bear the names of the log's, so that ``discover(log, like=…)``
        fills it.

    Examples
    --------
    >>> load_simulated_map()
    JourneyMap('Online shop (simulated)': 5 stages, 16 touchpoints, 18 transitions, 3 failure points)
    """
    from journeykit.datasets.planned import planned_map

    return planned_map()


def truth() -> dict[str, Any]:
    """What was planted in :func:`load_simulated`.

    Returns
    -------
    dict
        label, seed, cases, customers, observed (first day, day after the last), stages (touchpoint to stage),
        planted: a list of id, kind, touchpoint, perhaps transition, where (column to value), perhaps since and until,
        what, elsewhere, cases.

    Examples
    --------
    >>> [failure["id"] for failure in truth()["planted"]][:2]
    ['payment_hangs_in_app', 'late_delivery_west']
    """
    known: dict[str, Any] = json.loads((_FOLDER / "simulated_truth.json").read_text("utf-8"))
    return known


def notices() -> str:
    """Sources, licences and changes of the packaged data, as Markdown.

    Examples
    --------
    >>> "CC BY 4.0" in notices()
    True
    """
    return (_FOLDER / "NOTICE.md").read_text("utf-8")
