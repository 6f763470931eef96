"""Scores are computed twice: right ones pass, falsified ones are found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import journeykit as jk
from journeykit import _core
from journeykit.testing import event_logs, verified

if TYPE_CHECKING:
    import pyarrow as pa

#  1: a → b → a   completed · 2: a → c   lost at c · 3: c   lost at c
LOG = jk.read_events(
    {
        "case": ["1", "1", "1", "2", "2", "3"],
        "touchpoint": ["a", "b", "a", "a", "c", "c"],
        "time": [f"2026-01-05T09:0{k}" for k in range(6)],
        "channel": ["web", "phone", "phone", "web", "web", None],
        "csat": [5, None, 2, 3, None, None],
    },
    metrics={"csat": "csat"},
    completed="b",
    idle="0s",
)
MAP = jk.discover(LOG, stages={"a": "first", "*": "later"})
TABLES = {
    "journey": "score",
    "stages": "score",
    "touchpoints": "customers",
    "journey_contributions": "points",
    "stage_contributions": "weight",
    "touchpoint_contributions": "n",
    "points_lost": "points_lost",
}


@st.composite
def settings_of_score(draw: Any) -> dict[str, Any]:
    parts = st.sampled_from((0.0, 0.1, 0.25, 1.0))
    weights = draw(st.tuples(parts, parts, parts).filter(any))
    return {
        "weights": jk.Weights(**dict(zip(("experience", "friction", "completion"), weights, strict=True))),
        "minimum_n": draw(st.integers(1, 4)),
        "slow_after": draw(st.sampled_from((None, "0s", "5s", "1d"))),
    }


@settings(max_examples=150, deadline=None)
@given(
    event_logs(touchpoints=("call", "pay", "search", "visit")),
    settings_of_score(),
    st.sampled_from(((), ("department",), ("agent",), ("department", "agent"))),
    st.sampled_from(("touchpoint", "outcome", "nothing")),
    st.sampled_from(("1s", "10min", "365d")),
)
def test_scores_agree_with_their_reference(
    table: pa.Table, options: dict[str, Any], roles: tuple[str, ...], ending: str, idle: str
) -> None:
    for k, role in enumerate(roles):
        table = table.append_column(role, table["channel"].combine_chunks()[:: -1 if k else 1])
    if ending == "outcome":
        table = table.append_column("ended", table["channel"].combine_chunks()[::-1])
    says = {"touchpoint": "touchpoint", "outcome": "ended"}.get(ending)
    known = sorted(set(table[says].drop_null().to_pylist())) if says else []
    endings: dict[str, Any] = {"completed": known[:1], "failed": known[1:2]}
    if ending == "outcome":
        endings["outcome"] = "ended"
    log = jk.read_events(table, metrics={"csat": "csat"}, idle=idle, **{role: role for role in roles}, **endings)
    stages = dict.fromkeys(log.touchpoints[1:3], "first")
    drawn = jk.discover(log, stages={**stages, "*": "later"}).add_touchpoint("leave", stage="later")
    with verified() as seen:
        jk.score(drawn, log, **options)
    assert (seen.checked, seen.skipped) == (1, 0)


def test_cases_lost_where_completed_ones_end_agree_too() -> None:
    log = jk.read_events(
        {"case": ["1", "2", "3"], "touchpoint": ["a", "a", "b"], "time": ["2026-01-05"] * 3, "end": ["ok", "no", "no"]},
        outcome="end",
        completed="ok",
        failed="no",
    )
    with verified() as seen:
        card = jk.score(jk.discover(log), log, minimum_n=1)
    assert seen.checked == 1
    # half the weight is that of completion, of which two of three are lost: one at b, one nobody knows where
    lost = {row["touchpoint"]: row["points_lost"] for row in card.points_lost.rows()}
    assert lost == pytest.approx({"b": 100 / 6, None: 100 / 6})


def test_a_score_of_less_data_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right, less = _core.score, LOG.filter(mask=[True] * 5 + [False])._core
    monkeypatch.setattr(_core, "score", lambda core, _log, options: right(core, less, options))
    with verified(), pytest.raises(AssertionError, match=r"journeykit counts cases = 2; the reference counts 3"):
        jk.score(MAP, LOG, minimum_n=1)


@pytest.mark.parametrize(("table", "column"), TABLES.items())
def test_one_wrong_number_of_a_score_is_found(monkeypatch: pytest.MonkeyPatch, table: str, column: str) -> None:
    right = _core.score

    def falsified(*given: Any) -> Any:
        import pyarrow as pa

        card = right(*given)
        rows = pa.table(getattr(card, table)()).to_pylist()
        rows[0][column] = rows[0][column] + (1 if isinstance(rows[0][column], int) else 1e-9)
        kept = {name: getattr(card, name) for name in (*TABLES, "options", "case_count", "open_case_count")}
        return SimpleNamespace(**kept | {table: lambda: pa.Table.from_pylist(rows)})

    monkeypatch.setattr(_core, "score", falsified)
    with verified(), pytest.raises(AssertionError, match=f"journeykit counts .*: {column} = .* the reference counts"):
        jk.score(MAP, LOG, minimum_n=1)


def test_large_logs_are_scored_and_counted_as_skipped() -> None:
    with verified(max_events=5) as seen:
        assert jk.score(MAP, LOG, minimum_n=1).case_count == 3
    assert (seen.checked, seen.skipped) == (0, 1)
