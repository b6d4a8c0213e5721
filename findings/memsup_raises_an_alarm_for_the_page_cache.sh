#!/usr/bin/env bash
# Erlang's memsup watches the memory of the machine and sets an alarm at 80 % of it. What it calls allocated is all that is not
# free, files in the page cache too: a copy of a file of 2 GiB is 2 GiB of allocated memory, and a machine that has run for a
# day has the alarm at rest. The available_memory of get_system_memory_data() is right, and not what the alarm is set by.
# Seen with Debian's Erlang 25.2.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
[ "$(df --output=avail -B1M . | tail -n 1)" -gt 4000 ] || { echo "needs 4 GB of disk" >&2; exit 2; }
apt-get download --quiet=2 erlang-base erlang-os-mon 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
export ROOTDIR="$here/usr/lib/erlang" EMU=beam PROGNAME=erl
BINDIR=$(echo "$ROOTDIR"/erts-*/bin) && export BINDIR
! ldd "$BINDIR/beam.smp" | grep -q 'not found' || { echo "needs Erlang's libraries: apt-get install erlang-base" >&2; exit 2; }
cat > job.erl <<'ERL'
ok = application:start(os_mon),
{Total, Allocated, _} = memsup:get_memory_data(),
Available = proplists:get_value(available_memory, memsup:get_system_memory_data()),
io:format("~b ~b ~b~n", [N bsr 20 || N <- [Total, Allocated, Total - Available]]), halt().
ERL
look() { "$BINDIR/erlexec" -boot "$ROOTDIR/bin/start_sasl" -kernel logger_level error -noshell -eval "$(cat job.erl)" 2> /dev/null | grep -E '^[0-9 ]+$'; }
head -c 2G /dev/zero > copy
read -r total cached_allocated cached_used < <(look)
rm copy
read -r _ allocated used < <(look)
echo "os_mon of Erlang $(dpkg-deb --field erlang-os-mon_*.deb Version), $total MiB: with a file of 2 GiB in the cache allocated $cached_allocated MiB, total less available $cached_used; without $allocated and $used"
[ $((cached_allocated - allocated)) -gt 1500 ] && [ $((cached_used - used)) -lt 700 ]
