"""The score written down slowly and plainly, in exact fractions; see :mod:`journeykit.testing.reference`.

A place is the journey, a stage or a touchpoint. What is seen at a place stands by component, as pairs of a customer and
a badness from 0 to 1.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from journeykit.testing.reference import customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from journeykit.testing.reference import Cases, Event

Place = tuple[str, str]  # "journey", "stage" or "touchpoint", and the id
Component = tuple[str, str]  # group and name
Seen = list[tuple[Any, Fraction]]  # customer and badness

JOURNEY: Place = ("journey", "")
COMPLETION: Component = ("completion", "completion")
NO_WAITS = 2**63 - 1  # nothing is slow


@dataclass(frozen=True, kw_only=True)
class Scale:
    """An experience metric: its column, and where its scale begins and ends."""

    name: str
    column: str
    low: float
    high: float
    high_is_good: bool

    def badness(self, answer: float) -> Fraction:
        """Distance from the best answer over the length of the scale."""
        low, high, given = Fraction(self.low), Fraction(self.high), Fraction(answer)
        return ((high - given) if self.high_is_good else (given - low)) / (high - low)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a score is asked with; columns that the log does not have are None."""

    stages: Mapping[str, str]  # of each touchpoint
    scales: Sequence[Scale]
    hand_over: str | None
    channel: str | None
    failed: Sequence[str]
    completion: bool  # the log says what completes a case
    by_outcome: bool  # … by a column
    weights: Mapping[str, float]  # of each group
    minimum_n: int
    slow_ns: int

    @property
    def components(self) -> list[Component]:
        """In the order of their rows."""
        friction = ["repeat", "return"]
        friction += ["hand_over"] if self.hand_over else []
        friction += ["channel_switch"] if self.channel else []
        return [
            *(("experience", scale.name) for scale in self.scales),
            *(("friction", name) for name in (*friction, "wait")),
            COMPLETION,
        ]

    def places(self, touchpoint: str) -> tuple[Place, ...]:
        """Where an event counts."""
        return JOURNEY, ("stage", self.stages[touchpoint]), ("touchpoint", touchpoint)


def wait(event: Event, following: Event) -> int:
    """From the end of an event to the start of the next; overlapping ones do not wait."""
    return max(0, following.time - event.over)


def usual_long_wait(cases: Cases) -> int:
    """The smallest wait that nine tenths of all waits do not exceed."""
    waits = sorted(wait(*pair) for case in cases.values() for pair in itertools.pairwise(case))
    least = (one for k, one in enumerate(waits, 1) if 10 * k >= 9 * len(waits))
    return next(least, NO_WAITS)


def switches(case: Sequence[Event], column: str, stages: Mapping[str, str]) -> dict[int, bool]:
    """Place of an event to whether the column changes after it inside the stage, where that is known."""
    out = {}
    for k, event in enumerate(case):
        following = case[k + 1] if k + 1 < len(case) else None
        known = event.more[column] is not None and (following is None or following.more[column] is not None)
        if known:
            out[k] = (
                following is not None
                and following.more[column] != event.more[column]
                and stages[following.touchpoint] == stages[event.touchpoint]
            )
    return out


def switching_touchpoints(cases: Cases, column: str, stages: Mapping[str, str]) -> set[str]:
    """Those where at least 19 of 20 visits switch: that is how the step works."""
    visits: Counter[str] = Counter()
    switched: Counter[str] = Counter()
    for case in cases.values():
        for k, changed in switches(case, column, stages).items():
            visits[case[k].touchpoint] += 1
            switched[case[k].touchpoint] += changed
    return {name for name, n in visits.items() if 20 * switched[name] >= 19 * n}


def places_of_loss(cases: Cases, ended: Mapping[str, str], setting: Setting) -> dict[str, str | None]:
    """Each lost case to the touchpoint where it was lost, None where that is not known."""
    ends = Counter(case[-1].touchpoint for name, case in cases.items() if ended[name] == "completed")
    regular = {name for name, n in ends.items() if 20 * n >= ends.total()} if setting.by_outcome else set()
    says_nothing = set() if setting.by_outcome else set(setting.failed)
    out: dict[str, str | None] = {}
    for name, case in cases.items():
        if ended[name] in ("failed", "abandoned"):
            path = [event.touchpoint for event in case]
            last = next((one for one in reversed(path) if one not in says_nothing), path[-1])
            out[name] = None if last in regular else last
    return out


