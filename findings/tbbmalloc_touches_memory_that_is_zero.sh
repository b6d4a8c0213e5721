#!/usr/bin/env bash
# Memory that is fresh from the kernel is zero, so other allocators give calloc's large blocks as they come, and a page is resident
# when it is used. oneTBB's writes the zeros: 300 MiB of calloc of which nothing was used are resident at once. So numpy.zeros and
# every sparse table cost their whole size as soon as its proxy library takes over malloc. glibc and jemalloc add 0.
# Seen with Debian's libtbbmalloc2 2021.8.0, libjemalloc2 5.3.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
apt-get download --quiet=2 libtbbmalloc2 libjemalloc2 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
cat > job.c <<'C'
#include <stdio.h>
#include <stdlib.h>
char *held;
static long resident(void) {
    long size, pages;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &size, &pages) != 2) exit(3);
    fclose(file);
    return pages * 4096 >> 20;
}
int main(void) {
    long before = resident();
    held = calloc(300, 1 << 20);
    printf("%ld\n", held ? resident() - before : -1);
}
C
cc -o job job.c
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
tbb=$(LD_LIBRARY_PATH="$libraries" LD_PRELOAD=libtbbmalloc_proxy.so.2 ./job) je=$(LD_PRELOAD="$libraries/libjemalloc.so.2" ./job) glibc=$(./job)
echo "calloc of 300 MiB, unused: resident with tbbmalloc +$tbb MiB, jemalloc +$je, glibc +$glibc"
[ "$tbb" -ge 299 ] && [ "$je" -lt 10 ] && [ "$glibc" -lt 10 ]
