"""What a program did with memory, as itself and the kernel know it, written line by line while it runs."""
import json
import os
import time

MIB = 1 << 20


def marks():
    """(resident now, high-water mark) of this process in MiB."""
    found = {}
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                found[name] = int(value.split()[0]) / 1024
    return found["VmRSS"], found["VmHWM"]


class Truth:
    """Counts of bytes and exact peaks; a killed program leaves all lines up to its last batch.

    It never sets the kernel's mark back: a recorder in the job does so before each batch, and would take another's for a gap.
    """

    def __init__(self, path, memory):
        self._file = open(path, "w", encoding="utf-8", buffering=1)
        self._memory = memory
        self._begin, self._cpu = time.monotonic(), _cpu_seconds()
        self.leaked = self.kept = self.garbage = 0
        self.peak_mb = 0.0
        self._line("begin", pid=os.getpid())

    def now(self):
        return round(time.monotonic() - self._begin, 4)

    def look(self):
        """(resident now, high-water mark) in MiB, that of a child that holds the memory included."""
        rss, mark = marks()
        if hasattr(self._memory, "state"):
            child_rss, child_mark = self._memory.state()
            rss, mark = rss + child_rss, mark + child_mark
        self.peak_mb = max(self.peak_mb, mark)
        return rss, mark

    def outside(self, name, begin):
        """Ends a stretch of work outside of batches that began at `begin`; after a batch, its peak may be that of the batch."""
        rss, mark = self.look()
        self._line("outside", name=name, begin=begin, peak_mb=mark, rss_mb=rss)

    def batch(self, number, operation, items, begin):
        """At the end of a batch, its memory given back."""
        rss, mark = self.look()
        self._line("batch", batch=number, operation=operation, items=items, begin=begin, peak_mb=mark, rss_mb=rss)

    def end(self, items):
        self.look()
        self._line("end", items=items, peak_mb=self.peak_mb, cpu_s=_cpu_seconds() - self._cpu)
        self._file.close()

    def _line(self, event, **more):
        line = {"t": self.now(), "ev": event, **more, "leaked_mb": self.leaked / MIB, "kept_mb": self.kept / MIB, "garbage_mb": self.garbage / MIB}
        self._file.write(json.dumps({key: round(value, 3) if isinstance(value, float) else value for key, value in line.items()}) + "\n")


def _cpu_seconds():
    usage = os.times()
    return usage.user + usage.system + usage.children_user + usage.children_system
