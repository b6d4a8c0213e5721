#!/usr/bin/env bash
# The shells' `ulimit -v` takes KiB. ksh reads units too, which no other shell does: 300000K are 300,000,000 bytes and so 292,969 KiB,
# less than the 300000 without a unit. A leading zero makes the number octal, 0300000 is a third of what it is for bash, dash,
# mksh and yash; and 1.5, which all of those refuse, is 1.
# Seen with Debian's ksh93u+m 1.0.4, bash 5.2, dash 0.5.12, mksh 59c, yash 2.52.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 ksh93u+m mksh yash 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
export PATH="$PATH:$here/bin:$here/usr/bin"
limits=""
for limit in 300000 300000K 0300000 1.5; do limits+="$(ksh93 -c "ulimit -v $limit; ulimit -v") "; done
others=""
for shell in bash dash mksh yash; do others+="$("$shell" -c 'ulimit -v 0300000; ulimit -v') $("$shell" -c 'ulimit -v 300000K' 2> /dev/null && echo taken || echo refused) "; done
echo "ulimit -v of 300000, 300000K, 0300000 and 1.5 in ksh: $limits; 0300000 and 300000K in bash, dash, mksh and yash: $others"
[ "$limits" = "300000 292969 98304 1 " ] && [ "$others" = "300000 refused 300000 refused 300000 refused 300000 refused " ]
