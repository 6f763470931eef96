#!/bin/sh
# fuzz.sh runs <n> | seconds <n>: every fuzz target so long, then one line for each: runs, seconds, findings. What they
# learn stays in build/fuzz/corpus; a finding is left in build/fuzz/findings and belongs, mended, into tests/corpus.
set -eu
cd "$(dirname "$0")/.."
case ${1:-} in
  runs) limit="-runs=$2" ;;
  seconds) limit="-max_total_time=$2" ;;
  *) echo "usage: $0 runs <n> | seconds <n>" >&2; exit 2 ;;
esac
build=build/fuzz
# What costs most of the time and finds nothing here: weighing the corpus (entropic), deep stacks of allocations.
export ASAN_OPTIONS="quarantine_size_mb=16:malloc_context_size=3:${ASAN_OPTIONS:-}"
built=0
failed=0
for program in $build/fuzz_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  target=$(basename "$program" | sed 's/^fuzz_//')
  mkdir -p $build/corpus/"$target" $build/findings/"$target"
  words=""
  longest=256
  [ "$target" = map_json ] && words="-dict=fuzz/json.dict" && longest=1024
  status=ok
  # shellcheck disable=SC2086 # $words is nothing or one word
  "$program" $build/corpus/"$target" tests/corpus/"$target" $limit $words -max_len=$longest -timeout=20 \
    -rss_limit_mb=1024 -malloc_limit_mb=256 -entropic=0 -print_final_stats=1 -artifact_prefix=$build/findings/"$target"/ \
    > $build/"$target".log 2>&1 || { status=FAILED; failed=1; tail -n 40 $build/"$target".log; }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' $build/"$target".log)
  time=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' $build/"$target".log)
  found=$(find $build/findings/"$target" -type f | wc -l)
  printf '%-12s %9s runs  %5s s  %s findings  %s\n' "$target" "${runs:-?}" "${time:-?}" "$found" $status
  built=1
done
[ $built = 1 ] || { echo "no fuzz target is built: make fuzz" >&2; exit 1; }
exit $failed
