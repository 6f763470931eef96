"""Attribution written once more in exact fractions, by the definitions of SCIENCE §7 and nothing else."""

from __future__ import annotations

import itertools
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from journeykit.testing import reference_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

Row = tuple[list[str], Fraction, Fraction]  # path, conversions, nulls
START, WON, LOST = "(start)", "(won)", "(lost)"


def rows_of(table: dict[str, list[Any]], separator: str = ">") -> list[Row]:
    """Rows of a table with the columns path, conversions, nulls."""
    found = []
    for text, conversions, nulls in zip(table["path"], table["conversions"], table["nulls"], strict=True):
        names = [name.strip() for name in text.split(separator)] if text.strip() else []
        found.append((names, Fraction(conversions), Fraction(nulls)))
    return found


def channels_of(rows: Iterable[Row]) -> list[str]:
    return sorted({name for names, _, _ in rows for name in names})


def total(rows: Iterable[Row]) -> Fraction:
    return sum((conversions for _, conversions, _ in rows), Fraction())


def solve(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    return [row[0] for row in reference_chain.solve(matrix, [[one] for one in right])]


def moves(rows: Iterable[Row], order: int) -> dict[Any, dict[Any, Fraction]]:
    """Customers from state to state; a state is the last `order` channels."""
    count: dict[Any, dict[Any, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for names, conversions, nulls in rows:
        if conversions + nulls == 0:
            continue
        state: tuple[str, ...] = ()
        for name in names:
            following = (*state, name)[-order:]
            count[state][following] += conversions + nulls
            state = following
        count[state][WON] += conversions
        count[state][LOST] += nulls
    return count


def chance(rows: Sequence[Row], order: int = 1, removed: Collection[str] = ()) -> Fraction:
    """P(conversion) when moves into states that end in a removed channel are lost."""
    count = moves(rows, order)
    states = [state for state in count if not state or state[-1] not in removed]
    place = {state: k for k, state in enumerate(states)}
    matrix = [[Fraction(int(i == j)) for j in range(len(states))] for i in range(len(states))]
    right = []
    for state in states:
        out = sum(count[state].values(), Fraction())
        for following, customers in count[state].items():
            if following in place:
                matrix[place[state]][place[following]] -= customers / out
        right.append(count[state].get(WON, Fraction()) / out)
    return solve(matrix, right)[place[()]]


def removal_effects(rows: Sequence[Row], order: int = 1) -> dict[str, Fraction]:
    """1 − P(conversion without the channel) / P(conversion); channels that customers met."""
    whole = chance(rows, order)
    met = channels_of(row for row in rows if row[1] + row[2] > 0)
    return {name: 1 - chance(rows, order, {name}) / whole for name in met}


def in_proportion(parts: dict[str, Fraction], whole: Fraction) -> dict[str, Fraction]:
    return {name: part / sum(parts.values(), Fraction()) * whole for name, part in parts.items()}


def shapley(players: Sequence[str], worth: Callable[[frozenset[str]], Fraction]) -> dict[str, Fraction]:
    """What each player adds, averaged over all orders one by one."""
    known = {
        frozenset(s): worth(frozenset(s)) for k in range(len(players) + 1) for s in itertools.combinations(players, k)
    }
    added: dict[str, Fraction] = dict.fromkeys(players, Fraction())
    orders = list(itertools.permutations(players))
    for order in orders:
        for k, name in enumerate(order):
            added[name] += known[frozenset(order[: k + 1])] - known[frozenset(order[:k])]
    return {name: value / len(orders) for name, value in added.items()}


def worth_by_conversions(rows: Sequence[Row], kept: frozenset[str]) -> Fraction:
    return total(row for row in rows if set(row[0]) <= kept)


def worth_by_rate(rows: Sequence[Row], kept: frozenset[str]) -> Fraction:
    inside = [row for row in rows if set(row[0]) <= kept]
    customers = sum((row[1] + row[2] for row in inside), Fraction())
    return total(inside) / customers if customers else Fraction()


def worth_by_chain(rows: Sequence[Row], kept: frozenset[str]) -> Fraction:
    return chance(rows, 1, set(channels_of(rows)) - kept)


def by_touch(rows: Sequence[Row], weights: Callable[[list[str]], list[Fraction]]) -> dict[str, Fraction]:
    """Conversions shared out inside each path in proportion to the weights of its touches."""
    out: dict[str, Fraction] = dict.fromkeys(channels_of(rows), Fraction())
    for names, conversions, _ in rows:
        if not names or not conversions:
            continue
        each = weights(names)
        for name, weight in zip(names, each, strict=True):
            out[name] += conversions * weight / sum(each, Fraction())
    return out


def position(names: list[str]) -> list[Fraction]:
    n = len(names)
    if n <= 2:
        return [Fraction(1)] * n
    return [Fraction(2, 5), *[Fraction(1, 5) / (n - 2)] * (n - 2), Fraction(2, 5)]


def last_non_direct(names: list[str]) -> list[Fraction]:
    others = [k for k, name in enumerate(names) if name != "direct"]
    chosen = others[-1] if others else len(names) - 1
    return [Fraction(int(k == chosen)) for k in range(len(names))]


TOUCHES: dict[str, Callable[[list[str]], list[Fraction]]] = {
    "first": lambda names: [Fraction(int(k == 0)) for k in range(len(names))],
    "last": lambda names: [Fraction(int(k == len(names) - 1)) for k in range(len(names))],
    "last_non_direct": last_non_direct,
    "linear": lambda names: [Fraction(1)] * len(names),
    "position": position,
    "time_decay": lambda names: [Fraction(1, 2 ** (len(names) - 1 - k)) for k in range(len(names))],
}
