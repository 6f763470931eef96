"""Shapley values of a game that is given set by set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journeykit import _core
from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_MOST_PLAYERS = 20


def shapley(worth: Mapping[Collection[str], float]) -> dict[str, float]:
    """What each player adds to a set of others, averaged over all orders in which they can join.

    Parameters
    ----------
    worth : mapping of a set of names to a number
        Of every set of players (a tuple or frozenset of names); the empty set may be left out and is worth 0 then. At
        most 20 players.

    Returns
    -------
    dict of str to float
        Name to value, in order of names; the values add up to ``worth(all) − worth(none)``.

    Raises
    ------
    InvalidInput
        A set is missing or stands twice, a worth is no finite number, more than 20 players.

    Notes
    -----
    ``φ_x = Σ_S |S|!·(n − |S| − 1)!/n! · (worth(S + x) − worth(S))`` over all sets S without x [1]_. O(n·2^n).

    References
    ----------
    .. [1] L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II, Princeton 1953.

    Examples
    --------
    >>> from journeykit.attribution import shapley
    >>> values = shapley({("O",): 7, ("F",): 6, ("D",): 4, ("O", "F"): 15, ("O", "D"): 7, ("F", "D"): 9,
    ...                   ("O", "F", "D"): 19})
    >>> {name: round(value, 4) for name, value in values.items()}
    {'D': 3.1667, 'F': 8.1667, 'O': 7.6667}
    """
    given: dict[frozenset[str], float] = {}
    for members, number in worth.items():
        if isinstance(members, str):
            raise InvalidInput(f"{quoted(members)} is a text, not a set; write ({quoted(members)},)")
        names = frozenset(members)
        if names in given:
            raise InvalidInput(f"the set of {_listed(names)} stands twice")
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InvalidInput(f"the worth of {_listed(names)} is {quoted(number)}; expected a number")
        given[names] = float(number)
    given.setdefault(frozenset(), 0.0)
    players = sorted(frozenset().union(*given))
    if len(players) > _MOST_PLAYERS:
        raise InvalidInput(f"got {len(players)} players; expected at most {_MOST_PLAYERS}, whose sets can be listed")
    sets = []
    for code in range(2 ** len(players)):
        names = frozenset(name for k, name in enumerate(players) if code >> k & 1)
        if names not in given:
            raise InvalidInput(
                f"the worth of {_listed(names)} is missing; expected all {2 ** len(players)} sets of {len(players)} "
                "players"
            )
        sets.append(given[names])
    return dict(zip(players, _core.shapley_values(sets), strict=True))


def _listed(names: frozenset[str]) -> str:
    return quoted(", ".join(sorted(names)) or "nobody")
