"""Maps as files: lossless, by the published schema, and safe against what strangers put into them."""

from __future__ import annotations

import copy
import json
import os
import random
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import journeykit as jk
from journey_maps import random_map
from journeykit.journey import json_schema

HEAD: dict[str, Any] = {"format": "journeykit.journey_map", "version": 1}


def document(**parts: Any) -> str:
    return json.dumps({**HEAD, **parts})


def refusal(text: str | bytes, kind: type[Exception] = jk.InvalidInput) -> str:
    """The message with which a text is refused, never more than a screen of it."""
    with pytest.raises(kind) as caught:
        jk.JourneyMap.from_json(text)
    message = str(caught.value)
    assert len(message) < 600
    return message


@pytest.mark.parametrize("seed", range(300))
def test_a_saved_map_is_read_back_equal_and_fits_the_schema(seed: int) -> None:
    journey = random_map(seed)
    text = journey.to_json()
    assert jk.JourneyMap.from_json(text) == journey
    assert jk.JourneyMap.from_json(text.encode()).to_json() == text
    VALIDATOR.validate(json.loads(text))


VALIDATOR = jsonschema.Draft202012Validator(json_schema())
FIELDS = tuple(json_schema()["$defs"]["touchpoint"]["properties"])

# Rules that no schema can say; everything else a schema refuses must be refused by the reader, and the other way round.
BEYOND_A_SCHEMA = (
    "is in the map already",
    "is not in the map",
    "above max_seconds",
    "above high",
    "twice",
    "belongs to",
)


def broken(text: str, draw: random.Random) -> Any:
    """The document with one thing changed somewhere."""
    value = json.loads(text)
    places: list[tuple[Any, Any]] = []
    open_values = [value]
    while open_values:
        one = open_values.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        places.extend((one, key) for key in keys)
        open_values.extend(one[key] for key in keys if isinstance(one[key], dict | list))
    holder, key = draw.choice(places)
    match draw.randrange(5):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[draw.choice(("nmae", "id ", "comment"))] = 1
        case 2 if isinstance(holder, list):
            holder.append(draw.choice((None, 5, "", {}, [])))
        case 3 if isinstance(holder, dict):
            holder[draw.choice(tuple(json_schema()["$defs"]["touchpoint"]["properties"]))] = draw.choice(
                ("x", 1, [], "")
            )
        case _:
            holder[key] = draw.choice((None, True, -1, 0, 0.5, 2.5, 3.0, 1e9, "", "x", "observed", [], {}, ["a"], [1]))
    return value


@pytest.mark.parametrize("seed", range(300))
def test_the_reader_and_the_schema_refuse_the_same_documents(seed: int) -> None:
    draw = random.Random(seed)
    text = random_map(seed).to_json()
    for _ in range(20):
        changed = broken(text, draw)
        rule = reading_error(json.dumps(changed))
        if VALIDATOR.is_valid(changed):
            assert rule is None or any(part in rule for part in BEYOND_A_SCHEMA), f"{rule}\n{changed}"
        else:
            assert rule is not None, changed


def reading_error(text: str) -> str | None:
    try:
        jk.JourneyMap.from_json(text)
    except (jk.InvalidInput, jk.Unsupported) as wrong:
        return str(wrong)
    return None


def test_the_file_format_is_stable() -> None:
    journey = (
        jk.JourneyMap("Support", currency="EUR")
        .add_stage("Help", phase="post-purchase")
        .add_touchpoint("Call", name="Telephone", stage="Help", channels=["phone", "app"], emotion=-0.2)
        .add_touchpoint("Close", stage="Help", evidence="observed", statistics={"events": 3, "cases": 3, "ends": 3})
        .add_transition("Call", "Close", probability=1)
        .add_failure_point("Wait", touchpoint="Call", loss_amount=12)
    )
    assert (
        journey.to_json()
        == """\
{
  "format": "journeykit.journey_map",
  "version": 1,
  "name": "Support",
  "currency": "EUR",
  "stages": [
    {
      "id": "Help",
      "phase": "post-purchase"
    }
  ],
  "touchpoints": [
    {
      "id": "Call",
      "name": "Telephone",
      "stage": "Help",
      "channels": ["app", "phone"],
      "emotion": -0.2
    },
    {
      "id": "Close",
      "stage": "Help",
      "statistics": {
        "events": 3,
        "cases": 3,
        "ends": 3
      },
      "evidence": "observed"
    }
  ],
  "transitions": [
    {
      "source": "Call",
      "target": "Close",
      "probability": 1.0
    }
  ],
  "failure_points": [
    {
      "id": "Wait",
      "touchpoint": "Call",
      "loss_amount": 12.0
    }
  ]
}
"""
    )


