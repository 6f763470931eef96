"""Python's search for cycles of garbage, put off where millions of objects are made."""

from __future__ import annotations

import gc
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def without_collection(make: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """`make` with the cyclic garbage collector at rest: it would look at every new object again and again, deaf to
    Ctrl-C for a third of a second at a stretch.
    """

    @wraps(make)
    def quietly(*given: _Given.args, **named: _Given.kwargs) -> _Made:
        if not gc.isenabled():
            return make(*given, **named)
        gc.disable()
        try:
            return make(*given, **named)
        finally:
            gc.enable()

    return quietly
