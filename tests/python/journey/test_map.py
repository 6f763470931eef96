"""Building and editing maps. Each refusal leaves the map it was asked of as it was."""

import copy
import itertools
import pickle

import pytest

import journeykit as jk


def support() -> jk.JourneyMap:
    """Page ─► Call ⟲ ─► Close, and Page ─► Chat ─► Close."""
    return (
        jk.JourneyMap("Support", currency="EUR")
        .add_stage("Before")
        .add_stage("Help")
        .add_scene("Talk", stage="Help")
        .add_touchpoint("Page", stage="Before", channels="web", departments=["Web", "Product"])
        .add_touchpoint("Call", scene="Talk", channels=["phone"], departments="Care", emotion=-0.2, owner="Ann")
        .add_touchpoint("Chat", stage="Help")
        .add_touchpoint("Close", stage="Help", tags="end")
        .add_transition("Page", "Call", probability=0.7)
        .add_transition("Page", "Chat", probability=0.3)
        .add_transition("Call", "Call")
        .add_transition("Call", "Close")
        .add_transition("Chat", "Close")
        .add_failure_point("Wait", touchpoint="Call", contact_reasons=["where"], frequency_share=0.2, loss_amount=12)
        .add_failure_point("Lost", source="Page", target="Call", cause="no button")
    )


def test_a_fluent_map_holds_what_was_given() -> None:
    journey = support()
    assert [stage.id for stage in journey.stages] == ["Before", "Help"]
    assert journey.scenes == (jk.Scene("Talk", stage="Help"),)
    assert journey.touchpoint("Call").stage == "Help"
    assert journey.touchpoint("Page").departments == ("Product", "Web")
    assert journey.transition("Page", "Call").probability == 0.7
    assert journey.successors("Call") == ("Call", "Close")
    assert journey.predecessors("Close") == ("Call", "Chat")
    assert [(t.source, t.target) for t in journey.transitions][:2] == [("Page", "Call"), ("Page", "Chat")]
    assert journey.failure_point("Lost").target == "Call"
    assert (journey.name, journey.currency, journey.about.cases) == ("Support", "EUR", None)
    assert journey.has_touchpoint("Call")
    assert not journey.has_transition("Close", "Call")
    assert repr(journey) == "JourneyMap('Support': 2 stages, 4 touchpoints, 5 transitions, 2 failure points)"
    assert repr(jk.JourneyMap()) == "JourneyMap('': empty)"


def test_build_gives_the_same_map_as_the_fluent_form() -> None:
    one = support()
    assert one == jk.JourneyMap.build(
        "Support",
        currency="EUR",
        stages=one.stages,
        scenes=one.scenes,
        touchpoints=one.touchpoints,
        transitions=reversed(one.transitions),
        failure_points=[failure_point.to_dict() for failure_point in one.failure_points],
    )


def test_an_edit_gives_a_new_map_and_leaves_the_old_one() -> None:
    before = support()
    for after in (
        before.update_about(name="Other"),
        before.add_stage("After"),
        before.update_stage("Help", phase="post-purchase"),
        before.update_scene("Talk", stage="Before"),
        before.update_touchpoint("Call", owner="Bo"),
        before.update_transition("Page", "Call", count=3),
        before.update_failure_point("Wait", cause="few agents"),
        before.remove_failure_point("Lost"),
        before.remove_transition("Page", "Call", cascade=True),
        before.remove_touchpoint("Call", cascade=True),
        before.remove_scene("Talk", cascade=True),
        before.remove_stage("Help", cascade=True),
        before.rename_touchpoint("Call", "Phone"),
        before.order_stages(["Help", "Before"]),
    ):
        assert after != before
        assert before == support()


def test_updating_keeps_the_place_and_the_other_fields() -> None:
    journey = support().update_touchpoint("Call", owner="Bo", channels=None)
    assert journey.touchpoints[1] == jk.Touchpoint(
        "Call", stage="Help", scene="Talk", departments="Care", emotion=-0.2, owner="Bo"
    )


def test_moving_to_another_stage_leaves_the_scene_and_moving_to_a_scene_takes_its_stage() -> None:
    journey = support()
    assert journey.update_touchpoint("Call", stage="Before").touchpoint("Call").scene == ""
    assert journey.update_touchpoint("Page", scene="Talk").touchpoint("Page").stage == "Help"
    assert journey.update_touchpoint("Call", scene="").touchpoint("Call").stage == "Help"
    with pytest.raises(jk.InvalidInput, match="scene 'Talk' belongs to stage 'Help', not to 'Before'"):
        journey.update_touchpoint("Page", stage="Before", scene="Talk")


