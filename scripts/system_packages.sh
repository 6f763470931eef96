#!/bin/sh
# Sees to what pip cannot bring. `build`: compiler, Python headers, venv. `test`: GoogleTest, a browser, Chinese fonts.
# `fuzz`: clang 14 with libFuzzer. `spark`: a Java runtime.
# On Debian and Ubuntu as root it installs what is missing; elsewhere it names it and leaves the choice to you.
set -eu
python=${PYTHON:-python3}
missing=""
need() { missing="$missing $1"; }

compiles() { printf '#include <%s>\n' "$1" | c++ -E -x c++ -std=c++20 - >/dev/null 2>&1; }
fuzzes() {
  printf 'extern "C" int LLVMFuzzerTestOneInput(const char *, unsigned long) { return 0; }' |
    clang++-14 -x c++ -fsanitize=fuzzer,address - -o /dev/null >/dev/null 2>&1
}
browser() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && return 0
  done
  return 1
}

for group in "${@:-build}"; do
  case $group in
    build)
      command -v c++ >/dev/null 2>&1 || need g++
      command -v "$python" >/dev/null 2>&1 || need python3
      "$python" -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
      "$python" -c 'import os, sysconfig as s; os.stat(s.get_path("include") + "/Python.h")' 2>/dev/null || need python3-dev
      ;;
    test)
      compiles gtest/gtest.h || need libgtest-dev
      browser || need chromium
      # Without a font the browser draws Chinese as boxes; fc-list comes with the browser.
      fc-list :lang=zh family 2>/dev/null | grep -q . || need fonts-noto-cjk
      ;;
    fuzz)
      if ! fuzzes; then
        need clang-14
        # Debian has libFuzzer in a package of its own, which clang only recommends
        if apt-cache show libclang-rt-14-dev >/dev/null 2>&1; then need libclang-rt-14-dev; fi
      fi
      ;;
    spark)
      command -v java >/dev/null 2>&1 || need openjdk-17-jre-headless
      ;;
    *) echo "usage: $0 [build] [test] [fuzz] [spark]" >&2; exit 2 ;;
  esac
done

[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  # shellcheck disable=SC2086 # a list of names
  apt-get install -q -y --no-install-recommends $missing
else
  echo "These Debian packages, or what your system calls them, may be missing:$missing" >&2
  echo "  apt install$missing" >&2
fi
