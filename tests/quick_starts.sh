#!/usr/bin/env bash
# quick_starts.sh MEMTOOL: each tool's own quick start, as the guide has it, where the tool is installed; then
# `memtool analyze FILE` and `memtool chart FILE`. Prints a line a tool; exit 1 if a file was not read or not drawn.
set -u
memtool=$(realpath "$1")
jobs=$(realpath "$(dirname "$0")/../fixtures/foreign")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cp "$jobs"/job.py "$jobs"/churn.js "$jobs"/churn.go "$jobs"/heap.c "$jobs"/spike.py "$jobs"/Churn.java .
failed=0

# check FILE...: is each read, and drawn?
check() {
    for file in "$@"; do
        if "$memtool" analyze "$file" --format json 2> told | grep -q '"peak_rss_mb"' &&
            "$memtool" chart "$file" --output charts > drawn 2>> told && grep -q "/${file%.*}" drawn; then
            echo "ok       $file"
        else
            echo "FAILED   $file: $(tail -1 told)"
            failed=1
        fi
    done
}

# has TOOL: is it installed?
has() {
    command -v "$1" > running || { echo "skipped  $1 is not installed"; return 1; }
}

# beside COMMAND...: runs it with PID set to a job that it watches, and ends it after the job.
beside() {
    python3 job.py &
    PID=$!
    export PID
    timeout -s INT 5 bash -c "$1" > log 2>&1
    wait $PID
}

has mprof && { mprof run -C -o mprof.dat python3 job.py > log 2>&1; check mprof.dat; }
has psrecord && {
    psrecord "python3 job.py" --include-children --interval 0.2 --log psrecord.txt > log 2>&1
    check psrecord.txt
}
has procpath && { beside 'procpath record -i 0.5 -r 4 -d job.sqlite -f stat,cmdline -p $PID'; check job.sqlite; }
has duct && {
    duct -p duct_ --report-interval 1 python3 job.py > log 2>&1
    check duct_usage.jsonl duct_info.json
}
has pidstat && { beside 'pidstat -r -h -H -p $PID 1 > pidstat.txt'; check pidstat.txt; }
has top && { beside 'top -b -d 1 -p $PID > top.txt'; check top.txt; }
has ps && {
    beside 'for i in 1 2 3; do date; ps -o pid,rss,vsz,args -p $PID; sleep 0.5; done > ps.txt'
    check ps.txt
}
[ -x /usr/bin/time ] && { /usr/bin/time -v -o time.txt python3 job.py; check time.txt; }
has sar && { sar -r 1 3 > sar.txt; check sar.txt; }
has free && { free -s 1 -c 3 > free.txt; check free.txt; }
has vmstat && { vmstat -t 1 3 > vmstat.txt; check vmstat.txt; }
has snakemake && {
    printf 'rule job:\n    benchmark: "bench.tsv"\n    shell: "python3 job.py"\n' > Snakefile
    snakemake -c1 -q > log 2>&1
    check bench.tsv
}
has javac && {
    javac Churn.java
    java -Xmx96m -Xlog:gc:file=gc.log:time,uptime,tags Churn 3 20 150 0 > log 2>&1
    check gc.log
}
has node && { node --trace-gc churn.js 2 10 40 0 0 > node.txt; check node.txt; }
has go && {
    GO111MODULE=off GOCACHE="$folder/go" go build -o churn churn.go && GODEBUG=gctrace=1 ./churn 2 20 100 0 > log 2> go.txt
    check go.txt
}
has valgrind && has cc && {
    cc -g -o heap heap.c
    valgrind --tool=massif --time-unit=ms --massif-out-file=massif.out ./heap 20 100 > log 2>&1
    check massif.out
}
has memray && {
    memray run -q -o job.bin job.py && memray stats --json -o stats.json job.bin > log 2>&1
    check stats.json
}
has scalene && { scalene run -o profile.json spike.py > log 2>&1; check profile.json; }
exit $failed
