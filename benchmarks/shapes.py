"""Event logs of three shapes, made from a seed: what is true of one shape only must not pass for true of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SHAPES = {
    "interleaved": "20 touchpoints, 9 events a case on average, rows in time order, cases interleaved",
    "long": "40 variants of 40 to 400 events, rows in time order, cases interleaved",
    "shuffled": "20 touchpoints, 9 events a case, text ids, times in whole seconds with ties, rows in random order",
}
TOUCHPOINTS = (
    "advert", "search", "home page", "product page", "comparison", "reviews", "basket", "basket emptied", "checkout",
    "payment", "newsletter", "newsletter click", "shop visit", "phone call", "chat", "complaint", "delivery", "survey",
    "bought", "gave up",
)  # fmt: skip
CHANNELS = ("web", "app", "mail", "shop", "phone", "social")
LAST = (18, 19)  # a case that is over ends in one of these two; the walk is over the others
WALK = 18
START = 1_700_000_000 * 1_000_000  # microseconds since 1970
YEAR = 365 * 86_400 * 1_000_000
RESOLUTION = 4096


@dataclass
class Events:
    """Columns of a log, one entry per event."""

    case: NDArray[np.int32]
    touchpoint: NDArray[np.int32]
    time: NDArray[np.int64]  # microseconds since 1970
    channel: NDArray[np.int32]
    score: NDArray[np.float32]  # NaN: nobody answered
    text_ids: bool = False


def make(shape: str, events: int, seed: int) -> Events:
    """A log of about `events` events (never more): the same for the same arguments."""
    return _MAKERS[shape](events, np.random.default_rng([seed, list(SHAPES).index(shape)]))


def _interleaved(events: int, chance: np.random.Generator) -> Events:
    lengths = _cut(2 + chance.geometric(1 / 8, events // 8 + 10) - 1, events)
    return _in_time_order(lengths, _walks(lengths, chance), 6 * 3600.0, chance)


def _long(events: int, chance: np.random.Generator) -> Events:
    patterns = [chance.integers(0, WALK, int(steps)) for steps in chance.integers(40, 401, 40)]
    sizes = np.array([len(pattern) for pattern in patterns])
    popularity = 1 / np.arange(1, len(patterns) + 1)
    which = chance.choice(len(patterns), events // 40 + 10, p=popularity / popularity.sum())
    lengths = _cut(sizes[which], events)
    which = which[: len(lengths)]
    every = np.concatenate(patterns)
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    touchpoints = every[np.repeat(offsets[which], lengths) + within]
    return _in_time_order(lengths, touchpoints.astype(np.int32), 1800.0, chance)


def _shuffled(events: int, chance: np.random.Generator) -> Events:
    lengths = _cut(2 + chance.geometric(1 / 8, events // 8 + 10) - 1, events)
    log = _in_time_order(lengths, _walks(lengths, chance), 20.0, chance)
    order = chance.permutation(len(log.case))
    whole_seconds = log.time // 1_000_000 * 1_000_000
    return Events(
        log.case[order], log.touchpoint[order], whole_seconds[order], log.channel[order], log.score[order], True
    )


_MAKERS: dict[str, Callable[[int, np.random.Generator], Events]] = {
    "interleaved": _interleaved,
    "long": _long,
    "shuffled": _shuffled,
}


def _cut(lengths: NDArray[np.int64], events: int) -> NDArray[np.int64]:
    """As many whole cases as fit."""
    return lengths[: int(np.searchsorted(np.cumsum(lengths), events, side="right"))]


def _walks(lengths: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int32]:
    """Touchpoints of all cases, one case after the other: a Markov chain with skew rows, three quarters of the cases
    closed by one of the last two touchpoints."""
    rows = 0.85 * chance.dirichlet(np.full(WALK, 0.35), WALK) + 0.15 / WALK
    points = (np.arange(RESOLUTION) + 0.5) / RESOLUTION
    following = np.stack([np.minimum(np.searchsorted(np.cumsum(row), points), WALK - 1) for row in rows])
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    walked = np.empty(int(lengths.sum()), np.int32)
    alive = np.arange(len(lengths))
    now = np.minimum(chance.geometric(0.3, len(lengths)) - 1, WALK - 1)
    step = 0
    while len(alive):
        walked[first[alive] + step] = now
        going_on = lengths[alive] > step + 1
        alive = alive[going_on]
        now = following[now[going_on], chance.integers(0, RESOLUTION, len(alive))]
        step += 1
    ending = chance.random(len(lengths))
    last = first + lengths - 1
    walked[last[ending < 0.30]] = LAST[0]
    walked[last[ending > 0.55]] = LAST[1]
    return walked


def _in_time_order(
    lengths: NDArray[np.int64], touchpoints: NDArray[np.int32], mean_gap_seconds: float, chance: np.random.Generator
) -> Events:
    """Times for the events of each case, then all rows by time; ids say nothing about the order of cases."""
    events, cases = len(touchpoints), len(lengths)
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    gaps = chance.exponential(mean_gap_seconds * 1e6, events).astype(np.int64) + 1
    gaps[first] = 0
    passed = np.cumsum(gaps)
    begins = START + chance.integers(0, YEAR, cases)
    time = passed + np.repeat(begins - passed[first], lengths)
    order = np.argsort(time, kind="stable")
    ids = chance.permutation(cases).astype(np.int32)
    score = np.full(events, np.nan, np.float32)
    answered = chance.random(events) < 0.1
    score[answered] = chance.integers(1, 6, int(answered.sum()))
    channel = chance.integers(0, len(CHANNELS), events).astype(np.int32)
    return Events(np.repeat(ids, lengths)[order], touchpoints[order].astype(np.int32), time[order], channel, score)


def paths(rows: int, seed: int) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Paths of 1 to many channels, 4 on average, with the customers that converted and did not: two on average, three
    of ten converting."""
    chance = np.random.default_rng([seed, 98])
    lengths = chance.geometric(1 / 4, rows)
    first = np.cumsum(lengths) - lengths
    walked = _walks(np.append(lengths, 1), chance)  # its last touchpoints close a case, which a path has no use for
    walked = np.where(walked >= WALK, chance.integers(0, WALK, len(walked)), walked)
    words = [TOUCHPOINTS[code] for code in walked.tolist()]
    text = [" > ".join(words[k : k + n]) for k, n in zip(first.tolist(), lengths.tolist(), strict=True)]
    customers = chance.geometric(1 / 2, rows)
    conversions = chance.binomial(customers, 0.3)
    return text, conversions, customers - conversions


def answers(count: int, seed: int) -> NDArray[np.uint8]:
    """Answers 0–10 to "how likely are you to recommend us?"."""
    shares = np.array([4, 2, 2, 3, 4, 8, 9, 15, 20, 15, 18]) / 100
    return np.random.default_rng([seed, 99]).choice(11, count, p=shares).astype(np.uint8)
