#!/usr/bin/env bash
# The kernel ends the process with the highest oom_score when memory is short. Its manual page has the scale from 0, never, to 1000,
# which is all of the allowed memory. Since Linux 5.9 it begins at 666: an idle process of 10 MB has 666 or 667 of 1000, and one whose
# oom_score_adj is 1000 has 1333. Whoever reads the score as a share, or warns above 500, means every process.
# Seen on Linux 6.18 with 23 GiB: at rest 666, with 300 MiB 674, with oom_score_adj=1000 1333.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
cat > job.py <<'PY'
def score():
    return int(open("/proc/self/oom_score").read())

def adjust(by):
    open("/proc/self/oom_score_adj", "w").write(str(by))

adjust(max(0, int(open("/proc/self/oom_score_adj").read())))
rests = score()
held = bytearray(b"x") * (300 << 20)
holds = score()
del held
adjust(1000)
print(rests, holds, score())
PY
read -r rests holds adjusted < <(python3 job.py)
echo "oom_score on Linux $(uname -r | cut -d . -f 1,2): at rest $rests, with 300 MiB $holds, with oom_score_adj=1000 $adjusted"
[ "$rests" -ge 660 ] && [ "$rests" -lt 950 ] && [ "$holds" -ge "$rests" ] && [ "$holds" -lt 1000 ] && [ "$adjusted" -gt 1000 ]
