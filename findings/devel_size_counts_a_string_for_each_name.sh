#!/usr/bin/env bash
# A copy of a string in Perl shares its bytes until one is written, since 5.20. Devel::Size, which counts what is reached twice
# once, does not know of it: a hundred copies of a string of 10 MiB have a total_size of 1000 MiB, and the process grows by 10 or
# less. A cache of repeated names looks that much too large.
# Seen with Debian's Perl 5.36 and Devel::Size 0.83.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 libdevel-size-perl 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract libdevel-size-perl_*.deb .
PERL5LIB=$(echo "$here"/usr/lib/*/perl5/*) && export PERL5LIB
perl -MDevel::Size -e 1 2> /dev/null || { echo "needs Debian's perl" >&2; exit 2; }
cat > job.pl <<'PERL'
use Devel::Size qw(total_size);
sub resident { open my $file, "<", "/proc/self/statm"; return (split " ", <$file>)[1] * 4096 >> 20 }
my $string = "x" x (10 << 20);
my $before = resident();
my @copies = map { my $copy = $string; $copy } 1 .. 100;
print total_size(\@copies) >> 20, " ", resident() - $before, " $Devel::Size::VERSION\n";
PERL
read -r total grown version < <(perl job.pl)
echo "Devel::Size $version, a hundred copies of 10 MiB: total_size $total MiB, the process grew by $grown"
[ "$total" -ge 1000 ] && [ "$grown" -le 20 ]
