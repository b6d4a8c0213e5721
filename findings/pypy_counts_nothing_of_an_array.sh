#!/usr/bin/env bash
# PyPy has no tracemalloc and no getsizeof; gc.get_stats() tells the memory of the process instead. What array and cffi hold is
# outside of it: an array of 160 MiB moves memory_used_sum by 0 and the resident set by 160, and is not in peak_memory. Strings are
# in all three.
# Seen with Debian's PyPy 7.3.11.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 pypy3 pypy3-lib 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu) && export LD_LIBRARY_PATH="$libraries"
! ldd usr/bin/pypy3 | grep -q 'not found' || { echo "needs PyPy's libraries: apt-get install pypy3" >&2; exit 2; }
cat > job.py <<'PY'
import array, gc
def figures():
    stats = gc.get_stats()
    resident = int(open("/proc/self/statm").read().split()[1]) * 4096 >> 20
    return [resident] + [round(float(text[:-2])) for text in (stats.memory_used_sum, stats.peak_memory)]
start = figures()
numbers = array.array("d", [1.0]) * (20 << 20)
held = figures()
objects = [bytes(1 << 20) for _ in range(160)]
print(*start, *held, *figures())
PY
read -r resident used peak held_resident held_used held_peak objects_resident objects_used _ < <(usr/bin/pypy3 job.py)
echo "resident, memory_used_sum, peak_memory: at the start $resident $used $peak, with an array of 160 MiB $held_resident $held_used $held_peak"
echo "with 160 strings of 1 MiB as well: resident $objects_resident, memory_used_sum $objects_used"
[ $((held_resident - resident)) -ge 155 ] && [ $((held_used - used)) -lt 10 ] && [ $((held_peak - peak)) -lt 10 ] && [ $((objects_used - held_used)) -ge 155 ]