def observations(cases: Cases, ended: Mapping[str, str], setting: Setting) -> dict[Place, dict[Component, Seen]]:
    """Everything that is seen at each place."""
    out: dict[Place, dict[Component, Seen]] = defaultdict(lambda: defaultdict(list))
    columns = {"hand_over": setting.hand_over, "channel_switch": setting.channel}
    known = {name: column for name, column in columns.items() if column}
    usual = {name: switching_touchpoints(cases, column, setting.stages) for name, column in known.items()}
    lost = places_of_loss(cases, ended, setting)
    placed = setting.completion and (not setting.by_outcome or any(at is not None for at in lost.values()))
    for name, case in cases.items():
        who = customer(case)
        path = [event.touchpoint for event in case]
        changes = {sign: switches(case, column, setting.stages) for sign, column in known.items()}
        for k, event in enumerate(case):
            here = event.touchpoint
            seen: dict[Component, Fraction] = {
                ("experience", scale.name): scale.badness(event.more[scale.column])
                for scale in setting.scales
                if event.more[scale.column] is not None
            }
            directly = k > 0 and path[k - 1] == here
            seen["friction", "repeat"] = Fraction(directly)
            seen["friction", "return"] = Fraction(not directly and here in path[:k])
            for sign, changed in changes.items():
                if k in changed:
                    seen["friction", sign] = Fraction(changed[k] and here not in usual[sign])
            if k + 1 < len(case):
                seen["friction", "wait"] = Fraction(wait(event, case[k + 1]) > setting.slow_ns)
            for place in setting.places(here):
                for component, bad in seen.items():
                    out[place][component].append((who, bad))
        if not setting.completion or ended[name] == "open":
            continue
        out[JOURNEY][COMPLETION].append((who, Fraction(name in lost)))
        at = lost.get(name)
        lost_here = set() if at is None else set(setting.places(at))
        for place in {place for one in path for place in setting.places(one)} - {JOURNEY}:
            if placed:
                out[place][COMPLETION].append((who, Fraction(place in lost_here)))
    return out


def badness(seen: Seen) -> Fraction:
    """The mean."""
    return sum((bad for _, bad in seen), Fraction()) / len(seen)


def weights(seen: Mapping[Component, Seen], setting: Setting) -> dict[Component, Fraction]:
    """Of the components with enough observations, in the order of rows; groups without data leave theirs to others."""
    usable = [one for one in setting.components if len(seen.get(one, ())) >= setting.minimum_n]
    members = Counter(group for group, _ in usable)
    total = sum((Fraction(setting.weights[group]) for group in members), Fraction())
    return {
        (group, name): Fraction(setting.weights[group]) / total / members[group]
        for group, name in usable
        if setting.weights[group] > 0
    }


def contributions(seen: Mapping[Component, Seen], setting: Setting) -> list[dict[str, Any]]:
    """One row per component that counts at a place."""
    rows = []
    for (group, name), weight in weights(seen, setting).items():
        own = seen[group, name]
        value = 100 * (1 - badness(own))
        rows.append(
            {
                "group": group,
                "component": name,
                "value": value,
                "weight": weight,
                "points": weight * value,
                "points_lost": weight * (100 - value),
                "n": len(own),
                "customers": len({who for who, _ in own}),
            }
        )
    return rows


def score(rows: Sequence[Mapping[str, Any]]) -> dict[str, Fraction | None]:
    """Score of a place and of each group from its contributions; None where nothing is known."""
    out: dict[str, Fraction | None] = {"score": sum((row["points"] for row in rows), Fraction()) if rows else None}
    for group in ("experience", "friction", "completion"):
        own = [row for row in rows if row["group"] == group]
        lost = sum((row["points_lost"] for row in own), Fraction())
        weight = sum((row["weight"] for row in own), Fraction())
        out[group] = 100 - lost / weight if own else None
        out[f"{group}_points_lost"] = lost if own else None
    return out


def points_lost(
    seen: Mapping[Place, Mapping[Component, Seen]], setting: Setting
) -> dict[tuple[str | None, str, str], dict[str, Any]]:
    """Touchpoint, group and component to the points of the journey that are lost there; None: nobody knows where."""
    journey = seen.get(JOURNEY, {})
    out: dict[tuple[str | None, str, str], dict[str, Any]] = {}
    for (group, name), weight in weights(journey, setting).items():
        whole = journey[group, name]
        left = sum((bad for _, bad in whole), Fraction())
        lost: dict[str | None, Fraction] = {}
        for (kind, touchpoint), own in seen.items():
            if kind == "touchpoint":
                lost[touchpoint] = sum((bad for _, bad in own.get((group, name), ())), Fraction())
                left -= lost[touchpoint]
        lost[None] = left
        for at, bad in lost.items():
            if bad > 0:
                out[at, group, name] = {
                    "points_lost": 100 * weight * bad / len(whole),
                    "n": len(whole),
                    "customers": len({who for who, _ in whole}),
                }
    return out
