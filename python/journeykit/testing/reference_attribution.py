"""Attribution written down slowly and plainly, in exact fractions; see :mod:`journeykit.testing.reference`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from journeykit.testing.reference_chain import solve

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from journeykit.testing.reference import Cases

WHITE_SPACE = " \t\n\v\f\r\u00a0\u3000"
RULES = ("first", "last", "last_non_direct", "linear", "position")


@dataclass(frozen=True)
class Way:
    """The customers that met these channels in this order."""

    channels: tuple[str, ...]
    conversions: Fraction
    nulls: Fraction = Fraction()
    value: Fraction = Fraction()

    @property
    def customers(self) -> Fraction:
        """Converted or not."""
        return self.conversions + self.nulls


def channels_of(text: str, separator: str) -> tuple[str, ...]:
    """The names between separators, without the white space around them."""
    whole = text.strip(WHITE_SPACE)
    return tuple(name.strip(WHITE_SPACE) for name in text.split(separator)) if whole else ()


def ways_of_log(
    cases: Cases, ended: Mapping[str, str], completed: Collection[str], failed: Collection[str], column: str | None
) -> list[Way]:
    """Closed cases up to the first touchpoint of `completed`, without those of `failed`; `column` has the value."""
    out = []
    for name, case in cases.items():
        if ended[name] == "open":
            continue
        converted = ended[name] == "completed"
        path = [event.touchpoint for event in case]
        stop = next((k for k, touchpoint in enumerate(path) if touchpoint in completed), len(path))
        channels = tuple(touchpoint for touchpoint in path[:stop] if touchpoint not in failed)
        known = [event.more[column] for event in case if event.more[column] is not None] if column else []
        value = sum(map(Fraction, known), Fraction()) if converted else Fraction()
        if channels or not converted:
            out.append(Way(channels, Fraction(converted), Fraction(not converted), value))
    return out


def credit(path: Sequence[str], rule: str, direct: Collection[str], first: Fraction, last: Fraction) -> list[Fraction]:
    """What each touch of a path gets; adds up to 1."""
    n = len(path)
    if rule == "linear":
        return [Fraction(1, n)] * n
    if rule == "position":
        if n == 1:
            return [Fraction(1)]
        ends = first + last
        if n == 2:
            return [first / ends, last / ends] if ends else [Fraction(1, 2)] * 2
        return [first, *[(1 - ends) / (n - 2)] * (n - 2), last]
    chosen = 0 if rule == "first" else n - 1
    if rule == "last_non_direct":
        chosen = max((k for k, name in enumerate(path) if name not in direct), default=n - 1)
    return [Fraction(k == chosen) for k in range(n)]


def by_rule(ways: Sequence[Way], rule: str, **options: Any) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Conversions and value of each channel."""
    conversions: dict[str, Fraction] = defaultdict(Fraction)
    value: dict[str, Fraction] = defaultdict(Fraction)
    for way in ways:
        if way.conversions:
            for name, share in zip(way.channels, credit(way.channels, rule, **options), strict=True):
                conversions[name] += share * way.conversions
                value[name] += share * way.value
    return conversions, value


def expected(ways: Sequence[Way], removed: str | None = None) -> tuple[Fraction, Fraction]:
    """Conversions and value of the chain of order 1 when moves into a channel are lost."""
    moves: dict[str | None, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    leaves: dict[str | None, Fraction] = defaultdict(Fraction)  # customers
    ends: dict[str | None, list[Fraction]] = defaultdict(lambda: [Fraction(), Fraction()])  # conversions, value
    for way in ways:
        if way.customers == 0:
            continue
        here: str | None = None  # the start
        for name in way.channels:
            moves[here][name] += way.customers
            leaves[here] += way.customers
            here = name
        leaves[here] += way.customers
        ends[here][0] += way.conversions
        ends[here][1] += way.value
    states = [state for state in leaves if state is None or state != removed]
    matrix = [[leaves[i] * (i == j) - (0 if j is None else moves[i][j]) for j in states] for i in states]
    solved = solve(matrix, [ends[state] for state in states])[states.index(None)]
    return solved[0] * leaves[None], solved[1] * leaves[None]


def in_proportion(parts: Mapping[str, Fraction], whole: Fraction) -> dict[str, Fraction]:
    """The whole, shared by the parts; nothing where they are all 0."""
    total = sum(parts.values(), Fraction())
    return {name: part / total * whole if total else Fraction() for name, part in parts.items()}


def attribute(ways: Sequence[Way], model: str, valued: bool, **options: Any) -> dict[str, dict[str, Fraction | None]]:
    """Channel to its numbers; the model is one of RULES, or markov for the chain of order 1."""
    met: dict[str, Fraction] = defaultdict(Fraction)
    for way in ways:
        for name in set(way.channels):
            met[name] += way.customers
    conversions = sum((way.conversions for way in ways), Fraction())
    value = sum((way.value for way in ways), Fraction())
    effects: dict[str, Fraction] = {}
    if model == "markov":
        without = {name: expected(ways, name) for name, customers in met.items() if customers}
        effects = {name: 1 - left / conversions for name, (left, _) in without.items()}
        credited = in_proportion(effects, conversions)
        worth = in_proportion({name: value - left for name, (_, left) in without.items()}, value)
    else:
        credited, worth = by_rule(ways, model, **options)
    return {
        name: {
            "removal_effect": effects.get(name),
            "conversions": credited.get(name, Fraction()),
            "value": worth.get(name, Fraction()) if valued else None,
            "share": credited.get(name, Fraction()) / conversions,
            "n": customers,
        }
        for name, customers in met.items()
    }
