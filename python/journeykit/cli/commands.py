"""The commands, each a thin layer over one function of the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeykit.cli.output import complain, head, length, say, say_clipped, say_json, say_rows, show, working
from journeykit.cli.reading import Reading, reads_events

if TYPE_CHECKING:
    from journeykit.events import EventLog
    from journeykit.journey import JourneyMap
    from journeykit.scoring import Scorecard

app = typer.Typer(
    help="Find where a customer journey fails, from an event log to a scored map.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
)

LogFile = Annotated[
    str, typer.Argument(metavar="FILE", help="CSV, Parquet, XES or OCEL; a quoted pattern reads several.")
]
MapFile = Annotated[Path, typer.Argument(metavar="MAP.json", help="A journey map as JSON.")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Language = Annotated[str, typer.Option("--lang", help="Language of pictures: en or zh.")]
_TOP = 10
# The state "-100", of which nobody knows the meaning, occurs in one incident, while it is worked on.
_INCIDENT_STAGES = [
    ("Report", ["New"]),
    ("Work", ["Active", "-100"]),
    ("Wait", ["Awaiting*"]),
    ("Resolve", ["Resolved"]),
    ("Close", ["Closed"]),
]


def _version(asked: bool) -> None:
    if asked:
        from journeykit import __version__

        say(f"journeykit {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour; so does the variable NO_COLOR.")] = False,
) -> None:
    del version, no_color  # _version() and main() have seen to them


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where to write.")] = Path("journeykit-demo"),
    lang: Language = "en",
) -> int:
    """Score the packaged log of real service-desk incidents and draw its map."""
    from journeykit.datasets import load_incidents

    with working("reading 3,000 real incidents"):
        log = load_incidents()
    folder.mkdir(parents=True, exist_ok=True)
    say("3,000 incidents of a real IT service desk (UCI data set 498, CC BY 4.0); met its service level = completed")
    card = _scored(_map_of(log, stages=_INCIDENT_STAGES, name="IT incidents"), log)
    _show_card(card)
    paths = [folder / f"incidents.{suffix}" for suffix in ("html", "svg", "json")]
    for path in paths:
        _save(card.map, path, card, lang)
    say(f"\nlook at {paths[0]} (also {paths[1].name}, {paths[2].name})")
    return 0


@app.command()
@reads_events
def summary(
    *,
    file: LogFile,
    json: Json = False,
    top: Annotated[int, typer.Option("--top", min=1, help="Rows of each table.")] = _TOP,
    reading: Reading,
) -> int:
    """Count a log: cases, events, what follows what, variants, durations, quality."""
    from journeykit.discovery import case_durations, directly_follows

    log = reading.read(file, quiet=True)
    with working("counting"):
        flows, variants, durations = directly_follows(log), log.variants(), case_durations(log).rows()[0]
    if json:
        edges = [
            {name: row[name] for name in ("source", "target", "count", "mean_seconds", "median_seconds")}
            for row in flows.rows()
        ]
        say_json(
            {
                "cases": log.case_count,
                "events": log.event_count,
                "touchpoints": len(log.touchpoints),
                "variants": len(variants),
                "edges": len(flows),
                "starts": flows.starts,
                "ends": flows.ends,
                "directly_follows": edges,
                "case_duration_seconds": {
                    name: durations[f"{name}_seconds"] for name in ("mean", "median", "min", "max")
                },
                "top_variants": [
                    {name: row[name] for name in ("touchpoints", "cases")} for row in variants.rows()[:top]
                ],
                "quality": log.quality.to_dict(),
            }
        )
        return 0
    say(log)
    say(f"  {len(variants):,} variants, {len(flows):,} edges")
    say(
        "  a case takes "
        + ", ".join(f"{length(durations[f'{name}_seconds'])} ({name})" for name in ("mean", "median", "min", "max"))
    )
    head("What follows what")
    show(flows, ("source", "target", "count", "cases", "share", "median_seconds"), rows=top)
    head("Variants")
    for row in variants.rows()[:top]:
        facts = f"{row['cases']:>9,}  {row['share']:>6.1%}  {length(row['median_seconds']):>8}  "
        say_clipped(facts, " → ".join(row["touchpoints"]))
    if len(variants) > top:
        say(f"… {len(variants) - top:,} more")
    head("Quality")
    say(log.quality)
    return 0


@app.command(name="map")
@reads_events
def draw(
    *,
    file: LogFile,
    out: Annotated[Path, typer.Option("--out", "-o", help="X.html, X.svg or X.json.")],
    like: Annotated[Path | None, typer.Option("--like", help="A drawn map (JSON) to load the log onto.")] = None,
    name: Annotated[str, typer.Option("--name", help="Name of the map.")] = "",
    lang: Language = "en",
    reading: Reading,
) -> int:
    """Draw the journey that a log shows; with endings or metrics also its scores and failure points."""
    _check_picture(out)
    log = reading.read(file)
    journey = _map_of(log, like=like, name=name or _name_of(file))
    card = _scored(journey, log) if log.completed or log.failed or log.metrics else None
    _save(journey, out, card, lang)
    say(f"{out}: {journey!r}")
    return 0


@app.command()
@reads_events
def score(
    *,
    file: LogFile,
    like: Annotated[Path | None, typer.Option("--like", help="A drawn map (JSON) to load the log onto.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also draw it: X.html or X.svg.")] = None,
    json: Json = False,
    top: Annotated[int, typer.Option("--top", min=1, help="Failure points to show.")] = _TOP,
    name: Annotated[str, typer.Option("--name", help="Name of the map.")] = "",
    lang: Language = "en",
    reading: Reading,
) -> int:
    """Score a journey from 0 to 100 and rank its failure points."""
    if out is not None:
        _check_picture(out)
    log = reading.read(file, quiet=json)
    card = _scored(_map_of(log, like=like, name=name or _name_of(file)), log)
    if out is not None:
        _save(card.map, out, card, lang)
    if json:
        tables = {
            "journey": card.journey,
            "stages": card.stages,
            "touchpoints": card.touchpoints,
            "failures": card.failures(),
        }
        say_json({part: table.rows()[0] if part == "journey" else table.rows() for part, table in tables.items()})
        return 0
    if not (log.completed or log.failed) and not log.metrics:
        complain("note: no --completed, --failed or --metric: the score rests on friction alone")
    _show_card(card, top)
    if out is not None:
        say(f"\nlook at {out}")
    return 0


@app.command()
def validate(
    file: MapFile,
    json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Notes that a planned map is unfinished count too.")] = False,
) -> int:
    """Check a map; code 1 when there are errors or warnings."""
    from journeykit.journey import JourneyMap

    found = JourneyMap.load(file).validate()
    if json:
        say_json(found.table().rows())
    else:
        say_rows(found)
    return 1 if found.errors or found.warnings or (strict and len(found)) else 0


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="A.json", help="A map.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="Another.")],
    json: Json = False,
) -> int:
    """How map B differs from map A; code 1 when it does."""
    from journeykit.journey import JourneyMap

    changes = JourneyMap.load(before).diff(JourneyMap.load(after))
    if json:
        say_json([{name: getattr(change, name) for name in change.__slots__} for change in changes])
    else:
        say_rows(changes)
    return 1 if len(changes) else 0


@app.command()
def merge(
    base: Annotated[Path, typer.Argument(metavar="BASE.json", help="The map that both started from.")],
    ours: Annotated[Path, typer.Argument(metavar="OURS.json", help="Our copy, edited.")],
    theirs: Annotated[Path, typer.Argument(metavar="THEIRS.json", help="Their copy, edited.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the merged map goes (JSON).")],
    prefer: Annotated[
        str | None, typer.Option("--prefer", help="Whose change a conflict follows: ours, theirs.")
    ] = None,
) -> int:
    """Merge two edited copies of a map; code 1 when they changed the same thing differently."""
    from journeykit.base.errors import InvalidInput
    from journeykit.journey import JourneyMap

    if prefer not in (None, "ours", "theirs"):
        raise InvalidInput(f"--prefer is {prefer!r:.80}; expected ours or theirs")
    if out.suffix.lower() != ".json":
        raise InvalidInput(f"--out ends in {out.suffix!r:.20}; expected .json")
    merged = JourneyMap.merge(*map(JourneyMap.load, (base, ours, theirs)), prefer=prefer)  # type: ignore[arg-type]
    merged.map.save(out)
    if len(merged.conflicts):
        say_rows(merged.conflicts)
        complain(f"{len(merged.conflicts)} conflicts; {out} follows {prefer or 'ours'} there")
        return 1
    say(f"{out}: {merged.map!r}")
    return 0


def _check_picture(path: Path) -> None:
    """Refuses early what could not be written after a long calculation."""
    from journeykit.base.errors import InvalidInput, NotFound

    if path.suffix.lower() not in (".html", ".htm", ".svg", ".json"):
        raise InvalidInput(f"--out ends in {path.suffix!r:.20}; expected .html, .svg or .json")
    if not path.parent.is_dir():
        raise NotFound(f"folder {str(path.parent)!r:.80} does not exist; make it first")


def _name_of(file: str) -> str:
    """Name of a map from its file, without the endings."""
    return Path(file).name.split(".")[0].replace("*", "").strip()


def _map_of(log: EventLog, *, stages: object = None, like: Path | None = None, name: str = "") -> JourneyMap:
    from journeykit.discovery import discover
    from journeykit.journey import JourneyMap

    drawn = None if like is None else JourneyMap.load(like)
    with working("discovering the map"):
        return discover(log, stages=stages, like=drawn, name=name)


def _scored(journey: JourneyMap, log: EventLog) -> Scorecard:
    from journeykit.scoring import score as score_map

    with working("scoring"):
        card = score_map(journey, log)
        card.failures()
    return card


def _save(journey: JourneyMap, path: Path, card: Scorecard | None, lang: str) -> None:
    with working(f"drawing {path}"):
        if path.suffix.lower() == ".json":
            journey.save(path)
        elif card is None:
            journey.save(path, lang=lang)
        else:
            card.save(path, lang=lang)


def _show_card(card: Scorecard, top: int = _TOP) -> None:
    """Score, stages and the costliest failure points, in the words of the pictures."""
    from journeykit.view.model import picture_of
    from journeykit.view.texts import Texts
    from journeykit.view.words import Words

    picture = picture_of(card.map, card)
    words = Words(Texts("en"), currency=picture.currency, slow_seconds=picture.slow_seconds)
    say(repr(card).strip("<>"))
    head("Stages")
    for row in card.stages.rows():
        shown = "  no data" if row["score"] is None else f"{row['score']:5.1f} ({row['low']:.1f}–{row['high']:.1f})"
        say_clipped(f"{shown:<20}{row['n']:>9,} cases  ", row["name"])
    found = [failure for failure in picture.failures if failure.found]
    head(f"Failure points ({min(top, len(found))} of {len(found)})")
    for k, failure in enumerate(found[:top], 1):
        say_clipped(f"{k:>3}  ", f"{words.failure_title(failure)}: {words.failure_facts(failure)}")
        say_clipped("     ", " ".join(words.failure_text(failure)))
    if not found:
        say("none")
