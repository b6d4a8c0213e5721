"""Kills recorded jobs by SIGKILL and counts what is missing: `python soak.py [--kills N] [--seed N] VICTIM PYTHON MEMTOOL`.

VICTIM is the recorder's example of that name, PYTHON an interpreter with the wheel, MEMTOOL the command. Each job tells this process
which batches it begins and ends; after the kill its stream must parse line by line, say that it was not closed, and miss only what was
younger than the documented window, or what it reports as lost. Disks that are full or frozen need root.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import disks
from kept import Kept, Truth, missing

HERE = Path(__file__).parent
# Of ten kills.
JOBS = ["rust"] * 6 + ["python"] * 2 + ["record", "recorded job"]
INTERVALS = [0.01, 0.1, 1.0]
THREADS = [0, 1, 4]
# What the documents promise: records that show something new are written at once, the others within a second. A recorder that
# waits for its turn on a busy machine is no loss of its own: so much more is let pass, and shown.
WINDOW_S = 1.0
TURN_S = 1.0


class Broken(Exception):
    """A promise that was not kept."""


class Case:
    """One job that is killed."""

    def __init__(self, number, tools, draw, disk):
        self.tools, self.disk = tools, disk
        self.job = JOBS[number % len(JOBS)]
        self.interval, self.threads = draw.choice(INTERVALS), draw.choice(THREADS)
        starts = {"rust": 0.001, "python": 0.08, "record": 0.02, "recorded job": 0.02}[self.job]
        self.life = starts + draw.random() * (0.1 if disk.is_hurt else 0.06)
        self.heals = draw.random() < 0.5
        self.killed_at, self.killed_on = 0, 0.0

    @property
    def is_recorded_outside(self):
        return self.job.startswith("record")

    def command(self, folder):
        arguments = [folder, str(self.interval), str(self.threads)]
        if self.job == "rust":
            return [self.tools.victim, *arguments]
        if self.job == "python":
            return [self.tools.python, HERE / "victim.py", *arguments]
        # A job that allocates, so that its samples differ.
        grows = "a=; while :; do a=$a$a$$; [ ${#a} -gt 99999 ] && a=; done"
        return [self.tools.memtool, "record", "--quiet", "--interval", str(self.interval), "-o", folder, "--", "sh", "-c", grows]

    def run(self, folder):
        """Starts the job, kills it, and gives what it told."""
        with tempfile.TemporaryFile() as errors:
            job = subprocess.Popen(
                self.command(folder), stdout=subprocess.PIPE, stderr=errors, start_new_session=True
            )
            self._kill(job)
            told = job.stdout.read()
            status = job.wait(timeout=60)
        if self.job != "recorded job" and status != -signal.SIGKILL:
            raise Broken(f"the job ended by itself with {status}")
        return Truth.of(told)

    def _kill(self, job):
        time.sleep(self.life / 2)
        self.disk.hurt()
        time.sleep(self.life / 2)
        if self.heals:
            self.disk.heal()
            time.sleep(0.02 + self.life / 2)
        self.killed_at, self.killed_on = time.monotonic_ns(), time.time()
        if self.job == "recorded job":
            for child in Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
        else:
            job.kill()
        if not self.heals:
            self.disk.heal()
        # The job of a killed `record` goes on; what writes to a frozen disk ends once it has thawed.
        if self.job == "record":
            os.killpg(job.pid, signal.SIGKILL)


def check(case, truth, stream):
    """Holds a stream against the truth; gives ages at the kill, in seconds: of the oldest start and end that are missing, and
    of the newest record that is there."""
    kept = Kept.of(stream)
    # A full disk tears a line and goes on behind it: that line and the next are lost, and counted.
    if kept.damaged and case.disk.name != "full":
        raise Broken(f"{kept.damaged} damaged lines")
    if bool(kept.of_kind("footer")) != (case.job == "recorded job") and not case.disk.is_hurt:
        raise Broken("a footer of a killed recorder, or none of a recorder that was not")
    ages = []
    for told, kind in [(truth.began, "batch_start"), (truth.ended, "batch_end")]:
        inside, behind = missing(told, kept.batches(kind))
        if inside > kept.reported_lost + 2 * kept.damaged:
            raise Broken(f"{inside} records of kind {kind} are missing, {kept.reported_lost} reported")
        ages.append((case.killed_at - behind) / 1e9 if behind is not None else 0.0)
    if not case.disk.is_hurt and max(ages) > WINDOW_S + TURN_S:
        raise Broken(f"a record of {max(ages):.2f} s before the kill is missing")
    return [*ages, case.killed_on - kept.newest()]


def one(case, folder):
    """One kill; gives ages of what is missing, or none where the stream had not begun, and the stream."""
    truth = case.run(folder)
    streams = sorted(folder.glob("*.ndjson"))
    if not streams:
        if truth.began and not case.disk.is_hurt:
            raise Broken("batches and no stream")
        return None, b""
    stream = streams[0].read_bytes()
    streams[0].unlink()
    if b"\n" not in stream:
        return None, b""
    return check(case, truth, stream), stream


def assert_reported(memtool, folder):
    """What memtool says of the streams: each is read, and where it has no footer the report says so."""
    found = subprocess.run([memtool, "analyze", "--format", "json", folder], capture_output=True, text=True)
    report = json.loads(found.stdout) if found.returncode in (0, 1) else {"profiles": [], "skipped": []}
    read = {Path(profile["path"]).name: profile["warning_codes"] for profile in report["profiles"]}
    for path in folder.glob("*.ndjson"):
        lines = path.read_bytes().split(b"\n")
        has_sample = any(b'"type":"snapshot"' in line for line in lines[:-1])
        if has_sample and path.name not in read:
            raise Broken(f"{path.name} is not read")
        if has_sample and b'"type":"footer"' not in lines[-2] and "ended_without_closing" not in read[path.name]:
            raise Broken(f"{path.name}: {read[path.name]}")
    return len(read)


def quantiles(ages):
    ages = sorted(ages)
    at = [ages[min(int(share * len(ages)), len(ages) - 1)] * 1e3 for share in (0.5, 0.99, 1.0)]
    return " ".join(f"{age:9.1f}" for age in at)


def soak(tools, work):
    """Kills by rounds, each on a disk of one kind."""
    draw = random.Random(tools.seed)
    kinds, results, faults, killed, reported = disks.possible(), defaultdict(list), [], 0, 0
    turns = [kind for kind in kinds for _ in range(8 if kind is disks.Plain else 1)]
    while killed < tools.kills:
        disk = turns[killed // 100 % len(turns)](work / "disk")
        streams = work / "streams"
        streams.mkdir()
        with disk.prepared():
            for number in range(killed, min(killed + 100, tools.kills)):
                case = Case(number, tools, draw, disk)
                ages, stream = None, b""
                try:
                    ages, stream = one(case, disk.folder)
                except Broken as broken:
                    faults.append(f"kill {number}, {case.job} on a {disk.name} disk, every {case.interval} s: {broken}")
                results[disk.name, case.job].append(ages)
                if stream:
                    (streams / f"memory_stream_{number}.ndjson").write_bytes(stream)
                if isinstance(disk, disks.Full):
                    (disk.folder / "ballast").write_bytes(bytes(480 << 10))
                killed += 1
        try:
            reported += assert_reported(tools.memtool, streams)
        except Broken as broken:
            faults.append(f"kills up to {killed}: {broken}")
        for path in streams.iterdir():
            path.unlink()
        streams.rmdir()
        if killed % 1000 == 0:
            print(f"{killed} kills", *faults, sep="\n", file=sys.stderr, flush=True)
    return results, reported


def show(results, faults, reported):
    """The table of the documents: ages at the kill, in ms."""
    titles = "".join(f"{title:>32}" for title in ["missing starts: median, p99, max", "missing ends", "newest record"])
    print(f"{'disk':7} {'killed':13} {'kills':>6} {'streams':>7}{titles}")
    for (disk, job), all_ages in sorted(results.items()):
        ages = [ages for ages in all_ages if ages is not None]
        columns = [quantiles([one[part] for one in ages]) if ages else "" for part in range(3)]
        # Seen from outside there are no batches, and a recorder that outlives its job closes its stream.
        columns = {"record": ["", "", columns[2]], "recorded job": []}.get(job, columns)
        print(f"{disk:7} {job:13} {len(all_ages):6} {len(ages):7}" + "".join(f"{column:>32}" for column in columns))
    total = sum(map(len, results.values()))
    print(f"{total} kills, {len(faults)} promises broken; {reported} streams with samples read back, each reported as it ended")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("victim"), parser.add_argument("python"), parser.add_argument("memtool")
    parser.add_argument("--kills", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2026)
    tools = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        results, faults, reported = soak(tools, Path(work))
    show(results, faults, reported)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
