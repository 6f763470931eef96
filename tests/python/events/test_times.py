"""Times: what is read, and what is refused because it could mean two things."""

# ruff: noqa: DTZ001, DTZ007  times without a zone are what is tested

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

import journeykit as jk


def read(times: list[Any] | pa.Array, **options: Any) -> list[str]:
    """The times of one case as ISO text UTC, in row order."""
    log = jk.read_events(
        {"case": ["a"] * len(times), "touchpoint": ["x"] * len(times), "time": times, "row": list(range(len(times)))},
        **options,
    )
    rows = log.to_arrow().sort_by("row")
    return [
        f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3]
        for moment in rows["time"].cast(pa.timestamp("us", "UTC"), safe=False).to_pylist()
    ]


@pytest.mark.parametrize(
    ("times", "options", "expected"),
    [
        (["2010-12-30 14:32:00+01:00"], {}, "2010-12-30T13:32:00.000"),
        (["2010-12-30T14:32Z"], {}, "2010-12-30T14:32:00.000"),
        (["2010-12-30 14:32:00 +0200"], {}, "2010-12-30T12:32:00.000"),
        (["2010-12-30 14:32:00 UTC"], {}, "2010-12-30T14:32:00.000"),
        (["2010-12-30T14:32:00+14:00"], {}, "2010-12-30T00:32:00.000"),
        (["2010-12-30T14:32:00-00:00"], {}, "2010-12-30T14:32:00.000"),
        (["2010-12-30T14:32:00.123456789"], {}, "2010-12-30T14:32:00.123"),
        (["2010-12-30"], {}, "2010-12-30T00:00:00.000"),
        (["2010-12-30T14:32"], {"timezone": "+08:00"}, "2010-12-30T06:32:00.000"),
        (["2010-12-30T14:32"], {"timezone": "-03:30"}, "2010-12-30T18:02:00.000"),
        (["2024-07-01T12:00"], {"timezone": "Europe/Berlin"}, "2024-07-01T10:00:00.000"),
        (["2024-07-01T12:00Z"], {"timezone": "Europe/Berlin"}, "2024-07-01T12:00:00.000"),
        (["2024-10-27T02:30"], {"timezone": "Europe/Berlin", "ambiguous": "earliest"}, "2024-10-27T00:30:00.000"),
        (["2024-10-27T02:30"], {"timezone": "Europe/Berlin", "ambiguous": "latest"}, "2024-10-27T01:30:00.000"),
        (["2024-03-31T02:30"], {"timezone": "Europe/Berlin", "nonexistent": "latest"}, "2024-03-31T01:00:00.000"),
        (["29/2/2016 01:16"], {}, "2016-02-29T01:16:00.000"),
        (["2/29/2016 1:16 PM"], {}, "2016-02-29T13:16:00.000"),
        (["29.02.2016"], {}, "2016-02-29T00:00:00.000"),
        (["2016/2/9 01:16:05.5"], {}, "2016-02-09T01:16:05.500"),
        (["3/2/2016 00:00"], {"time_format": "%d/%m/%Y %H:%M"}, "2016-02-03T00:00:00.000"),
        (["31 Jan 24 11:59 PM +0100"], {"time_format": "%d %b %y %I:%M %p %z"}, "2024-01-31T22:59:00.000"),
        (["12:05 AM 01/31/99"], {"time_format": "%I:%M %p %D"}, "1999-01-31T00:05:00.000"),
        (["20240131"], {"time_format": "%Y%m%d"}, "2024-01-31T00:00:00.000"),
        ([1_700_000_000], {"time_unit": "s"}, "2023-11-14T22:13:20.000"),
        ([1_700_000_000_123], {"time_unit": "ms"}, "2023-11-14T22:13:20.123"),
        (["1700000000123456"], {"time_unit": "us"}, "2023-11-14T22:13:20.123"),
        ([1_700_000_000.5], {"time_unit": "s"}, "2023-11-14T22:13:20.500"),
        ([0], {"time_unit": "s"}, "1970-01-01T00:00:00.000"),
        ([date(2024, 2, 29)], {}, "2024-02-29T00:00:00.000"),
        ([datetime(2024, 2, 29, 12, tzinfo=timezone(timedelta(hours=2)))], {}, "2024-02-29T10:00:00.000"),
        (pa.array([10**9], pa.timestamp("s")), {}, "2001-09-09T01:46:40.000"),
        (
            pa.array([10**9], pa.timestamp("s", "Asia/Shanghai")),
            {"timezone": "Europe/Berlin"},
            "2001-09-09T01:46:40.000",
        ),
    ],
)
def test_a_time_is_read_as_the_moment_it_names(times: Any, options: dict[str, Any], expected: str) -> None:
    assert read(times, **options) == [expected]