def test_the_example_of_the_documentation_is_a_map() -> None:
    page = Path(__file__).parents[3].joinpath("docs", "map_file.md").read_text("utf-8")
    journey = jk.JourneyMap.from_json(page.split("```json\n")[1].split("```")[0])
    assert journey.touchpoint("Call").channels == ("app", "phone")
    assert journey.to_json() in page + "\n"


# Hostile files, by the numbers of the reliability plan.


@pytest.mark.parametrize("text", ["[" * 512_000, '{"a":' * 200_000, '{"stages":[' * 100_000])
def test_j2_deep_nesting_is_refused_by_its_depth(text: str) -> None:
    assert "nested deeper than 64 levels" in refusal(text)


def test_j3_empty_cut_or_oddly_encoded_files_are_refused() -> None:
    good = random_map(3).to_json().encode()
    assert "ends too early" in refusal("")
    assert "UTF-16 or UTF-32" in refusal(good.decode().encode("utf-16"))
    assert "NUL byte at line 1, column 2" in refusal(b"{\0}")
    assert "NUL byte" in refusal(good + b"\0garbage")
    assert "not valid UTF-8" in refusal(good.replace(b"format", b"form\xff"))
    assert "lone surrogates" in refusal("\ud800")
    assert jk.JourneyMap.from_json(b"\xef\xbb\xbf" + good) == random_map(3)
    for size in range(len(good.rstrip()) - 1):
        refusal(good[:size])


@pytest.mark.parametrize(
    ("probability", "message"),
    [
        ("1e400", "JSON /transitions/0/probability: this number is beyond the range of a double"),
        ("18446744073709551616", "JSON /transitions/0/probability: this whole number does not fit into 64 bits"),
        ("NaN", "not valid at line 1"),
        ("-1", "/transitions/0: transition 'a → a': probability is -1; expected a number from 0 to 1"),
        ("true", "/transitions/0/probability: expected a number, got true"),
    ],
)
def test_j4_j7_numbers_that_would_change_or_mislead_are_refused(probability: str, message: str) -> None:
    text = document(touchpoints=[{"id": "a"}], transitions=[{"source": "a", "target": "a", "probability": 0.125}])
    assert message in refusal(text.replace("0.125", probability))


def test_j4_numbers_at_the_edge_are_read_as_written() -> None:
    move = {"source": "a", "target": "a", "count": 77, "probability": 0.5}
    text = document(touchpoints=[{"id": "a"}], transitions=[move])

    def read(count: str, probability: str) -> jk.Transition:
        journey = jk.JourneyMap.from_json(text.replace("0.5", probability).replace("77", count))
        return journey.transition("a", "a")

    assert read("9007199254740993", "1").count == 2**53 + 1
    assert read("9223372036854775807", "1").count == 2**63 - 1
    assert read("3.0", "1e-400") == jk.Transition("a", "a", count=3, probability=0.0)
    with pytest.raises(jk.InvalidInput, match=r"/transitions/0/count: expected a whole number, got number 1\.5"):
        read("1.5", "0")
    with pytest.raises(jk.InvalidInput, match="does not fit into 64 bits"):
        read("9223372036854775808", "0")


def test_j5_what_stands_twice_is_refused_and_what_looks_alike_is_a_finding() -> None:
    assert "key 'id' stands twice in the object /stages/0" in refusal(
        document(stages=[{"idd": "a", "id": "b"}]).replace("idd", "id")
    )
    twice = document(touchpoints=[{"id": "a"}, {"id": "a"}])
    assert "/touchpoints/1: touchpoint 'a' is in the map already" in refusal(twice)
    assert "/touchpoints/0: touchpoint '': id is empty" in refusal(document(touchpoints=[{"id": ""}]))
    alike = ["é", "e\u0301", "Straße", "strasse", "ﬁnd", "FIND"]  # by canonical form, case and compatibility
    findings = jk.JourneyMap.build(touchpoints=alike).validate()
    assert [finding.message for finding in findings if finding.rule == "ids-look-alike"] == [
        "touchpoint 'e\u0301': its id looks like 'é'",
        "touchpoint 'strasse': its id looks like 'Straße'",
        "touchpoint 'FIND': its id looks like 'ﬁnd'",
    ]


