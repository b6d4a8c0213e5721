#!/usr/bin/env bash
# oneTBB's allocator, which programs take over for all of malloc by its proxy library, never makes a block smaller: 300 blocks of 1 MB
# that realloc makes ten bytes each stay 288 MiB resident, while malloc_usable_size says ten. A vector that is shrunk to fit gives
# nothing back. jemalloc moves them and keeps 81 MiB or less.
# Seen with Debian's libtbbmalloc2 2021.8.0, libjemalloc2 5.3.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
apt-get download --quiet=2 libtbbmalloc2 libjemalloc2 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
cat > job.c <<'C'
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static long resident(void) {
    long size, pages;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &size, &pages) != 2) exit(3);
    fclose(file);
    return pages * 4096 >> 20;
}
int main(void) {
    static char *held[300];
    long before = resident();
    for (int block = 0; block < 300; block++) memset(held[block] = malloc(1000000), 1, 1000000);
    long full = resident() - before;
    for (int block = 0; block < 300; block++) held[block] = realloc(held[block], 10);
    printf("%ld %ld %zu\n", full, resident() - before, malloc_usable_size(held[0]));
}
C
cc -o job job.c
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
read -r full shrunk usable < <(LD_LIBRARY_PATH="$libraries" LD_PRELOAD=libtbbmalloc_proxy.so.2 ./job)
read -r other_full other_shrunk other_usable < <(LD_PRELOAD="$libraries/libjemalloc.so.2" ./job)
echo "300 blocks of 1 MB, shrunk to ten bytes: tbbmalloc $full MiB, $shrunk, usable $usable; jemalloc $other_full, $other_shrunk, usable $other_usable"
[ "$full" -ge 280 ] && [ "$shrunk" -ge 280 ] && [ "$usable" = 10 ] && [ "$other_shrunk" -lt 150 ] && [ "$other_usable" = 16 ]
