#!/usr/bin/env bash
# An archive of the kind MAX in an RRD holds, by the manual page, the largest of the data points. Where samples come more often than
# the step, each step is averaged first and the largest of these averages is kept: a job that is measured each ten seconds and
# reaches 3000 MiB once has a maximum of 750 at a step of a minute.
# Seen with Debian's rrdtool 1.7.2: 750.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 rrdtool librrd8 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
export LD_LIBRARY_PATH=$here/usr/lib/x86_64-linux-gnu
! ldd usr/bin/rrdtool | grep -q 'not found' || { echo "needs rrdtool's libraries: apt-get install rrdtool" >&2; exit 2; }
usr/bin/rrdtool create job.rrd --start 1200000000 --step 60 DS:mebibytes:GAUGE:120:0:U RRA:MAX:0.5:1:60
for second in $(seq 10 10 1800); do
    echo "$((1200000000 + second)):$([ "$second" = 610 ] && echo 3000 || echo 300)"
done > samples.txt
usr/bin/rrdtool update job.rrd $(cat samples.txt)
kept=$(usr/bin/rrdtool fetch job.rrd MAX --start 1200000060 --end 1200001740 | awk '$2 != "nan" && $2 + 0 > most { most = $2 + 0 } END { print most }')
echo "largest sample $(cut -d : -f 2 samples.txt | sort -n | tail -n 1) MiB; largest of RRA:MAX, rrdtool 1.7.2: $kept"
[ "$kept" = 750 ]
