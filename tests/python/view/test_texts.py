"""The catalogue: every visible word in both languages, none beside it."""

from __future__ import annotations

import re
import string
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import html5lib
import pyarrow as pa
import pytest

import journeykit.view
from journeykit import Table, datasets
from journeykit.view import card_html, flow_svg, log_html, map_html, map_svg, page_html, table_html
from journeykit.view.texts import Texts, catalogue
from view import samples

_FOLDER = Path(journeykit.view.__file__).parent
# not a word of a language
_NO_WORDS = {"UTC"}


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    english, chinese = catalogue()["en"], catalogue()["zh"]
    assert set(english) == set(chinese)
    assert {key for key in english if _placeholders(english[key]) != _placeholders(chinese[key])} == set()


def test_chinese_texts_are_chinese() -> None:
    words = {key: re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", text)) for key, text in catalogue()["zh"].items()}
    assert {key: found for key, found in words.items() if set(found) - _NO_WORDS} == {}


def test_every_key_is_used_and_every_used_key_exists() -> None:
    sources = [*_FOLDER.glob("*.py"), *(_FOLDER / "templates").iterdir()]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    quoted = set(re.findall(r"[\"']([a-z_]+(?:\.[a-z_0-9]+)*\.?)[\"'{]", code))
    starts = tuple(part for part in quoted if part.endswith("."))
    known = {re.sub(r"\.(one|other)$", "", key) for key in catalogue()["en"]}
    assert {key for key in known if key not in quoted and not key.startswith(starts)} == set()
    called = set(re.findall(r"\bt\(\s*[\"']([a-z_.]+[a-z_])[\"']", code))
    assert called
    assert called <= set(catalogue()["en"])


def _numbered(value: Any, names: dict[str, str]) -> Any:
    """The same sample with every label replaced by digits, so that letters can only come from the page itself."""
    if isinstance(value, str):
        return names.setdefault(value, str(1_000 + len(names))) if value else value
    if isinstance(value, tuple):
        return tuple(_numbered(item, names) for item in value)
    if hasattr(value, "__dataclass_fields__"):
        kept = {"evidence", "visibility", "phase"}
        changed = {f.name: _numbered(getattr(value, f.name), names) for f in fields(value) if f.name not in kept}
        return replace(value, **changed)
    return value


def _visible(markup: str) -> str:
    tree = html5lib.parse(markup, namespaceHTMLElements=False)
    parts = []
    for element in tree.iter():
        if str(element.tag).endswith(("style", "html", "meta")):
            continue
        parts += [element.text or "", *(element.get(name, "") for name in ("title", "aria-label"))]
        parts += [child.tail or "" for child in element]
    return " ".join(parts)


def _card(names: dict[str, str]) -> samples.Card:
    card = samples.shop_card()

    def numbered(table: Table) -> Table:
        rows = table.rows()
        for row in rows:
            for column in ("id", "name", "touchpoint", "stage", "example_cases"):
                if row.get(column):
                    row[column] = names.setdefault(row[column], str(1_000 + len(names)))
            row["warning"] = None
        return Table(arrow=pa.Table.from_pylist(rows))

    failures = numbered(Table(arrow=pa.Table.from_pylist(card.failure_rows))).rows()
    return samples.Card(numbered(card.journey), numbered(card.stages), numbered(card.touchpoints), failures)


def test_a_chinese_page_has_no_english_word_of_its_own() -> None:
    names: dict[str, str] = {}
    journey = _numbered(samples.shop(), names)
    card = _card(names)
    object.__setattr__(card, "map", journey)
    empty = Table(arrow=pa.table({"1": pa.array([], pa.int64())}))
    pages = [
        page_html(journey, card, lang="zh"),
        page_html(samples.Map(), lang="zh"),
        map_html(journey, card, lang="zh"),
        card_html(card, lang="zh"),
        map_svg(journey, card, lang="zh"),
        flow_svg(journey, lang="zh"),
        table_html(empty, lang="zh"),
    ]
    for page in pages:
        words = set(re.findall(r"[A-Za-z]{2,}", _visible(page))) - _NO_WORDS
        assert words == set()


def test_a_chinese_log_has_no_english_word_but_its_labels() -> None:
    log = datasets.load_incidents()
    labels = " ".join([*log.touchpoints, *log.columns, *log.notes])
    words = set(re.findall(r"[A-Za-z]{2,}", _visible(log_html(log, lang="zh")))) - _NO_WORDS
    assert words <= set(re.findall(r"[A-Za-z]{2,}", labels))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_thing_is_singular(lang: str) -> None:
    assert Texts(lang).counted("cases", 1) == {"en": "1 case", "zh": "1 个案例"}[lang]
