#!/usr/bin/env bash
# heaptrack_print --print-massif writes, by its help, a file compatible with massif's. Its header stands last, so ms_print, valgrind's
# own reader of such files, ends with an error, and its snapshots are those of every ten milliseconds: what was allocated and freed
# in between, the peak that heaptrack knows and prints, is in none of them. massif's own snapshots hold the peak.
# Seen with Debian's heaptrack 1.4.0: 314.65M, and 77 kB in the largest snapshot; ms_print 3.19: missing 'cmd' line.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
apt-get download --quiet=2 heaptrack libheaptrack valgrind 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
! ldd usr/bin/heaptrack_print usr/lib/heaptrack/libexec/heaptrack_interpret | grep -q 'not found' ||
    { echo "needs heaptrack's libraries: apt-get install heaptrack" >&2; exit 2; }
cat > job.c <<'C'
#include <stdlib.h>
#include <unistd.h>
int main(void) {
    usleep(300000);
    free(malloc(300 << 20));
    usleep(300000);
    free(malloc(1000000));
    usleep(300000);
}
C
cc -O0 -o job job.c
usr/bin/heaptrack --output job ./job > /dev/null 2>&1
peak=$(usr/bin/heaptrack_print job.zst --print-massif job.massif | sed -n 's/^peak heap memory consumption: //p')
largest=$(sed -n 's/^mem_heap_B=//p' job.massif | sort -n | tail -n 1)
answer=$(perl usr/bin/ms_print job.massif 2>&1 | tail -n 1) || true
echo "heaptrack 1.4.0: peak heap memory consumption $peak; largest snapshot of its massif file $largest; ms_print: $answer"
[[ $peak == 31[0-9].*M ]] && [ "$largest" -lt 3000000 ] && [[ $answer == *"missing 'cmd' line"* ]]
