#!/usr/bin/env python3
"""Instructions that six hot paths take, counted by valgrind, against the counts kept in counts.json.

    check.py HOT_PATHS            compares; exits with 1 where one takes 3 % more or less
    check.py HOT_PATHS --write    keeps the counts of now

HOT_PATHS is `target/release/hot_paths`. Unlike times, counts are the same on a busy machine and on a fast one: valgrind
runs every instruction on a processor of its own making. It has the host's vector instructions up to AVX2, and libraries
choose their code by them, so an x86-64 host with AVX2 is asked for. Another compiler or C library makes other code: the
kept counts name theirs. Without valgrind, or on another host, the check is skipped, and that is said.
"""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

KEPT = pathlib.Path(__file__).with_name("counts.json")
NAMES = ("profile", "stream", "detect", "replay", "reduce", "sample")
SLACK = 0.03
FEW, MANY = 1, 3


def why_not() -> str | None:
    if shutil.which("valgrind") is None:
        return "valgrind is not installed (on Debian: apt-get install -y valgrind)"
    flags = pathlib.Path("/proc/cpuinfo")
    if platform.machine() != "x86_64" or "avx2" not in flags.read_text(errors="replace").split():
        return "the counts are of an x86-64 processor with AVX2"
    return None


def on_one_processor() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def instructions(binary: str, name: str, rounds: int) -> int:
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    # Of glibc's allocator: where each thread's memory lies would depend on the host's processors.
    env = {"PATH": os.environ["PATH"], "MALLOC_ARENA_MAX": "1"}
    run = subprocess.run([*valgrind, binary, name, str(rounds)], capture_output=True, text=True, env=env,
                         preexec_fn=on_one_processor)
    counted = re.search(r"I\s+refs:\s+([\d,]+)", run.stderr)
    if run.returncode or counted is None:
        sys.exit(f"{name}: valgrind ended with {run.returncode}\n{run.stderr[-2000:]}")
    return int(counted[1].replace(",", ""))


def count(binary: str, name: str) -> int:
    few, many = (instructions(binary, name, rounds) for rounds in (FEW, MANY))
    return round((many - few) / (MANY - FEW))


def versions() -> dict[str, str]:
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {"compiler": rustc, "c library": " ".join(platform.libc_ver())}


def compare(counts: dict[str, int], kept: dict) -> int:
    slower = 0
    print(f"{'hot path':10}{'kept':>14}{'now':>14}{'change':>9}")
    for name, now in counts.items():
        before = kept["instructions"][name]
        change = now / before - 1
        slower += abs(change) > SLACK
        print(f"{name:10}{before:>14,}{now:>14,}{change:>+9.2%}")
    if slower:
        print(f"{slower} of {len(counts)} changed by more than {SLACK:.0%}. If that is meant: make instruction-counts")
        if versions() != kept["made by"]:
            print(f"The kept counts are of {kept['made by']}, these of {versions()}.")
    return slower


def main() -> int:
    reason = why_not()
    if reason:
        print(f"SKIPPED: instructions were not counted: {reason}", file=sys.stderr)
        return 0
    binary, *options = sys.argv[1:]
    counts = {name: count(binary, name) for name in NAMES}
    if options == ["--write"]:
        KEPT.write_text(json.dumps({"made by": versions(), "instructions": counts}, indent=2) + "\n")
        return 0
    return min(compare(counts, json.loads(KEPT.read_text())), 1)


if __name__ == "__main__":
    sys.exit(main())
