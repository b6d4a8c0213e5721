"""A child process holds the memory; this process only says how much."""
import subprocess
import sys
from pathlib import Path

_CHILD = Path(__file__).with_name("_child.py")


class Memory:
    def __init__(self):
        self._child = subprocess.Popen([sys.executable, str(_CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._taken = 0

    def take(self, sizes):
        self._taken += 1
        self.ask(f"take {self._taken} {' '.join(map(str, sizes))}")
        return Block(self, self._taken)

    def ask(self, line):
        """The child's one-line answer, its memory now and its high-water mark in MiB."""
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            raise MemoryError(f"the child ended with {self._child.wait()}")
        rss, mark = map(float, answer.split())
        return rss, mark

    def state(self):
        """(resident now, high-water mark) of the child in MiB."""
        return self.ask("state")

    def close(self):
        self._child.stdin.close()
        self._child.wait()


class Block:
    """Memory in the child, given back there when this is dropped."""

    def __init__(self, memory, number):
        self._memory, self._number = memory, number

    def __del__(self):
        if not self._memory._child.stdin.closed:
            self._memory.ask(f"drop {self._number}")