def test_j6_references_that_do_not_stand_are_refused_and_odd_graphs_are_read() -> None:
    a = [{"id": "a"}]
    assert "/transitions/0: touchpoint 'b' is not in the map" in refusal(
        document(touchpoints=a, transitions=[{"source": "a", "target": "b"}])
    )
    assert "/transitions/1: transition 'a → a' is in the map already" in refusal(
        document(touchpoints=a, transitions=[{"source": "a", "target": "a"}] * 2)
    )
    assert "/touchpoints/0: stage 'x' is not in the map" in refusal(document(touchpoints=[{"id": "a", "stage": "x"}]))
    assert "/scenes/0: stage 'x' is not in the map" in refusal(document(scenes=[{"id": "a", "stage": "x"}]))
    assert "/failure_points/0: transition 'a → a' is not" in refusal(
        document(touchpoints=a, failure_points=[{"id": "f", "source": "a", "target": "a"}])
    )
    loop = jk.JourneyMap.from_json(document(touchpoints=a, transitions=[{"source": "a", "target": "a"}]))
    assert loop.successors("a") == ("a",)
    named_alike = jk.JourneyMap.from_json(document(stages=a, touchpoints=[{"id": "a", "stage": "a"}]))
    assert named_alike.touchpoint("a").stage == "a"


def test_j6_maps_without_start_end_or_touchpoints_are_read_and_judged() -> None:
    def rules(*moves: tuple[str, str], ends: str = "ab") -> set[str]:
        transitions = [{"source": source, "target": target} for source, target in moves]
        journey = jk.JourneyMap.from_json(document(touchpoints=[{"id": one} for one in ends], transitions=transitions))
        return {finding.rule for finding in journey.validate() if finding.severity == "error"}

    assert {"no-start", "no-end"} <= rules(("a", "b"), ("b", "a"))
    assert not {"no-start", "no-end"} & rules(("a", "b"))
    assert "no-touchpoints" in rules(ends="")
    assert "no-way-out" in rules(("a", "b"), ("b", "c"), ("c", "b"), ("a", "d"), ends="abcd")


def test_j7_probabilities_that_do_not_add_up_are_a_finding() -> None:
    def rules(*shares: float) -> set[str]:
        touchpoints = [{"id": "a"}, *({"id": f"b{k}"} for k in range(len(shares)))]
        moves = [{"source": "a", "target": f"b{k}", "probability": share} for k, share in enumerate(shares)]
        return {
            finding.rule
            for finding in jk.JourneyMap.from_json(document(touchpoints=touchpoints, transitions=moves)).validate()
        }

    assert "probabilities-above-1" in rules(0.8, 0.8)
    assert "probabilities-below-1" in rules(0.0, 0.0)
    assert not {"probabilities-above-1", "probabilities-below-1"} & rules(0.1, 0.2, 0.7)
    assert rules(5e-324, 1.0) == rules(0.0, 1.0)
    amounts = [
        {"id": f"f{k}", "touchpoint": "a", "cause": "x", "frequency_share": 1, "loss_amount": 1e308} for k in (1, 2)
    ]
    assert jk.JourneyMap.from_json(document(touchpoints=[{"id": "a"}], failure_points=amounts)).validate()


def test_j9_large_documents_end_in_an_answer() -> None:
    longest = jk.JourneyMap.from_json(document(touchpoints=[{"id": "x" * 65_536}]))
    assert len(longest.touchpoints[0].id) == 65_536
    for size in (65_537, 10_000_000):
        too_long = document(touchpoints=[{"id": "a", "description": "x" * size}])
        assert f"/touchpoints/0: touchpoint 'a': description has {size} bytes; at most 65536" in refusal(too_long)
    keys = "{" + ",".join(f'"{k}":0' for k in range(1_000_000)) + "}"
    assert "/: field 'format' is missing" in refusal(keys)
    # keys that collide in Python's and in common C++ hash tables: they are sorted here
    assert "/: field 'format' is missing" in refusal(
        "{" + ",".join(f'"{k * (2**61 - 1)}":0' for k in range(100_000)) + "}"
    )
    assert "ends too early" in refusal(" " * 20_000_000)


