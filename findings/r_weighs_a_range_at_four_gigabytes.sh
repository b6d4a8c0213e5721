#!/usr/bin/env bash
# R keeps 1:1e9 as its two ends since 3.5. object.size, by its page an estimate of the memory of an object, says
# 4,000,000,048 bytes, and the process grows by less than a MiB when the range is made. As soon as one element is written it is
# really that large.
# Seen with Debian's R 4.2.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 r-base-core libblas3 liblapack3 libgfortran5 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
export R_HOME=$here/usr/lib/R EDITOR=vi LD_LIBRARY_PATH=$here/usr/lib/R/lib:$libraries:$libraries/blas:$libraries/lapack
! ldd "$R_HOME/bin/exec/R" | grep -q 'not found' || { echo "needs R's libraries: apt-get install r-base-core" >&2; exit 2; }
cat > job.R <<'R'
resident <- function() as.integer(strsplit(readLines("/proc/self/statm"), " ")[[1]][2]) * 4096
invisible(c(resident(), utils::object.size(1:2)))
before <- resident()
range <- 1:1e9
grown <- resident() - before
cat(sprintf("%.0f %.0f\n", as.numeric(utils::object.size(range)), grown))
R
read -r size grown < <("$R_HOME/bin/exec/R" --vanilla --no-echo --file=job.R 2> /dev/null | tail -1)
echo "object.size of 1:1e9: $size bytes; the process grew by $grown"
[ "$size" = 4000000048 ] && [ "$grown" -lt 1048576 ]
