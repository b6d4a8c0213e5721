#!/usr/bin/env bash
# PHP takes memory in blocks of 2 MiB, and a string of 1 MiB with its header leaves no room for a second one. 300 such strings are
# 600 MiB of memory_get_usage(true) and of memory_get_peak_usage(true), in the manual the memory allocated from the system, and
# 303 resident. memory_limit counts like them: with 512M the job ends at 256 strings, about 256 MiB.
# Seen with Debian's PHP 8.2.36.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 php8.2-cli libargon2-1 libsodium23 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
export LD_LIBRARY_PATH="$here/usr/lib/$(uname -m)-linux-gnu"
! ldd usr/bin/php8.2 | grep -q 'not found' || { echo "needs PHP's libraries: apt-get install php8.2-cli" >&2; exit 2; }
cat > job.php <<'PHP'
<?php
function resident() { return (int) (explode(" ", file_get_contents("/proc/self/statm"))[1] * 4096 >> 20); }
$before = resident();
$held = [];
register_shutdown_function(function () use (&$held, $before) {
    $figures = [count($held), memory_get_usage(true) >> 20, memory_get_peak_usage(true) >> 20, resident() - $before];
    echo implode(" ", $figures), "\n";
});
for ($string = 0; $string < 300; $string++) $held[] = str_repeat("x", 1 << 20);
PHP
read -r strings usage peak resident < <(usr/bin/php8.2 -n -d memory_limit=-1 job.php)
limited=$(usr/bin/php8.2 -n -d memory_limit=512M -d display_errors=0 job.php | cut -d ' ' -f 1) || true
echo "$(usr/bin/php8.2 -n -v | sed -n 's/ (.*//p;1q'): $strings strings of 1 MiB, real usage $usage MiB, peak $peak, resident $resident; with memory_limit 512M $limited strings"
[ "$strings" = 300 ] && [ "$usage" -ge 595 ] && [ "$peak" -ge 595 ] && [ "$resident" -lt 320 ] && [ "$limited" -lt 260 ]
