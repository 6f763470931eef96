"""Make the packaged data sets. Run once; the results are committed.

    python scripts/make_datasets.py simulated
    python scripts/make_datasets.py incidents uci_incident_event_log.zip

`simulated` draws from seeds alone: the same numbers on any machine. `incidents` takes a sample of whole incidents
from the UCI archive, chosen by a hash of their number. Both write into python/journeykit/datasets/data.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "python" / "journeykit" / "datasets" / "data"
INCIDENTS = 3_000
INCIDENT_COLUMNS = {  # in the source → here
    "number": "number",
    "ident_state": "incident_state",
    "sys_updated_at": "sys_updated_at",
    "sys_mod_count": "sys_mod_count",
    "contact_type": "contact_type",
    "assignment_group": "assignment_group",
    "assigned_to": "assigned_to",
    "caller_id": "caller_id",
    "made_sla": "made_sla",
    "reassignment_count": "reassignment_count",
    "reopen_count": "reopen_count",
    "priority": "priority",
    "impact": "impact",
    "urgency": "urgency",
    "category": "category",
    "knowledge": "knowledge",
    "opened_at": "opened_at",
    "resolved_at": "resolved_at",
    "closed_at": "closed_at",
    "closed_code": "closed_code",
}


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    """Rows as gzipped CSV, byte for byte the same for the same rows (no time stamp, fixed level)."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    print(f"{path.name}: {len(rows):,} rows, {path.stat().st_size:,} bytes")


def make_incidents(archive: Path) -> None:
    """The rows of the 3,000 incidents whose SHA-256 of "journeykit" and number is smallest, values as they stand."""
    with zipfile.ZipFile(archive) as files, files.open(files.namelist()[0]) as raw:
        header, *rows = csv.reader(io.TextIOWrapper(raw, "utf-8", newline=""))
    at = {new: header.index(old) for old, new in INCIDENT_COLUMNS.items()}  # the first of the two columns "category"
    numbers = {row[at["number"]] for row in rows}
    chosen = set(
        sorted(numbers, key=lambda number: hashlib.sha256(f"journeykit{number}".encode()).digest())[:INCIDENTS]
    )
    kept = [{name: row[k] for name, k in at.items()} for row in rows if row[at["number"]] in chosen]
    write_csv(FOLDER / "incidents.csv.gz", kept)


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["incidents"] and len(arguments) == 2:
        make_incidents(Path(arguments[1]))
    elif arguments == ["simulated"]:
        from simulate_journey import make_simulated

        rows, truth = make_simulated()
        write_csv(FOLDER / "simulated.csv.gz", rows)
        (FOLDER / "simulated_truth.json").write_text(truth, "utf-8")
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