def test_j8_versions_and_fields_that_are_not_known_are_refused() -> None:
    assert "/version: the map has format version 2, this journeykit reads up to 1" in refusal(
        json.dumps({**HEAD, "version": 2, "new_field": 1}), jk.Unsupported
    )
    assert "/: field 'version' is missing" in refusal('{"format": "journeykit.journey_map"}')
    assert "/: field 'format' is missing" in refusal("{}")
    assert "/version: expected 1, got 0" in refusal(json.dumps({**HEAD, "version": 0}))
    assert "/version: expected a whole number, got text '1'" in refusal(json.dumps({**HEAD, "version": "1"}))
    assert "/format: expected 'journeykit.journey_map', got 'other'" in refusal('{"format": "other", "version": 1}')
    assert "/: expected an object, got array" in refusal("[]")
    assert "/: unknown field 'touchpoint'; nearest: 'touchpoints'" in refusal(document(touchpoint=[]))
    assert "/touchpoints/0: unknown field 'chanels'; nearest: 'channels'" in refusal(
        document(touchpoints=[{"id": "a", "chanels": []}])
    )
    assert "/touchpoints/0/stage: expected text, got whole number 5" in refusal(
        document(touchpoints=[{"id": "a", "stage": 5}])
    )
    assert "/touchpoints/0/emotion: expected a number, got null" in refusal(
        document(touchpoints=[{"id": "a", "emotion": None}])
    )
    assert "/touchpoints/0/channels: expected an array, got text 'phone'" in refusal(
        document(touchpoints=[{"id": "a", "channels": "phone"}])
    )
    assert "/touchpoints/0/visibility: visibility 'front' is not known; expected one of 'front_stage'" in refusal(
        document(touchpoints=[{"id": "a", "visibility": "front"}])
    )
    assert "/touchpoints/0/evidence: evidence 'seen' is not known; expected one of 'assumed'" in refusal(
        document(touchpoints=[{"id": "a", "evidence": "seen"}])
    )
    assert "/: map '': cases is -1" in refusal(document(cases=-1))


def test_documents_beyond_a_limit_are_refused_and_limits_can_be_set(tmp_path: Path) -> None:
    journey = jk.JourneyMap.build(touchpoints=["a", "b"], transitions=[{"source": "a", "target": "b"}])
    text = journey.to_json()
    journey.save(tmp_path / "map.json")
    for limits, message in (
        ({"max_bytes": 10}, "bytes"),
        ({"max_touchpoints": 1}, "/touchpoints: has 2 elements, more than the limit of 1"),
        ({"max_transitions": 0}, "/transitions: has 1 elements, more than the limit of 0"),
    ):
        with pytest.raises(jk.InvalidInput, match=message):
            jk.JourneyMap.from_json(text, **limits)
        with pytest.raises(jk.InvalidInput, match=message):
            jk.JourneyMap.load(tmp_path / "map.json", **limits)
    assert jk.JourneyMap.load(tmp_path / "map.json", max_bytes=10**12, max_touchpoints=2) == journey
    with pytest.raises(jk.InvalidInput, match="max_bytes is -1; expected a whole number from 0"):
        jk.JourneyMap.from_json(text, max_bytes=-1)


def test_long_texts_are_quoted_in_part_only_and_control_characters_are_escaped() -> None:
    message = refusal(document(**{"x" * 10_000_000: 1}))
    assert message == f"/: unknown field '{'x' * 80}…'; nearest: '{message.split(chr(39))[-2]}'"
    assert "\\u001b]0;title\\u0007" in refusal(document(touchpoints=[{"id": "a", "\x1b]0;title\x07": 1}]))


def test_no_file_of_the_json_test_suite_is_a_map_and_none_crashes(shared_data: Path) -> None:
    files = sorted((shared_data / "jsontestsuite").glob("test_*/*.json"))
    assert len(files) == 318 + 22
    for file in files:
        with pytest.raises(jk.InvalidInput):
            jk.JourneyMap.load(file)


