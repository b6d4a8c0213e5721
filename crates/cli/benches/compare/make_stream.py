"""Makes one recorder's stream of any length, from a seed.

    python make_stream.py FILE SAMPLES [--seed 7]

A job in batches at ten looks a second, as `make_input.py` has them, without collections.
"""

import argparse
import random

HEADER = (
    '{"type":"header","version":1,"run_id":"bench","started":"2026-01-01T00:00:00Z",'
    '"host":{"limit_mb":16000.0},"process":{"pid":1,"job":"bench"},'
    '"config":{"monitoring_interval_seconds":0.1}}\n'
)
BLOCK = 20_000


def endings(seed):
    """The ends of a block's lines: memory in batches of 61 to 400 looks."""
    rng = random.Random(seed)
    ends, length, at = [], 100, 0
    for _ in range(BLOCK):
        if at == 0:
            length = rng.randint(61, 400)
        rss = 220.0 + 1400.0 * (at / length if at < 0.8 * length else 0.0)
        rss = round(rss * rng.uniform(0.985, 1.015), 2)
        ends.append(f',"rss_mb":{rss},"available_mb":{round(13_000 - rss, 2)},"batch_size":500}}\n')
        at = (at + 1) % length
    return ends


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("samples", type=int)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    ends = endings(args.seed)
    with open(args.file, "w", encoding="ascii", buffering=1 << 20) as out:
        out.write(HEADER)
        for start in range(0, args.samples, BLOCK):
            some = ends[: min(BLOCK, args.samples - start)]
            out.write("".join(
                [f'{{"type":"snapshot","t_ns":{(start + i) * 100_000_000 + i % 7 * 1_000_000}{end}'
                 for i, end in enumerate(some)]
            ))
        out.write(f'{{"type":"footer","t_ns":{args.samples * 100_000_000},"counters":{{}}}}\n')


if __name__ == "__main__":
    main()
