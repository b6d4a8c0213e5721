#!/usr/bin/env bash
# OCaml's largest heap, top_heap_words of Gc.stat and of OCAMLRUNPARAM=v=0x400, is taken by many for the peak of a job. For a
# block that does not fit, the heap grows by 2.2 times its size, the extra being space_overhead's 120 %: one block of 300 MiB
# has a heap and a top of 662 MiB, of which 314 are resident. Gc.compact() counts a compaction and leaves the heap as it is.
# Seen with Debian's OCaml 4.13.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v gcc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
apt-get download --quiet=2 ocaml 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract ocaml_*.deb .
export OCAMLLIB=$here/usr/lib/ocaml
cat > job.ml <<'ML'
let resident () =
  let file = open_in "/proc/self/statm" in
  Scanf.sscanf (input_line file) "%d %d" (fun _ pages -> pages * 4096 / 1048576)
let held = Bytes.make (300 * 1048576) 'x'
let mebibytes words = words * 8 / 1048576
let () =
  let before = Gc.stat () in
  let resident_before = resident () in
  Gc.compact ();
  let after = Gc.stat () in
  Printf.printf "%d %d %d %d %d %d %s\n" (Bytes.length held / 1048576) (mebibytes before.live_words) (mebibytes before.top_heap_words)
    resident_before after.compactions (mebibytes after.heap_words) Sys.ocaml_version
ML
usr/bin/ocamlopt.opt -o job job.ml
read -r held live top resident compactions heap version < <(./job)
echo "OCaml $version with a block of $held MiB: live $live MiB, top heap $top, resident $resident; after $compactions compaction the heap is $heap"
[ "$live" -lt 310 ] && [ "$top" -gt 600 ] && [ "$resident" -lt 350 ] && [ "$compactions" = 1 ] && [ "$heap" -gt 600 ]