def test_a_failure_point_moves_between_touchpoint_and_transition() -> None:
    journey = support().update_failure_point("Lost", touchpoint="Chat")
    assert journey.failure_point("Lost") == jk.FailurePoint("Lost", touchpoint="Chat", cause="no button")
    back = journey.update_failure_point("Lost", source="Page", target="Call")
    assert back == support()


def test_whole_elements_can_be_added_and_changed_on_the_way() -> None:
    journey = jk.JourneyMap().add_stage(jk.Stage("a")).add_touchpoint(jk.Touchpoint("x", stage="a"), owner="Ann")
    assert journey.touchpoint("x").owner == "Ann"
    assert journey.add_transition(jk.Transition("x", "x", count=1)).transition("x", "x").count == 1


def refused(kind: type[Exception], message: str, edit: object) -> None:
    journey = support()
    with pytest.raises(kind, match=message):
        edit(journey)  # type: ignore[operator]
    assert journey == support()


@pytest.mark.parametrize(
    ("message", "edit"),
    [
        ("stage 'Hel' is not in the map .2 stages; nearest: 'Help'.", lambda m: m.stage("Hel")),
        ("scene 'x' is not in the map", lambda m: m.scene("x")),
        ("touchpoint 'call' is not in the map .4 touchpoints; nearest: 'Call'.", lambda m: m.touchpoint("call")),
        ("transition 'Close → Page' is not in the map", lambda m: m.transition("Close", "Page")),
        ("failure point 'x' is not in the map", lambda m: m.failure_point("x")),
        ("stage 'x'", lambda m: m.add_touchpoint("t", stage="x")),
        ("scene 'x'", lambda m: m.add_touchpoint("t", scene="x")),
        ("touchpoint 'x'", lambda m: m.add_transition("Page", "x")),
        ("touchpoint 'x'", lambda m: m.add_failure_point("f", touchpoint="x")),
        ("transition 'Chat → Call'", lambda m: m.add_failure_point("f", source="Chat", target="Call")),
        ("touchpoint 'x'", lambda m: m.successors("x")),
        ("touchpoint 'x'", lambda m: m.predecessors("x")),
        ("touchpoint 'x'", lambda m: m.update_touchpoint("x", owner="Ann")),
        ("touchpoint 'x'", lambda m: m.rename_touchpoint("x", "y")),
        ("touchpoint 'x'", lambda m: m.remove_touchpoint("x")),
        ("transition 'Chat → Page'", lambda m: m.remove_transition("Chat", "Page")),
        ("stage 'x'", lambda m: m.order_stages(["x"])),
        ("stage 'x'", lambda m: m.remove_stage("x")),
        ("scene 'x'", lambda m: m.remove_scene("x")),
        ("failure point 'x'", lambda m: m.remove_failure_point("x")),
    ],
)
def test_what_is_not_in_the_map_is_not_found(message: str, edit: object) -> None:
    refused(jk.NotFound, message, edit)


