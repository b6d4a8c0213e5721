#!/usr/bin/env bash
# Erlang has a memory for each of its processes, by which they are sorted. A binary above 64 bytes lives outside of the process
# that made it: one that holds 300 MiB has a memory of under a megabyte in process_info, and all processes together 4. It is under
# binary in erlang:memory() only, without an owner; process_info(Pid, binary) has it by request.
# Seen with Debian's Erlang 25.2.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 erlang-base 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract erlang-base_*.deb .
export ROOTDIR="$here/usr/lib/erlang" EMU=beam PROGNAME=erl
BINDIR=$(echo "$ROOTDIR"/erts-*/bin) && export BINDIR
! ldd "$BINDIR/beam.smp" | grep -q 'not found' || { echo "needs Erlang's libraries: apt-get install erlang-base" >&2; exit 2; }
cat > job.erl <<'ERL'
Held = binary:copy(<<"x">>, 300 bsl 20),
{memory, Process} = process_info(self(), memory),
{binary, Binaries} = process_info(self(), binary),
Asked = lists:sum([Size || {_, Size, _} <- Binaries]),
Sizes = [Process, erlang:memory(processes), erlang:memory(binary), Asked, byte_size(Held)],
[io:format("~b ", [Size bsr 20]) || Size <- Sizes], halt().
ERL
read -r process processes binary asked held < <("$BINDIR/erlexec" -boot "$ROOTDIR/bin/start_clean" -noshell -eval "$(cat job.erl)"; echo)
echo "a process with a binary of $held MiB: its memory $process MiB, of all processes $processes, binary $binary, by request $asked"
[ "$held" = 300 ] && [ "$process" = 0 ] && [ "$processes" -lt 20 ] && [ "$binary" -ge 300 ] && [ "$asked" -ge 300 ]
