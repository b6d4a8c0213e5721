#!/usr/bin/env bash
# Ruby's memory_profiler reports what a block of code allocated and what of it is still held at the end. It follows new objects only: a cache that
# was there before, and to which the block adds 300 MiB, is retained with 0 bytes, and allocated with those of its parts that were objects.
# The leak that one looks for, a global that grows, is in none of its lists; made inside the block the same cache is 384 MiB.
# Seen with Debian's ruby 3.1 and ruby-memory-profiler 0.9.14.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 ruby3.1 libruby3.1 ruby-memory-profiler 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu) && export LD_LIBRARY_PATH="$libraries"
RUBYLIB=$(echo "$here"/usr/share/rubygems-integration/all/gems/memory_profiler-*/lib):$here/usr/lib/ruby/vendor_ruby:$here/usr/lib/ruby/3.1.0:$libraries/ruby/3.1.0 && export RUBYLIB
! ldd usr/bin/ruby3.1 | grep -q 'not found' || { echo "needs Ruby's libraries: apt-get install ruby" >&2; exit 2; }
cat > job.rb <<'RUBY'
require "memory_profiler"
resident = -> { File.read("/proc/self/statm").split[1].to_i * 4096 >> 20 }
fill = ->(cache) { 300.times { cache << "x" * 1048576 } }
retained = ->(&block) { MemoryProfiler.report(&block).total_retained_memsize >> 20 }
$old, before = String.new, resident.call
outside = retained.call { fill.call($old) }
grown = resident.call - before
inside = retained.call { $new = String.new; fill.call($new) }
puts "#{MemoryProfiler::VERSION} #{outside} #{grown} #{inside} #{$old.bytesize >> 20}"
RUBY
read -r version outside grown inside held < <(usr/bin/ruby3.1 --disable-gems job.rb)
echo "memory_profiler $version: a cache of before grows by $held MiB: retained $outside, resident +$grown; one that the block made: retained $inside"
[ "$outside" -eq 0 ] && [ "$grown" -ge 290 ] && [ "$inside" -ge 300 ]
