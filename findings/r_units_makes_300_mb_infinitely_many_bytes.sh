#!/usr/bin/env bash
# R's package units reads units with UDUNITS, in which B is the bel and MB a megabel, ten to the hundred thousandth. A size of 300 MB is
# printed as 300 [MB], is a size like others to look at, and converted to bytes it is Inf, without an error or a warning; with the
# long name it is 3e+08. GiB is refused.
# Seen with Debian's R 4.2.2, r-cran-units 0.8-1, libudunits2-0 2.2.28.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 r-base-core libblas3 liblapack3 libgfortran5 r-cran-units r-cran-rcpp libudunits2-0 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
export R_HOME=$here/usr/lib/R EDITOR=vi LD_LIBRARY_PATH=$here/usr/lib/R/lib:$libraries:$libraries/blas:$libraries/lapack
export R_LIBS=$here/usr/lib/R/site-library UDUNITS2_XML_PATH=$here/usr/share/xml/udunits/udunits2.xml
! ldd "$R_HOME/bin/exec/R" | grep -q 'not found' || { echo "needs R's libraries: apt-get install r-base-core" >&2; exit 2; }
cat > job.R <<'R'
bytes <- function(unit) {
  size <- units::set_units(300, unit, mode = "standard")
  as.numeric(units::set_units(size, "byte", mode = "standard"))
}
cat(bytes("MB"), bytes("megabyte"), tryCatch(bytes("GiB"), error = function(refused) "refused"), "\n")
R
sizes=$("$R_HOME/bin/exec/R" --vanilla --no-echo --file=job.R 2> /dev/null | tail -1)
echo "300 MB, 300 megabytes and 300 GiB in bytes: $sizes"
[ "$sizes" = "Inf 3e+08 refused " ]
