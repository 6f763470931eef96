"""The state of a log: equal to the log in memory, and the same however its cases are split and merged."""

from __future__ import annotations

import pickle
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import journeykit as jk
from journeykit.metrics import Ces, Csat, Fcr, Mean, Nps
from journeykit.scale import State, merged
from scale.conftest import READING, RULES, random_events, state_of

if TYPE_CHECKING:
    from journeykit.base import Table

MEASURES = ["nps", "csat", "spend", Csat(statistic="mean"), Csat(statistic="distribution"), Csat(top=1)]
MEASURES += [Nps(once_per_case=True), "completion", "drop_off", "silent_exit"]


def assert_equal_rows(ours: Table, whole: Table) -> None:
    """Every whole number and text equal, every decimal within 1e-12 of itself."""
    rows, expected = ours.rows(), whole.rows()
    assert len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=True):
        row.pop("times", None)
        assert row == {
            name: pytest.approx(value, rel=1e-12, abs=0) if isinstance(value, float) else value
            for name, value in other.items()
        }


def split(events: pa.Table, parts: list[int]) -> list[pa.Table]:
    """The rows of the cases of each part; `parts` says which part each case goes to."""
    cases = sorted(set(events["case"].to_pylist()))
    part_of = {case: parts[k % len(parts)] for k, case in enumerate(cases)}
    where = pa.array([part_of[case] for case in events["case"].to_pylist()])
    return [events.filter(pc.equal(where, k)) for k in sorted(set(where.to_pylist()))]


def test_the_state_has_the_numbers_of_the_log_in_memory(events: pa.Table, log: jk.EventLog) -> None:
    state = state_of(events, variants=True)
    assert (state.events, state.cases, state.touchpoints) == (log.event_count, log.case_count, log.touchpoints)
    flows = jk.directly_follows(log)
    assert_equal_rows(state.directly_follows(), flows)
    assert_equal_rows(state.directly_follows().touchpoints, flows.touchpoints)
    assert_equal_rows(state.case_durations(), jk.case_durations(log))
    assert_equal_rows(state.variants(), log.variants())
    assert state.discover() == jk.discover(log)
    stages = {"search": "Look", "*": "Buy"}
    assert state.discover(stages=stages, minimum_cases=100, name="x") == jk.discover(
        log, stages=stages, minimum_cases=100, name="x"
    )


@pytest.mark.parametrize("measure", MEASURES, ids=str)
@pytest.mark.parametrize("by", [None, "touchpoint"])
def test_measures_of_the_state_are_those_of_the_log(log: jk.EventLog, measure: Any, by: Any) -> None:
    state = State(metrics=READING.metric_columns, **RULES).update(log)
    assert_equal_rows(state.measure(measure, by=by), jk.measure(log, measure, by=by))


def test_several_measures_and_a_confidence_are_passed_on(log: jk.EventLog) -> None:
    state = State(metrics=READING.metric_columns, **RULES).update(log)
    asked: dict[str, Any] = {"minimum_n": 10_000, "confidence": 0.8}
    assert_equal_rows(state.measure(["nps", "csat"], **asked), jk.measure(log, ["nps", "csat"], **asked))


def test_answers_off_the_scale_are_counted_over_all_parts(events: pa.Table) -> None:
    off = events["csat"].to_pylist().count(9)
    state = merged([state_of(part) for part in split(events, [0, 1, 2])])
    assert f"{off} answers of the log off the scale" in state.measure("csat").rows()[0]["warning"]


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_split_merged_in_any_order_and_tree_gives_the_same_bytes(data: st.DataObject) -> None:
    events = random_events(data.draw(st.integers(1, 60)), data.draw(st.integers(1, 12)), data.draw(st.integers(0, 99)))
    options = {"variants": True, "exact_up_to": data.draw(st.sampled_from([1, 3, 10, 1000]))}
    whole = state_of(events, **options).to_bytes()
    parts = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=12))
    blobs = [state_of(part, **options).to_bytes() for part in split(events, parts)]
    for _ in range(10):
        states = [State.from_bytes(blob) for blob in data.draw(st.permutations(blobs))]
        states.insert(data.draw(st.integers(0, len(states))), State(metrics=READING.metric_columns, **RULES, **options))
        while len(states) > 1:
            left, right = data.draw(st.lists(st.integers(0, len(states) - 1), min_size=2, max_size=2, unique=True))
            tree = states[left].merge(states[right])
            states = [state for k, state in enumerate(states) if k not in (left, right)] + [tree]
        assert states[0].to_bytes() == whole


