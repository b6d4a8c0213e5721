#!/usr/bin/env bash
# Guile's gc-stats has a gc-time-taken. It is stopped where Guile runs its hooks, the next time it is between two calls, and not
# at the end of the collection: a string of 100 million letters, which begins with a collection of 7 ms, is 900 ms of
# collecting, the time that it takes to be filled. A share of time in the collector is mostly the work of large objects.
# Seen with Debian's Guile 3.0.8 and libgc 8.2.2, whose own log has the 7 ms.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 guile-3.0 guile-3.0-libs libgc1 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH=$libraries GUILE_AUTO_COMPILE=0 GUILE_LOAD_PATH=$here/usr/share/guile/3.0 GUILE_LOAD_COMPILED_PATH=$libraries/guile/3.0/ccache
guile=$libraries/guile/3.0/bin/guile
! ldd "$guile" | grep -q 'not found' || { echo "needs Guile's libraries: apt-get install guile-3.0" >&2; exit 2; }
cat > job.scm <<'SCM'
(define (taken) (quotient (assq-ref (gc-stats) 'gc-time-taken) 1000000))
(define (times) (assq-ref (gc-stats) 'gc-times))
(gc)
(define before (taken))
(define first (times))
(define held (make-string 100000000 (integer->char 955)))
(define (show . words) (for-each (lambda (word) (display word) (display " ")) words))
(define fill (- (taken) before))
(define collections (- (times) first))
(define again (taken))
(gc)
(show fill collections (- (taken) again) (version))
SCM
read -r fill collections alone version < <(GC_PRINT_STATS=1 "$guile" job.scm 2> log.txt; echo)
longest=$(sed -n 's/^Complete collection took \([0-9]*\) ms.*/\1/p' log.txt | sort -n | tail -n 1)
echo "Guile $version, a string of 100 million letters: $fill ms for $collections collections; the log's longest collection $longest ms; one by itself $alone"
[ "$fill" -gt 300 ] && [ "$collections" -le 3 ] && [ "$longest" -lt 100 ] && [ "$alone" -lt 100 ]
