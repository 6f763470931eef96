"""Every number of the map with its interval, counted again row by row in plain Python from the written rules."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.stats import norm, t

MASK = 2**64 - 1
QUANTILES = {"median": 0.5, "p90": 0.9}


class Customer:
    """What one customer adds: observations by (element, number), each (part, whole)."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[Any, ...], list[tuple[float, float]]] = defaultdict(list)
        self.values: dict[tuple[Any, ...], list[float]] = defaultdict(list)


def customers_of(rows: list[dict[str, Any]], status: dict[str, str]) -> list[Customer]:
    """Rows have case, touchpoint, customer (or None), at (seconds) and maybe end; customers by their first case."""
    cases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        cases[row["case"]].append(row)
    by_customer: dict[str, Customer] = {}
    visitors: dict[str, set[str]] = defaultdict(set)
    touchpoints = sorted({row["touchpoint"] for row in rows})
    for case in sorted(cases, key=str.encode):
        events = sorted(cases[case], key=lambda row: row["at"])
        who = next((row["customer"] for row in events if row.get("customer") is not None), "case " + case)
        customer = by_customer.setdefault(who, Customer())
        path = [row["touchpoint"] for row in events]
        visitors[who].update(path)
        is_open = status[case] == "open"
        customer.pairs["journey", "events_per_case"].append((len(path), 1))
        customer.pairs["journey", "repeating_share"].append((len(set(path)) < len(path), 1))
        customer.pairs["journey", "open_share"].append((is_open, 1))
        if not is_open:
            for ending in ("completed", "failed", "abandoned"):
                customer.pairs["journey", f"{ending}_share"].append((status[case] == ending, 1))
            over = max(row.get("end") or row["at"] for row in events)
            customer.values["journey", ""].append(over - events[0]["at"])
        for name in touchpoints:
            place = ("touchpoint", name)
            customer.pairs[*place, "events_per_case"].append((path.count(name), 1))
            customer.pairs[*place, "cases_share"].append((name in path, 1))
            if name in path:
                customer.pairs[*place, "repeating_share"].append((path.count(name) > 1, 1))
            customer.pairs[*place, "start_share"].append((path[0] == name, 1))
            if not is_open:
                customer.pairs[*place, "end_share"].append((path[-1] == name, 1))
        for k, row in enumerate(events):
            place = ("touchpoint", row["touchpoint"])
            customer.pairs[*place, "stop_probability"].append((k + 1 == len(events), 1))
            if row.get("end") is not None:
                customer.values[*place, "duration_"].append(row["end"] - row["at"])
        moves = list(pairwise(events))
        for here, following in moves:
            place = ("transition", here["touchpoint"], following["touchpoint"])
            customer.values[*place, ""].append(following["at"] - (here.get("end") or here["at"]))
    edges = {key[:3] for customer in by_customer.values() for key in customer.values if key[0] == "transition"}
    for case in sorted(cases, key=str.encode):
        events = sorted(cases[case], key=lambda row: row["at"])
        who = next((row["customer"] for row in events if row.get("customer") is not None), "case " + case)
        path = [row["touchpoint"] for row in events]
        for edge in edges:
            taken = [pair == edge[1:] for pair in pairwise(path)]
            by_customer[who].pairs[*edge, "cases_share"].append((any(taken), 1))
            for k, name in enumerate(path):
                if name == edge[1]:
                    by_customer[who].pairs[*edge, "probability"].append((k < len(taken) and taken[k], 1))
    for who, customer in by_customer.items():
        for name in touchpoints:
            customer.pairs["touchpoint", name, "customers_share"].append((name in visitors[who], 1))
    return list(by_customer.values())


def variance_parts(pairs: list[list[tuple[float, float]]], ratio: float) -> tuple[float, float, float, float]:
    """n, G, clustered and independent variance of Σ part / Σ whole; `pairs` by customer, those without left out."""
    n = sum(map(len, pairs))
    groups = len(pairs)
    off = [sum(part - ratio * whole for part, whole in own) for own in pairs]
    single = sum((part - ratio * whole) ** 2 for own in pairs for part, whole in own)
    clustered = groups / (groups - 1) * sum(e * e for e in off) / n**2
    return n, groups, clustered, n / (n - 1) * single / n**2


def effective(pairs: list[list[tuple[float, float]]], ratio: float, confidence: float) -> float:
    n, groups, clustered, independent = variance_parts(pairs, ratio)
    if independent == 0:
        return n**2 / sum(len(own) ** 2 for own in pairs)
    if groups == n:
        return n
    upper = 0.5 + confidence / 2
    few = t.ppf(upper, n - 1) / t.ppf(upper, groups - 1)
    return float(n / max(1.0, clustered / independent) * few**2)


