"""Numbers as people write them."""

from __future__ import annotations

import pytest

from journeykit.view import numbers
from journeykit.view.texts import Texts

_EN = Texts("en")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "no data"),
        (float("nan"), "no data"),
        (0, "0 s"),
        (0.0123, "12 ms"),
        (45, "45 s"),
        (59.99, "60 s"),
        (90, "1.5 min"),
        (4320, "1.2 h"),
        (47 * 3600, "47 h"),
        (72 * 3600, "3 d"),
        (966_890, "11 d"),
        (3 * 365.25 * 86_400, "3 y"),
        (-90, "−1.5 min"),
    ],
)
def test_lengths_of_time_take_their_natural_unit(seconds: float | None, text: str) -> None:
    assert numbers.duration_text(seconds, _EN).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "no data"),
        (0, "0 %"),
        (1, "100 %"),
        (0.123, "12 %"),
        (0.0456, "4.6 %"),
        (0.0004, "<0.1 %"),
        (0.9996, ">99.9 %"),
        (0.994, "99.4 %"),
    ],
)
def test_shares_never_round_to_nothing_or_all(share: float | None, text: str) -> None:
    assert numbers.share_text(share, _EN).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (62.4, 57.6, 66.4, "62 (58–66)"),
        (62.4, None, None, "62"),
        (None, None, None, "no data"),
        (float("nan"), 1.0, 2.0, "no data"),
        (-3.0, -12.0, 6.0, "−3 (−12 … 6)"),
        (-0.2, -0.4, 0.3, "0 (0 … 0)"),
    ],
)
def test_intervals_follow_their_value(value: float | None, low: float | None, high: float | None, text: str) -> None:
    assert numbers.interval_text(value, low, high, _EN) == text


def test_counts_separate_thousands() -> None:
    assert numbers.count_text(12_345, _EN) == "12,345"
    assert numbers.count_text(None, _EN) == "no data"


def test_infinite_numbers_stay_readable() -> None:
    assert numbers.plain_text(float("inf"), _EN) == "∞"
    assert numbers.duration_text(float("inf"), _EN) == "no data"
