"""How far a number from a survey may be off: the bootstrap, over answers or over customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from journeykit import _core
from journeykit.base.arguments import quoted, whole
from journeykit.base.errors import InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa

_SCALES = {"nps": (0, 10), "csat": (1, 5), "mean": (0, 10)}
_FORMATS = frozenset("bBhHiIlLqQfd")


@dataclass(frozen=True)
class Bootstrap:
    """A number with its percentile interval; NaN where there is none, and `warning` says why.

    Parameters
    ----------
    value, low, high, standard_error : float
        NPS in points (−100 to 100), CSAT as share (0–1), a mean in points of the scale.
    n : int
        Answers.
    units : int
        What was drawn again: answers, or customers.
    method, warning : str
    """

    value: float
    low: float
    high: float
    standard_error: float
    n: int
    units: int
    method: str
    warning: str


def bootstrap(
    answers: object,
    *,
    metric: Literal["nps", "csat", "mean"] = "nps",
    scale: tuple[int, int] | None = None,
    top: int = 2,
    clusters: object = None,
    replicates: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    threads: int = 0,
) -> Bootstrap:
    """A number from answers on a scale with its bootstrap interval.

    Without `clusters` the answers must be **independent** of each other: one per customer. Where customers answer more
    than once, name the customer of each answer in `clusters`; without it the interval would be too narrow.

    Parameters
    ----------
    answers : numpy array, Arrow array, pandas or polars column, or list, shape (n_answers,)
        Whole numbers on the scale. Nulls and NaN are no answers and are left out.
    metric : {"nps", "csat", "mean"}
        Net promoter score in points; share of the `top` best points of the scale (0–1); mean in points.
    scale : (low, high), optional
        Ends of the scale; by default 0–10 for NPS (which has no other) and means, 1–5 for CSAT.
    top : int, default 2
        For "csat": how many of the best points count as satisfied.
    clusters : column, shape (n_answers,), optional
        The customer of each answer. Customers are drawn with all of their answers, so that the interval holds however
        alike the answers of one customer are.
    replicates : int, default 1000
    confidence : float, default 0.95
    seed : int, default 0
    threads : int, default 0
        0 takes all cores. The result is the same for any number.

    Returns
    -------
    Bootstrap
        Value, interval, standard error (of the replicates), n, units, method and warning.

    Raises
    ------
    InvalidInput
        An answer that is no point of the scale (with its row), an answer of nobody in `clusters`, columns of different
        length, fewer than 100 replicates.

    Notes
    -----
    Interval: quantiles (type 7) of the replicates at (1 ± `confidence`)/2 [1]_. Units that are alike are counted, and a
    replicate draws how often each kind occurs from a multinomial, by binomials one after the other [2]_: the same
    distribution as drawing unit by unit, at a cost of O(n + replicates · kinds). With `clusters` the number is
    Σ value / Σ answers over the customers drawn. Few customers (below some forty) make the interval too narrow; where
    all answers are the same a bootstrap sees no uncertainty, and there is no interval: take :func:`nps` or
    :func:`wilson`. The same seed gives the same interval, in any order of rows.

    References
    ----------
    .. [1] B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, Chapman & Hall 1993, chapter 13.
    .. [2] W. Hörmann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46, 1993, 101–110.

    Examples
    --------
    >>> from journeykit.metrics import bootstrap
    >>> answers = [10] * 50 + [8] * 30 + [3] * 20
    >>> score = bootstrap(answers, seed=1)
    >>> score.value, score.n, 12 < score.low < 18, 42 < score.high < 48
    (30.0, 100, True, True)

    Each customer gave the same answer five times: a fifth of the knowledge.

    >>> by_customer = bootstrap(answers, clusters=[k // 5 for k in range(100)], seed=1)
    >>> by_customer.units, by_customer.high - by_customer.low > 2 * (score.high - score.low)
    (20, True)
    """
    if metric not in _SCALES:
        raise InvalidInput(f"metric is {quoted(metric)}; expected one of {', '.join(map(repr, _SCALES))}")
    low, high = _ends(scale, metric)
    top, replicates, seed, threads = (
        whole(given, name, 0)
        for name, given in (("top", top), ("replicates", replicates), ("seed", seed), ("threads", threads))
    )
    points = min(top, high - low) if metric != "csat" else top
    options = (metric, low, high, points, replicates, confidence, seed, threads)
    if clusters is None:
        result = _core.bootstrap_answers(_buffers(answers), *options)
    else:
        result = _core.bootstrap_customers(_decimals(answers), _codes(clusters), *options)
    value, (lower, upper), error, n, units, method, warning = result
    return Bootstrap(value, lower, upper, error, n, units, method, warning)


def _ends(scale: Any, metric: str) -> tuple[int, int]:
    if scale is None:
        return _SCALES[metric]
    ends = tuple(scale) if isinstance(scale, tuple | list) else ()
    if len(ends) != 2 or not all(isinstance(end, int) and not isinstance(end, bool) for end in ends):
        raise InvalidInput(f"scale is {quoted(scale)}; expected two whole numbers, such as (1, 7)")
    return max(-(2**31), min(ends[0], 2**31 - 1)), max(-(2**31), min(ends[1], 2**31 - 1))


def _buffers(answers: Any) -> list[Any]:
    """Contiguous buffers of numbers, without a copy where the caller's memory allows it."""
    if not hasattr(answers, "mask"):  # a numpy array that hides some of its values
        try:
            view = memoryview(answers)
        except (TypeError, ValueError):
            view = None
        if view is not None and view.ndim == 1 and view.format in _FORMATS and view.c_contiguous:
            return [view]
    import pyarrow as pa

    kinds = {
        pa.int8(): "b", pa.uint8(): "B", pa.int16(): "h", pa.uint16(): "H", pa.int32(): "i", pa.uint32(): "I",
        pa.int64(): "q", pa.uint64(): "Q", pa.float32(): "f", pa.float64(): "d",
    }  # fmt: skip
    column = _column(answers, "answers")
    if pa.types.is_null(column.type):
        return []
    if column.type not in kinds or column.null_count:  # nulls keep their rows, so that errors name the right one
        column = _as_decimals(column)
    return [_view(chunk, chunk.type.bit_width // 8, kinds[chunk.type]) for chunk in column.chunks]


def _column(values: Any, name: str) -> pa.ChunkedArray:
    import pyarrow as pa

    try:
        if isinstance(values, pa.ChunkedArray):
            column = values
        elif isinstance(values, pa.Array):
            column = pa.chunked_array([values])
        elif hasattr(values, "__arrow_c_stream__"):
            column = pa.chunked_array(values)
        else:
            made = pa.array(values, from_pandas=True)
            column = made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as refused:
        raise InvalidInput(
            f"{name} cannot be read as a column: {quoted(refused)}; give values of one type"
        ) from refused
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column


def _as_decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As float64, NaN for null."""
    import pyarrow as pa

    kind = column.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if not (numeric or pa.types.is_null(kind)):
        raise InvalidInput(f"answers are of type {kind}; expected numbers")
    try:
        return column.cast(pa.float64()).fill_null(float("nan"))
    except pa.ArrowInvalid as refused:  # whole numbers beyond 2**53
        raise InvalidInput(f"answers are no points of a scale: {quoted(refused)}") from refused


def _decimals(answers: Any) -> Any:
    import pyarrow as pa

    column = _as_decimals(_column(answers, "answers"))
    whole = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.float64())
    return _view(whole, 8, "d")


def _codes(clusters: Any) -> Any:
    import pyarrow as pa

    encoded = _column(clusters, "clusters").dictionary_encode().unify_dictionaries()
    parts = [chunk.indices.fill_null(-1).cast(pa.int32()) for chunk in encoded.chunks]
    return _view(pa.concat_arrays(parts) if parts else pa.array([], pa.int32()), 4, "i")


def _view(whole: pa.Array, width: int, form: Any) -> Any:
    if not len(whole):
        return memoryview(bytearray()).cast(form)
    values = memoryview(whole.buffers()[1])[whole.offset * width : (whole.offset + len(whole)) * width]
    return values.cast("B").cast(form)