# Saving


def test_save_and_load_give_the_same_map(tmp_path: Path) -> None:
    journey = random_map(11)
    for path in (tmp_path / "map.json", str(tmp_path / "客服 map.JSON")):
        journey.save(path)
        assert jk.JourneyMap.load(path) == journey
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.json", "客服 map.JSON"]


def test_a_suffix_chooses_the_form(tmp_path: Path) -> None:
    with pytest.raises(jk.InvalidInput, match=r"the suffix of the path is text '.png'; expected '.json', '.html' or"):
        jk.JourneyMap().save(tmp_path / "map.png")
    with pytest.raises(jk.InvalidInput, match=r"a .json file has no options; remove 'lang'"):
        jk.JourneyMap().save(tmp_path / "map.json", lang="zh")
    with pytest.raises(jk.Unsupported, match=r"maps are loaded from .json files, not from .html"):
        jk.JourneyMap.load(tmp_path / "map.html")
    with pytest.raises(jk.InvalidInput, match="path is 5; expected text or a path"):
        jk.JourneyMap.load(5)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_files_and_directories_that_do_not_exist_are_not_found(tmp_path: Path) -> None:
    with pytest.raises(jk.NotFound, match=r"file '.*none.json' does not exist; check the path"):
        jk.JourneyMap.load(tmp_path / "none.json")
    with pytest.raises(jk.NotFound, match=r"its directory does not exist; create it first"):
        jk.JourneyMap().save(tmp_path / "none" / "map.json")


def test_directories_pipes_and_devices_are_refused(tmp_path: Path) -> None:
    (tmp_path / "directory.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "full.json").symlink_to("/dev/full")
    for name in ("directory.json", "pipe.json", "full.json"):
        with pytest.raises(jk.InvalidInput, match="cannot save to"):
            jk.JourneyMap().save(tmp_path / name)
    with pytest.raises(jk.InvalidInput, match="it is a directory; name a file in it"):
        jk.JourneyMap.load(tmp_path / "directory.json")
    with pytest.raises(jk.InvalidInput, match="ends too early"):
        jk.JourneyMap.load(tmp_path / "pipe.json")
    with pytest.raises(jk.InvalidInput, match="holds a NUL byte"):
        jk.JourneyMap().save(f"{tmp_path}/a\0b.json")
    assert len(list(tmp_path.iterdir())) == 3


def test_a_link_keeps_pointing_at_its_target_and_the_target_keeps_its_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    jk.JourneyMap("old").save(target)
    target.chmod(0o640)
    link.symlink_to("target.json")
    jk.JourneyMap("new").save(link)
    assert link.is_symlink()
    assert jk.JourneyMap.load(target).name == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


SAVE_WITHOUT_ROOM = """
import resource, signal, sys
import journeykit as jk
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    jk.JourneyMap("new", description="x" * 1000).save(sys.argv[1])
except jk.Error as error:
    print(type(error).__name__, error)
"""


def test_a_save_that_fails_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    jk.JourneyMap("old").save(path)
    before = path.read_bytes()
    done = subprocess.run([sys.executable, "-c", SAVE_WITHOUT_ROOM, path], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Error cannot save to ")
    assert done.stdout.endswith("File too large; the old file is unchanged\n")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a read-only directory")
def test_a_read_only_directory_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    jk.JourneyMap("old").save(tmp_path / "map.json")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(jk.Error, match="Permission denied"):
            jk.JourneyMap("new").save(tmp_path / "map.json")
        assert jk.JourneyMap.load(tmp_path / "map.json").name == "old"
    finally:
        tmp_path.chmod(0o700)


def test_two_writers_and_a_reader_only_ever_see_whole_maps(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    maps = [random_map(21), random_map(22)]
    maps[0].save(path)
    writers = [threading.Thread(target=lambda m=m: [m.save(path) for _ in range(50)]) for m in maps]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert jk.JourneyMap.load(path) in maps
    assert list(tmp_path.iterdir()) == [path]


def test_reading_never_leaves_a_half_built_map_behind() -> None:
    journey = random_map(5)
    twin = copy.copy(journey)
    refusal(journey.to_json()[:-5])
    assert twin == journey
