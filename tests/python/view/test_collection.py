"""Drawing puts Python's garbage collector to rest, and leaves it as it was found."""

from __future__ import annotations

import gc
from typing import Any

import pytest

import journeykit as jk
from journeykit import view
from journeykit.view import figures

MAP = jk.JourneyMap("Shop").add_touchpoint("Pay")


@pytest.mark.parametrize("draw", [view.map_html, view.page_html, view.map_svg])
@pytest.mark.parametrize("on", [True, False])
def test_the_collector_rests_and_is_then_as_it_was(draw: Any, on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    picture_of = figures.picture_of
    monkeypatch.setattr(figures, "picture_of", lambda *a, **k: (seen.append(gc.isenabled()), picture_of(*a, **k))[1])
    if not on:
        gc.disable()
    try:
        draw(MAP)
        after = gc.isenabled()
    finally:
        gc.enable()
    assert (seen, after) == ([False], on)


def test_an_error_wakes_it_again() -> None:
    with pytest.raises(jk.InvalidInput, match="lang"):
        view.map_html(MAP, lang="fr")
    assert gc.isenabled()
