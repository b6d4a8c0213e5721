"""Runs commands and takes their CPU time, wall time and peak memory from the kernel."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Cost:
    cpu: float
    wall: float
    peak_mb: float


def run_once(command, env=None, answers=(0,), processors=None):
    """Runs a command to its end; `answers` are the exit codes of one that did what was asked."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **(env or {})},
        preexec_fn=processors and (lambda: os.sched_setaffinity(0, processors)),
    )
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in answers:
        sys.exit(f"{' '.join(map(str, command))}: exit {child.returncode}\n{errors.decode()}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


class Bench:
    """What a section needs: the programs, the inputs, and a way to run them."""

    def __init__(self, args, python, root):
        self.args, self.python, self.root = args, python, root
        self.folder, self.memtool = args.folder, args.memtool

    def cost(self, command, env=None, repeats=None):
        """The least CPU time of a few runs, with that run's peak; the first run warms the cache."""
        runs = [run_once(command, env) for _ in range(repeats or self.args.repeats)]
        best = min(runs, key=lambda cost: cost.cpu)
        return Cost(best.cpu, min(cost.wall for cost in runs), best.peak_mb)

    def peer(self, name, *arguments):
        """A peer's program beside this file, on one thread."""
        one = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
        return self.cost([self.python, HERE / "peers" / f"{name}.py", *arguments], one)

    def profiles(self, count, samples=10_000):
        """A folder with so many profiles of so many samples."""
        folder = self.folder / (f"profiles_{count}" if samples == 10_000 else f"profiles_{count}_of_{samples}")
        if not folder.exists():
            self.make("make_input.py", folder, "--profiles", count, "--samples", samples)
        return folder

    def stream(self, samples):
        """A stream of so many samples."""
        file = self.folder / f"memory_stream_{samples}.ndjson"
        if not file.exists():
            self.make("make_stream.py", file, samples)
        return file

    def short_streams(self, files, samples):
        """A folder with so many streams of so many samples, all alike."""
        folder = self.folder / f"streams_{files}"
        if not folder.exists():
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            text = self.stream(samples).read_bytes()
            for number in range(files):
                (part / f"memory_stream_{number:06}.ndjson").write_bytes(text)
            part.rename(folder)
        return folder

    def make(self, script, *arguments):
        print(f"making {arguments[0]}", file=sys.stderr)
        subprocess.run([self.python, HERE / script, *map(str, arguments)], check=True)

    @staticmethod
    def processors():
        return os.sched_getaffinity(0)

    @staticmethod
    def load():
        return f"{os.getloadavg()[0]:.1f}"


class Table:
    """A Markdown table under a title."""

    def __init__(self, title, *columns):
        self.title, self.columns, self.rows, self.notes = title, columns, [], []

    def row(self, *cells):
        self.rows.append(cells)

    def note(self, text):
        self.notes.append(text)

    def markdown(self):
        lines = [f"### {self.title}", "", self.line(self.columns), self.line(["---"] * len(self.columns))]
        lines += [self.line(row) for row in self.rows]
        return "\n".join(lines) + "".join(f"\n\n{note}" for note in self.notes) + "\n"

    @staticmethod
    def line(cells):
        return "| " + " | ".join(str(cell) for cell in cells) + " |"
