"""What memtool says under control groups of version 2, beside what the kernel says: `python scenarios.py MEMTOOL`.

Runs as root in a machine of its own (`run` starts one), with the wheel installed. Each scenario is a function that
yields (what, expected, found, within): equal, or at most `within` apart.
"""
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
MIB = 1 << 20
MEMTOOL = sys.argv[1] if len(sys.argv) > 1 else "memtool"

FIXED = """
from memtool import create_adaptive_memory_manager
with create_adaptive_memory_manager(predictive={predictive}, reports_dir="{folder}") as manager:
    for chunk in manager.iter_batches(range({items}), "work"):
        made = [bytearray(200_000) for _ in chunk]
        del made
"""
# Grows by 2 MB at a time and holds on.
GROWING = "import time\nheld = []\nfor _ in range({steps}):\n    held.append(bytearray(2_000_000)); time.sleep(0.02)\n"

# Reads 250 MB of files through the cache, piece by piece.
READING = """
import os
left = 250_000_000
for folder, _, names in os.walk("/usr/lib"):
    for path in (os.path.join(folder, name) for name in names):
        if left > 0 and os.path.isfile(path):
            with open(path, "rb") as file:
                while piece := file.read(1 << 20):
                    left -= len(piece)
"""


class Group:
    """A control group below a parent, with its settings: {"memory.max": bytes}."""

    def __init__(self, name, settings, parent=GROUPS):
        self.folder = parent / name
        self.folder.mkdir()
        for file, value in settings.items():
            (self.folder / file).write_text(str(value))

    def delegate(self):
        (self.folder / "cgroup.subtree_control").write_text("+memory")
        return self

    def run(self, command, **options):
        """Runs a command in the group to its end."""
        def enter():
            (self.folder / "cgroup.procs").write_text(str(os.getpid()))
        return subprocess.run(command, preexec_fn=enter, cwd="/tmp", capture_output=True, text=True, timeout=300, **options)

    def number(self, file, key=None):
        words = dict(line.split() for line in self._lines(file)) if key else None
        return int(words[key]) if key else int(self._lines(file)[0])

    def _lines(self, file):
        return (self.folder / file).read_text().splitlines()


def stream(folder):
    """The records of the one stream in a folder."""
    path, = Path(folder).glob("*.ndjson")
    return [json.loads(line) for line in path.read_text().splitlines()]


def record(group, folder, *command):
    """`memtool record` of a command in the group."""
    return group.run([MEMTOOL, "record", "--interval", "0.1", "--output", folder, "--", *command])


def analyzed(folder):
    """The one report of `memtool analyze`."""
    done = subprocess.run([MEMTOOL, "analyze", "--format", "json", folder], capture_output=True, text=True, check=True)
    report, = json.loads(done.stdout)["profiles"]
    return report


def job(folder, *, predictive=False, items=1500):
    return [sys.executable, "-c", FIXED.format(folder=folder, predictive=predictive, items=items)]


def the_limit_is_the_groups():
    group = Group("limit", {"memory.max": 300 * MIB})
    done = group.run(job("/tmp/limit"))
    header, *_, footer = stream("/tmp/limit")
    yield "exit code", 0, done.returncode, 0
    yield "limit_mb", 300, header["host"]["limit_mb"], 0
    yield "limit_source", "cgroup v2", header["host"]["limit_source"], None
    yield "thresholds follow it: critical_mb", 270, header["config"]["thresholds"]["critical_mb"], 1
    # What the group is charged with and the process's resident pages differ by its mapped files.
    yield "peak beside memory.peak", group.number("memory.peak") / MIB, footer["peak_rss_mb"], 16


def the_tightest_of_nested_groups_binds():
    outer = Group("outer", {"memory.max": 90 * MIB}).delegate()
    middle = Group("middle", {"memory.max": 300 * MIB}, outer.folder).delegate()
    inner = Group("inner", {"memory.max": "max"}, middle.folder)
    inner.run(job("/tmp/nested"))
    yield "limit_mb", 90, stream("/tmp/nested")[0]["host"]["limit_mb"], 0


def throttling_is_the_limit_where_it_comes_first():
    group = Group("high", {"memory.high": 100 * MIB, "memory.max": 300 * MIB})
    group.run(job("/tmp/high", predictive=True))
    yield "limit_mb", 100, stream("/tmp/high")[0]["host"]["limit_mb"], 0
    yield "throttled (memory.events high)", 0, group.number("memory.events", "high"), 0


def the_predictive_policy_keeps_a_job_alive():
    group = Group("predictive", {"memory.max": 100 * MIB})
    done = group.run(job("/tmp/predictive", predictive=True, items=4000))
    yield "exit code", 0, done.returncode, 0
    yield "kills", 0, group.number("memory.events", "oom_kill"), 0
    largest = max(line["items"] for line in stream("/tmp/predictive") if line["type"] == "batch_start")
    yield "the largest batch fits: items × 0.19 MiB below the limit", True, 100 < largest < 480, None


