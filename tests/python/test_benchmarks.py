"""What the benchmarks rest on: logs from seeds, answers that are compared, results of others that stay."""

from __future__ import annotations

from pathlib import Path

import pytest

numpy = pytest.importorskip("numpy")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def find_benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.mark.parametrize("shape", ["interleaved", "long", "shuffled"])
def test_a_shape_is_what_it_says_and_the_same_for_the_same_seed(shape):
    from benchmarks import shapes

    log, again, other = (shapes.make(shape, 20_000, seed) for seed in (1, 1, 2))
    assert 19_000 < len(log.case) <= 20_000
    for name in ("case", "touchpoint", "time"):
        assert (getattr(log, name) == getattr(again, name)).all()
    assert len(log.case) != len(other.case) or (log.time != other.time).any()
    assert len(numpy.unique(log.touchpoint)) >= 18
    mean = len(log.case) / len(numpy.unique(log.case))
    in_order = (numpy.diff(log.time) >= 0).all()
    if shape == "long":
        assert mean > 40
    else:
        assert 8 < mean < 10
    assert in_order == (shape != "shuffled")
    pairs = numpy.stack([log.case.astype(numpy.int64), log.time])
    tied = pairs.shape[1] - numpy.unique(pairs, axis=1).shape[1]
    assert (tied > 0) == (shape == "shuffled")


def graph(**changes):
    from benchmarks import answers

    edges = {"source": ["b", "a"], "target": ["a", "b"], "count": [2, 3], "mean": [1.5, 0.5]} | changes
    return answers.graph(edges, {"a": 3, "c": 0}, {"b": 3})


def test_equal_answers_are_found_equal_in_any_order_of_rows():
    from benchmarks import answers

    other = answers.graph(
        {"source": ["a", "b"], "target": ["b", "a"], "count": [3, 2], "mean": [0.5, 1.5 * (1 + 1e-14)]}, {"a": 3}
    )
    compared = answers.compare(graph(), other)
    assert compared == ["source", "target", "count", "mean", "starts at", "starts count"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": [2, 4]}, "count at a → b"),
        ({"mean": [1.5, 0.5 * (1 + 1e-11)]}, "mean at a → b"),
        ({"mean": [1.5, float("nan")]}, "mean at a → b"),
        ({"target": ["a", "c"]}, "target"),
    ],
)
def test_answers_that_differ_are_no_answers(change, message):
    from benchmarks import answers

    with pytest.raises(answers.DifferenceError, match=message):
        answers.compare(graph(), graph(**change))


def test_variants_are_told_apart_by_order_and_by_where_they_end():
    from benchmarks import answers

    names = ["advert", "search", "chat"]
    paths = [[names[0], names[1]], [names[1], names[0]], [names[0]], [names[1]], [names[0], names[0]], names]
    found = answers.variants_of_names(paths, [1, 2, 3, 4, 5, 6])
    assert len(numpy.unique(found["variant"])) == len(paths)
    again = answers.variants_of_names(paths[::-1], [6, 5, 4, 3, 2, 1])
    assert answers.compare(found, again) == ["variant", "cases"]


def test_writing_results_leaves_what_others_wrote(tmp_path):
    from benchmarks import report

    page = tmp_path / "RESULTS.md"
    page.write_text("# Results\n\n## By hand\nkept\n", "utf-8")
    report.write(page, "first table")
    page.write_text(page.read_text("utf-8") + "\n## Later\nkept too\n", "utf-8")
    report.write(page, "second table")
    text = page.read_text("utf-8")
    assert "first table" not in text
    assert [part in text for part in ("## By hand\nkept", "second table", "## Later\nkept too")] == [True] * 3
