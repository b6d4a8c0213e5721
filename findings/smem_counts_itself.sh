#!/usr/bin/env bash
# smem -t adds up the memory of all processes whose command line matches -P. Its own has the same words and is one of them: a job that does
# not run has one process and 14 MiB, and every total of a real job has them too. pgrep leaves itself out.
# Seen with Debian's smem 1.5.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 smem 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract smem_*.deb .
cp usr/bin/smem smem.py
read -r processes _ _ _ pss _ < <(python3 smem.py -t -P job-that-nobody-started | tail -n 1)
echo "smem -t -P job-that-nobody-started: $processes process, PSS $pss KiB"
[ "$processes" -eq 1 ] && [ "$pss" -gt 3000 ]
