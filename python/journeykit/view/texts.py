"""Every word that is drawn, in each language, from one catalogue (texts.json)."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from journeykit.base.errors import InvalidInput


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Language → key → text."""
    return dict(json.loads(files("journeykit.view").joinpath("texts.json").read_text(encoding="utf-8")))


class Texts:
    """The words of one language.

    Examples
    --------
    >>> Texts("zh")("no_data")
    '无数据'
    >>> Texts("en").counted("cases", 1), Texts("en").counted("cases", 4558)
    ('1 case', '4,558 cases')
    """

    def __init__(self, lang: str) -> None:
        known = catalogue()
        if lang not in known:
            raise InvalidInput(f"lang is {lang!r:.80}; expected one of {', '.join(map(repr, known))}")
        self.lang = lang
        self._texts = known[lang]

    def __call__(self, key: str, **values: object) -> str:
        text = self._texts[key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether the catalogue knows the key."""
        return key in self._texts

    def counted(self, key: str, number: int) -> str:
        """A number of things: the singular for 1."""
        return self(f"{key}.one" if number == 1 else f"{key}.other", count=f"{number:,}")