def interval(form: str, pairs: list[list[tuple[float, float]]], confidence: float) -> tuple[float, float] | None:
    whole = sum(w for own in pairs for _, w in own)
    ratio = sum(p for own in pairs for p, _ in own) / whole
    if len(pairs) < 2:
        return None
    if form == "share":
        z = norm.ppf(0.5 + confidence / 2)
        n = effective(pairs, ratio, confidence)
        centre = (ratio * n + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * math.sqrt(ratio * (1 - ratio) * n + z * z / 4)
        return min(ratio, centre - half), max(ratio, centre + half)
    _, groups, clustered, independent = variance_parts(pairs, ratio)
    if independent < 1e-20:
        return None
    half = t.ppf(0.5 + confidence / 2, groups - 1) * math.sqrt(max(clustered, independent))
    return ratio - half, ratio + half


def hall(pairs: list[list[tuple[float, float]]], confidence: float) -> tuple[float, float] | None:
    """Interval of a mean of skew values (Hall 1992)."""
    plain = interval("mean", pairs, confidence)
    if plain is None or len(pairs) < 30:
        return plain
    values = [part for own in pairs for part, _ in own]
    mean = sum(values) / len(values)
    _, groups, clustered, independent = variance_parts(pairs, mean)
    off = [sum(part - mean for part, _ in own) for own in pairs]
    k = sum(e**3 for e in off) / sum(e**2 for e in off) ** 1.5
    error = math.sqrt(max(clustered, independent))
    quantile = t.ppf(0.5 + confidence / 2, groups - 1)
    low, high = (
        mean - error * (3 / k * (np.cbrt(1 + k * (x - k / 6)) - 1) if abs(k) > 1e-6 else x)
        for x in (quantile, -quantile)
    )
    return min(mean, low), max(mean, high)


def events_interval(pairs: list[list[tuple[float, float]]], confidence: float) -> tuple[float, float] | None:
    """As of a share, but customers may know it better than as many independent events."""
    ratio = sum(p for own in pairs for p, _ in own) / sum(map(len, pairs))
    if len(pairs) < 30:
        return interval("share", pairs, confidence)
    _, _, clustered, independent = variance_parts(pairs, ratio)
    if independent == 0 or clustered >= independent:
        return interval("share", pairs, confidence)
    z = norm.ppf(0.5 + confidence / 2)
    n = effective(pairs, ratio, confidence) / max(0.05, clustered / independent)
    centre = (ratio * n + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(ratio * (1 - ratio) * n + z * z / 4)
    return min(ratio, centre - half), max(ratio, centre + half)


def at_place(values: list[float], place: float) -> float | None:
    """The value at a place between 0 and n − 1 of the sorted values, interpolated."""
    if not 0 <= place <= len(values) - 1:
        return None
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def woodruff(own: list[list[float]], level: float, confidence: float) -> tuple[float, float | None, float | None]:
    values = sorted(value for group in own for value in group)
    quantile = float(np.quantile(values, level))
    if len(own) < 2:
        return quantile, None, None
    below = [[(float(value <= quantile + 1e-9), 1.0) for value in group] for group in own]
    share = sum(p for group in below for p, _ in group) / len(values)
    n = effective(below, share, confidence)
    half = norm.ppf(0.5 + confidence / 2) * math.sqrt(level * (1 - level) / n)
    low, high = (at_place(values, len(values) * (level + sign * half) - 0.5) for sign in (-1, 1))
    return quantile, None if low is None else min(low, quantile), None if high is None else max(high, quantile)


def analytic(customers: list[Customer], confidence: float) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """(value, low, high, n, customers) by element and number."""
    out: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for key in {key for customer in customers for key in customer.pairs}:
        pairs = [customer.pairs[key] for customer in customers if customer.pairs.get(key)]
        flat = [pair for own in pairs for pair in own]
        form = "rate" if key[-1] == "events_per_case" else "share"
        ends = events_interval(pairs, confidence) if "probability" in key[-1] else interval(form, pairs, confidence)
        low, high = ends or (None, None)
        out[key] = (sum(p for p, _ in flat) / len(flat), low, high, len(flat), len(pairs))
    for key in {key for customer in customers for key in customer.values}:
        own = [customer.values[key] for customer in customers if customer.values.get(key)]
        n = sum(map(len, own))
        pairs = [[(value, 1.0) for value in group] for group in own]
        low, high = hall(pairs, confidence) or (None, None)
        mean = sum(value for group in own for value in group) / n
        out[*key[:-1], key[-1] + "mean_seconds"] = (mean, low, high, n, len(own))
        for name, level in QUANTILES.items():
            out[*key[:-1], f"{key[-1]}{name}_seconds"] = (*woodruff(own, level, confidence), n, len(own))
    return out


def mix(x: int) -> int:
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def drawn(groups: int, replicate: int, seed: int) -> Counter[int]:
    """How often each group is drawn in a replicate."""
    stream = mix(seed ^ mix(replicate))
    return Counter(min(groups - 1, int((mix((stream + k) & MASK) >> 11) * 2.0**-53 * groups)) for k in range(groups))


def expanded(replicates: list[float], customers: int, confidence: float) -> tuple[float, float]:
    wide = t.ppf(0.5 + confidence / 2, customers - 1) * math.sqrt(customers / (customers - 1))
    tail = norm.sf(wide)
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return float(low), float(high)


def resampled(
    customers: list[Customer], times: list[Counter[int]], confidence: float
) -> dict[tuple[Any, ...], tuple[float, float]]:
    """low and high of every ratio (shares and events per case) that varies, from explicit weights of explicit
    customers."""
    out: dict[tuple[Any, ...], tuple[float, float]] = {}
    for key in {key for customer in customers for key in customer.pairs}:
        sums = [tuple(map(sum, zip(*customer.pairs.get(key, []), strict=True))) or (0, 0) for customer in customers]
        replicates = []
        for weights in times:
            part = sum(weights[g] * sums[g][0] for g in range(len(customers)))
            whole = sum(weights[g] * sums[g][1] for g in range(len(customers)))
            if whole > 0:
                replicates.append(part / whole)
        with_data = sum(1 for _, whole in sums if whole > 0)
        if with_data < 2:
            continue
        low, high = expanded(replicates, with_data, confidence)
        if low != high:
            out[key] = (low, high)
    return out
