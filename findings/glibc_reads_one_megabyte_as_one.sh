#!/usr/bin/env bash
# glibc's MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_ and the tunables of those names take a number of bytes. Its manual
# says nothing of suffixes; one that is given is dropped without a word, so that 1M is a threshold of one byte: each block,
# however small, becomes a mapping of its own, and a job of 7 MiB takes 235. What was set to save memory costs thirty times as
# much.
# Seen with glibc 2.36: 60,000 blocks of 100 bytes: 7 MiB, with 1048576 too; 235 with 1M, set either way.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cc > /dev/null || { echo "needs a C compiler: apt-get install gcc libc6-dev" >&2; exit 2; }
cat > job.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
int main(void) {
    struct rusage usage;
    for (int i = 0; i < 60000; i++)
        memset(malloc(100), 1, 100);
    getrusage(RUSAGE_SELF, &usage);
    return printf("%ld\n", usage.ru_maxrss >> 10) < 0;
}
C
cc -O0 job.c -o job
plain=$(./job) number=$(MALLOC_MMAP_THRESHOLD_=1048576 ./job)
suffix=$(MALLOC_MMAP_THRESHOLD_=1M ./job) tunable=$(GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1M ./job)
echo "$(ldd --version | sed -n 1p): $plain MiB, with a threshold of 1048576 $number, of 1M $suffix, as a tunable $tunable"
[ "$plain" -lt 20 ] && [ "$number" -lt 20 ] && [ "$suffix" -gt 200 ] && [ "$tunable" -gt 200 ]
