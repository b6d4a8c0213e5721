"""Scoring through a child process that holds nearly all of the memory: this
process only hands out the work and collects the sums."""
UNIT, LIMIT_MB, INTERVAL = "portfolios", 400, 0.05
TOTAL = 40000
PATTERN = "child_holds_memory"
PRELOAD = ()
LEAK = False
CHILDREN = True


def run(job, seed):
    import os
    import subprocess
    import sys

    child = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "_worker.py")],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    state = {"sum": 0}

    def work(start, items):
        child.stdin.write(f"{seed} {start} {items}\n")
        child.stdin.flush()
        answer = child.stdout.readline()
        if not answer:
            raise MemoryError(f"the child ended with {child.wait()}")
        state["sum"] = (state["sum"] + int(answer)) % ((1 << 61) - 1)

    with job.stage("score"):
        job.run_batches(TOTAL, "score", work)
    child.stdin.close()
    child.wait()
    return state["sum"]
