"""Numbers that many functions take are checked in one place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import journeykit as jk
from journeykit.base.arguments import whole


@pytest.mark.parametrize("given", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_of_any_kind_become_int(given: Any) -> None:
    assert (whole(given, "rows", 3, 3), type(whole(given, "rows", 1))) == (3, int)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (0, "rows is 0; expected a whole number from 1 to 9"),
        (-1234, "rows is -1,234; "),
        (10, "rows is 10; "),
        pytest.param(10**5000, "rows is a very large number; ", id="huge"),
        (True, "rows is 'True'; "),
        (2.0, "rows is '2.0'; "),
        ("2", "rows is '2'; "),
        (None, "rows is 'None'; "),
    ],
)
def test_what_is_no_such_number_is_refused(given: Any, said: str) -> None:
    with pytest.raises(jk.InvalidInput) as refused:
        whole(given, "rows", 1, 9)
    assert said in str(refused.value)
