"""Findings, differences and conflicts as callers see them; their rules are tested in C++."""

import pickle
import random

import pytest

import journeykit as jk
from journey_maps import random_map
from journeykit.journey import Change, Conflict, Finding

SEED_COUNT = 60


def planned() -> jk.JourneyMap:
    """Page ─► Call, one owner missing here, one cause there."""
    return (
        jk.JourneyMap("Support")
        .add_stage("Help")
        .add_touchpoint("Page", stage="Help", owner="Ann", need="a number", channels="web", departments="Web")
        .add_touchpoint("Call", owner="Ann", need="an answer", channels="phone", departments="Care")
        .add_transition("Page", "Call", probability=0.5)
        .add_failure_point("Wait", touchpoint="Call", loss_amount=5)
    )


def test_findings_come_all_at_once_errors_first_with_place_and_way_out() -> None:
    findings = planned().validate()
    assert [(finding.severity, finding.rule, finding.path) for finding in findings] == [
        ("error", "touchpoint-without-stage", "/touchpoints/1"),
        ("warning", "currency-missing", "/"),
        ("warning", "probabilities-below-1", "/touchpoints/0"),
        ("warning", "failure-point-without-cause", "/failure_points/0"),
        ("info", "failure-point-not-sized", "/failure_points/0"),
    ]
    assert findings[0] == Finding(
        "error",
        "touchpoint-without-stage",
        "touchpoint",
        "Call",
        "/touchpoints/1",
        "touchpoint 'Call': it belongs to no stage",
        "give it the stage that it belongs to",
    )
    assert not findings.ok
    assert [len(part) for part in (findings.errors, findings.warnings, findings.infos)] == [1, 3, 1]
    assert findings.warnings.ok
    assert findings.to_arrow().column_names == ["severity", "rule", "element", "id", "path", "message", "way_out"]
    assert list(findings.to_pandas()["id"]) == ["Call", "", "Page", "Wait", "Wait"]
    assert findings.to_polars().height == 5


def test_findings_print_one_a_line_and_long_lists_in_part() -> None:
    assert repr(planned().validate().errors) == (
        "error    touchpoint 'Call': it belongs to no stage; give it the stage that it belongs to  "
        "[touchpoint-without-stage /touchpoints/1]"
    )
    many = jk.JourneyMap.build(touchpoints=[f"t{k}" for k in range(100)]).validate()
    assert repr(many).splitlines()[-1] == "… and 362 more; see table()"
    assert len(repr(many).splitlines()) == 41
    assert repr(many[:0]) == "()"


def test_hostile_ids_do_not_reach_the_terminal() -> None:
    name = "\x1b]0;owned\x07\u202e"
    journey = jk.JourneyMap(name).add_touchpoint(name)
    for shown in (repr(journey), repr(journey.validate()), repr(jk.JourneyMap().diff(journey))):
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_differences_name_element_field_before_and_after() -> None:
    before = planned()
    after = (
        before.update_touchpoint("Call", emotion=0.5, channels=["phone", "app"])
        .add_touchpoint("Mail", stage="Help")
        .add_stage("Before")
        .order_stages(["Before", "Help"])
        .remove_transition("Page", "Call")
    )
    assert list(before.diff(after)) == [
        Change("added", "stage", "Before", "", "", None, {"id": "Before"}),
        Change("changed", "touchpoint", "Call", "", "channels", ["phone"], ["app", "phone"]),
        Change("changed", "touchpoint", "Call", "", "emotion", None, 0.5),
        Change("added", "touchpoint", "Mail", "", "", None, {"id": "Mail", "stage": "Help"}),
        Change(
            "removed", "transition", "Page", "Call", "", {"source": "Page", "target": "Call", "probability": 0.5}, None
        ),
    ]
    assert repr(before.diff(after)) == (
        "+ stage 'Before'\n"
        '~ touchpoint \'Call\' channels: ["phone"] → ["app", "phone"]\n'
        "~ touchpoint 'Call' emotion: none → 0.5\n"
        "+ touchpoint 'Mail'\n"
        "- transition 'Page → Call'"
    )
    assert before.diff(after).table().rows()[2] == {
        "kind": "changed",
        "element": "touchpoint",
        "id": "Call",
        "target": "",
        "field": "emotion",
        "before": None,
        "after": "0.5",
    }
    assert repr(before.diff(before)) == "no differences"
    assert not before.diff(before)


