#!/usr/bin/env bash
# A program may end its first thread with pthread_exit and go on in others. /proc/PID then belongs to the ended thread: state
# Z, statm all zeros, no Vm lines in status. ps and psutil say zombie and 0 bytes, and a watcher takes the job for finished,
# while its other thread holds 300 MiB. /proc/PID/task/TID/status of that thread has them.
# Seen on Linux 6.18, psutil 7.2.2, procps 4.0.2: status zombie, RSS 0 by both; by the thread's file 301 MiB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check psutil==7.2.2
command -v cc > /dev/null || { echo "needs a C compiler: apt-get install gcc libc6-dev" >&2; exit 2; }
cat > job.c <<'C'
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *work(void *unused) {
    memset(malloc(300 << 20), 1, 300 << 20);
    sleep(4);
    return unused;
}
int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_exit(NULL);
}
C
cc -O0 job.c -o job -lpthread
venv/bin/python - <<'PY'
import pathlib, subprocess, time
import psutil
with subprocess.Popen("./job") as job:
    time.sleep(2)
    seen = psutil.Process(job.pid)
    status, by_psutil = seen.status(), seen.memory_info().rss
    by_ps = int(subprocess.run(["ps", "--no-headers", "-o", "rss=", "-p", str(job.pid)], capture_output=True, text=True).stdout)
    threads = [path.read_text() for path in pathlib.Path(f"/proc/{job.pid}/task").glob("*/status")]
    held = max(int(line.split()[1]) >> 10 for text in threads for line in text.splitlines() if line.startswith("VmRSS"))
print(f"status {status}, RSS {by_psutil} by psutil, {by_ps} by ps; by the other thread's file {held} MiB")
raise SystemExit(not (status == "zombie" and by_psutil == by_ps == 0 and held >= 300))
PY
