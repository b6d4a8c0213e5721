#!/usr/bin/env bash
# In csh's time variable %M is the largest resident set. The original csh, Debian's package csh, divides the kernel's figure by
# two, as if it came in blocks of 512 bytes, and calls the rest kilobytes; on Linux it is in KiB already. A job that holds 300 MiB
# has 160,304. tcsh has the same letter and prints all of it, so a script's figure changes with what /bin/csh is.
# Seen with Debian's csh 20110502-7 and tcsh 6.24.07: 160 MB and 320 where the kernel has 320.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 csh tcsh 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
for shell in bsd-csh tcsh; do
    ! ldd "bin/$shell" | grep -q 'not found' || { echo "needs the libraries of $shell: apt-get install csh tcsh" >&2; exit 2; }
done
cat > job.py <<'PY'
import resource
held = bytearray(b"x") * (300 << 20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
PY
figures() { "bin/$1" -f -c 'set time = (0 "%M"); python3 job.py'; }
read -r kernel by_csh _ < <(echo $(figures bsd-csh))
read -r _ by_tcsh _ < <(echo $(figures tcsh))
echo "a job of 300 MiB: the kernel's figure $kernel kB, csh $by_csh, tcsh $by_tcsh"
[ $((kernel - 2 * by_csh)) -lt 2048 ] && [ $((2 * by_csh - kernel)) -lt 2048 ] && [ "$by_tcsh" -ge 307200 ]
