#!/usr/bin/env bash
# collectd's plugin processes writes a ps_stacksize. It subtracts the stack pointer in /proc/PID/stat from the stack's start;
# Linux writes 0 for that pointer of a living process, so the size is the address of the stack, 140 TB. ps_rss and ps_vm beside it
# are right.
# Seen with Debian's collectd 5.12.0: 140,724,631,766,128 bytes for a sleeping Python with a VmStk of 132 kB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 collectd-core 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract collectd-core_*.deb .
! ldd usr/sbin/collectd | grep -q 'not found' || { echo "needs collectd's libraries: apt-get install collectd-core" >&2; exit 2; }
cat > collectd.conf <<CONF
Interval 1
BaseDir "$here"
PIDFile "$here/collectd.pid"
PluginDir "$here/usr/lib/collectd"
TypesDB "$here/usr/share/collectd/types.db"
LoadPlugin processes
LoadPlugin csv
<Plugin processes>
    ProcessMatch "job" "held_by_finding"
</Plugin>
<Plugin csv>
    DataDir "$here/data"
</Plugin>
CONF
python3 -c 'import time; held_by_finding = bytearray(b"x") * (300 << 20); time.sleep(60)' & job=$!
trap 'kill $job; rm -rf "$here"' EXIT
sleep 2
kernel=$(sed -n 's/^VmStk:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$job/status)
timeout 5 usr/sbin/collectd -f -C collectd.conf > collectd.log 2>&1 || true
last() { tail -q -n 1 data/*/processes-job/"$1"-* | sed 's/.*,//; s/\..*//'; }
echo "VmStk $kernel kB; collectd $(dpkg-deb --field collectd-core_*.deb Version): ps_stacksize $(last ps_stacksize) bytes, ps_rss $(last ps_rss)"
[ "$(last ps_stacksize)" -gt 100000000000 ] && [ "$kernel" -lt 10000 ] && [ "$(last ps_rss)" -gt 300000000 ]