def test_a_merge_gives_the_map_and_its_conflicts() -> None:
    base = planned()
    ours = base.update_touchpoint("Call", owner="Bo").remove_touchpoint("Page", cascade=True)
    theirs = base.update_touchpoint("Call", owner="Cy").update_touchpoint("Page", emotion=1)
    merged = jk.JourneyMap.merge(base, ours, theirs)
    assert merged.map.touchpoint("Call").owner == "Bo"
    assert merged.map.touchpoint("Page").emotion == 1
    assert not merged.clean
    assert [(conflict.id, conflict.field) for conflict in merged.conflicts] == [("Call", "owner"), ("Page", "")]
    assert merged.conflicts[0] == Conflict("touchpoint", "Call", "", "owner", "Ann", "Bo", "Cy")
    assert repr(merged.conflicts).splitlines() == [
        'touchpoint \'Call\' owner: ours "Bo", theirs "Cy", base "Ann"',
        "touchpoint 'Page': ours removed it, theirs changed it or refers to it",
    ]
    assert repr(merged).startswith(
        "MergeResult(JourneyMap('Support': 1 stage, 2 touchpoints, 1 failure point), 2 conflicts)"
    )
    assert merged.conflicts.table().rows()[1]["ours"] is None
    assert not jk.JourneyMap.merge(base, ours, theirs, prefer="ours").map.has_touchpoint("Page")
    assert jk.JourneyMap.merge(base, ours, theirs, prefer="theirs").map.touchpoint("Call").owner == "Cy"
    assert jk.JourneyMap.merge(base, base, theirs).clean


def test_merging_and_comparing_refuse_what_is_no_map() -> None:
    with pytest.raises(jk.InvalidInput, match="other is text 'x'; expected a JourneyMap"):
        planned().diff("x")  # type: ignore[arg-type]
    with pytest.raises(jk.InvalidInput, match="theirs is None; expected a JourneyMap"):
        jk.JourneyMap.merge(planned(), planned(), None)  # type: ignore[arg-type]
    with pytest.raises(jk.InvalidInput, match="prefer is text 'mine'; expected one of 'ours', 'theirs'"):
        jk.JourneyMap.merge(planned(), planned(), planned(), prefer="mine")  # type: ignore[arg-type]


def edited(journey: jk.JourneyMap, draw: random.Random) -> jk.JourneyMap:
    """A few edits of the kind that people make."""
    for _ in range(draw.randrange(5)):
        ids = [touchpoint.id for touchpoint in journey.touchpoints]
        if not ids:
            return journey
        one = draw.choice(ids)
        match draw.randrange(5):
            case 0:
                journey = journey.remove_touchpoint(one, cascade=True)
            case 1:
                journey = journey.update_touchpoint(one, owner=draw.choice("AB"), tags=draw.choice(("x", "y")))
            case 2:
                new = f"new {draw.randrange(3)}"
                journey = journey if journey.has_touchpoint(new) else journey.rename_touchpoint(one, new)
            case 3:
                two = draw.choice(ids)
                if not journey.has_transition(one, two):
                    journey = journey.add_transition(one, two, probability=draw.random())
            case _:
                stages = [stage.id for stage in journey.stages]
                draw.shuffle(stages)
                journey = journey.order_stages(stages)
    return journey


@pytest.mark.parametrize("seed", range(SEED_COUNT))
def test_merges_and_differences_keep_their_laws(seed: int) -> None:
    draw = random.Random(seed)
    base = random_map(seed)
    ours, theirs = edited(base, draw), edited(base, draw)
    assert bool(base.diff(ours)) == (base != ours)
    for one, other, expected in ((base, ours, ours), (ours, base, ours), (ours, ours, ours)):
        merged = jk.JourneyMap.merge(base, one, other)
        assert merged.clean
        assert merged.map == expected
    merged, swapped = jk.JourneyMap.merge(base, ours, theirs), jk.JourneyMap.merge(base, theirs, ours)
    assert sorted((c.element, c.id, c.target, c.field, str(c.ours), str(c.theirs)) for c in merged.conflicts) == sorted(
        (c.element, c.id, c.target, c.field, str(c.theirs), str(c.ours)) for c in swapped.conflicts
    )
    assert pickle.loads(pickle.dumps(merged.map)) == merged.map


def test_questions_about_the_way_and_the_places() -> None:
    journey = planned().add_touchpoint("Mail", tags="slow").add_transition("Mail", "Page")
    assert journey.reachable_from("Page") == ("Page", "Call")
    assert journey.leading_to("Page") == ("Page", "Mail")
    assert journey.reachable_from() == ()
    assert [t.id for t in journey.touchpoints_where(owner="Ann", channel="web")] == ["Page"]
    assert [t.id for t in journey.touchpoints_where(tag="slow")] == ["Mail"]
    assert [t.id for t in journey.touchpoints_where(visibility="back_stage")] == []
    with pytest.raises(jk.NotFound, match="touchpoint 'x'"):
        journey.leading_to("x")
    with pytest.raises(jk.NotFound, match="stage 'x'"):
        journey.touchpoints_where(stage="x")
    with pytest.raises(jk.InvalidInput, match="evidence 'seen' is not known"):
        journey.touchpoints_where(evidence="seen")  # type: ignore[arg-type]
