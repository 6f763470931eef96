"""Intervals and tests from counts of independent observations, without a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from journeykit import _core


class Interval(NamedTuple):
    """Both ends of an interval; NaN where there is none."""

    low: float
    high: float


class NpsScore(NamedTuple):
    """A net promoter score in points with its standard error and interval."""

    value: float
    standard_error: float
    low: float
    high: float


class DifferenceTest(NamedTuple):
    """A difference, its standard error, z and the two-sided p; NaN where nothing varies."""

    difference: float
    standard_error: float
    z: float
    p: float


@dataclass(frozen=True)
class StandardCheck:
    """Share met, its Wilson interval, the one-sided exact p-values and the verdict."""

    share: float
    low: float
    high: float
    p_met: float
    p_missed: float
    verdict: Literal["met", "missed", "not proven"]


def wilson(successes: float, n: float, *, confidence: float = 0.95) -> Interval:
    """Interval of a share (Wilson 1927).

    centre = (k + z²/2)/(n + z²), half = z/(n + z²)·√(k(n − k)/n + z²/4). `n` may be an effective number; n = 0 gives
    NaN.

    Raises
    ------
    InvalidInput
        Unless 0 ≤ successes ≤ n.

    References
    ----------
    Wilson, E. B. (1927), J. Am. Stat. Assoc. 22:209; Brown, Cai & DasGupta (2001), Stat. Sci. 16:101.

    Examples
    --------
    >>> [round(end, 6) for end in wilson(178, 200)]
    [0.839073, 0.926228]
    """
    return Interval(*_core.wilson(successes, n, confidence))


def newcombe(
    successes: float, n: float, other_successes: float, other_n: float, *, confidence: float = 0.95
) -> Interval:
    """Interval of the first share minus the other, from their Wilson intervals (Newcombe 1998, method 10).

    Examples
    --------
    >>> [round(end, 6) for end in newcombe(240, 1000, 200, 1000)]
    [0.00368, 0.076203]
    """
    return Interval(*_core.newcombe(successes, n, other_successes, other_n, confidence))


def nps(
    promoters: float, passives: float, detractors: float, *, adjusted: bool = True, confidence: float = 0.95
) -> NpsScore:
    """Net promoter score from counts of answers 9–10, 7–8 and 0–6.

    Parameters
    ----------
    promoters, passives, detractors : float
    adjusted : bool
        Adjusted Wald: value, error and interval of the counts with ¾, 1½ and ¾ added, clipped to ±100; else plain Wald.
    confidence : float

    Notes
    -----
    NPS = 100(p − d), variance (p + d − (p − d)²)/n.

    References
    ----------
    Rocks, B. (2016). Interval estimation for the net promoter score. arXiv:1601.07235.

    Examples
    --------
    >>> score = nps(50, 30, 20, adjusted=False)
    >>> round(score.value, 6), round(score.standard_error, 6)
    (30.0, 7.81025)
    """
    value, error, (low, high) = _core.nps(promoters, passives, detractors, adjusted, confidence)
    return NpsScore(value, error, low, high)


def compare_nps(first: tuple[float, float, float], second: tuple[float, float, float]) -> DifferenceTest:
    """Second wave minus first, each (promoters, passives, detractors): z = Δ/√(V₁ + V₂).

    Examples
    --------
    >>> round(compare_nps((50, 30, 20), (110, 50, 40)).p, 6)
    0.602905
    """
    return DifferenceTest(*_core.nps_waves(list(first), list(second)))


def nps_sample_size(
    half_width: float, *, promoter_share: float = 0.5, detractor_share: float = 0.5, confidence: float = 0.95
) -> int:
    """Answers needed for an interval of ± `half_width` points; the default shares are the worst case.

    Examples
    --------
    >>> nps_sample_size(5, promoter_share=0.5, detractor_share=0.2), nps_sample_size(5)
    (938, 1537)
    """
    return _core.nps_sample_size(half_width, promoter_share, detractor_share, confidence)


def compare_shares(successes: float, n: float, other_successes: float, other_n: float) -> DifferenceTest:
    """First share minus the other: z with the pooled variance.

    Examples
    --------
    >>> test = compare_shares(5, 83, 12, 99)
    >>> round(test.z, 4), round(test.p, 3)
    (-1.4078, 0.159)
    """
    return DifferenceTest(*_core.share_difference(other_successes, other_n, successes, n))


def compare_share_with(successes: float, n: float, share: float) -> DifferenceTest:
    """A share against a fixed one: z with the variance of the sample.

    Examples
    --------
    >>> test = compare_share_with(5, 83, 0.05)
    >>> round(test.z, 4), round(test.p, 3)
    (0.3921, 0.695)
    """
    return DifferenceTest(*_core.share_against(successes, n, share))


def check_standard(
    successes: int, n: int, target: float, *, alpha: float = 0.05, confidence: float = 0.95
) -> StandardCheck:
    """Is "at least `target` of all" met, missed, or not proven either way?

    One-sided exact binomial: met if P(X ≥ k | target) ≤ alpha, missed if P(X ≤ k | target) ≤ alpha. Observations are
    taken as independent.

    Examples
    --------
    >>> [check_standard(k, 200, 0.90).verdict for k in (160, 178, 192)]
    ['missed', 'not proven', 'met']
    """
    share, (low, high), p_met, p_missed, verdict = _core.check_standard(successes, n, target, alpha, confidence)
    return StandardCheck(share, low, high, p_met, p_missed, cast('Literal["met", "missed", "not proven"]', verdict))


def standard_sample_size(target: float, *, true_share: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Observations needed to prove with probability `power` that a true share lies above the target (or below it).

    The smallest number that reaches the power by the exact binomial; beyond 100,000 the normal approximation.

    Examples
    --------
    >>> standard_sample_size(0.9, true_share=1.0)  # 0.9²⁹ ≤ 0.05 < 0.9²⁸
    29
    """
    return _core.standard_sample_size(target, true_share, alpha, power)


def benjamini_hochberg(p: list[float]) -> list[float]:
    """p-values adjusted for their number (false discovery rate); NaN stays and does not count.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995), J. R. Stat. Soc. B 57:289.

    Examples
    --------
    >>> [round(q, 3) for q in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    return _core.benjamini_hochberg(p)
