"""Labels that try to be more than text, put into every place a map or scorecard has for one."""

from __future__ import annotations

import pyarrow as pa

from journeykit import Table
from view import samples

LABELS = (
    "<script>x()</script>",
    '"><img src=x onerror=x()>',
    "' onmouseover=x() '",
    "</title></style></script><script>x()</script>",
    "]]><script>x()</script>",
    "--><script>x()</script>",
    "<svg/onload=x()>",
    "<animate onbegin=x() attributeName=x dur=1s>",
    "javascript:x()",
    "java\nscript:x()",
    "data:text/html,<script>x()</script>",
    "{{7*7}}",
    "${x()}",
    "%s%n{0}{cases}",
    "url(javascript:x())",
    "</select><iframe src=javascript:x()>",
    "</bdi></td></table><script>x()</script>",
    "\u202e<b onclick=x()>\u2069",
    "\x00\x1b[31m\ufffe",
)
_WRAPPERS = ("{}", "a{}", "{}b", "<p>{}", "&lt;{}", "{} 支付", "{}{}")
HOSTILE = tuple(wrapper.replace("{}", label) for label in LABELS for wrapper in _WRAPPERS)
BENIGN = tuple(f"label {k}" for k in range(len(HOSTILE)))
# how often each label stands on a page of `journey` with `card`
POSITIONS = (
    *("name of the map", "description", "currency", "stage", "phase", "stage description", "scene", "touchpoint"),
    *("touchpoint id", "touchpoint description", "need", "channel", "department", "owner", "tag", "metric"),
    *("failure point", "cause", "contact reason", "failure description", "example case", "warning"),
)


def journey(labels: tuple[str, ...]) -> samples.Map:
    """A map with a touchpoint for each label, which stands in all of its texts."""
    count = len(labels)
    stages = tuple(samples.Stage(f"s{k}", labels[k], labels[-k], labels[k]) for k in range(8))
    scenes = tuple(samples.Scene(f"c{k}", labels[k], f"s{k}") for k in range(8))
    points = tuple(
        samples.Touchpoint(
            f"{k}{label}",
            label,
            f"s{k % 8}",
            f"c{k % 8}" if k % 3 else "",
            description=label,
            channels=(label,),
            departments=(label,),
            need=label,
            metrics=(samples.Metric(label, 0.5, 10, 9, 0.2, 0.8, label),),
            statistics=samples.Statistics(100 - k % 90, 100 - k % 90, 10, 1, 1),
            owner=label,
            tags=(label,),
        )
        for k, label in enumerate(labels)
    )
    moves = tuple(samples.Transition(points[k].id, points[(k * 7 + 1) % count].id, 5 + k) for k in range(count))
    failures = tuple(
        samples.FailurePoint(f"f{k}", label, points[k].id, cause=label, description=label, contact_reasons=(label,))
        for k, label in enumerate(labels)
    )
    about = samples.About(labels[0], labels[1], labels[2], 100, 1_000)
    return samples.Map(about, stages, scenes, points, moves, failures)


def card(labels: tuple[str, ...]) -> samples.Card:
    """A scorecard of that map with the labels in its texts."""
    points = journey(labels).touchpoints
    rows = [
        {**samples.score_row(point.id, point.name, 40.0, 50), "warning": label}
        for point, label in zip(points, labels, strict=True)
    ]
    stages = [samples.score_row(f"s{k}", labels[k], 50.0, 50) for k in range(8)]
    failures = [
        samples.failure_row("drop_off", point.id, point.stage, example_cases=point.name.replace("; ", ""))
        for point in points
    ]
    whole = [samples.score_row(None, "", 58.0, 812)]
    tables = [Table(arrow=pa.Table.from_pylist(part)) for part in (whole, stages, rows)]
    return samples.Card(*tables, failures)


def table(labels: tuple[str, ...]) -> Table:
    """The labels as cells and as names of columns."""
    return Table(arrow=pa.table({labels[0]: labels, labels[1]: labels}))
