"""Kills recorded jobs by SIGKILL and counts what is missing: `python soak.py [--kills N] [--seed N] VICTIM PYTHON MEMTOOL`.

VICTIM is the recorder's example of that name, PYTHON an interpreter with the wheel, MEMTOOL the command. Each job tells this process
which batches it begins and ends; after the kill its stream must parse line by line, say that it was not closed, and miss only what was
younger than the documented window, or what it reports as lost. Disks that are full or frozen need root.
"""
import argparse
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import disks
from kept import Kept, Truth, missing
from tally import Tally

HERE = Path(__file__).parent
# Kills on one disk.
ROUND = 100
# Of ten kills.
JOBS = ["rust"] * 6 + ["python"] * 2 + ["record", "recorded job"]
INTERVALS = [0.01, 0.1, 1.0]
THREADS = [0, 1, 4]
# Of the kills, how many are of jobs that have begun: how long a start takes differs by machine and load.
BEGUN = 0.9
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
        self.life = draw.random() * (0.1 if disk.is_hurt else 0.06)
        # The others may be killed before they have begun.
        self.begins = self.job == "recorded job" or draw.random() < BEGUN
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
            try:
                self._kill(job)
            except Broken:
                os.killpg(job.pid, signal.SIGKILL)
                raise
            told = job.stdout.read()
            status = job.wait(timeout=60)
        if self.job != "recorded job" and status != -signal.SIGKILL:
            raise Broken(f"the job ended by itself with {status}")
        return Truth.of(told)

    def _begun(self, job):
        """Waits until the job tells of a batch, or `record` has a job below it, whose process is given."""
        if not self.is_recorded_outside:
            if not select.select([job.stdout], [], [], 10)[0]:
                raise Broken("no batch in ten seconds")
            return []
        children = Path(f"/proc/{job.pid}/task/{job.pid}/children")
        for _ in range(10_000):
            if begun := children.read_text().split():
                return [int(child) for child in begun]
            time.sleep(0.001)
        raise Broken("no job below `record` in ten seconds")

    def _kill(self, job):
        below = self._begun(job) if self.begins else []
        time.sleep(self.life / 2)
        self.disk.hurt()
        time.sleep(self.life / 2)
        if self.heals:
            self.disk.heal()
            time.sleep(0.02 + self.life / 2)
        self.killed_at, self.killed_on = time.monotonic_ns(), time.time()
        if self.job == "recorded job":
            for child in below:
                os.kill(child, signal.SIGKILL)
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


def a_round(tools, draw, disk, streams, tally, numbers):
    """Kills one job after the other on one disk; their streams go into a folder."""
    with disk.prepared():
        for number in numbers:
            case = Case(number, tools, draw, disk)
            ages, stream = None, b""
            try:
                ages, stream = one(case, disk.folder)
            except Broken as broken:
                tally.faults.append(f"kill {number}, {case.job} on a {disk.name} disk, every {case.interval} s: {broken}")
            tally.ages[disk.name, case.job].append(ages)
            if stream:
                (streams / f"memory_stream_{number}.ndjson").write_bytes(stream)
            disk.clear()


def soak(tools, tally):
    """Kills by rounds, each on a disk of one kind."""
    draw, kinds = random.Random(tools.seed), disks.possible()
    turns = [kind for kind in kinds for _ in range(8 if kind is disks.Plain else 1)]
    for first in range(0, tools.kills, ROUND):
        with tempfile.TemporaryDirectory() as work:
            streams = Path(work) / "streams"
            streams.mkdir()
            disk = turns[first // ROUND % len(turns)](Path(work) / "disk")
            a_round(tools, draw, disk, streams, tally, range(first, min(first + ROUND, tools.kills)))
            try:
                tally.read += assert_reported(tools.memtool, streams)
            except Broken as broken:
                tally.faults.append(f"kills from {first} on: {broken}")
        if first % (10 * ROUND) == 0:
            print(tally, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("victim"), parser.add_argument("python"), parser.add_argument("memtool")
    parser.add_argument("--kills", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2026)
    tools, tally = parser.parse_args(), Tally()
    soak(tools, tally)
    print(tally)
    sys.exit(1 if tally.faults else 0)


if __name__ == "__main__":
    main()
