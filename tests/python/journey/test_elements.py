"""The value objects of a map: fields brought into form once, or refused by name."""

import decimal
import pickle

import numpy as np
import pytest

import journeykit as jk
from journeykit import _core
from journeykit.journey import fields
from journeykit.journey.element import field_names

ELEMENTS = (
    jk.TimeSummary,
    jk.MetricSummary,
    jk.TouchpointStatistics,
    jk.About,
    jk.Stage,
    jk.Scene,
    jk.Touchpoint,
    jk.Transition,
    jk.FailurePoint,
)


@pytest.mark.parametrize("kind", ELEMENTS, ids=lambda kind: kind.__name__)
def test_python_and_the_engine_agree_on_the_fields(kind: type) -> None:
    assert list(field_names(kind)) == _core.element_fields()[kind.__name__]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (jk.About, fields.AboutFields),
        (jk.Stage, fields.StageFields),
        (jk.Scene, fields.SceneFields),
        (jk.Touchpoint, fields.TouchpointFields),
        (jk.Transition, fields.TransitionFields),
        (jk.FailurePoint, fields.FailurePointFields),
    ],
)
def test_an_edit_may_give_every_field_but_the_id(kind: type, fields: type) -> None:
    assert set(fields.__annotations__) == set(field_names(kind)) - {"id", "source", "target"} | (
        {"source", "target"} if kind is jk.FailurePoint else set()
    )


def test_one_text_is_one_channel_and_several_are_sorted_and_unique() -> None:
    assert jk.Touchpoint("Call", channels="phone").channels == ("phone",)
    assert jk.Touchpoint("Call", channels=["web", "phone", "web"]).channels == ("phone", "web")
    assert jk.Touchpoint("Call", tags=(tag for tag in "ba")).tags == ("a", "b")
    assert jk.FailurePoint("f", touchpoint="Call", contact_reasons=["late", "lost", "late"]).contact_reasons == (
        "late",
        "lost",
        "late",
    )


def test_numbers_of_other_libraries_become_plain_ones() -> None:
    touchpoint = jk.Touchpoint("Call", emotion=np.float32(0.5))
    assert type(touchpoint.emotion) is float
    assert jk.Transition("a", "b", count=np.int64(3)) == jk.Transition("a", "b", count=3)
    assert jk.FailurePoint("f", touchpoint="a", loss_amount=decimal.Decimal("1.25")).loss_amount == 1.25


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: jk.Stage(5), "Stage.id is 5; expected text"),
        (lambda: jk.Stage("a", name=b"x"), "Stage.name is of type bytes; expected text"),
        (lambda: jk.Stage("\ud800"), r"Stage.id is text '\\ud800'; expected text without lone surrogates"),
        (lambda: jk.Stage("a", evidence="seen"), "Stage.evidence is text 'seen'; expected one of 'assumed', "),
        (lambda: jk.Touchpoint("a", visibility=None), "Touchpoint.visibility is None; expected one of 'front_stage'"),
        (lambda: jk.Touchpoint("a", emotion="0.5"), "Touchpoint.emotion is text '0.5'; expected a number"),
        (lambda: jk.Touchpoint("a", emotion=True), "Touchpoint.emotion is True; expected a number"),
        (lambda: jk.Touchpoint("a", emotion=float("nan")), "emotion is nan; expected a finite number, or None"),
        (
            lambda: jk.Touchpoint("a", emotion=10**400),
            "Touchpoint.emotion is a very large whole number; expected a number",
        ),
        (lambda: jk.Touchpoint("a", channels=5), "Touchpoint.channels is 5; expected text or several texts"),
        (lambda: jk.Touchpoint("a", channels=["x", 5]), "Touchpoint.channels is 5; expected text"),
        (lambda: jk.Touchpoint("a", metrics={"name": "CSAT"}), "Touchpoint.metrics is of type dict; expected several"),
        (lambda: jk.Touchpoint("a", metrics=[{"name": "CSAT"}]), "MetricSummary lacks the field 'value'"),
        (lambda: jk.Touchpoint("a", statistics=3), "TouchpointStatistics is 3; expected a TouchpointStatistics"),
        (lambda: jk.Transition("a", "b", count=1.5), "Transition.count is 1.5; expected a whole number"),
        (lambda: jk.Transition("a", "b", count=2**63), r"expected a whole number from 0 to 2\^63 − 1"),
        (lambda: jk.Transition("a", "b", count=-1), "Transition.count is -1; expected a whole number from 0"),
        (lambda: jk.Transition("a", "b", count=True), "Transition.count is True; expected a whole number"),
        (lambda: jk.Stage("a").replace(nme="b"), r"field 'nme' is not in Stage \(5 fields; nearest: 'name'\)"),
    ],
)
def test_a_value_of_another_type_is_refused_by_field_and_value(make: object, message: str) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        make()  # type: ignore[operator]


def test_an_element_is_immutable_compared_by_value_and_pickled() -> None:
    one = jk.Touchpoint("Call", metrics=[{"name": "CSAT", "value": 4.2, "n": 10, "low": 4, "high": 4.5}])
    with pytest.raises(AttributeError):
        one.owner = "Ann"  # type: ignore[misc]
    assert one == jk.Touchpoint.from_fields(one.to_dict())
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.replace(owner="Ann") != one
    assert one.metrics[0].low == 4.0


def test_the_repr_shows_what_was_given() -> None:
    assert repr(jk.Transition("a", "b", count=3)) == "Transition(source='a', target='b', count=3)"
    assert repr(jk.Stage("a", name="A")) == "Stage(id='a', name='A')"