@pytest.mark.parametrize(
    ("message", "edit"),
    [
        ("stage 'Help' is in the map already; choose another id, or replace it", lambda m: m.add_stage("Help")),
        ("scene 'Talk' is in the map already", lambda m: m.add_scene("Talk", stage="Help")),
        ("touchpoint 'Call' is in the map already", lambda m: m.add_touchpoint("Call")),
        ("transition 'Page → Call' is in the map already", lambda m: m.add_transition("Page", "Call")),
        ("failure point 'Wait' is in the map already", lambda m: m.add_failure_point("Wait", touchpoint="Call")),
        ("touchpoint '': id is empty; give it an id", lambda m: m.add_touchpoint("")),
        ("stage is empty", lambda m: m.add_scene("s")),
        ("id has 70000 bytes; at most 65536 are allowed", lambda m: m.add_touchpoint("x" * 70_000)),
        ("emotion is 3; expected a number from -1 to 1", lambda m: m.update_touchpoint("Call", emotion=3)),
        ("probability is 1.1; expected a number from 0 to 1", lambda m: m.update_transition(
            "Page", "Call", probability=1.1)),
        ("loss_amount is -1; expected 0 or more", lambda m: m.update_failure_point("Wait", loss_amount=-1)),
        ("stands on one touchpoint or on one transition", lambda m: m.add_failure_point("f")),
        ("channels hold an empty text", lambda m: m.update_touchpoint("Call", channels=[""])),
        ("metrics hold 'a' twice", lambda m: m.update_touchpoint("Call", metrics=[{"name": "a", "value": 1}] * 2)),
        ("low is 2, above high 1", lambda m: m.update_touchpoint(
            "Call", metrics=[{"name": "a", "value": 1, "low": 2, "high": 1}])),
        ("low, high are one interval", lambda m: m.update_touchpoint(
            "Call", metrics=[{"name": "a", "value": 1, "low": 2}])),
        ("times: n is 0; leave the times out", lambda m: m.update_transition(
            "Page", "Call", times=jk.TimeSummary(0, 1, 1, 1, 1, 1))),
        ("min_seconds is 2, above max_seconds 1", lambda m: m.update_transition(
            "Page", "Call", times=jk.TimeSummary(1, 1, 1, 1, 2, 1))),
        ("3 transitions and 2 failure points still refer to it", lambda m: m.remove_touchpoint("Call")),
        ("3 touchpoints and 1 scene still refer to it", lambda m: m.remove_stage("Help")),
        ("1 touchpoint still refer to it", lambda m: m.remove_scene("Talk")),
        ("1 failure point still refer to it", lambda m: m.remove_transition("Page", "Call")),
        ("'Chat' is in the map already; choose another id", lambda m: m.rename_touchpoint("Call", "Chat")),
        ("stage 'Before' is missing; name each stage once", lambda m: m.order_stages(["Help"])),
        ("'Help' stands twice; name each stage once", lambda m: m.order_stages(["Help", "Help"])),
        ("field 'ownr' is not in Touchpoint .15 fields; nearest: 'owner'.", lambda m: m.update_touchpoint(
            "Call", ownr="x")),
        ("touchpoint is None; expected text", lambda m: m.touchpoint(None)),
    ],
)  # fmt: skip
def test_an_edit_that_breaks_a_rule_is_refused(message: str, edit: object) -> None:
    refused(jk.InvalidInput, message, edit)


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (r"touchpoints\[1\]: Touchpoint.emotion is text", {"touchpoints": ["a", {"id": "b", "emotion": "x"}]}),
        (r"transitions\[0\]: Transition lacks the field 'target'", {"transitions": [{"source": "a"}]}),
        (r"stages\[0\]: field 'ID' is not in Stage", {"stages": [{"ID": "a"}]}),
        ("stages is text 'Help'; expected several Stage", {"stages": "Help"}),
        ("touchpoint 'a' is in the map already", {"touchpoints": ["a", "a"]}),
        (r"stages\[0\]: Stage is 5; expected a Stage or a mapping", {"stages": [5]}),
    ],
)
def test_build_names_the_element_that_is_wrong(message: str, parts: dict[str, object]) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        jk.JourneyMap.build(**parts)  # type: ignore[arg-type]


def test_a_map_of_a_hundred_thousand_touchpoints_is_built_at_once() -> None:
    ids = [f"touchpoint {k}" for k in range(100_000)]
    journey = jk.JourneyMap.build(
        touchpoints=ids, transitions=[{"source": a, "target": b} for a, b in itertools.pairwise(ids)]
    )
    assert [touchpoint.id for touchpoint in journey.touchpoints] == ids
    assert journey.successors(ids[70_000]) == (ids[70_001],)
    assert len(journey.reachable_from(ids[1])) == len(ids) - 1


def test_equality_copy_and_pickle() -> None:
    journey = support()
    assert journey == support()
    assert journey != journey.update_about(name="x")
    assert journey != "Support"
    assert copy.deepcopy(journey) == journey
    assert pickle.loads(pickle.dumps(journey)) == journey
    with pytest.raises(TypeError, match="unhashable"):
        hash(journey)


def test_elements_become_flat_tables() -> None:
    journey = support().update_touchpoint(
        "Call",
        statistics={"events": 5, "cases": 3, "duration": jk.TimeSummary(2, 1, 1, 1, 0, 2)},
        metrics=[{"name": "CSAT", "value": 4.5, "n": 3}],
    )
    table = journey.to_arrow()
    assert table.column("id").to_pylist() == ["Page", "Call", "Chat", "Close"]
    assert table.column("channels").to_pylist() == [["web"], ["phone"], [], []]
    assert table.column("emotion").to_pylist() == [None, -0.2, None, None]
    assert table.column("events").to_pylist() == [None, 5, None, None]
    assert table.column("duration_max_seconds").to_pylist() == [None, 2.0, None, None]
    assert journey.to_arrow("transitions").column("probability").to_pylist() == [0.7, 0.3, None, None, None]
    assert journey.table("failure_points").rows()[1]["cause"] == "no button"
    assert journey.table("metrics").rows()[0] == {
        "touchpoint": "Call",
        "name": "CSAT",
        "value": 4.5,
        "n": 3,
        "customers": 0,
        "low": None,
        "high": None,
        "method": "",
    }
    assert list(journey.to_pandas("stages")["id"]) == ["Before", "Help"]
    assert journey.to_polars("scenes")["stage"].to_list() == ["Help"]
    assert len(jk.JourneyMap().to_arrow("metrics")) == 0
    with pytest.raises(jk.InvalidInput, match="kind is text 'steps'; expected one of 'stages', "):
        journey.table("steps")
