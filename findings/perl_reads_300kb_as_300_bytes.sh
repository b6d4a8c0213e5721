#!/usr/bin/env bash
# Two Perl modules read sizes. Number::Format takes K, M and G at the end and lets the rest of a text go: 300K are 307,200, but 300KB
# are 300 and 512Mi are 512 bytes. Number::Bytes::Human takes KB, MB and MiB, and drops a number with a comma or an
# exponent: 1,024 MB and 1e3 MB are 0 bytes. Only 512Mi is an error to it.
# Seen with Debian's libnumber-format-perl 1.75, libnumber-bytes-human-perl 0.11.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 libnumber-format-perl libnumber-bytes-human-perl 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
export PERL5LIB="$here/usr/share/perl5"
by_format=$(perl -MNumber::Format -e 'print join " ", map { Number::Format->new->unformat_number($_) } @ARGV' 300K 300KB 512Mi)
by_human=$(perl -MNumber::Bytes::Human=parse_bytes -e 'print join " ", map { parse_bytes($_) } @ARGV' 300KB "1,024 MB" "1e3 MB" 2> /dev/null)
echo "300K, 300KB and 512Mi by Number::Format: $by_format; 300KB, 1,024 MB and 1e3 MB by Number::Bytes::Human: $by_human"
[ "$by_format" = "307200 300 512" ] && [ "$by_human" = "300000 0 0" ]
