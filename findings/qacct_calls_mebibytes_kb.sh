#!/usr/bin/env bash
# Grid Engine's execution daemon writes ru_maxrss into the accounting file as getrusage has it, on Linux in KiB, and its manual
# page says that the contents follow getrusage. qacct takes the number for bytes and adds a unit: a job of 313 MiB has a
# ru_maxrss of 313.191KB, beside a maxvmem in true units. A script that reads qacct asks for a thousandth of the memory.
# Seen with Debian's gridengine-client 8.1.9+dfsg-10.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 gridengine-client gridengine-common 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
! ldd usr/lib/gridengine/qacct | grep -q "not found" || { echo "needs qacct's libraries: apt-get install gridengine-client" >&2; exit 2; }
mkdir -p cell/default/common && hostname > cell/default/common/act_qmaster
sed 's/^admin_user.*/admin_user none/' usr/share/gridengine/default-bootstrap > cell/default/common/bootstrap
largest=$(python3 -c 'import resource; held = bytearray(b"x") * (300 << 20); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)')
times=1796000000:1796000000:1796000060
usage="60:55.0:2.0:$largest.0:0:0:0:0:5000:0:0:0.0:0:0:0:0:100:20"
echo "all.q:node:users:anna:job.sh:1001:sge:0:$times:0:0:$usage:NONE:users:NONE:1:0:57.0:17.25:0.1:NONE:0.0:NONE:335544320.0:0:0" > accounting
SGE_ROOT=$here/cell SGE_CELL=default usr/lib/gridengine/qacct -f accounting -j 1001 > job.txt
read -r _ resident < <(grep '^ru_maxrss' job.txt)
read -r _ virtual < <(grep '^maxvmem' job.txt)
echo "the kernel's ru_maxrss $largest KiB; qacct 8.1.9: ru_maxrss $resident, maxvmem of 320 MiB $virtual"
[[ $resident =~ ^3[0-9][0-9]\.[0-9]{3}KB$ ]] && [ "$virtual" = 320.000MB ]
