"""What a library may do to its process: threads after import, use on both sides of a fork, results across processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any

import journeykit as jk

_AFTER_IMPORT = len(list(Path("/proc/self/task").iterdir())) if sys.platform.startswith("linux") else 1


def small_log() -> jk.EventLog:
    """Every role and kind of column, rows out of order, one answer out of scale, a limit that was worked out."""
    return jk.read_events(
        {
            "case": ["a", "a", "b", "b", "c", "c"],
            "touchpoint": ["x", "y", "x", "x", "客服", "y"],
            "time": [f"2026-01-0{k}T09:00" for k in (2, 1, 3, 5, 4, 6)],
            "customer": ["u", "u", "v", "v", None, "w"],
            "csat": [1, 5, 9, None, 3, 4],
            "spend": [1.5, None, 2.0, 0.1, 0.2, 3e300],
            "big": [2**62, None, -1, 0, 1, 2],
            "known": [True, None, False, True, True, True],
        },
        metrics={"csat": "csat", "spend": "spend"},
        completed="y",
    )


def results() -> dict[str, Any]:
    """Every kind of result."""
    log = small_log()
    journey = jk.discover(log, stages={"x": "A", "y": "B", "*": "C"})
    answers = {"customer": ["u", "v"], "nps": [9, 3], "time": ["2026-01-03T09:00", "2026-01-06T09:00"]}
    return {
        "log": log,
        "derived log": log.filter(touchpoints=["x", "y"]),
        "sessions": log.sessions("1d"),
        "surveyed log": log.with_survey(answers, metrics={"nps": "nps"}),
        "quality": log.quality,
        "cases": log.cases(),
        "map": journey,
        "maps": jk.discover(log, by="known"),
        "touchpoint": journey.touchpoint("x"),
        "findings": journey.validate(),
        "diff": journey.diff(journey.add_touchpoint("new")),
        "merge": jk.JourneyMap.merge(journey, journey, journey),
        "directly_follows": jk.directly_follows(log),
        "variants": log.variants(),
        "rework": log.rework(),
        "comparison": jk.compare(journey, log),
        "measure": jk.measure(log, ["csat", "completion"], minimum_n=1),
        "scorecard": jk.score(journey, log, minimum_n=1, slow_after="1h"),
        "failures": jk.score(journey, log, minimum_n=1).failures(),
        "weights": jk.Weights(experience=1),
    }


def shown(value: Any) -> Any:
    """Everything that a user can see of a result."""
    seen = [type(value).__name__, repr(value)]
    if isinstance(value, jk.EventLog):
        roles = (value.roles, value.metrics, value.completed, value.failed, value.idle, value.observed_until)
        seen += [roles, value.notes, repr(value.quality), value.quality.to_dict(), value.to_arrow().to_pydict()]
        seen += [value.cases().rows(), getattr(value, "survey_report", None)]
        seen += [value.with_endings().idle, repr(value.sessions("1h")) if "session" not in value.columns else ""]
    elif isinstance(value, jk.Table):
        seen += [value.column_names, value.rows(), len(value), value._repr_html_()]
        seen += [getattr(value, name).rows() for name in ("touchpoints", "overall") if hasattr(value, name)]
        seen += [getattr(value, name) for name in ("starts", "ends", "unused", "drawn_share") if hasattr(value, name)]
    elif isinstance(value, jk.JourneyMap):
        seen += [value.to_json()]
    elif isinstance(value, jk.Scorecard):
        parts = (value.journey, value.stages, value.touchpoints, value.points_lost, value.failures())
        seen += [[part.rows() for part in parts], value.slow_after, value.map.to_json()]
    return seen


def there_and_back(pickled: bytes) -> bytes:
    """What another process sees of a value, and the value."""
    value = pickle.loads(pickled)
    return pickle.dumps((repr(shown(value)), value))


def pickles() -> list[str]:
    found = []
    for name, value in results().items():
        found.extend(
            f"{name}, protocol {protocol}: differs"
            for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
            if repr(shown(pickle.loads(pickle.dumps(value, protocol)))) != repr(shown(value))
        )
    for method in ("spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            for name, value in results().items():
                told, back = pickle.loads(pool.apply(there_and_back, (pickle.dumps(value),)))
                if told != repr(shown(value)) or repr(shown(back)) != repr(shown(value)):
                    found.append(f"{name}, {method}: differs")
    return found


def forks(times: int) -> list[str]:
    """Uses the library, forks, uses it in child and parent; a child that hangs is ended after ten seconds."""
    found = []
    expected = repr(shown(results()["scorecard"]))
    big = jk.read_events(
        {
            "case": [str(k % 997) for k in range(20_000)],
            "touchpoint": [str(k % 7) for k in range(20_000)],
            "time": ["2026-01-05T09:00"] * 20_000,
        }
    )
    edges = jk.directly_follows(big, threads=4).rows()
    for k in range(times):
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            same = repr(shown(results()["scorecard"])) == expected
            os._exit(0 if same and jk.directly_follows(big, threads=4).rows() == edges else 1)
        if jk.directly_follows(big, threads=4).rows() != edges:
            found.append(f"fork {k}: the parent has another result")
        status = os.waitpid(child, 0)[1]
        if status != 0:
            found.append(f"fork {k}: the child ended with {os.waitstatus_to_exitcode(status)}")
    return found


if __name__ == "__main__":
    times = int(sys.argv[1])
    sys.stdout.write(json.dumps({"threads": _AFTER_IMPORT, "forks": forks(times), "pickles": pickles()}))
