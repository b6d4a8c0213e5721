#!/usr/bin/env bash
# zsh's `time` prints %M of TIMEFMT, "the maximum memory the process had in use at any time in kilobytes" by its manual. The number
# is in MiB: 313 for a job of 300 MiB. tcsh's manual has the same words for the same letter, and its number is
# in KiB.
# Seen with Debian's zsh 5.9 and tcsh 6.24.07: 313 and 320560.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 zsh zsh-common tcsh 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
zcat usr/share/man/man1/zshparam.1.gz | tr -s ' \n' ' ' | grep -q 'maximum memory the process had in use at any time in kilobytes'
python=$(python3 -c 'import sys; print(sys.executable)')
echo 'held = bytearray(b"x") * (300 << 20)' > job.py
by_zsh=$(bin/zsh -f -c "TIMEFMT=%M; time $python job.py" 2>&1)
by_tcsh=$(bin/tcsh -f -c "set time = (0 '%M'); time $python job.py" 2>&1)
echo "%M for a job of 300 MiB: $(bin/zsh --version | cut -d ' ' -f 1,2) $by_zsh, $(bin/tcsh --version | cut -d ' ' -f 1,2) $by_tcsh"
[ "$by_zsh" -ge 300 ] && [ "$by_zsh" -lt 400 ] && [ "$by_tcsh" -ge 300000 ]
