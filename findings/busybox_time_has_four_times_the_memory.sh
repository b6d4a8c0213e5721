#!/usr/bin/env bash
# BusyBox has a `time -v` of its own, the one in Alpine's images. It takes the kernel's largest resident set, which is in KiB, for
# pages and multiplies it by four; a job that holds 300 MiB has a "Maximum resident set size (kbytes)" of 1.2 GiB. Its line
# is letter for letter GNU time's, so the same parser reads both.
# Seen with Debian's busybox 1.35.0: 1282 MB where the kernel has 320.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 busybox 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract busybox_*.deb .
cat > job.py <<'PY'
import resource
held = bytearray(b"x") * (300 << 20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
PY
kernel=$(./bin/busybox time -v -o report.txt python3 job.py)
reported=$(sed -n 's/.*Maximum resident set size (kbytes): //p' report.txt)
echo "$(./bin/busybox | sed -n '1s/ (.*//p'), a job of 300 MiB: the kernel's figure $kernel kB, time -v $reported kB"
[ $((reported / kernel)) -ge 3 ] && [ $((reported / kernel)) -le 4 ]
