#!/usr/bin/env bash
# numfmt rounds away from zero unless it is told --round=nearest, and ls -h and du -h do so always: 1 GiB and one byte are 1.1G, a tenth
# more, and 300 MiB and one byte 301M. Two sizes of which one is a page larger can differ by a hundred MB in a report. To read, si has no
# small k, the letter of SI: 300k and the kernel's 300kB are errors, 300K is taken.
# Seen with coreutils 9.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
numfmt --version | grep -q coreutils || { echo "needs GNU coreutils" >&2; exit 2; }
written=$(numfmt --to=iec 1073741824 1073741825 314572801 | tr '\n' ' ') nearest=$(numfmt --to=iec --round=nearest 1073741825 314572801 | tr '\n' ' ')
truncate --size=1073741825 file
listed="$(ls -lh file | awk '{print $5}') $(du -h --apparent-size file | cut -f1)"
read_back=$(for size in 300K 300k 300kB; do numfmt --from=si "$size" 2> /dev/null || echo refused; done | tr '\n' ' ')
echo "2^30, 2^30+1 and 300*2^20+1: $written, nearest of the last two: $nearest; a file of 2^30+1 by ls and du: $listed; 300K, 300k, 300kB read: $read_back"
[ "$written" = "1.0G 1.1G 301M " ] && [ "$nearest" = "1.0G 300M " ] && [ "$listed" = "1.1G 1.1G" ] && [ "$read_back" = "300000 refused refused " ]
