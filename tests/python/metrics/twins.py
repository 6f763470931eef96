"""Slow and plain versions of every measure, over rows in log order; nothing here is shared with the engine.

Each returns observations of one group: (customer, value) or (customer, length, kind), or a number.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from statistics import mean, stdev

JOIN = 15


def by_case(rows):
    cases = defaultdict(list)
    for row in rows:
        cases[row["case"]].append(row)
    return cases


def inside(row, group):
    return all(row[key] == value for key, value in group.items())


def scores(rows, group, column):
    return [(row["customer"], row[column]) for row in rows if row[column] is not None and inside(row, group)]


def last_scores(rows, group, column):
    out = []
    for events in by_case(rows).values():
        given = [(row["customer"], row[column]) for row in events if row[column] is not None and inside(row, group)]
        out += given[-1:]
    return out


def contacts(rows, names, issue, join=JOIN):
    """Contacts by (customer, issue), each {"start", "end", "row"}; without names the first event of each case."""
    found = defaultdict(list)
    for events in by_case(rows).values():
        first_known = next((row[issue] for row in events if issue and row[issue] is not None), None)
        for position, row in enumerate(events):
            if row["touchpoint"] in names if names else position == 0:
                about = (row[issue] if row[issue] is not None else first_known) if issue else None
                found[row["customer"], about].append(row)
    chains = {}
    for key, events in found.items():
        merged = []
        for row in sorted(events, key=lambda row: (row["time"], row["index"])):
            end = row["end"] if row["end"] is not None else row["time"]
            if merged and row["time"] - merged[-1]["end"] <= join:
                merged[-1]["end"] = max(merged[-1]["end"], end)
            else:
                merged.append({"start": row["time"], "end": end, "row": row})
        chains[key] = merged
    return chains


def first_contacts(rows, group, names, issue, window, until, left=()):
    """(customer, length, "event" | "censored" | "left", start) of every contact that starts a chain."""
    gone = {}
    for row in rows:
        if row["touchpoint"] in left:
            gone[row["customer"]] = min(row["time"], gone.get(row["customer"], row["time"]))
    out = []
    for (customer, _), chain in contacts(rows, names, issue).items():
        for k, contact in enumerate(chain):
            if (k and contact["start"] - chain[k - 1]["start"] <= window) or not inside(contact["row"], group):
                continue
            start = contact["start"]
            after = chain[k + 1]["start"] if k + 1 < len(chain) else None
            limit = after if after is not None else max(until, start)
            if customer in gone and start < gone[customer] < limit:
                out.append((customer, gone[customer] - start, "left", start))
            else:
                out.append((customer, limit - start, "event" if after is not None else "censored", start))
    return out


def repeats(rows, group, names, issue, window):
    out = []
    for (customer, _), chain in contacts(rows, names, issue).items():
        for k, contact in enumerate(chain):
            if inside(contact["row"], group):
                out.append((customer, int(k > 0 and contact["start"] - chain[k - 1]["start"] <= window)))
    return out


def contact_counts(rows, group, names, per):
    """(customer, contacts) per case or per customer with an event in the group."""
    units = {}
    for row in rows:
        if inside(row, group):
            units.setdefault(row["case"] if per == "case" else row["customer"], [row["customer"], 0])
    for chain in contacts(rows, names, None).values():
        for contact in chain:
            if inside(contact["row"], group):
                units[contact["row"]["case" if per == "case" else "customer"]][1] += 1
    return [tuple(unit) for unit in units.values()]


def waits(rows, group, start, answer, abandon, status, until):
    """(customer, length, "answered" | "abandoned" | "unanswered" | "open", start time)."""
    out = []
    for case, events in by_case(rows).items():
        begun = None
        for position, row in enumerate(events):
            if begun is not None and row["touchpoint"] in answer:
                out.append((begun, row["time"] - begun["time"], "answered"))
                begun = None
            elif begun is not None and row["touchpoint"] in abandon:
                out.append((begun, row["time"] - begun["time"], "abandoned"))
                begun = None
            if begun is None and (row["touchpoint"] in start if start else position == 0):
                begun = row
                if not start and row["touchpoint"] in answer:
                    out.append((begun, 0, "answered"))
                    begun = None
        if begun is not None:
            if status[case] == "open":
                out.append((begun, until - begun["time"], "open"))
            else:
                out.append((begun, events[-1]["time"] - begun["time"], "unanswered"))
    return [(row["customer"], length, kind, row["time"]) for row, length, kind in out if inside(row, group)]


def service(found, within, denominator, short, until):
    if any(kind == "open" and length < within for _, length, kind, _ in found):
        found = [w for w in found if until - w[3] >= within]
    out = []
    for customer, length, kind, _ in found:
        in_time = kind == "answered" and length <= within
        if denominator == "answered" and kind != "answered":
            continue
        if denominator == "offered_less_short_abandons" and kind == "abandoned" and length < short:
            continue
        if denominator == "abandoned_in_time_count" and kind == "abandoned" and length <= within:
            in_time = True
        out.append((customer, int(in_time)))
    return out


def closed_cases(rows, group, status, value):
    return [
        (events[0]["customer"], value(events, status[case]))
        for case, events in by_case(rows).items()
        if status[case] != "open" and any(inside(row, group) for row in events)
    ]


def transfers(events, column):
    known = [row[column] for row in events if row[column] is not None]
    return sum(a != b for a, b in pairwise(known))


def resolutions(rows, group, status, completed, until):
    out = []
    for case, events in by_case(rows).items():
        if not any(inside(row, group) for row in events):
            continue
        start, last = events[0]["time"], events[-1]["time"]
        if status[case] == "completed":
            done = next(row["time"] for row in events if row["touchpoint"] in completed)
            out.append((events[0]["customer"], done - start, "event"))
        else:
            out.append((events[0]["customer"], (until if status[case] == "open" else last) - start, "censored"))
    return out


def incidence(spells, at):
    """Aalen–Johansen share with the event up to `at`; None where nobody was followed that long."""
    survival, total = 1.0, 0.0
    for time in sorted({length for _, length, *_ in spells if length <= at}):
        risk = sum(length >= time for _, length, *_ in spells)
        kinds = [kind for _, length, kind, *_ in spells if length == time]
        total += survival * kinds.count("event") / risk
        survival *= 1 - sum(kind != "censored" for kind in kinds) / risk
    if not spells or (survival > 1e-15 and all(length < at for _, length, *_ in spells)):
        return None
    return total


def curve(spells):
    """Kaplan–Meier steps (time, survival), other ends censored."""
    steps, survival = [], 1.0
    for time in sorted({length for _, length, kind, *_ in spells if kind == "event"}):
        risk = sum(length >= time for _, length, *_ in spells)
        survival *= 1 - sum(length == time and kind == "event" for _, length, kind, *_ in spells) / risk
        steps.append((time, survival))
    return steps


def quantile(spells, share):
    steps = curve(spells)
    for k, (time, survival) in enumerate(steps):
        if abs(survival - (1 - share)) <= 1e-12 and k + 1 < len(steps):
            return (time + steps[k + 1][0]) / 2
        if survival <= 1 - share + 1e-12:
            return time
    return None


def mean_time(spells):
    steps = curve(spells)
    if not steps:
        return None
    longest = max(length for _, length, *_ in spells)
    area, before, survival = 0.0, 0, 1.0
    for time, after in [*steps, (longest, 0.0)]:
        area += survival * (time - before)
        before, survival = time, after
    return area


def effective_number(observations, t_quantile):
    """n_eff of (customer, value) and the cluster-robust standard error of the mean."""
    n = len(observations)
    sums = defaultdict(float)
    sizes = defaultdict(int)
    for customer, value in observations:
        sums[customer] += value
        sizes[customer] += 1
    groups = len(sizes)
    if groups < 2:
        return None, None
    if len({value for _, value in observations}) == 1:
        return n**2 / sum(size**2 for size in sizes.values()), 0.0
    centre = mean(value for _, value in observations)
    robust = groups / (groups - 1) * sum((sums[c] - centre * sizes[c]) ** 2 for c in sizes) / n**2
    naive = stdev(value for _, value in observations) ** 2 / n
    if groups == n:
        return n, math.sqrt(naive)
    deff = max(1.0, robust / naive)
    return n / deff * (t_quantile(n - 1) / t_quantile(groups - 1)) ** 2, math.sqrt(naive * deff)
