"""Outcomes as Markdown, and into RESULTS.md between its markers: what others wrote there stays."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.rounds import Cost, Outcome

BEGIN = "<!-- made by make bench: begin -->"
END = "<!-- made by make bench: end -->"
HEAD = (
    "target", "task", "data", "events", "peer", "call", "aimed at", "ratio (median [range])", "rounds kept/dropped",
    "ours", "peer's", "memory ours", "memory peer's", "reached",
)  # fmt: skip


def seconds(value: float) -> str:
    """Three digits with the unit that fits."""
    if value < 1e-3:
        return f"{value * 1e6:.3g} µs"
    return f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"


def count(events: int) -> str:
    """1e6 for a million."""
    mantissa, exponent = f"{events:e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}" if events >= 1000 else str(events or "–")


def _ratio(value: float) -> str:
    return f"{value:.3g}"


def _data(outcome: Outcome) -> str:
    data = outcome.row.data
    return f"{data.shape} {data.seed}" if data.events else data.shape


def line(outcome: Outcome) -> tuple[str, ...]:
    """One row of the table."""
    row = outcome.row
    cells = [row.group, row.title, _data(outcome), count(row.data.events), _peer(outcome), row.call]
    memory = [_megabytes(outcome.our_peak), _megabytes(outcome.their_peak)]
    if row.measure == "memory" and not outcome.problem:
        each = [f"{peak / row.data.events:.1f} bytes an event" for peak in (outcome.our_peak, outcome.their_peak)]
        goal = "" if row.target is None else f"≤ {row.target:g} bytes an event"
        return (*cells, goal, "", "", "", "", *each, _reached(outcome))
    goal = "" if row.target is None else f"≥ {_ratio(row.target)}"
    rounds = f"{len(outcome.ours)}/{outcome.dropped}"
    if outcome.problem:
        return (*cells, goal, outcome.problem.replace("|", "/"), "", "", "", *memory, "no number")
    if not outcome.measurable:
        return (*cells, goal, "not measurable now", rounds, "", "", *memory, "no number")
    ratios = outcome.ratios
    shown = f"**{_ratio(outcome.ratio)}** [{_ratio(min(ratios))}–{_ratio(max(ratios))}]"
    times = [seconds(statistics.median(values)) for values in (outcome.ours, outcome.theirs)]
    return (*cells, goal, shown, rounds, *times, *memory, _reached(outcome))


def _peer(outcome: Outcome) -> str:
    row = outcome.row
    return row.peer if row.theirs in (row.ours, "variants", "graph", "medians") else f"{row.peer}: {row.theirs}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.3g} MB" if size else "–"


def _reached(outcome: Outcome) -> str:
    return {None: "", True: "yes", False: "**no**"}[outcome.reached]


def _table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    rules = tuple("---" for _ in head)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rules, *lines))


def _costs(costs: list[Cost]) -> str:
    sizes = list(costs[0].seconds)
    head = ("task", *(f"{count(size)} events" for size in sizes), "exponent")
    lines = []
    for one in costs:
        cells = [
            f"{seconds(value)} ({value / size * 1e9:.1f} ns an event)" if value else "not measurable now"
            for size, value in one.seconds.items()
        ]
        lines.append((one.title, *cells, f"{one.exponent:.2f}"))
    return _table(head, lines)


def page(outcomes: list[Outcome], costs: list[Cost], machine: dict[str, str], command: str, date: str) -> str:
    """Everything between the markers."""
    versions: dict[str, set[str]] = {}
    for outcome in outcomes:
        for side, found in outcome.versions.items():
            name = "journeykit" if side == "ours" else side
            versions.setdefault(name, set()).add(", ".join(f"{package} {v}" for package, v in found.items()))
    aimed = [outcome for outcome in outcomes if outcome.row.target is not None]
    reached = sum(outcome.reached is True for outcome in aimed)
    missing = sum(outcome.reached is None for outcome in aimed)
    where = "; ".join(f"{what}: {value}" for what, value in machine.items())
    parts = [
        f"`{command}`, {date or 'no date given'}. {where}. Two threads on every side.",
        *(f"- {name}: {'; '.join(sorted(found))}" for name, found in sorted(versions.items())),
        "",
        (
            f"{len(aimed)} rows have a target: {reached} reached, {len(aimed) - reached - missing} not reached, "
            f"{missing} without a number. The ratio is the peer's time over ours, round by round."
        ),
        "",
        _table(HEAD, [line(outcome) for outcome in outcomes]),
    ]
    if costs:
        parts += [
            "",
            "Cost against size (interleaved, ours, warm). Exponent: slope of log time over log events; 1 = linear.",
            "",
            _costs(costs),
        ]
    return "\n".join(parts)


def write(path: Path, content: str) -> None:
    """Put `content` between the markers of the file, which are made at its end where they are missing."""
    text = path.read_text("utf-8") if path.exists() else "# Results\n"
    block = f"{BEGIN}\n{content}\n{END}"
    before, begin, rest = text.partition(BEGIN)
    if not begin:
        path.write_text(f"{text.rstrip()}\n\n## Against the peers\n{block}\n", "utf-8")
        return
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{path.name} has the marker {BEGIN!r} without {END!r}; mend it")
    path.write_text(before + block + after, "utf-8")
