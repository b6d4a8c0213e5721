"""One run of one workload, in a process of its own: `python -m bench.job ARGUMENTS RESULT`."""
import gc
import importlib
import json
import resource
import sys
import time

from bench import policies


def cpu_seconds():
    """Of this process and of the children it waited for."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def main():
    given, result = json.loads(sys.argv[1]), sys.argv[2]
    workload = importlib.import_module(f"workloads.{given['workload']}")
    # Imports are the same for all policies and no part of the work.
    for library in workload.PRELOAD:
        importlib.import_module(library)
    if not given["policy"].startswith("fixed_"):
        importlib.import_module("memtool")
    gc.collect()
    cpu, wall = cpu_seconds(), time.monotonic()
    job = policies.driver(given["policy"], limit_mb=given["limit_mb"], reports=given["reports"],
                          children=getattr(workload, "CHILDREN", False), tuned=given["tuned"])
    checksum = workload.run(job, given["seed"])
    more = job.close()
    done = {"cpu_s": cpu_seconds() - cpu, "wall_s": time.monotonic() - wall, "items": workload.TOTAL,
            "checksum": checksum, **more}
    with open(result, "w", encoding="utf-8") as file:
        json.dump(done, file)


if __name__ == "__main__":
    main()
