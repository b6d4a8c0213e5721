#!/usr/bin/env bash
# GC_get_memory_use() of the Boehm collector (libgc, under Guile, ECL, Crystal and others) is described as the total memory use
# in bytes of all allocated blocks. It converts a size that is in bytes already from words to bytes: one block of 300 MiB is a
# use of 2400 MiB, in a heap of 300. GC_get_heap_size() and GC_get_total_bytes() are right.
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
#include <string.h>
char *volatile held;
int main(void) {
  GC_INIT();
  held = GC_MALLOC_ATOMIC(300 << 20);
  memset(held, 1, 300 << 20);
  unsigned version = GC_get_version();
  printf("%zu %zu %u.%u.%u\n", GC_get_memory_use() >> 20, GC_get_heap_size() >> 20, version >> 16, version >> 8 & 255, version & 255);
}
C
gcc -o job job.c -Iusr/include -L"$libraries" -lgc
read -r used heap version < <(LD_LIBRARY_PATH=$libraries ./job)
echo "libgc $version with a block of 300 MiB: memory use $used MiB, heap $heap MiB"
[ "$used" -ge 2400 ] && [ "$heap" -lt 330 ]
