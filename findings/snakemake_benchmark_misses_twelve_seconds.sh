#!/usr/bin/env bash
# Snakemake 9.27.1 samples a rule's memory every half second for the first 30 times, then every 30
# seconds. A job that holds 400 MiB from its 20th to its 32nd second is reported with the memory
# it started with, as max_rss.
# Seen: max_rss 8.26 where the kernel's own mark of the job was 408 MiB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check snakemake==9.27.1 psutil==7.2.2
cat > job.py <<'PY'
import resource, sys, time
time.sleep(20)
held = bytearray(b"x") * (400 << 20)
time.sleep(12)
del held
time.sleep(8)
with open(sys.argv[1], "w") as file:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=file)
PY
cat > Snakefile <<'SMK'
rule job:
    output: "mark.txt"
    benchmark: "benchmark.tsv"
    shell: "exec python3 job.py {output}"
SMK
venv/bin/snakemake --cores 1 --quiet > snakemake.log 2>&1 || { cat snakemake.log; exit 1; }
said=$(awk 'NR == 2 { print int($3) }' benchmark.tsv)
echo "snakemake 9.27.1: max_rss $said, the kernel's mark $(cat mark.txt) MiB"
[ "$(cat mark.txt)" -ge 400 ] && [ "$said" -lt 50 ]
