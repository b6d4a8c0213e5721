"""Makes files of other tools of any length, in the form that these write, from a seed.

    python make_foreign.py KIND FILE LINES [--seed 7]

KIND is `mprof`, `gc` (a G1 log with -Xlog:gc), `gc-all` (with -Xlog:gc*, twelve lines a collection) or `answer` (a
query_range answer of ten series).
"""

import argparse
import random

START = 1_795_976_000


def mprof(out, lines, rng):
    out.write("CMDLINE python job.py\n")
    for tick in range(lines):
        out.write(f"MEM {200 + 50 * rng.random():.6f} {START + tick / 10:.4f}\n")


def collection(number, seconds, rng):
    before, after, pause = rng.randint(90, 120), rng.randint(40, 80), rng.random() * 9
    return f"[{seconds:.3f}s][info][gc] GC({number}) Pause Young (Normal) (G1 Evacuation Pause) {before}M->{after}M(160M) {pause:.3f}ms\n"


def gc(out, lines, rng):
    out.write("[0.006s][info][gc] Using G1\n")
    for number in range(lines):
        out.write(collection(number, 0.1 + number / 10, rng))


PHASES = [
    "[{t}s][info][gc,start    ] GC({n}) Pause Young (Normal) (G1 Evacuation Pause)\n",
    "[{t}s][info][gc,task     ] GC({n}) Using 2 workers of 2 for evacuation\n",
    "[{t}s][info][gc,phases   ] GC({n})   Pre Evacuate Collection Set: 0.1ms\n",
    "[{t}s][info][gc,phases   ] GC({n})   Evacuate Collection Set: 2.8ms\n",
    "[{t}s][info][gc,phases   ] GC({n})   Post Evacuate Collection Set: 0.3ms\n",
    "[{t}s][info][gc,heap     ] GC({n}) Eden regions: 40->0(38)\n",
    "[{t}s][info][gc,heap     ] GC({n}) Survivor regions: 3->5(6)\n",
    "[{t}s][info][gc,heap     ] GC({n}) Old regions: 44->44\n",
    "[{t}s][info][gc,metaspace] GC({n}) Metaspace: 3140K(3328K)->3140K(3328K) NonClass: 2772K(2880K)->2772K(2880K)\n",
]
CPU = "[{t}s][info][gc,cpu      ] GC({n}) User=0.01s Sys=0.00s Real=0.00s\n"


def gc_all(out, lines, rng):
    out.write("[0.006s][info][gc] Using G1\n")
    for number in range(lines // (len(PHASES) + 2)):
        seconds = 0.1 + number / 10
        for phase in PHASES:
            out.write(phase.format(t=f"{seconds:.3f}", n=number))
        out.write(collection(number, seconds, rng).replace("[gc]", "[gc          ]"))
        out.write(CPU.format(t=f"{seconds:.3f}", n=number))


def answer(out, lines, rng):
    out.write('{"status":"success","data":{"resultType":"matrix","result":[')
    for series in range(10):
        metric = f'{{"__name__":"process_resident_memory_bytes","instance":"host:{9000 + series}","job":"app"}}'
        values = (f'[{START + tick},"{rng.randint(20_000_000, 90_000_000)}"]' for tick in range(lines // 10))
        out.write(("," if series else "") + f'{{"metric":{metric},"values":[' + ",".join(values) + "]}")
    out.write("]}}")


KINDS = {"mprof": mprof, "gc": gc, "gc-all": gc_all, "answer": answer}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("file")
    parser.add_argument("lines", type=int)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    with open(args.file, "w", encoding="ascii", buffering=1 << 20) as out:
        KINDS[args.kind](out, args.lines, random.Random(args.seed))


if __name__ == "__main__":
    main()
