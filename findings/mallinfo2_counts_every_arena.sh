#!/usr/bin/env bash
# The manual page of mallinfo2 says under BUGS that only the main arena is counted. glibc 2.36 counts every arena: 95 MiB that
# a thread allocated are in uordblks. What the page does not say: small blocks that were freed and lie in the thread's cache
# still count as allocated, here six of ten bytes.
# Seen: +95 MiB; 327 KiB held, 200 KiB after all of it was freed.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
ldd --version | sed -n 1p
command -v cc > /dev/null || { echo "needs a C compiler: apt-get install gcc libc6-dev" >&2; exit 2; }
cat > job.c <<'C'
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void *held[1000], *small[700];
static void *work(void *unused) {
    for (int i = 0; i < 1000; i++)
        memset(held[i] = malloc(100000), 1, 100000);
    return unused;
}
int main(void) {
    pthread_t thread;
    size_t before = mallinfo2().uordblks;
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    size_t of_thread = mallinfo2().uordblks - before;
    before = mallinfo2().uordblks;
    for (int i = 0; i < 700; i++)
        small[i] = malloc(16 * (i % 60) + 8);
    size_t in_use = mallinfo2().uordblks - before;
    for (int i = 0; i < 700; i++)
        free(small[i]);
    size_t freed = mallinfo2().uordblks - before;
    printf("a thread's blocks: +%zu MiB; small blocks: %zu bytes, after free %zu\n", of_thread >> 20, in_use, freed);
    return !(of_thread >> 20 >= 95 && freed > in_use / 4);
}
C
cc -O0 job.c -o job -lpthread
./job
