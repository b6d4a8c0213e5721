#!/usr/bin/env bash
# mincore(2) says which pages of a file are in memory. Since Linux 5.2 it says all of them to a user who may not write the file,
# and the tools above print that as a measurement: vmtouch and fincore have 100 % of a file of which nothing is in memory, without
# a word. Whoever looks for what fills the cache finds every library and every input of others there.
# Seen on Linux 6.18 with Debian's vmtouch 1.3.1 and util-linux 2.38.1: 0 pages for root, 4883 of 4883 for nobody.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "needs root, to become another user" >&2; exit 2; }
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here" && chmod 755 .
apt-get download --quiet=2 vmtouch util-linux-extra util-linux 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
head -c 20000000 /dev/urandom > file && chmod 644 file && sync file
dd of=file oflag=nocache conv=notrunc,fdatasync count=0 status=none
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
touched() { sed -n 's/.*Resident Pages: \([0-9]*\).*/\1/p'; }
by_root="$(usr/bin/vmtouch file | touched) $(usr/bin/fincore --noheadings --output PAGES file | tr -d ' ')"
by_nobody="$(nobody usr/bin/vmtouch file | touched) $(nobody usr/bin/fincore --noheadings --output PAGES file | tr -d ' ')"
echo "$(uname -sr), pages of a dropped file in memory by vmtouch and fincore: for root $by_root, for nobody $by_nobody"
pages=$(((20000000 + 4095) / 4096))
[ "$by_root" = "0 0" ] && [ "$by_nobody" = "$pages $pages" ]
