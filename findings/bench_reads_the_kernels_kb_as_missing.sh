#!/usr/bin/env bash
# R's bench has sizes that it reads and writes. 300KB are 307,200 bytes, and 300kB, as the kernel and most tools write it, is NA, without a
# warning, as are -3G and 1e3MB; a sum over such a column is NA. A fall of 3 GB is written "  NANA", a missing number with a
# missing unit.
# Seen with Debian's R 4.2.2, r-cran-bench 1.1.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 r-base-core libblas3 liblapack3 libgfortran5 r-cran-bench r-cran-glue r-cran-rlang r-cran-tibble r-cran-pillar r-cran-vctrs \
  r-cran-cli r-cran-lifecycle r-cran-fansi r-cran-utf8 r-cran-magrittr r-cran-pkgconfig r-cran-profmem 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
export R_HOME=$here/usr/lib/R EDITOR=vi LD_LIBRARY_PATH=$here/usr/lib/R/lib:$libraries:$libraries/blas:$libraries/lapack R_LIBS=$here/usr/lib/R/site-library
! ldd "$R_HOME/bin/exec/R" | grep -q 'not found' || { echo "needs R's libraries: apt-get install r-base-core" >&2; exit 2; }
cat > job.R <<'R'
options(warn = 1)
cat(as.numeric(bench::as_bench_bytes(c("300KB", "300kB", "-3G", "1e3MB", "300MiB"))), format(bench::as_bench_bytes(-3e9)), "\n")
R
sizes=$("$R_HOME/bin/exec/R" --vanilla --no-echo --file=job.R 2> warnings.txt | tail -1)
echo "300KB, 300kB, -3G, 1e3MB and 300MiB are $(cut -d' ' -f1-5 <<< "$sizes"); -3e9 is written $(cut -d' ' -f6- <<< "$sizes")"
! grep -qi warning warnings.txt && [ "$(tr -s ' ' <<< "$sizes")" = "307200 NA NA NA 314572800 NANA " ]
