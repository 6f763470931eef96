#!/bin/sh
# Every formatter and linter, changing nothing; with --fix the formatters and ruff write what they can.
# Expects ruff, mypy and clang-format of the lint extra on PATH.
set -u
cd "$(dirname "$0")/.."
failed=0
cpp_files() { git ls-files 'cpp/journeykit/**' 'cpp/bindings/**' 'tests/cpp/**' 'tests/consumer/**' 'fuzz/**' | grep -E '\.[ch]pp$'; }
if [ "${1:-}" = --fix ]; then
  ruff check --fix --quiet . || failed=1
  ruff format --quiet .
  cpp_files | xargs clang-format -i
else
  ruff check --quiet . || failed=1
  ruff format --check --quiet . || { echo "ruff format: run make format"; failed=1; }
  cpp_files | xargs clang-format --dry-run -Werror || { echo "clang-format: run make format"; failed=1; }
fi
mypy || failed=1
exit $failed