def test_a_thousand_random_trees_over_the_cases_give_the_same_bytes() -> None:
    draw = random.Random(13)
    for log in range(5):
        events = random_events(80, 9, seed=log)
        options = {"variants": True, "exact_up_to": draw.choice([1, 5, 1000])}
        whole = state_of(events, **options).to_bytes()
        alone = [state_of(part, **options).to_bytes() for part in split(events, list(range(9)))]
        for _ in range(200):
            states = [State.from_bytes(blob) for blob in draw.sample(alone, len(alone))]
            while len(states) > 1:
                right = states.pop(draw.randrange(len(states)))
                states[draw.randrange(len(states))].merge(right)
            assert states[0].to_bytes() == whole


def test_update_merge_and_the_rows_order_do_not_show(events: pa.Table) -> None:
    parts = split(events, [0, 1, 2, 3, 4])
    grown = state_of(parts[0])
    for part in parts[1:]:
        grown.update(READING.log(part))
    backwards = events.take(pa.array(range(events.num_rows - 1, -1, -1)))
    assert grown == state_of(events) == state_of(backwards) == merged([state_of(part) for part in reversed(parts)])


def test_beyond_the_limit_medians_are_sketched_and_say_so(events: pa.Table) -> None:
    exact, sketch = state_of(events), state_of(events, exact_up_to=20)
    for ours, theirs in (
        (exact.directly_follows(), sketch.directly_follows()),
        (exact.case_durations(), sketch.case_durations()),
        (exact.directly_follows().touchpoints, sketch.directly_follows().touchpoints),
    ):
        assert set(ours.to_arrow()["times"].to_pylist()) == {"exact"}
        assert "sketch" in theirs.to_arrow()["times"].to_pylist()
        for row, other in zip(ours.rows(), theirs.rows(), strict=True):
            for name, value in row.items():
                loose = name.endswith(("median_seconds", "p90_seconds")) and other["times"] == "sketch"
                if name == "times":
                    continue
                near = 1 / 128 if loose else 1e-12
                assert other[name] == (pytest.approx(value, rel=near, abs=0) if isinstance(value, float) else value)


def test_more_variants_than_allowed_are_refused_and_leave_the_state_as_it_was(events: pa.Table) -> None:
    small, rest = split(events, [0] + [1] * 299)
    state = state_of(small, variants=True, max_variants=5)
    before = state.to_bytes()
    with pytest.raises(jk.Unsupported, match=r"more than 5 distinct variants.*max_variants"):
        state.update(READING.log(rest))
    assert state.to_bytes() == before
    with pytest.raises(jk.Unsupported, match="more than 5 distinct variants"):
        state.merge(state_of(small, variants=True, max_variants=5).update(READING.log(rest)))
    with pytest.raises(jk.InvalidInput, match="counted no variants"):
        state_of(small).variants()


def test_bytes_that_were_changed_or_cut_are_refused(events: pa.Table) -> None:
    data = state_of(events.slice(0, 40), variants=True).to_bytes()
    assert State.from_bytes(data).to_bytes() == data
    for k in range(len(data)):
        changed = bytearray(data)
        changed[k] ^= 1 << (k % 8)
        with pytest.raises((jk.InvalidInput, jk.Unsupported)):
            State.from_bytes(bytes(changed))
    for k in range(len(data)):
        with pytest.raises(jk.InvalidInput):
            State.from_bytes(data[:k])
    with pytest.raises(jk.InvalidInput):
        State.from_bytes(data + b"\0")
    with pytest.raises(jk.InvalidInput, match="expected bytes"):
        State.from_bytes("text")  # type: ignore[arg-type]
    other = state_of(events).to_bytes()
    size, at = int.from_bytes(data[17:25], "little"), int.from_bytes(other[17:25], "little")
    with pytest.raises(jk.InvalidInput, match="different logs"):
        State.from_bytes(data[: 25 + size] + other[25 + at :])


