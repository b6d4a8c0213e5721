#!/usr/bin/env bash
# R's object.size() gives a number that is printed with its unit. It keeps that through arithmetic: divided by 2^20, to have mebibytes, a vector
# of 40 MiB is "40 bytes", as print() and format() have it, and the mean, sum or difference of two sizes in MiB is bytes again. paste()
# and cat() write the number alone.
# Seen with R 4.2.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 r-base-core libblas3 liblapack3 libgfortran5 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
export R_HOME=$here/usr/lib/R EDITOR=vi LD_LIBRARY_PATH=$here/usr/lib/R/lib:$libraries:$libraries/blas:$libraries/lapack
! ldd "$R_HOME/bin/exec/R" | grep -q 'not found' || { echo "needs R's libraries: apt-get install r-base-core" >&2; exit 2; }
cat > job.R <<'R'
size <- utils::object.size(integer(10 * 2^20))
cat(paste(R.version$major, R.version$minor, sep = "."), "; ", format(round(size / 2^20)), "; ", round(size / 2^20), "\n", sep = "")
R
figures=$("$R_HOME/bin/exec/R" --vanilla --no-echo -f job.R 2> /dev/null)
echo "R's version, a vector of 40 MiB divided by 2^20 by format() and by cat(): $figures"
[[ "$figures" == *"; 40 bytes; 40" ]]
