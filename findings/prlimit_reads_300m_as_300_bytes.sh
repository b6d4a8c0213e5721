#!/usr/bin/env bash
# prlimit of util-linux limits a program's memory, in bytes by its own table. It reads a number and leaves out what follows: 300M, as systemd, docker and
# tcsh's limit take it, is 300 bytes, 1.5G is one, and no program can work under such a limit. No error
# comes from prlimit. daemontools' softlimit refuses both.
# Seen with util-linux 2.38.1, daemontools 0.76, on the limit of the resident set, which Linux does not enforce.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 util-linux daemontools 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
usr/bin/prlimit --version
set_by() { "$@" cat /proc/self/limits | awk '/^Max resident set/ { print $4 }'; }
figures="$(set_by usr/bin/prlimit --rss=300M) $(set_by usr/bin/prlimit --rss=1.5G) $(set_by usr/bin/prlimit --rss=300000000)"
refused=$(usr/bin/softlimit -r 300M true 2> /dev/null && echo no || echo yes)
echo "--rss=300M, 1.5G, 300000000 are $figures; softlimit refuses 300M: $refused"
[ "$figures" = "300 1 300000000" ] && [ "$refused" = yes ]
