"""For tests of journeys: random logs that break things (``journeykit[testing]``), and every answer computed twice.

:mod:`journeykit.testing.reference` and the modules named after it hold the slow, plain versions of what the engine
counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit.base.errors import InvalidInput, Unsupported
from journeykit.testing.verification import Verification, verified

if TYPE_CHECKING:
    import pyarrow as pa
    from hypothesis.strategies import SearchStrategy

__all__ = ["HOSTILE_LABELS", "Verification", "event_logs", "verified"]

# Texts that readers lose, spreadsheets run, terminals obey and pages execute.
HOSTILE_LABELS = (
    *("NA", "null", "None", "nan", "001", "1", "1e5", " ", "=1+1", "@SUM(A1)", "%s%n", "\\", "CON", "../../x"),
    *("支付", "\u00e9", "e\u0301", "👩\u200d👩\u200d👧", "\u202eabc", "\u2066x", "مرحبا", "\ufffd", "x" * 300),
    *("a\tb\nc", "a\x00b", "\x1b[2J", "a'b\"c", "]]>", "-->", "{{7*7}}", "${x()}"),
    *("<script>x()</script>", '"><img src=x onerror=x()>', "javascript:x()"),
)
_START_SECONDS = 1_704_067_200  # 2024-01-01


def event_logs(
    *,
    min_events: int = 1,
    max_events: int = 40,
    max_cases: int = 6,
    touchpoints: tuple[str, ...] | None = None,
    hostile: bool = True,
) -> SearchStrategy[pa.Table]:
    """A strategy of small event tables for :func:`journeykit.read_events`.

    Parameters
    ----------
    min_events, max_events : int
        Rows, from 1.
    max_cases : int
        Cases, from 1.
    touchpoints : tuple of str, optional
        Names to draw from; by default three plain ones and, with `hostile`, those of :data:`HOSTILE_LABELS`.
    hostile : bool, default True
        Whether names of touchpoints, cases and channels are such that break careless code.

    Returns
    -------
    SearchStrategy of pyarrow.Table
        Columns case, touchpoint (text), time (timestamp in one of several zones,
        seconds), end_time, customer, channel, csat (1–5, also
        beyond the scale). Rows in any order, many ties; the last four
        columns have missing values.

    Raises
    ------
    Unsupported
        Without hypothesis.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from journeykit import read_events
    >>> @settings(max_examples=5)
    ... @given(event_logs())
    ... def check(table):
    ...     assert len(read_events(table)) == table.num_rows
    >>> check()
    """
    try:
        from hypothesis import strategies as st
    except ImportError as missing:
        raise Unsupported("journeykit.testing needs hypothesis: pip install 'journeykit[testing]'") from missing
    if not 1 <= min_events <= max_events or max_cases < 1:
        raise InvalidInput(
            f"events are {min_events} to {max_events} in at most {max_cases} cases; expected 1 ≤ min ≤ max"
        )
    odd = HOSTILE_LABELS if hostile else ()
    names = st.sampled_from(touchpoints or ("search", "pay", "call", *odd))
    cases = st.lists(st.sampled_from(("a", "b", "c", "d", *odd)), min_size=1, max_size=max_cases, unique=True)

    @st.composite
    def tables(draw: Any) -> pa.Table:
        import pyarrow as pa

        n = draw(st.integers(min_events, max_events))
        chosen = draw(cases)
        customer_of = {case: draw(st.sampled_from(("u1", "u2", None))) for case in chosen}

        def column(values: SearchStrategy[Any]) -> list[Any]:
            rows: list[Any] = draw(st.lists(values, min_size=n, max_size=n))
            return rows

        case = column(st.sampled_from(chosen))
        start = [_START_SECONDS + second for second in column(st.integers(0, 20) | st.integers(0, 10_000_000))]
        lasts = column(st.none() | st.integers(0, 3_600))
        zoned = pa.timestamp("s", draw(st.sampled_from(("UTC", "Asia/Shanghai", "America/St_Johns", "+14:00"))))
        return pa.table(
            {
                "case": pa.array(case, pa.string()),
                "touchpoint": pa.array(column(names), pa.string()),
                "time": pa.array(start, zoned),
                "end_time": pa.array(
                    [None if last is None else at + last for at, last in zip(start, lasts, strict=True)], zoned
                ),
                "customer": pa.array([customer_of[one] for one in case], pa.string()),
                "channel": pa.array(column(st.sampled_from((None, "web", "phone", *odd[:8]))), pa.string()),
                "csat": pa.array(column(st.none() | st.integers(0, 6)), pa.int64()),
            }
        )

    return tables()
