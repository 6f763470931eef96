#!/bin/sh
# Each group of peers into an environment of its own (their pins clash, and none may become a dependency of journeykit).
# One file of benchmarks/peers/ is one environment.
set -eu
cd "$(dirname "$0")/.."
for list in benchmarks/peers/*.txt; do
  venv=build/bench-peers/$(basename "$list" .txt)
  if cmp -s "$list" "$venv/installed.txt"; then continue; fi
  test -x "$venv/bin/python" || "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check -q install -r "$list"
  cp "$list" "$venv/installed.txt"
done
for venv in build/bench-peers/*/; do
  echo "$(basename "$venv"): $("$venv/bin/python" -m pip --disable-pip-version-check list --format freeze | grep -iE '^(polars|duckdb|numpy|pandas|pyarrow|pm4py|r4pm|channelattribution)==' | tr '\n' ' ')"
done
