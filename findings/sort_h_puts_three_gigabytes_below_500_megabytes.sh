#!/usr/bin/env bash
# `sort -h` compares the letters of two sizes first and their numbers only where the letters are equal: 3000000K, as a tool writes that
# keeps to one unit, is the smallest of a list with 500M and 1G in it, and 2000M is below 1G. The manual page says that it compares
# human readable numbers; they are in order only where each is in the largest unit that it fills.
# Seen with coreutils 9.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
sort --version | grep -q coreutils || { echo "needs GNU sort" >&2; exit 2; }
sorted=$(printf '%s\n' 1G 2000M 3000000K 500M | LC_ALL=C sort -h | tr '\n' ' ')
bytes=$(for size in $sorted; do numfmt --from=iec "$size"; done | tr '\n' ' ')
echo "$(sort --version | sed -n '1s/.* //p'): 1G, 2000M, 3000000K and 500M from the smallest on: $sorted, in bytes $bytes"
[ "$sorted" = "3000000K 500M 2000M 1G " ] && [ "$bytes" = "3072000000 524288000 2097152000 1073741824 " ]
