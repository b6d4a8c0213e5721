#!/usr/bin/env bash
# The Boehm collector counts in non_gc_bytes the memory that it may not collect, described as updated by GC_malloc_uncollectable
# and GC_free. Only GC_free does: a block of 100 MiB that is not collectable is 0 bytes, and once it is freed, the counter in
# GC_get_prof_stats() is 18446744073604694000, 100 MiB below zero. The counter also decides when to collect next.
# Seen with Debian's libgc 8.2.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v gcc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
apt-get download --quiet=2 libgc1 libgc-dev 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
cat > job.c <<'C'
#include <gc/gc.h>
#include <stdio.h>
static size_t outside(void) {
  struct GC_prof_stats_s stats;
  GC_get_prof_stats(&stats, sizeof stats);
  return stats.non_gc_bytes;
}
int main(void) {
  GC_INIT();
  char *volatile held = GC_MALLOC_UNCOLLECTABLE(100 << 20);
  printf("%zu ", outside());
  GC_FREE(held);
  unsigned version = GC_get_version();
  printf("%zu %u.%u.%u\n", outside(), version >> 16, version >> 8 & 255, version & 255);
}
C
gcc -o job job.c -Iusr/include -L"$libraries" -lgc
read -r held freed version < <(LD_LIBRARY_PATH=$libraries ./job)
echo "libgc $version, non_gc_bytes with an uncollectable block of 100 MiB: $held; after it was freed: $freed"
[ "$held" = 0 ] && [[ $freed == 184467440736* ]]