@pytest.mark.parametrize(
    ("times", "options", "message"),
    [
        (
            ["2010-12-30 14:32", "2010-12-30 14:32Z"],
            {},
            r"mixes times with and without a zone: '2010-12-30 14:32Z' in row 1 .* '2010-12-30 14:32' in row 0",
        ),
        (
            ["2/3/2016", "1/3/2016"],
            {},
            r"can be day/month or month/day; pass time_format='%d/%m/%Y' or time_format='%m/%d/%Y'",
        ),
        (["13/13/2016"], {}, "can be day/month or month/day"),
        (
            ["2024-01-01", "tomorrow"],
            {},
            r"has 'tomorrow' in row 1 \(counted from 0\), which is no ISO 8601 time .* pass time_format=",
        ),
        (["2024-02-30"], {}, "has '2024-02-30' in row 0"),
        (["2016-12-31T23:59:60Z"], {}, "a leap second, which timestamps cannot hold; use second 59"),
        (["0001-01-01"], {}, "a time outside the years 1677 to 2262"),
        (["9999-12-31T00:00:00Z"], {}, "a time outside the years 1677 to 2262"),
        ([datetime(2024, 1, 1), datetime(2500, 1, 1)], {}, r"has a time outside the years 1677 to 2262 in row 1"),
        (
            ["2024-10-27T02:30"],
            {"timezone": "Europe/Berlin"},
            (
                r"'2024-10-27 02:30:00.000000000' in row 0 .* falls twice in Europe/Berlin .* ambiguous='earliest' or "
                r"'latest'"
            ),
        ),
        (
            ["2024-07-01", "2024-03-31T02:30"],
            {"timezone": "Europe/Berlin"},
            r"in row 1 .* does not exist in Europe/Berlin .* nonexistent=",
        ),
        (["2024-07-01"], {"timezone": "Mars/Olympus"}, "timezone 'Mars/Olympus' is not known here; .* package tzdata"),
        (["2024-07-01"], {"timezone": ""}, "timezone is ''; expected a name"),
        ([1_700_000_000], {}, "holds numbers; say what they count since 1970: time_unit='s'"),
        (["1700000000"], {}, "has '1700000000' in row 0 .* pass time_unit="),
        (["20240131"], {}, r"pass time_format='%Y%m%d'; if numbers since 1970, time_unit="),
        (
            [1_700_000_000, 1_700_000_000_000],
            {"time_unit": "ms"},
            r"mixes units: row 0 .* looks like s and row 1 .* like ms",
        ),
        (
            [1_700_000_000_000_000_000, 1_700_000_000_000],
            {"time_unit": "ms"},
            "mixes units: row 0 .* looks like ns and row 1 .* like ms",
        ),
        (
            [1_700_000_000_000],
            {"time_unit": "s"},
            r"has '1700000000000' in row 0 .* outside the years 1677 to 2262; check time_unit",
        ),
        (["1700000000", "soon"], {"time_unit": "s"}, r"has 'soon' in row 1 .* every value is to be a whole number"),
        ([float("inf")], {"time_unit": "s"}, "has 'inf' in row 0"),
        ([1], {"time_unit": "h"}, "time_unit is 'h'; expected one of s, ms, us, ns"),
        (["x"], {"ambiguous": "first"}, "ambiguous is 'first'; expected 'raise', 'earliest' or 'latest'"),
        ([True], {}, "holds bool; expected times"),
        (["31/01/24"], {"time_format": "%m/%d/%y"}, "has '31/01/24' in row 0 .* is no time of the form '%m/%d/%y'"),
        (
            ["2024-01-31", "31.1.2024"],
            {"time_format": "%Y-%m-%d"},
            "has '31.1.2024' in row 1 .* which is not of the form '%Y-%m-%d'",
        ),
        (["2024-01-31 13:00 PM"], {"time_format": "%Y-%m-%d %I:%M %p"}, "is no time of the form"),
        (["2024"], {"time_format": "%Y"}, "time_format '%Y' lacks year, month or day"),
        (["2024"], {"time_format": "%Q"}, "time_format '%Q' has '%Q'; expected each of %Y"),
        (["2024"], {"time_format": "%Y-%Y-%m-%d"}, "has '%Y' twice"),
        (["2024"], {"time_format": "%Y-%m-%d %I:%M"}, r"%I and %p \(AM, PM\) go together"),
        (["31 Foo 2024"], {"time_format": "%d %b %Y"}, "has .* in row 0"),
    ],
)
def test_a_time_that_could_mean_two_things_is_refused_with_its_row(
    times: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(jk.InvalidInput, match=message):
        read(times, **options)


def test_mixed_offsets_are_each_read_by_their_own() -> None:
    assert read(["2024-01-01T00:00+01:00", "2024-01-01T00:00-05:00"]) == [
        "2023-12-31T23:00:00.000",
        "2024-01-01T05:00:00.000",
    ]


def test_a_concluded_form_is_said() -> None:
    log = jk.read_events({"case": ["a", "a"], "touchpoint": ["x", "x"], "time": ["29/2/2016 01:16", "1/3/2016 01:16"]})
    assert "times of column 'time' are read as %d/%m/%Y %H:%M, the only way that fits all rows" in log.notes


def test_missing_times_are_refused_or_dropped() -> None:
    rows: dict[str, Any] = {"case": ["a", "a"], "touchpoint": ["x", "x"], "time": ["2024-01-01", None]}
    with pytest.raises(
        jk.InvalidInput, match=r"time column 'time' has no value in row 1 \(counted from 0\).*on_missing='drop'"
    ):
        jk.read_events(rows)
    assert jk.read_events(rows, on_missing="drop").quality.rows_dropped == 1
    with pytest.raises(jk.InvalidInput, match="on_missing is 'skip'; expected 'raise' or 'drop'"):
        jk.read_events(rows, on_missing="skip")  # type: ignore[arg-type]


def test_the_ends_of_the_range_are_read_and_one_beyond_is_refused() -> None:
    ends = ["1677-09-21T00:12:44Z", "2262-04-11T23:47:16Z"]
    for end in ends:
        assert read([end]) == [end[:-1] + ".000"]
    with pytest.raises(jk.InvalidInput, match="outside the years 1677 to 2262"):
        read(["2262-04-12T00:00:00Z"])
    with pytest.raises(jk.InvalidInput, match="spans more than 292 years"):
        read(ends)


def test_random_times_agree_with_the_standard_library() -> None:
    draw = random.Random(7)
    forms = [
        "%d/%m/%Y %H:%M:%S",
        "%Y.%m.%d %H:%M",
        "%b %d %Y %I:%M:%S %p",
        "%d-%m-%y %H:%M:%S.%f",
        "%Y-%m-%dT%H:%M:%S%z",
    ]
    for form in forms:
        moments = [
            datetime(1970, 1, 1, tzinfo=timezone(timedelta(minutes=draw.choice([-210, 0, 60, 840]))))
            + timedelta(seconds=draw.uniform(0, 3e9))
            for _ in range(200)
        ]
        texts = [moment.strftime(form) for moment in moments]
        expected = [datetime.strptime(text, form) for text in texts]
        utc = [moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in expected]
        assert read(texts, time_format=form) == [f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] for moment in utc]
