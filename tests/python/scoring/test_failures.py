"""Failure points: hand-worked, against a naive twin, and where they were planted."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import journeykit as jk
from scoring.naive import lost_completions

if TYPE_CHECKING:
    from pathlib import Path

#  10 cases  look → pay → done
#   4 cases  look → pay → error            lost
#   2 cases  look → pay → error → done
PATHS = [["look", "pay", "done"]] * 10 + [["look", "pay", "error"]] * 4 + [["look", "pay", "error", "done"]] * 2


def read(paths: list[list[str]], **columns: list[str]) -> jk.EventLog:
    """One case per path, one event per minute, every case its own customer; `columns` hold one value per case."""
    rows: dict[str, list[Any]] = {"case": [], "touchpoint": [], "at": [], **{name: [] for name in columns}}
    for c, path in enumerate(paths):
        for k, touchpoint in enumerate(path):
            rows["case"].append(f"case {c:04}")
            rows["touchpoint"].append(touchpoint)
            rows["at"].append(k * 60)
            for name, values in columns.items():
                rows[name].append(values[c])
    table = pa.table({**rows, "at": pa.array(rows["at"], pa.timestamp("s", "UTC"))})
    return jk.read_events(table, case="case", touchpoint="touchpoint", time="at", completed=["done"], idle="0s")


def failures(log: jk.EventLog, **options: Any) -> dict[tuple[str, str], dict[str, Any]]:
    card = jk.score(jk.discover(log, stages=dict.fromkeys(log.touchpoints, "all")), log, **options)
    return {(row["kind"], row["touchpoint"]): row for row in card.failures().rows()}


def test_a_detour_is_compared_with_those_who_left_the_same_step_elsewhere() -> None:
    # At pay 6 went to error, of whom 2 completed; 10 went elsewhere, all completed: 6·10/10 − 2 = 4.
    row = failures(read(PATHS), minimum_n=1)["detour", "error"]
    assert row["cases"] == 6
    assert row["reached"] == 16
    assert row["lost_completions"] == pytest.approx(4)
    assert row["low"] < 4 < row["high"]
    assert row["completed_share"] == pytest.approx(2 / 6)
    assert row["example_cases"] == "case 0010; case 0011; case 0012"


def test_a_drop_off_counts_what_the_lost_would_have_completed_like_those_who_went_on() -> None:
    # 4 of 6 are lost at error; both who went on completed: 4·2/2 = 4.
    row = failures(read(PATHS), minimum_n=1)["drop_off", "error"]
    assert (row["cases"], row["reached"], row["share"]) == (4, 6, pytest.approx(4 / 6))
    assert row["lost_completions"] == pytest.approx(4)


def test_points_lost_are_lost_completions_at_the_weight_of_completion() -> None:
    # weights without experience: friction and completion one half each; 100·.5·4/16 = 12.5, and no friction at error.
    row = failures(read(PATHS), minimum_n=1)["detour", "error"]
    assert row["points_lost"] == pytest.approx(12.5)


def test_few_cases_are_listed_without_a_rank() -> None:
    row = failures(read(PATHS), minimum_n=10)["drop_off", "error"]
    assert row["rank"] is None
    assert row["evidence"] == "partly_observed"


def test_a_log_where_everybody_completes_has_no_failures() -> None:
    assert failures(read([["look", "pay", "done"]] * 30)) == {}


def test_without_a_named_completion_only_friction_is_found() -> None:
    log = read(PATHS).with_endings()
    kinds = {kind for kind, _ in failures(log)}
    assert "drop_off" not in kinds
    assert "detour" not in kinds


@pytest.mark.parametrize("block", range(5))
def test_lost_completions_agree_with_the_naive_twin_on_random_logs(block: int) -> None:
    for seed in range(block * 200, block * 200 + 200):
        rng = random.Random(seed)
        paths = [
            [rng.choice(["look", "pay", "error", "ask", "done"]) for _ in range(rng.randint(1, 6))]
            for _ in range(rng.randint(1, 25))
        ]
        if not any("done" in path for path in paths):
            continue
        expected = lost_completions(paths, "done")
        for (kind, touchpoint), row in failures(read(paths), minimum_n=1).items():
            if kind in ("drop_off", "detour", "repeat") and row["lost_completions"] is not None:
                cases, lost = expected[kind, touchpoint]
                assert row["cases"] == cases, (seed, kind, touchpoint)
                assert row["lost_completions"] == pytest.approx(lost, abs=1e-9), (seed, kind, touchpoint)


def test_any_number_of_questions_is_looked_at() -> None:
    # Twenty questions about the same visits: those who were unhappy with pay complete less, whatever the question.
    rows: dict[str, list[Any]] = {"case": [], "touchpoint": [], "at": [], "answer": []}
    for case in range(60):
        unhappy = case % 3 == 0
        for k, touchpoint in enumerate(["look", "pay"] if unhappy and case % 6 else ["look", "pay", "done"]):
            rows["case"].append(case)
            rows["touchpoint"].append(touchpoint)
            rows["at"].append(datetime(2026, 1, 1, 8, k, tzinfo=UTC))
            rows["answer"].append((1.0 if unhappy else 5.0) if touchpoint == "pay" else None)
    table = pa.table(rows)
    for k in range(20):
        table = table.append_column(f"q{k:02}", table["answer"])
    metrics = {f"q{k:02}": jk.MetricColumn(f"q{k:02}", "csat") for k in range(20)}
    columns = {"case": "case", "touchpoint": "touchpoint", "time": "at", "completed": ["done"], "idle": "0s"}
    log = jk.read_events(table, metrics=metrics, **columns)
    card = jk.score(jk.discover(log), log)
    low = [row for row in card.failures().rows() if row["kind"] == "low_score"]
    # 20 unhappy, 10 of them completed; all 40 others did: 20·(1 − 1/2) lost.
    assert [(row["touchpoint"], row["cases"], row["lost_completions"]) for row in low] == [("pay", 20, 10.0)] * 20
    assert len({row["p"] for row in low}) == 1


def test_the_bug_of_the_eshop_is_found_by_platform_and_time_not_by_its_name(shared_data: Path) -> None:
    log = jk.read_events(
        shared_data / "event_logs" / "retentioneering_ecom.csv.gz",
        case="session_id",
        touchpoint="event",
        time="timestamp",
        customer="user_id",
        completed=["purchase"],
    )
    rows = log.to_arrow()
    is_bug = pc.equal(rows["event"].cast(pa.string()), "checkout_bug")
    bug = rows.filter(is_bug)
    assert set(bug["platform"].to_pylist()) == {"mobile"}
    began, ended = (t.as_py() for t in pc.min_max(bug["timestamp"]).values())
    blind = log.filter(touchpoints=["checkout_bug"], negate=True)  # its name and its events are gone; its effect is not
    assert "checkout_bug" not in blind.touchpoints

    card = jk.score(jk.discover(blind), blind)
    slices = card.failing_slices(by=["platform", "acquisition_channel", "user_lifecycle"], window="1d").rows()
    mobile = next(row for row in slices if row["column"] == "platform")
    assert mobile["value"] == "mobile"
    assert mobile["touchpoint"] in {"cart", "shipping_details", "payment_details"}
    assert mobile["adjusted_p"] < 0.01
    overlap = min(mobile["until"], ended) - max(mobile["from"], began)
    either = max(mobile["until"], ended) - min(mobile["from"], began)
    assert overlap / either > 0.75
    assert mobile["completed_share"] < 0.5 * mobile["others_completed_share"]


@pytest.fixture(scope="module")
def simulated() -> jk.Scorecard:
    log = jk.datasets.load_simulated()
    return jk.score(jk.discover(log, stages=jk.datasets.truth()["stages"]), log)


def test_the_planted_failures_are_on_top(simulated: jk.Scorecard) -> None:
    ranked = [row for row in simulated.failures().rows() if row["rank"] is not None]
    planted = {p["id"]: {p["touchpoint"], *p.get("transition", [])} for p in jk.datasets.truth()["planted"]}
    assert ranked[0]["touchpoint"] in planted["payment_hangs_in_app"]
    top = [row["touchpoint"] for row in ranked[:10]]
    for name, touchpoints in planted.items():
        assert touchpoints & set(top), name
    # of the ten costliest findings most lie at planted touchpoints, though those are 7 of 16
    assert sum(any(t in where for where in planted.values()) for t in top) >= 7


def test_the_planted_periods_are_found_to_the_day(simulated: jk.Scorecard) -> None:
    found = {
        (row["column"], row["value"]): row
        for row in simulated.failing_slices(by=["channel", "region"], window="7d").rows()
    }
    for planted in jk.datasets.truth()["planted"]:
        if "since" not in planted:
            continue
        [(column, value)] = planted["where"].items()
        row = found[column, value]
        for key, day in (("from", planted["since"]), ("until", planted["until"])):
            assert abs(row[key] - datetime.fromisoformat(day).replace(tzinfo=UTC)).days < 1, (planted["id"], key)


def test_the_scan_rarely_cries_wolf() -> None:
    # 100 logs of 300 cases with one completion share for everybody, sliced by two columns and 26 weeks.
    alarms = 0
    for seed in range(100):
        rng = random.Random(seed)
        table: dict[str, list[Any]] = {"case": [], "touchpoint": [], "at": [], "channel": [], "region": []}
        for c in range(300):
            start = rng.randrange(26 * 7 * 86_400)
            channel, region = rng.choice("abc"), rng.choice("wxyz")
            for k, touchpoint in enumerate(["look", "pay", "done"][: rng.choice([1, 2, 3, 3])]):
                for name, value in zip(table, (f"{c}", touchpoint, start + 60 * k, channel, region), strict=True):
                    table[name].append(value)
        log = jk.read_events(
            pa.table({**table, "at": pa.array(table["at"], pa.timestamp("s", "UTC"))}),
            case="case",
            touchpoint="touchpoint",
            time="at",
            completed=["done"],
            idle="1d",
        )
        card = jk.score(jk.discover(log), log)
        alarms += len(card.failing_slices(by=["channel", "region"], window="7d")) > 0
    assert alarms <= 5


def test_slices_need_a_named_completion() -> None:
    log = read(PATHS).with_endings()
    card = jk.score(jk.discover(log), log, minimum_n=1)
    with pytest.raises(jk.InvalidInput, match="does not say what completes a case"):
        card.failing_slices()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"by": "platfrom"}, jk.NotFound, "platfrom"),
        ({"by": "at"}, jk.InvalidInput, "decimal numbers or times"),
        ({"window": "0s"}, jk.InvalidInput, "window is 0 ns"),
        ({"window": "1ms"}, jk.InvalidInput, "at most 400"),
    ],
)
def test_bad_slices_raise(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    log = read(PATHS, platform=["web"] * len(PATHS))
    with pytest.raises(error, match=message):
        jk.score(jk.discover(log), log, minimum_n=1).failing_slices(**arguments)