def a_kill_for_memory_is_told_from_another():
    killed = Group("killed", {"memory.max": 80 * MIB})
    done = record(killed, "/tmp/killed", sys.executable, "-c", GROWING.format(steps=200))
    fate = stream("/tmp/killed")[-1].get("fate", {})
    yield "kills", 1, killed.number("memory.events", "oom_kill"), 0
    yield "exit code", 137, done.returncode, 0
    yield "fate", (9, True), (fate.get("signal"), fate.get("killed_for_memory")), None
    by_hand = Group("by_hand", {"memory.max": 300 * MIB})
    record(by_hand, "/tmp/by_hand", "sh", "-c", "sleep 1; kill -9 $$")
    fate = stream("/tmp/by_hand")[-1].get("fate", {})
    yield "killed by hand", (9, False), (fate.get("signal"), bool(fate.get("killed_for_memory"))), None


def the_recorder_outlives_a_group_that_is_killed_as_a_whole():
    group = Group("whole", {"memory.max": 80 * MIB, "memory.oom.group": 1})
    done = record(group, "/tmp/whole", sys.executable, "-c", GROWING.format(steps=200))
    yield "exit code", 137, done.returncode, 0
    *_, footer = stream("/tmp/whole")
    yield "fate", (9, True), (footer["fate"].get("signal"), footer["fate"].get("killed_for_memory")), None
    yield "the peak is near the limit", 80, footer["peak_rss_mb"], 14


def the_experiments_limits_are_kept():
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "experiments"))
    from bench import limit
    bound = limit.find()(70)
    subprocess.run([sys.executable, "-c", GROWING.format(steps=100)], preexec_fn=bound.enter)
    yield "kills", 1, bound.kills(), 0
    yield "peak", 70, bound.peak_mb(), 2
    bound.remove()


def file_cache_is_available():
    group = Group("cache", {"memory.max": 150 * MIB})
    done = group.run([sys.executable, "-c", READING + FIXED.format(folder="/tmp/cache", predictive=True, items=3000)])
    yield "exit code", 0, done.returncode, 0
    sizes = [line["items"] for line in stream("/tmp/cache") if line["type"] == "batch_start"]
    yield "batches stay large beside the cache", True, max(sizes) >= 100, None


def shared_memory_is_not_available():
    group = Group("shared", {"memory.max": 150 * MIB})
    script = "held = open('/tmp/held', 'wb'); held.write(bytes(90_000_000)); held.flush()\n"
    done = group.run([sys.executable, "-c", script + FIXED.format(folder="/tmp/shared", predictive=True, items=2000)])
    Path("/tmp/held").unlink()
    yield "exit code", 0, done.returncode, 0
    yield "kills", 0, group.number("memory.events", "oom_kill"), 0


def swap_in_use_makes_a_peak_a_lower_bound():
    device = Path("/sys/block/zram0/disksize")
    if not device.exists():
        print("skipped: this kernel has no zram to swap to", flush=True)
        return
    device.write_text(str(256 * MIB))
    subprocess.run("mkswap /dev/zram0 > /dev/null && swapon /dev/zram0", shell=True, check=True)
    group = Group("swap", {"memory.max": 60 * MIB, "memory.swap.max": 150 * MIB})
    done = record(group, "/tmp/swap", sys.executable, "-c", GROWING.format(steps=50))
    subprocess.run(["swapoff", "/dev/zram0"], check=True)
    yield "exit code", 0, done.returncode, 0
    report = analyzed("/tmp/swap")
    yield "swap is named", True, "swap" in json.dumps(report), None


SCENARIOS = (
    the_limit_is_the_groups, the_tightest_of_nested_groups_binds, throttling_is_the_limit_where_it_comes_first,
    the_predictive_policy_keeps_a_job_alive, a_kill_for_memory_is_told_from_another,
    the_recorder_outlives_a_group_that_is_killed_as_a_whole, the_experiments_limits_are_kept, file_cache_is_available,
    shared_memory_is_not_available, swap_in_use_makes_a_peak_a_lower_bound,
)


def holds(expected, found, within):
    return expected == found if not within else abs(expected - found) <= within


def main():
    print(f"kernel {os.uname().release}", flush=True)
    (GROUPS / "cgroup.subtree_control").write_text("+memory")
    passed = failed = 0
    for scenario in SCENARIOS:
        try:
            for what, expected, found, within in scenario():
                good = holds(expected, found, within)
                passed, failed = passed + good, failed + (not good)
                print(f"{'ok' if good else 'WRONG'}: {scenario.__name__}: {what}: expected {expected}"
                      f"{f' ± {within}' if within else ''}, found {found}", flush=True)
        except Exception:
            failed += 1
            print(f"WRONG: {scenario.__name__}: {traceback.format_exc()}", flush=True)
    print(f"passed {passed}, failed {failed}", flush=True)


if __name__ == "__main__":
    main()
