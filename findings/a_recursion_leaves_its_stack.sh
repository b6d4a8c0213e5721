#!/usr/bin/env bash
# The kernel lets the stack of a program's first thread grow and never takes a page of it back. After one deep recursion (a parser,
# a walk over a tree, a regular expression) a job stays as large as the recursion was, to its end: nothing is allocated, no
# heap profiler shows it, malloc_trim and a garbage collector change nothing.
# Seen on Linux 6.18, 60,000 frames of 4 KiB: VmRSS 1, then 237 MiB, all of it VmStk, with a heap of 0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
ulimit -s unlimited || { echo "needs a stack limit that can be raised" >&2; exit 2; }
cat > job.c <<'C'
#include <malloc.h>
#include <stdio.h>
#include <string.h>
static long mebibytes(const char *name) {
    char line[256];
    long found = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, status))
        if (!strncmp(line, name, strlen(name))) sscanf(line + strlen(name), ": %ld", &found);
    fclose(status);
    return found >> 10;
}
static long descend(int levels) {
    volatile char frame[4096];
    memset((void *)frame, levels, sizeof frame);
    return levels ? descend(levels - 1) + frame[levels % 4096] : 0;
}
int main(void) {
    long before = mebibytes("VmRSS"), result = descend(60000);
    malloc_trim(0);
    printf("%ld %ld %ld %zu %ld\n", before, mebibytes("VmRSS"), mebibytes("VmStk"), mallinfo2().uordblks >> 20, result);
}
C
cc -O0 -o job job.c
read -r before after stack heap _ < <(./job)
echo "VmRSS before a recursion $before MiB, after it $after; VmStk $stack, heap $heap"
[ "$before" -lt 5 ] && [ "$after" -ge 230 ] && [ "$stack" -ge 230 ] && [ "$heap" = 0 ]
