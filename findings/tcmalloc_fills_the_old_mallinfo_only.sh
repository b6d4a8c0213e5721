#!/usr/bin/env bash
# mallinfo is deprecated for mallinfo2, whose fields do not overflow. Where tcmalloc is preloaded, as advised against
# fragmentation, mallinfo says what it holds, while mallinfo2 is still the C library's and 0; so is psutil's heap_info(),
# the statistics of the C heap allocator by its page. Under jemalloc both are 0. None of them is an error.
# Seen with tcmalloc 2.10, jemalloc 5.3.0 (Debian 12), psutil 7.2.2, 286 MiB of blocks: 306, 0, 0; jemalloc 0, 0, 0; glibc 287.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 libtcmalloc-minimal4 libjemalloc2 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" .; done
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check psutil==7.2.2
cat > job.py <<'PY'
import ctypes
import psutil
libc = ctypes.CDLL(None)
def in_use(name, kind):
    fields = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    result = type(name, (ctypes.Structure,), {"_fields_": [(field, kind) for field in fields]})
    function = getattr(libc, name)
    function.restype = result
    return function().uordblks >> 20
held = [ctypes.create_string_buffer(b"x" * 100_000, 100_000) for _ in range(3000)]
print(in_use("mallinfo", ctypes.c_int), in_use("mallinfo2", ctypes.c_size_t), psutil.heap_info().heap_used >> 20)
PY
figures() { LD_PRELOAD=$(find "$here/usr" -name "$1") venv/bin/python job.py; }
glibc=$(venv/bin/python job.py) tcmalloc=$(figures 'libtcmalloc_minimal.so.4') jemalloc=$(figures 'libjemalloc.so.2')
echo "mallinfo, mallinfo2, psutil in MiB: glibc $glibc; tcmalloc $tcmalloc; jemalloc $jemalloc"
set -- $glibc $tcmalloc
[ "$1" -ge 280 ] && [ "$2" -ge 280 ] && [ "$3" -ge 280 ] && [ "$4" -ge 280 ] && [ "$5 $6" = "0 0" ] && [ "$jemalloc" = "0 0 0" ]
