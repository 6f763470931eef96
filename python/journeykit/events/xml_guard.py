"""What an XML event log must not hold, found before any other reader sees the file.

The reader behind XES (r4pm 0.6) takes truncated files for whole ones, a bad number for 0.0 and a bad identifier for
zeros; it ends the process on deep nesting. So this pass refuses what could not be read rightly, with the line, and
says what to leave out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from journeykit.base.arguments import quoted
from journeykit.base.errors import InvalidInput, Unsupported
from journeykit.events.opened import open_bytes

if TYPE_CHECKING:
    from pathlib import Path

_DEPTH = 64
_TEXT = 64 * 2**20
_VALUES = {
    "int": re.compile(r"[+-]?[0-9]{1,18}"),
    "float": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"),
    "boolean": re.compile(r"true|false", re.IGNORECASE),
    "date": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})?"
    ),
}
_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})


@dataclass
class XesContents:
    """What the guard saw: per attribute (trace attributes as "case:key") its types, and what a table cannot hold."""

    events: int = 0
    types: dict[str, set[str]] = field(default_factory=dict)
    dates: dict[str, int] = field(default_factory=dict)
    aware: dict[str, int] = field(default_factory=dict)  # line of the first date with a zone
    naive: dict[str, int] = field(default_factory=dict)  # line of the first date without
    lost: dict[str, str] = field(default_factory=dict)  # attribute → why it is left out
    nested: bool = False


def check_xml(path: Path, max_bytes: int) -> None:
    """Refuses DOCTYPE, entities, nesting deeper than 64, other encodings than UTF-8, truncation and bombs."""
    _scan(path, max_bytes, None)


def check_xes(path: Path, max_bytes: int) -> XesContents:
    """As :func:`check_xml`, and every value that its type does not allow.

    Raises
    ------
    InvalidInput
        With the line in the file.
    """
    contents = XesContents()
    _scan(path, max_bytes, contents)
    if contents.events == 0:
        raise InvalidInput(f"file {quoted(path.name)} holds no events; expected <log><trace><event>…")
    return contents


def _scan(path: Path, max_bytes: int, contents: XesContents | None) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    name = path.name
    stack: list[str] = []
    counts: list[int] = []

    def refuse_doctype(*_: Any) -> None:
        raise InvalidInput(
            f"file {quoted(name)} has a DOCTYPE in line {parser.CurrentLineNumber}; event logs need none, and "
            "entities can read other files or fill the memory: remove it"
        )

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.upper() not in ("UTF-8", "UTF8", "US-ASCII", "ASCII"):
            raise Unsupported(
                f"file {quoted(name)} is encoded as {quoted(encoding)}; expected UTF-8: convert it, for example with "
                f"iconv -f {quoted(encoding)[1:-1]} -t UTF-8"
            )

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(stack) >= _DEPTH:
            raise InvalidInput(
                f"file {quoted(name)} nests deeper than {_DEPTH} elements in line {parser.CurrentLineNumber}; no "
                "event log needs that"
            )
        if contents is not None:
            if counts:
                counts[-1] += 1
            _note_element(contents, tag, attributes, stack, name, parser)
        stack.append(tag)
        counts.append(0)

    def end(tag: str) -> None:
        stack.pop()
        if counts.pop() == 0 and tag == "event" and contents is not None:
            raise InvalidInput(
                f"file {quoted(name)} has an event without attributes in line {parser.CurrentLineNumber}; expected "
                "at least a name and a time"
            )

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.EntityDeclHandler = refuse_doctype
    parser.XmlDeclHandler = declaration
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    read = handled = 0
    with open_bytes(path, max_bytes) as content:
        try:
            while block := content.read(2**20):
                read += len(block)
                if read > max_bytes:
                    raise InvalidInput(
                        f"file {quoted(name)} holds more than {max_bytes:,} bytes; if you trust it, pass max_bytes="
                    )
                parser.Parse(block, False)
                handled = max(handled, parser.CurrentByteIndex)
                if read - handled > _TEXT:
                    raise InvalidInput(
                        f"file {quoted(name)} has a text longer than {_TEXT:,} bytes near line "
                        f"{parser.CurrentLineNumber}; no event log needs that"
                    )
            parser.Parse(b"", True)
        except expat.ExpatError as broken:
            raise InvalidInput(
                f"file {quoted(name)} is no whole XML: {expat.ErrorString(broken.code)} in line {broken.lineno}; "
                "write or fetch it again"
            ) from broken


def _note_element(
    contents: XesContents, tag: str, attributes: dict[str, str], stack: list[str], name: str, parser: Any
) -> None:
    parent = stack[-1] if stack else ""
    if tag == "event":
        contents.events += 1
        if parent != "trace":
            raise InvalidInput(
                f"file {quoted(name)} has an event outside a trace in line {parser.CurrentLineNumber}; expected "
                "<log><trace><event>…"
            )
        return
    if tag not in _ATTRIBUTES:
        return
    if parent not in ("event", "trace"):
        contents.nested = contents.nested or "trace" in stack
        return
    key = attributes.get("key", "")
    if parent == "trace":
        key = "case:" + key
    contents.types.setdefault(key, set()).add(tag)
    value = attributes.get("value", "")
    if tag in ("list", "container"):
        contents.lost[key] = "it holds a list"
    elif tag == "id":
        if _UUID.fullmatch(value) is None:
            contents.lost[key] = "its identifiers are no UUIDs"
    elif tag != "string":
        match = _VALUES[tag].fullmatch(value)
        if match is None:
            raise InvalidInput(
                f"file {quoted(name)}: attribute {quoted(key)} in line {parser.CurrentLineNumber} is "
                f"{quoted(value)}; expected a {tag} such as {_example(tag)}"
            )
        if tag == "date":
            contents.dates[key] = contents.dates.get(key, 0) + 1
            (contents.aware if match[1] else contents.naive).setdefault(key, parser.CurrentLineNumber)


def _example(tag: str) -> str:
    return {"int": "7", "float": "1.5", "boolean": "true", "date": "2026-11-22T14:30:00+01:00"}[tag]
