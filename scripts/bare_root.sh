#!/usr/bin/env bash
# Tries the README on a machine that has nothing: a bare Debian 12 in <folder>, a clone of this repository's HEAD, then
# `pip install .`, `make demo` and `make test`, with times and sizes at the end. Needs root and debootstrap; the
# network settings of this machine (apt sources, pip.conf, PIP_* and *_proxy variables, certificates) are copied as they are.
#   scripts/bare_root.sh <folder> [reference data with data/ inside]
set -euo pipefail
root=${1:?usage: $0 <folder> [shared]}
shared=${2:-}
here=$(cd "$(dirname "$0")/.." && pwd)

if [ ! -x "$root/usr/bin/g++" ]; then
  mirror=$(grep -hoE 'https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -vE 'security|snapshot' | grep debian | head -n 1 || true)
  debootstrap --variant=minbase --include=python3,python3-venv,python3-dev,g++,make,git,ca-certificates bookworm "$root" "${mirror:-http://deb.debian.org/debian}"
fi
copy() { if [ -e "$1" ]; then mkdir -p "$root$(dirname "$1")" && cp -aL "$1" "$root$(dirname "$1")/"; fi; }
for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf /etc/apt/sources.list \
  /etc/apt/sources.list.d /etc/apt/auth.conf.d /etc/apt/apt.conf.d /etc/apt/keyrings; do copy "$file"; done
mkdir -p "$root/proc" "$root/dev/shm" "$root/dev/pts" "$root/home/user"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev/shm" || mount -t tmpfs tmpfs "$root/dev/shm"
mountpoint -q "$root/dev/pts" || mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
trap 'umount "$root/proc" "$root/dev/shm" "$root/dev/pts"' EXIT
rm -rf "$root/home/user/journeykit"
git clone -q "file://$here" "$root/home/user/journeykit"
if [ -n "$shared" ]; then mkdir -p "$root/home/user/shared" && cp -a "$shared/data" "$root/home/user/shared/"; fi

settings=()
while IFS= read -r name; do settings+=("$name=${!name}"); done < <(compgen -e | grep -E '^PIP_|_(proxy|PROXY)$|_CA_BUNDLE$|^SSL_CERT_' | grep -v FIND_LINKS)
inside() {
  chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "${settings[@]}" \
    bash -euo pipefail -c "cd /home/user/journeykit; $1"
}
report=""
timed() {
  local start=$SECONDS result=ok
  inside "$2" || result=FAILED
  report+=$(printf '%-44s %5d s  %s' "$1" $((SECONDS - start)) "$result")$'\n'
}
timed "python3 -m venv, pip install ." "python3 -m venv /home/user/plain && /home/user/plain/bin/pip install -q ."
timed "make demo" "make demo"
timed "make test" ".ci/run"
timed "make wheel" "make wheel"
printf '\n%s' "$report"
inside "ls -l dist; du -sh .venv/lib/python3*/site-packages/journeykit; PATH=/home/user/plain/bin:\$PATH
for i in 1 2 3; do python -X importtime -c 'import journeykit' 2>&1 | tail -n 1; done"
