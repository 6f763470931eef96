"""Maps discovered, loaded onto a drawing, and compared with it, as callers see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import journeykit as jk

if TYPE_CHECKING:
    from collections.abc import Mapping


def log_of(paths: Mapping[str, int], **columns: list[str]) -> jk.EventLog:
    """Each path as often as said, one letter a touchpoint, a day apart; extra columns have one value per case."""
    rows: dict[str, list[str]] = {"case": [], "touchpoint": [], "time": [], **{name: [] for name in columns}}
    cases = [path for path, times in paths.items() for _ in range(times)]
    for number, path in enumerate(cases):
        for day, touchpoint in enumerate(path, 1):
            rows["case"].append(f"{number:03d}")
            rows["touchpoint"].append(touchpoint)
            rows["time"].append(f"2026-01-{day:02d}")
            for name, values in columns.items():
                rows[name].append(values[number])
    return jk.read_events(rows)


def drawn_service() -> jk.JourneyMap:
    """S → O C L, O → K F, C → O F L, F → K L: the chain of the science notes without F → C."""
    edges = ["SO", "SC", "SL", "OK", "OF", "CO", "CF", "CL", "FK", "FL"]
    return jk.JourneyMap.build(
        "Service",
        stages=["Ask", "Serve", "End"],
        touchpoints=[
            {"id": "S", "stage": "Ask", "owner": "Ann"},
            *({"id": one, "stage": "Serve"} for one in "OCF"),
            *({"id": one, "stage": "End"} for one in "KL"),
        ],
        transitions=[{"source": edge[0], "target": edge[1]} for edge in edges],
    )


def test_discovered_map_of_the_running_example_has_its_numbers(running_example: jk.EventLog) -> None:
    journey = jk.discover(running_example, name="Requests")
    assert journey.name == "Requests"
    assert (journey.about.cases, journey.about.events) == (6, 42)
    assert (len(journey.touchpoints), len(journey.transitions)) == (8, 16)
    step = journey.transition("check ticket", "decide")
    assert (step.count, step.cases, step.evidence) == (6, 4, "observed")
    assert step.probability == pytest.approx(6 / 9)
    assert step.times is not None
    assert step.times.mean_seconds == 181_960
    first = journey.touchpoint("register request")
    assert first.statistics is not None
    assert (first.statistics.starts, first.statistics.ends) == (6, 0)
    assert journey.stages[0].name == "1 · register request"
    assert journey.stages[0].evidence == "partly_observed"


def test_stages_may_be_a_mapping_pairs_or_a_table() -> None:
    log = log_of({"ABC": 1})
    wanted = jk.discover(log, stages={"A": "Look", "[BC]": "Buy"})
    assert [stage.id for stage in wanted.stages] == ["Look", "Buy"]
    assert [one.stage for one in wanted.touchpoints] == ["Look", "Buy", "Buy"]
    assert jk.discover(log, stages=[("Look", "A"), ("Buy", ["B", "C"])]) == wanted
    assert jk.discover(log, stages=pa.table({"touchpoint": ["A", "B", "C"], "stage": ["Look", "Buy", "Buy"]})) == wanted


def test_touchpoints_that_no_stage_names_stay_visible() -> None:
    journey = jk.discover(log_of({"ABC": 1}), stages={"A": "Look"})
    assert [(one.id, one.stage) for one in journey.touchpoints][1:] == [("B", "(no stage)"), ("C", "(no stage)")]


def test_one_map_for_each_segment_with_the_same_stages() -> None:
    log = log_of({"AB": 2, "AC": 1}, plan=["pro", "free", "free"])
    maps = jk.discover(log, by="plan")
    assert list(maps) == ["free", "pro"]
    assert maps["free"].about.cases == 2
    assert not maps["pro"].has_touchpoint("C")
    assert maps["free"].stages == maps["pro"].stages
    assert maps.get("basic") is None
    assert "basic" not in maps
    assert repr(maps).splitlines()[0] == "JourneyMaps: 2 segments by plan"
    with pytest.raises(jk.NotFound, match=r"segment 'fre' is not in the segments by plan .* nearest: 'free'"):
        maps["fre"]


def test_segments_by_two_columns_have_tuples_as_keys_and_none_for_missing() -> None:
    table = pa.table(
        {
            "case": ["1", "2"],
            "touchpoint": ["A", "A"],
            "time": ["2026-01-05", "2026-01-06"],
            "plan": ["pro", None],
            "age": [30, 9],
        }
    )
    log = jk.read_events(table, case="case", touchpoint="touchpoint", time="time")
    assert list(jk.discover(log, by=["plan", "age"])) == [("pro", 30), (None, 9)]
    assert [row["age"] for row in jk.case_durations(log, by="age").rows()] == [9, 30]


def test_a_segment_column_named_like_a_result_column_is_renamed() -> None:
    log = log_of({"AB": 1, "B": 1}, source=["ad", "mail"])
    row = jk.directly_follows(log, by="source").rows()[0]
    assert (row["by_source"], row["source"], row["target"]) == ("ad", "A", "B")


def test_like_keeps_the_drawing_and_fills_in_the_log() -> None:
    journey = jk.discover(log_of({"SOK": 2, "SX": 1}), like=drawn_service())
    assert journey.name == "Service"
    assert journey.touchpoint("S").owner == "Ann"
    assert journey.touchpoint("S").evidence == "observed"
    assert journey.touchpoint("F").evidence == "assumed"
    assert journey.touchpoint("X").stage == "(not on the drawn map)"
    assert journey.transition("S", "O").count == 2
    assert journey.transition("S", "L").count == 0
    rare = jk.discover(log_of({"SOK": 2, "SX": 1}), like=drawn_service(), minimum_cases=2)
    assert not rare.has_touchpoint("X")


def test_a_map_compared_with_its_own_log_is_drawn_throughout(
    running_example: jk.EventLog, helpdesk: jk.EventLog
) -> None:
    for log in (running_example, helpdesk, log_of({"ABA": 1, "BA": 2, "A": 1})):
        result = jk.compare(jk.discover(log), log)
        assert result.drawn_share == 1
        assert result.undrawn() == []
        assert [edge for edge in result.unused if edge[0] is not None] == []


def test_comparison_counts_steps_and_names_edges_to_draw_and_to_doubt() -> None:
    # SCIENCE.md §22: 270 of 300 steps along drawn edges, 5 of 11 drawn edges never used (by plain steps C → L is one
    # of them; an optimal alignment uses C → L and leaves C → F)
    result = jk.compare(drawn_service(), log_of({"SOK": 60, "SCFCOK": 10, "SK": 20, "SC": 10}))
    assert (result.drawn_steps, result.steps) == (270, 300)
    assert result.drawn_share == pytest.approx(0.9)
    assert result.unused == [("C", "L"), ("F", "K"), ("F", "L"), ("O", "F"), ("S", "L")]
    assert result.undrawn() == [("S", "K"), ("F", "C")]
    assert result.undrawn(minimum_cases=11) == [("S", "K")]
    first_line = repr(result).splitlines()[0]
    assert first_line.startswith("Comparison: 270 of 300 steps run along drawn edges (90.0%); 5 of 11 drawn edges are ")
    unseen = [row["touchpoint"] for row in result.touchpoints.rows() if row["drawn"] and not row["events"]]
    assert unseen == ["L"]


def test_unknown_touchpoint_in_stages_raises_not_found() -> None:
    with pytest.raises(jk.NotFound, match="stages: touchpoint 'Z' is not in the log"):
        jk.discover(log_of({"AB": 1}), stages={"Z": "One"})
    with pytest.raises(jk.NotFound, match="pattern 'Z\\*' fits no touchpoint"):
        jk.discover(log_of({"AB": 1}), stages={"Z*": "One"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minimum_cases": 0}, "minimum_cases is 0"),
        ({"stages": [("One", ["A"]), ("Two", ["A"])]}, "stands in 'One' and in 'Two'"),
        ({"stages": [("", ["A"])]}, "empty name"),
        ({"stages": {}}, "stages is empty"),
        ({"stages": ["One"]}, "pairs"),
        ({"stages": [("One", [1])]}, "expected names"),
        ({"stages": {"A": "One"}, "like": drawn_service()}, "stages or like"),
        ({"like": "map.json"}, "expected a JourneyMap"),
        ({"by": []}, "by is empty"),
        ({"by": [1]}, "expected names"),
        ({"threads": -1}, "threads is -1"),
    ],
)
def test_impossible_options_of_discover_raise_invalid_input(options: dict[str, object], message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        jk.discover(log_of({"AB": 1}), **options)  # type: ignore[call-overload]


def test_segments_by_decimals_raise_unsupported_and_unknown_columns_not_found() -> None:
    table = pa.table({"case": ["1"], "touchpoint": ["A"], "time": ["2026-01-05"], "score": [0.5]})
    log = jk.read_events(table, case="case", touchpoint="touchpoint", time="time")
    with pytest.raises(jk.Unsupported, match="'score' holds decimals"):
        jk.discover(log, by="score")
    with pytest.raises(jk.NotFound, match="nearest: 'score'"):
        log.variants(by="scope")


def test_too_many_segments_raise_invalid_input() -> None:
    ids = [str(k) for k in range(10_001)]
    log = jk.read_events({"case": ids, "touchpoint": ["A"] * 10_001, "time": ["2026-01-05"] * 10_001})
    with pytest.raises(jk.InvalidInput, match="makes 10001 segments"):
        log.rework(by="case")


def test_a_touchpoint_without_a_name_cannot_be_drawn() -> None:
    with pytest.raises(jk.InvalidInput, match="empty name"):
        jk.discover(log_of({"AB": 1}).rename({"A": ""}))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda log: log.step_matrix(steps=0), "steps is 0"),
        (lambda log: log.step_matrix(steps=1001), "expected 1 to 1000"),
        (lambda log: log.step_matrix(values="percent"), "values is 'percent'"),
        (lambda log: log.funnel([]), "funnel has 0 steps"),
        (lambda log: log.funnel([[]]), "names no touchpoint"),
        (lambda log: log.funnel("A"), "expected a list of touchpoints"),
        (lambda log: log.funnel(["A"], within="soon"), "within is 'soon'"),
        (lambda log: log.filter_paths(), "no condition"),
        (lambda log: log.filter_paths(directly=True), "give follows"),
        (lambda log: log.filter_paths(follows=("A",)), "source, target"),
        (lambda log: log.filter_paths(follows=("A", "B", "x")), "within of follows"),
        (lambda log: jk.compare("map", log), "expected a JourneyMap"),
    ],
)
def test_impossible_questions_raise_invalid_input(call: object, message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        call(log_of({"AB": 1}))  # type: ignore[operator]


def test_unknown_touchpoints_in_questions_raise_not_found() -> None:
    log = log_of({"AB": 1})
    with pytest.raises(jk.NotFound, match="funnel: touchpoint 'Z' is not in the log"):
        log.funnel(["Z"])
    with pytest.raises(jk.NotFound, match="filter_paths: touchpoint 'Z'"):
        log.filter_paths(starts="Z")


def test_starts_of_a_graph_by_segment_point_to_the_table() -> None:
    with pytest.raises(jk.InvalidInput, match="differ by segment"):
        _ = jk.directly_follows(log_of({"A": 1}, plan=["x"]), by="plan").starts


def test_results_show_themselves_and_become_frames() -> None:
    variants = log_of({"AB": 2}).variants()
    assert "A → B" in repr(variants)
    assert variants.to_polars()["touchpoints"].to_list() == [["A", "B"]]
    assert list(variants.to_pandas()["cases"]) == [2]
    assert variants.column_names == variants.to_arrow().column_names
    assert "A → B" in variants._repr_html_()
