#!/usr/bin/env bash
# GC_gcollect_and_unmap() of the Boehm collector collects and "tries to unmap as much memory as possible", recommended on a low-
# memory event. What a collection has just freed is too young to be unmapped: after the call 300 MiB of garbage are free in the
# heap and still resident, and the second call changes nothing. The third returns them, although nothing happened in between.
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
char *volatile held[300];
static void show(void) {
  long pages;
  FILE *file = fopen("/proc/self/statm", "r");
  if (fscanf(file, "%*d %ld", &pages) != 1) return;
  fclose(file);
  printf("%ld %zu ", pages * 4096 >> 20, GC_get_free_bytes() >> 20);
}
int main(void) {
  GC_INIT();
  for (int i = 0; i < 300; i++) memset(held[i] = GC_MALLOC_ATOMIC(1 << 20), 1, 1 << 20);
  memset((void *)held, 0, sizeof held);
  for (int call = 0; call < 3; call++) GC_gcollect_and_unmap(), show();
  unsigned version = GC_get_version();
  printf("%u.%u.%u\n", version >> 16, version >> 8 & 255, version & 255);
}
C
gcc -o job job.c -Iusr/include -L"$libraries" -lgc
read -r first free second _ third _ version < <(LD_LIBRARY_PATH=$libraries ./job)
echo "libgc $version, 300 MiB of garbage: resident $first MiB with $free free after the first GC_gcollect_and_unmap, $second after the second, $third after the third"
[ "$first" -gt 280 ] && [ "$free" -gt 280 ] && [ "$second" -gt 280 ] && [ "$third" -lt 100 ]