def test_a_state_is_pickled_and_compared_by_its_content(events: pa.Table) -> None:
    state = state_of(events)
    assert pickle.loads(pickle.dumps(state)) == state
    assert state != state_of(events.slice(1))
    assert state != "text"
    assert repr(state).startswith("State: 3,000 events")


def test_states_of_other_rules_do_not_merge(events: pa.Table) -> None:
    state = state_of(events)
    for other in (
        state_of(events, idle="4d"),
        state_of(events, exact_up_to=7),
        state_of(events, variants=True),
        State(**RULES),
        State(),
    ):
        with pytest.raises(jk.InvalidInput, match="different rules"):
            state.merge(other)
    with pytest.raises(jk.InvalidInput, match="itself"):
        state.merge(state)
    with pytest.raises(jk.InvalidInput, match="expected a State"):
        state.merge(3)  # type: ignore[arg-type]
    with pytest.raises(jk.InvalidInput, match="at least one"):
        merged([])


def test_how_cases_end_needs_the_end_of_the_whole_log(events: pa.Table, log: jk.EventLog) -> None:
    for options in ({"idle": "3d"}, {"observed_until": "2026-03-01"}, {"completed": "pay"}):
        with pytest.raises(jk.InvalidInput, match=r"idle= and observed_until="):
            State(**options)
    with pytest.raises(jk.InvalidInput, match="completed and as failed"):
        State(completed="pay", failed="pay", idle="3d", observed_until="2026-03-01")
    state = State(metrics=READING.metric_columns).update(log)
    assert set(state.directly_follows().touchpoints.to_arrow()["open_ends"].to_pylist()) == {None}
    with pytest.raises(jk.InvalidInput, match="idle= and observed_until="):
        state.measure("silent_exit")


def test_what_a_state_does_not_keep_is_refused(events: pa.Table, log: jk.EventLog) -> None:
    state = state_of(events)
    with pytest.raises(jk.Unsupported, match="by is 'channel'"):
        state.measure("nps", by="channel")
    with pytest.raises(jk.Unsupported, match="'fcr' cannot be had from a state"):
        state.measure(Fcr(window="7d", contacts=["ask"]))
    with pytest.raises(jk.Unsupported, match="once_per_case"):
        state.measure(Mean(of="spend", once_per_case=True))
    with pytest.raises(jk.NotFound):
        state.measure(Ces())
    with pytest.raises(jk.Unsupported, match="2 to 101"):
        State(metrics={"x": jk.MetricColumn("x", kind="csat", low=0, high=1000)})
    customers = jk.read_events(events, case="case", touchpoint="what", time="when", customer="channel", guess=False)
    with pytest.raises(jk.InvalidInput, match=r"read it without customer="):
        State().update(customers)
    with pytest.raises(jk.InvalidInput, match="another kind or scale"):
        State(metrics={"csat": jk.MetricColumn("csat", kind="csat", low=0, high=7)}).update(log)
    rows = {"case": ["1"], "what": ["a"], "when": ["2026-01-01"], "x": [1e200]}
    huge = jk.read_events(rows, case="case", touchpoint="what", time="when", metrics={"x": "x"})
    with pytest.raises(jk.InvalidInput, match="beyond 1e140"):
        State(metrics={"x": "x"}).update(huge)
    for name in ("max_variants", "exact_up_to"):
        with pytest.raises(jk.InvalidInput, match=f"{name} is 0"):
            State(**{name: 0})
