"""Records the programs: `python -m programs OUTPUT --memtool FILE`, with the wheel installed; see README.md."""
import argparse
import json
import subprocess
import sys
from pathlib import Path

from bench import limit
from programs import memory, published, record


def arguments():
    parser = argparse.ArgumentParser(prog="python -m programs", description="Records real jobs, each drawn from a seed, with their truth.")
    parser.add_argument("output", type=Path, help="the folder that gets A/PROGRAM and B/PROGRAM; runs that are there are not run again")
    parser.add_argument("--memtool", type=Path, required=True, metavar="FILE", help="the memtool command, for recording from outside")
    parser.add_argument("--count", type=int, default=84, metavar="N", help="the programs of seeds 0 to N - 1 (default: 84)")
    parser.add_argument("--only", action="append", metavar="NAME", help="one of them; may be repeated")
    parser.add_argument("--again", type=Path, metavar="FOLDER", help="a few runs of each program that was recorded there, under its limit")
    parser.add_argument("--manifest", action="store_true", help="write manifest.json and stop")
    return parser.parse_args()


def warm_up():
    """Brings the libraries' files into memory: the first run to read them would be charged for them."""
    for kind in memory.KINDS:
        subprocess.run([sys.executable, "-c", f"from programs import memory; memory.make({kind!r}).take([1000])"], check=True)


def main():
    given = arguments()
    given.output.mkdir(parents=True, exist_ok=True)
    entries = record.manifest(given.count)
    (given.output / "manifest.json").write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    if given.manifest:
        return 0
    try:
        make_limit = limit.find()
    except limit.NoLimit as reason:
        print(f"Skipped: {reason}.\nRecording needs root and a memory control group.", file=sys.stderr)
        return 0
    warm_up()
    limits = {program.name: program.limit_mb for part in "AB" for program in published.read(given.again / part)} if given.again else None
    failed = 0
    for entry in record.order(entries):
        if (given.only and entry["name"] not in given.only) or (limits is not None and not limits.get(entry["name"])):
            continue
        recording = record.Recording(make_limit, entry, folder=given.output, memtool=given.memtool.resolve(),
                                     tell=lambda line: print(line, flush=True))
        try:
            recording.all() if limits is None else recording.again(limits[entry["name"]])
        except RuntimeError as reason:
            failed += 1
            print(f"{entry['name']} is left out: {reason}", file=sys.stderr, flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
