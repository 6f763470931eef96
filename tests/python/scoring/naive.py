"""The score written once more, slowly and by its definition, for comparison."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Event = dict[str, Any]  # case, touchpoint, at (seconds), and customer, channel, department, nps, csat where known


def nearest_rank(values: list[float], share: float) -> float:
    return sorted(values)[math.ceil(share * len(values)) - 1]


def switch_shares(cases: dict[str, list[Event]], stage: dict[str, str], column: str) -> dict[str, float]:
    """Share of the visits of each touchpoint after which the column changes inside the stage."""
    seen: dict[str, list[bool]] = defaultdict(list)
    for case in cases.values():
        for event, after in zip(case, [*case[1:], None], strict=True):
            if event.get(column) is None or (after is not None and after.get(column) is None):
                continue
            here = event["touchpoint"]
            seen[here].append(
                after is not None and after[column] != event[column] and stage[after["touchpoint"]] == stage[here]
            )
    return {touchpoint: sum(flags) / len(flags) for touchpoint, flags in seen.items()}


def observations(
    events: Sequence[Event], stage: dict[str, str], completed: set[str], idle: float, slow: float | None
) -> tuple[list[tuple[str, str, str, str, float]], dict[str, str]]:
    """(place, group, component, customer, badness) of every observation, and the customer of each case."""
    cases: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        cases[event["case"]].append(event)
    for case in cases.values():
        case.sort(key=lambda e: e["at"])
    end = max(e["at"] for e in events)
    waits = [b["at"] - a["at"] for case in cases.values() for a, b in itertools.pairwise(case)]
    slow = slow if slow is not None else (nearest_rank(waits, 0.9) if waits else math.inf)
    usual = {c: switch_shares(cases, stage, c) for c in ("department", "channel")}
    usual = {"hand_over": usual["department"], "channel_switch": usual["channel"]}
    out = []
    customer_of = {}
    for name, case in cases.items():
        customer = next((e["customer"] for e in case if e.get("customer")), "case " + name)
        customer_of[name] = customer

        def say(place: str, group: str, component: str, bad: float, who: str = customer) -> None:
            out.extend(
                (p, group, component, who, bad) for p in {"journey", "stage " + stage[place], "touchpoint " + place}
            )

        done = any(e["touchpoint"] in completed for e in case)
        is_open = not done and end - case[-1]["at"] < idle
        for k, event in enumerate(case):
            here = event["touchpoint"]
            before = [e["touchpoint"] for e in case[:k]]
            after = case[k + 1] if k + 1 < len(case) else None
            for metric, length in (("nps", 10), ("csat", 4)):
                if event.get(metric) is not None:
                    best = {"nps": 10, "csat": 5}[metric]
                    say(here, "experience", metric, (best - event[metric]) / length)
            directly = bool(before) and before[-1] == here
            say(here, "friction", "repeat", float(directly))
            say(here, "friction", "return", float(not directly and here in before))
            for column, component in (("department", "hand_over"), ("channel", "channel_switch")):
                if event.get(column) is None or (after is not None and after.get(column) is None):
                    continue
                switched = (
                    after is not None and after[column] != event[column] and stage[after["touchpoint"]] == stage[here]
                )
                share = usual[component][here]
                say(here, "friction", component, float(switched and share < 0.95))
            if after is not None:
                say(here, "friction", "wait", float(after["at"] - event["at"] > slow))
        if completed and not is_open:
            lost_at = None if done else case[-1]["touchpoint"]
            lost_places = set() if lost_at is None else {"touchpoint " + lost_at, "stage " + stage[lost_at]}
            here = {e["touchpoint"] for e in case}
            places = {"touchpoint " + t for t in here} | {"stage " + stage[t] for t in here}
            out.extend((p, "completion", "completion", customer, float(p in lost_places)) for p in places)
            out.append(("journey", "completion", "completion", customer, float(not done)))
    return out, customer_of


def score(
    events: Sequence[Event],
    stage: dict[str, str],
    completed: set[str],
    idle: float,
    minimum_n: int,
    t_quantile: Callable[[float, float], float],
    weights: tuple[float, float, float] = (0.5, 0.25, 0.25),
) -> dict[str, tuple[float, float, float]]:
    """Score, low and high of every place that has one."""
    seen, _ = observations(events, stage, completed, idle, None)
    out = {}
    for place in {s[0] for s in seen}:
        sums: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
        for p, group, component, customer, bad in seen:
            if p == place:
                sums[group, component].append((customer, bad))
        sums = {key: values for key, values in sums.items() if len(values) >= minimum_n}
        if not sums:
            continue
        groups = dict(zip(("experience", "friction", "completion"), weights, strict=True))
        present = {group for group, _ in sums}
        total = sum(groups[g] for g in present)
        if total == 0:
            continue
        weight = {key: groups[key[0]] / total / sum(g == key[0] for g, _ in sums) for key in sums}
        weight = {key: w for key, w in weight.items() if w > 0}
        value = sum(w * 100 * (1 - sum(b for _, b in sums[key]) / len(sums[key])) for key, w in weight.items())
        centre = 100.0
        influence: dict[str, float] = defaultdict(float)
        clusters = 0
        for key, w in weight.items():
            who = {c for c, _ in sums[key]}
            each = len(sums[key]) / len(who)
            n = len(sums[key]) + 4 * each
            rate = (sum(b for _, b in sums[key]) + 2 * each) / n
            centre -= w * 100 * rate
            clusters = max(clusters, len(who) + 4)
            for customer, bad in sums[key]:
                influence[customer] += w * 100 * (bad - rate) / n
            for pseudo, bad in enumerate((0, 0, 1, 1)):
                influence[f"\0{pseudo}"] += w * 100 * each * (bad - rate) / n
        variance = sum(i * i for i in influence.values()) * clusters / (clusters - 1)
        half = t_quantile(0.975, clusters - 1) * math.sqrt(variance)
        out[place] = (value, max(0.0, min(centre - half, value)), min(100.0, max(centre + half, value)))
    return out


def lost_completions(paths: Sequence[Sequence[str]], done: str) -> dict[tuple[str, str], tuple[int, float]]:
    """(kind, touchpoint) → cases that met the failure, and completions lost by it; every case is closed."""
    out: dict[tuple[str, str], tuple[int, float]] = {}
    for t in {step for path in paths for step in path}:
        here = [path for path in paths if t in path]
        lost = [path for path in here if done not in path and path[-1] == t]
        on = [path for path in here if path not in lost]
        if lost and on:
            out["drop_off", t] = len(lost), len(lost) * sum(done in path for path in on) / len(on)
        again = [path for path in here if path.count(t) > 1]
        once = [path for path in here if path.count(t) == 1]
        if again and once:
            share = sum(done in path for path in once) / len(once)
            out["repeat", t] = len(again), len(again) * share - sum(done in path for path in again)
        losses: dict[int, list[float]] = defaultdict(list)  # by case, one for each step it came from
        for step in {step for path in paths for step in path} - {t}:
            left = {
                c: {b for a, b in itertools.pairwise(path) if a == step and b != step} for c, path in enumerate(paths)
            }
            others = [c for c, targets in left.items() if targets and t not in targets]
            if others:
                share = sum(done in paths[c] for c in others) / len(others)
                for c in (c for c, targets in left.items() if t in targets):
                    losses[c].append(share - (done in paths[c]))
        if losses:
            out["detour", t] = len(losses), sum(sum(one) / len(one) for one in losses.values())
    return out
