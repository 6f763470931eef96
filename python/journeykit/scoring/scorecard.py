"""The scorecard of a journey."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from journeykit import _core
from journeykit.base import InvalidInput, Table, duration_ns
from journeykit.base.arguments import whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from journeykit.events import EventLog
    from journeykit.journey import JourneyMap


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What counts how much in a score; only proportions matter, 0 leaves a component out.

    Parameters
    ----------
    experience : float, default 0.5
        What customers answered (NPS, CSAT, CES).
    friction : float, default 0.25
        What their behaviour shows: repeats, returns, hand-overs, channel switches, long waits.
    completion : float, default 0.25
        Whether they arrived.
    """

    experience: float = 0.5
    friction: float = 0.25
    completion: float = 0.25


class Scorecard:
    """Scores from 0 (worst) to 100, where the points are lost, and the failure points found in the data.

    Made by :func:`score`. Immutable; shows itself in a notebook; every part is a :class:`journeykit.Table`.
    """

    def __init__(self, core: _core.Scorecard, map: JourneyMap, log: EventLog, options: _core.ScoreOptions) -> None:  # noqa: A002
        self._core = core
        self._options = options
        self._map = map
        self._log = log

    @property
    def map(self) -> JourneyMap:
        """The map that was scored."""
        return self._map

    @property
    def log(self) -> EventLog:
        """The log that it was scored with."""
        return self._log

    @property
    def case_count(self) -> int:
        """Cases in the log."""
        return self._core.case_count

    @property
    def open_case_count(self) -> int:
        """Cases that are still open: they count in friction and experience, not in completion."""
        return self._core.open_case_count

    @property
    def slow_after(self) -> timedelta:
        """The wait for the next event beyond which a step is slow."""
        return timedelta(microseconds=(self._core.options.slow_ns or 0) // 1_000)

    @cached_property
    def journey(self) -> Table:
        """One row: score, low, high, n (cases), customers, components and the points they lose, evidence, warning."""
        return Table(self._core.journey())

    @cached_property
    def stages(self) -> Table:
        """One row per stage, in the order of the map; columns as in :attr:`journey`."""
        return Table(self._core.stages())

    @cached_property
    def touchpoints(self) -> Table:
        """One row per touchpoint, in the order of the map; columns as in :attr:`journey`."""
        return Table(self._core.touchpoints())

    @cached_property
    def points_lost(self) -> Table:
        """Where the journey's missing points go; they sum to 100 − score.

        touchpoint (missing for cases lost where completed cases end too), group, component, points_lost with low and
        high (Wilson on customers; the weights are taken as given), n and customers of the component in the whole
        journey, method, warning.
        """
        return Table(self._core.points_lost())

    def contributions(self, level: str = "journey") -> Table:
        """What each component adds to each score.

        Parameters
        ----------
        level : {"journey", "stage", "touchpoint"}, default "journey"
            Which scores to take apart.

        Returns
        -------
        Table
            id, group, component, value (0–100), weight (sums to 1 per id), points (weight · value; sum to the score),
            points_lost; low and high of value (Wilson on customers), n, customers, method, warning.

        Raises
        ------
        InvalidInput
            Another level.
        """
        parts = {
            "journey": self._core.journey_contributions,
            "stage": self._core.stage_contributions,
            "touchpoint": self._core.touchpoint_contributions,
        }
        if level not in parts:
            raise InvalidInput(f"level is {level!r:.80}; expected 'journey', 'stage' or 'touchpoint'")
        return Table(parts[level]())

    @cached_property
    def _failures(self) -> dict[tuple[int, int, int], Table]:
        return {}

    def failures(self, *, top: int = 3, replicates: int = 1000, seed: int = 0, threads: int = 0) -> Table:
        """Failure points found in the data, ranked by the score points they cost.

        Each compares the closed cases that met it with those that stood at the same step and did not, because
        failures sit late in the funnel: against all cases, even the cases that meet a failure look successful. Kinds:
        ``drop_off`` (lost here), ``detour`` (went here instead of elsewhere from the same step: errors, wrong turns),
        ``repeat`` (needed the step again), ``slow`` (waited longer than :attr:`slow_after`), ``low_score`` (answered
        in the lower half of the scale), ``hand_over`` (department, agent or channel changed inside the stage),
        ``repeat_contact`` (came back with a new case).

        Parameters
        ----------
        top : int, default 3
            ``p_in_top`` is the probability that a failure is one of so many costliest.
        replicates : int, default 1000
            How often the customers are drawn again for intervals of points and ranks, 100 or more.
        seed : int, default 0
            Of the draws. The result is the same for any number of threads and any order of rows.
        threads : int, default 0
            0 takes all cores.

        Returns
        -------
        Table
            rank (missing where the evidence is only partial), kind, touchpoint, stage, reached (closed cases at the
            step), cases (that met it), customers, share, completed_share, others_completed_share, lost_completions
            with low and high, points_lost (of the journey's score) with points_low and points_high, rank_low and
            rank_high, p_in_top, excess_repeats, p, adjusted_p (Benjamini–Hochberg), evidence, example_cases. Intervals
            of points and ranks, and p_in_top, are missing beyond rank 1,000 and where there is no rank.

        Raises
        ------
        InvalidInput
            top below 1, fewer than 100 replicates.

        Notes
        -----
        This is association: cases that meet a failure may differ in other ways. Prove a fix with an experiment.

        Points and ranks are sure as far as the customers are: they are drawn again with all of their cases (beyond
        2,048 customers in so many groups of equal size, see :func:`journeykit.map_intervals`), and each replicate is
        priced and ranked again, among the ranked failures. Percentile intervals, widened to agree with t for few
        customers. What stays as it is: which failures are ranked, the weights of the components, and which wait is
        slow. The first rank is the largest of many numbers, so its points are rather too high than too low: look at
        ``rank_high`` and ``p_in_top`` before a budget is moved. Open cases are censored.
        """
        top, replicates, threads = (
            whole(top, "top", 0),
            whole(replicates, "replicates", 0),
            whole(threads, "threads", 0),
        )
        seed = whole(seed, "seed", 0, 2**63 - 1)
        key = (top, replicates, seed)
        if key not in self._failures:
            self._failures[key] = Table(
                _core.find_failures(
                    self._core,
                    self._map._core,
                    self._log._core,
                    top=top,
                    replicates=replicates,
                    seed=seed,
                    threads=threads,
                )
            )
        return self._failures[key]

    def failing_slices(
        self,
        by: str | Sequence[str] = (),
        *,
        window: timedelta | str = "7d",
        minimum_n: int | None = None,
        most: int = 10,
    ) -> Table:
        """When and for whom a step fails: one channel in one period, one platform after a release.

        Parameters
        ----------
        by : str or sequence of str, optional
            Columns of text or whole numbers, such as ``["platform", "channel"]``; everybody together is always
            scanned too.
        window : timedelta or str, default "7d"
            Length of a time window; every run of windows is scanned.
        minimum_n : int, optional
            Fewest cases in a slice; default as in :func:`score`.
        most : int, default 10
            Most slices reported.

        Returns
        -------
        Table
            touchpoint, column, value (missing: everybody), from, until, cases, customers, completed_share,
            others_completed_share, lost_completions with low and high, p, adjusted_p; the clearest slice first.

        Raises
        ------
        InvalidInput
            The log does not say what completes a case; a column holds decimals or times; more than 400 windows.

        Notes
        -----
        Bernoulli scan statistic for low rates [1]_ over touchpoints × values × runs of windows; the cases of a slice
        that was found are set aside before the next scan. ``p`` is the larger of the customer-clustered and the exact
        binomial one, ``adjusted_p`` is p times the number of slices scanned.

        References
        ----------
        .. [1] Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics – Theory and Methods 26(6).
        """
        return Table(
            _core.find_failing_slices(
                self._log._core,
                by=[by] if isinstance(by, str) else list(by),
                window_ns=duration_ns(window, name="window"),
                minimum_n=self._options.minimum_n if minimum_n is None else minimum_n,
                most=most,
                confidence=self._options.confidence,
            )
        )

    def save(self, path: str | PathLike[str], **options: Any) -> None:
        """Save the scored map as one self-contained page (``.html``) or picture (``.svg``).

        Keyword arguments go to :func:`journeykit.view.save_map`.
        """
        from journeykit.view import save_map

        save_map(self._map, path, card=self, **options)

    def __reduce__(self) -> tuple[Any, ...]:
        return _scored, (self._map, self._log, self._options)

    def __repr__(self) -> str:
        row = self.journey.rows()[0]
        name = self._map.name or "journey"
        if row["score"] is None:
            return f"<Scorecard {name}: no data ({row['warning']})>"
        size = f"{row['n']} cases, {row['customers']} customers"
        return f"<Scorecard {name}: {row['score']:.1f} of 100 ({row['low']:.1f}–{row['high']:.1f}), {size}>"

    def _repr_html_(self) -> str:
        from journeykit.view import card_html

        return card_html(self)


def score(
    map: JourneyMap,  # noqa: A002
    log: EventLog,
    *,
    weights: Weights | None = None,
    minimum_n: int = 10,
    confidence: float = 0.95,
    slow_after: timedelta | str | None = None,
    repeat_within: timedelta | str = "7d",
) -> Scorecard:
    """Score every touchpoint, stage and the journey from 0 (worst) to 100.

    Parameters
    ----------
    map : JourneyMap
        Has every touchpoint of the log: ``discover(log)`` or ``discover(log, like=drawn)``.
    log : EventLog
        Events, with the endings that complete a case (``read_events(..., completed=...)``) and the experience metrics
        it has.
    weights : Weights, optional
        Shares of experience, friction and completion; default one half, one quarter, one quarter. Components without
        data give their weight to the others in proportion.
    minimum_n : int, default 10
        A component with fewer answers, visits or cases at a place is left out there, and the score warns.
    confidence : float, default 0.95
        Of the intervals, between 0 and 1.
    slow_after : timedelta or str, optional
        A wait for the next event beyond this is friction; default the 90th percentile of all waits in the log.
    repeat_within : timedelta or str, default "7d"
        A new case of the customer within this after a case is a repeat contact.

    Returns
    -------
    Scorecard

    Raises
    ------
    NotFound
        A touchpoint of the log is not in the map.
    InvalidInput
        A negative weight, all weights 0, confidence outside (0, 1), minimum_n below 1.

    Notes
    -----
    At a place P (touchpoint, stage or journey), with b̄ the mean badness (0–1) of component c over its n observations
    there, ``component = 100·(1 − b̄)`` and ``score = Σ weight·component``; experience badness is the distance from
    the best answer over the length of the scale; friction badness is 1 where a visit repeats the step, returns to it,
    changes department, channel or (without departments) agent inside the stage, or waits longer than ``slow_after``;
    completion badness is 1 where a closed case was lost at P, that is at its last touchpoint that is not a failed
    ending. Where an outcome column tells how cases ended, a touchpoint that ends at least one in twenty completed
    cases is no place of loss. Where at least 19 of 20 visits of a touchpoint change department or channel, changing
    is how the step works and no friction. Open cases are censored. Metrics of experience, and signs of friction,
    share their group's weight equally.

    Intervals take the customer as the unit of independence: ``Var = G/(G−1)·Σ_g (Σ_c w_c·100·(bad_gc −
    b̄_c·n_gc)/n_c)²`` over G customers, with two best and two worst pseudo-customers added [1]_ so that five of five
    is not certain; t with G − 1 degrees of freedom. Linear in events.

    References
    ----------
    .. [1] Agresti, A. & Coull, B. A. (1998). Approximate is better than "exact" for interval estimation of binomial
       proportions. The American Statistician 52(2).

    Examples
    --------
    >>> import journeykit as jk
    >>> log = jk.read_events(
    ...     {"case": ["a", "a", "b", "b"], "step": ["look", "buy", "look", "look"], "at": ["2024-01-01T10:00:00Z"] * 4},
    ...     case="case", touchpoint="step", time="at", completed=["buy"], idle="0s",
    ... )
    >>> arrived = jk.Weights(experience=0, friction=0, completion=1)
    >>> card = jk.score(jk.discover(log), log, minimum_n=1, weights=arrived)
    >>> card.journey.rows()[0]["score"]
    50.0
    """
    chosen = weights if weights is not None else Weights()
    options = _core.ScoreOptions(
        experience=chosen.experience,
        friction=chosen.friction,
        completion=chosen.completion,
        minimum_n=minimum_n,
        confidence=confidence,
        slow_ns=None if slow_after is None else duration_ns(slow_after, name="slow_after"),
        repeat_within_ns=duration_ns(repeat_within, name="repeat_within"),
    )
    return _scored(map, log, options)


def _scored(map: JourneyMap, log: EventLog, options: _core.ScoreOptions) -> Scorecard:  # noqa: A002
    return Scorecard(_core.score(map._core, log._core, options), map, log, options)
