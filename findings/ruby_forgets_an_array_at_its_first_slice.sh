#!/usr/bin/env bash
# Ruby's ObjectSpace.memsize_of tells the memory of an object. An array of ten million numbers has 80,000,040 bytes until somebody takes
# a part of it: then its contents move to a hidden object that both share, and the array and its part have 40 bytes each. The
# part alone keeps all of it in memory when the array is gone. Only memsize_of_all has the hidden object. A string keeps its bytes.
# Seen with Debian's Ruby 3.1.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 ruby3.1 libruby3.1 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu) && export LD_LIBRARY_PATH="$libraries"
! ldd usr/bin/ruby3.1 | grep -q 'not found' || { echo "needs Ruby's libraries: apt-get install ruby" >&2; exit 2; }
cat > job.rb <<'RUBY'
require "objspace"
size = ->(object) { ObjectSpace.memsize_of(object) }
numbers = Array.new(10_000_000, 1)
before = size.(numbers)
part = numbers[1..]
after = size.(numbers)
numbers = nil
GC.start
puts [before, after, size.(part), ObjectSpace.memsize_of_all >> 20].join(" ")
RUBY
read -r before after part all < <(usr/bin/ruby3.1 --disable-gems -I usr/lib/ruby/3.1.0 -I "$libraries/ruby/3.1.0" job.rb)
echo "memsize_of an array: $before, after a part of it was taken: $after, of the part $part; of all objects $all MiB without the array"
[ "$before" = 80000040 ] && [ "$after" = 40 ] && [ "$part" = 40 ] && [ "$all" -ge 76 ]
