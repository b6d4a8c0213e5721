#!/usr/bin/env bash
# The kernel gives out more memory than there is, as most is not used, but refuses what "obviously" is too much. It looks at each request
# alone: a machine of 24 GB gives 20 blocks of 22 GB, 440 together, and refuses one of 27. A table of zeros of which a few rows are
# used works in parts and fails as one; what a job held before plays no part.
# Seen on Linux 6.18, vm.overcommit_memory 0.
set -euo pipefail
command -v cc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
[ "$(cat /proc/sys/vm/overcommit_memory)" = 0 ] || { echo "needs vm.overcommit_memory of 0" >&2; exit 2; }
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
uname -sr
cat > job.c <<'C'
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
int main(void) {
    struct sysinfo machine;
    sysinfo(&machine);
    size_t tenth = (machine.totalram + machine.totalswap) * machine.mem_unit / 10 & -4096UL;
    int given = 0;
    for (int block = 0; block < 20; block++)
        given += mmap(0, 9 * tenth, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
    int once = mmap(0, 11 * tenth, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
    printf("of 20 blocks of %zu GB %d were given, of one of %zu GB %d\n", 9 * tenth / 1000000000, given, 11 * tenth / 1000000000, once);
    return given != 20 || once;
}
C
cc -o job job.c && ./job
