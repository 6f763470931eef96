"""Credit of channels is computed twice: right numbers pass, falsified ones are found."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import journeykit as jk
from journeykit import _core
from journeykit.attribution.attributing import Model
from journeykit.testing import HOSTILE_LABELS, event_logs, verified

if TYPE_CHECKING:
    import pyarrow as pa

PATHS = {"path": ["a > a > b", "b > a", "c > b"], "conversions": [2, 1, 0], "nulls": [1, 3, 6], "worth": [7.5, 2, None]}
COLUMNS: dict[str, Any] = {"path": "path", "conversions": "conversions", "nulls": "nulls"}
MODELS = ("markov", "first", "last", "last_non_direct", "linear", "position")
NAMES = ("mail", "direct", "tv", *(label for label in HOSTILE_LABELS if ">" not in label and label.strip()))


@st.composite
def tables_of_paths(draw: Any) -> dict[str, list[Any]]:
    """Repeats, loops, rows without customers, empty paths, broken counts, values where there are conversions."""
    names = st.sampled_from(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)))
    amounts = st.sampled_from((0, 0, 1, 2.5, 1 / 3, 7))
    paths = draw(st.lists(st.lists(names, max_size=6), max_size=10))
    conversions = [draw(amounts) if path else 0 for path in paths]
    return {
        "path": [draw(st.sampled_from((">", " > ", "\u3000>\t"))).join(path) for path in paths] + [draw(names)],
        "conversions": [float(n) for n in conversions] + [1.0],
        "nulls": [float(draw(amounts)) for _ in paths] + [0.0],
        "worth": [draw(st.sampled_from((0.0, 9.75, 1e6))) if n else None for n in conversions] + [3.0],
    }


@settings(max_examples=200, deadline=None)
@given(
    tables_of_paths(),
    st.sampled_from(MODELS),
    st.sampled_from(("worth", None)),
    st.booleans(),
    st.sampled_from(((0.4, 0.2, 0.4), (0.7, 0.0, 0.3), (0.0, 1.0, 0.0))),
)
def test_credit_of_paths_agrees_with_its_reference(
    table: dict[str, list[Any]], model: Any, value: str | None, nulls: bool, position: Any
) -> None:
    columns = COLUMNS | {"nulls": "nulls" if nulls else None}
    with verified() as seen:
        jk.attribute(table, **columns, value=value, model=model, position=position, replicates=0)
    assert (seen.checked, seen.skipped) == (1, 0)


@settings(max_examples=150, deadline=None)
@given(event_logs(max_cases=9), st.sampled_from(MODELS), st.booleans(), st.sampled_from(("1s", "1h", "365d")))
def test_credit_of_logs_agrees_with_its_reference(table: pa.Table, model: Any, by_outcome: bool, idle: str) -> None:
    known = sorted(set(table["channel" if by_outcome else "touchpoint"].drop_null().to_pylist()))
    endings: dict[str, Any] = {"outcome": "channel"} if by_outcome else {}
    metrics = {"spend": jk.MetricColumn("csat")}
    log = jk.read_events(table, completed=known[:1], failed=known[1:2], idle=idle, metrics=metrics, **endings)
    with verified() as seen, suppress(jk.InvalidInput):  # no case completed after a touchpoint
        jk.attribute(log, value="spend", model=model, direct=["search"], replicates=0)
    assume(seen.checked + seen.skipped)
    long_chain = model == "markov" and len(log.touchpoints) > 12
    assert seen.checked == 1 or (long_chain and seen.skipped == 1)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("column", ["conversions", "value", "share", "removal_effect", "n"])
def test_one_wrong_number_is_found(monkeypatch: pytest.MonkeyPatch, model: Any, column: str) -> None:
    import pyarrow as pa

    right = _core.attribute

    def falsified(*given: Any) -> Any:
        rows = pa.table(right(*given)).to_pylist()
        rows[-1][column] = (rows[-1][column] or 0.0) + 1e-9
        return pa.Table.from_pylist(rows)

    monkeypatch.setattr(_core, "attribute", falsified)
    with verified(), pytest.raises(AssertionError, match=f"journeykit counts attribute: {column} = .* the reference"):
        jk.attribute(PATHS, **COLUMNS, value="worth", model=model, replicates=0)


def test_credit_of_customers_with_several_rows_agrees_too() -> None:
    table = {**PATHS, "who": ["u1", "u2", "u1"]}
    with verified() as seen:
        jk.attribute(table, **COLUMNS, customer="who", replicates=100)
    assert (seen.checked, seen.skipped) == (1, 0)


def test_a_path_of_direct_touches_only_agrees_too() -> None:
    table = {"path": ["a > b"], "conversions": [1], "nulls": [0]}
    with verified() as seen:
        found = jk.attribute(table, **COLUMNS, model="last_non_direct", direct=["a", "b"], replicates=0)
    assert seen.checked == 1
    assert {row["channel"]: row["conversions"] for row in found.rows()} == {"a": 0, "b": 1}


def test_credit_of_a_log_with_one_event_less_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    log = jk.read_events(
        {"case": ["1", "1", "1"], "touchpoint": ["a", "b", "buy"], "time": [f"2026-01-0{k}" for k in (1, 2, 3)]},
        completed="buy",
    )
    right, less = _core.attribute_log, log.filter(mask=[False, True, True])._core
    monkeypatch.setattr(_core, "attribute_log", lambda _log, *given: right(less, *given))
    with verified(), pytest.raises(AssertionError, match="rows of attribute = 1; the reference counts 2"):
        jk.attribute(log, model="first", replicates=0)


def test_models_without_a_reference_are_counted_as_skipped() -> None:
    others = set(get_args(Model)) - set(MODELS)
    with verified() as seen:
        for model in others:
            jk.attribute(PATHS, **COLUMNS, model=model, replicates=0)
        jk.attribute(PATHS, **COLUMNS, order=2, replicates=0)
        many = {"path": [f"c{k}" for k in range(13)], "conversions": [1] * 13, "nulls": [0] * 13}
        jk.attribute(many, **COLUMNS, replicates=0)
    assert (seen.checked, seen.skipped) == (0, len(others) + 2)
    with verified(max_events=2) as seen:
        jk.attribute(PATHS, **COLUMNS, replicates=0)
    assert (seen.checked, seen.skipped) == (0, 1)


def test_the_options_are_those_of_the_engine_afterwards() -> None:
    before = _core.AttributionOptions
    with verified():
        assert _core.AttributionOptions is not before
    assert _core.AttributionOptions is before
