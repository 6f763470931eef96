#!/usr/bin/env bash
# Every test there is, one runner after the other; a failure of one does not hide the counts of the next. The last lines
# are what each runner says of itself. Expects `make venv`.
set -uo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
logs=build/test-logs
failed=0
recap=""
mkdir -p "$logs"
rm -f "$logs"/*

# run <name> <pattern of the runner's own summary line> <command...>
run() {
  local name=$1 pattern=$2
  shift 2
  echo "── $name: $*"
  local start=$SECONDS
  if ! "$@" 2>&1 | tee "$logs/$name.log"; then failed=1; fi
  local summary
  summary=$(grep -E "$pattern" "$logs/$name.log" | tail -n 1)
  if [ -z "$summary" ]; then
    summary="no summary: see $logs/$name.log"
    failed=1
  fi
  recap+=$(printf '%-10s %4ds  %s' "$name" $((SECONDS - start)) "$summary")$'\n'
}

passed='^=+ .*(passed|failed|error|no tests ran|skipped).* =+$'
run c++ 'tests? (passed|failed)' cmake --workflow --preset dev
# The tests are of the installed package; its module is linked from the objects that the line above has built.
run install '^installed' make --no-print-directory install
run python "$passed" $python -m pytest tests/python
run docs "$passed" $python -m pytest --doctest-modules --pyargs journeykit
if compgen -G 'notebooks/*.ipynb' > /dev/null; then run notebooks "$passed" $python -m pytest --nbmake notebooks; fi
if [ -d tests/browser ]; then run browser "$passed" $python -m pytest tests/browser; fi

printf '\n%s' "$recap"
exit $failed
