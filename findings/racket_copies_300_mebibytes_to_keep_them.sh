#!/usr/bin/env bash
# Racket's collector copies what it keeps, and unlike most that copy it has no other place for large blocks: while it collects,
# a byte string of 300 MiB is there twice. current-memory-use is 340 MiB before and after, the process's peak 667: a job dies at
# a limit of twice what it ever had by its own figures. Only the log of collections has it, as peak 351,013K(+321,998K).
# Seen with Debian's Racket 8.7 [cs].
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 racket racket-common 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
! ldd usr/bin/racket | grep -q 'not found' || { echo "needs Racket's libraries: apt-get install racket" >&2; exit 2; }
cat > job.rkt <<'RKT'
(module job '#%kernel
  (define-values (peak) (lambda ()
    (let-values ([(file) (open-input-file "/proc/self/status")])
      (quotient (string->number (bytes->string/utf-8 (cadr (regexp-match #rx#"VmHWM:[^0-9]*([0-9]+)" file)))) 1024))))
  (define-values (held) (make-bytes (* 300 1048576) 1))
  (define-values (use) (current-memory-use))
  (collect-garbage)
  (printf "~a ~a " (quotient (max use (current-memory-use)) 1048576) (peak))
  (printf "~a ~a\n" (quotient (bytes-length held) 1048576) (version)))
RKT
racket() { PLTADDONDIR=$here usr/bin/racket -X usr/share/racket/collects -G etc/racket "$@" -d job.rkt; }
read -r use peak held version < <(racket)
echo "Racket $version with $held MiB: memory use $use MiB at most, peak of the process $peak;" \
  "its log: $(racket -W debug@GC 2>&1 | sed -n 's/.*atexit \(peak [^;]*\);.*/\1/p')"
[ "$use" -lt 370 ] && [ "$peak" -gt 600 ]
