"""Vibration windows through scipy filters: windows gather in a buffer of changing length until they are settled, which makes
a large saw; of every fifth window a calibration stays in a registry that nobody reads (a slow leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 8_000, "slow_leak_under_saw", "numpy", True, False


def run(job):
    import numpy as np
    from scipy import signal

    registry, buffer = {}, []
    state = {"length": 1_500, "settled": 0}
    low = signal.butter(4, 0.2, output="sos")

    def settle():
        power = np.stack([window[::8] for _, window in buffer]).std(axis=1)
        for (number, window), level in zip(buffer, power):
            if number % 5 == 0:
                registry[number] = (window * 0.5, float(level))
                job.leaked(window.nbytes + 200)
            job.kept(-window.nbytes)
        buffer.clear()
        state["settled"] += 1
        state["length"] = 900 + state["settled"] * 1_370 % 2_300

    def work(start, n):
        rng = np.random.default_rng(start)
        raw = rng.standard_normal((n, 5_000), dtype=np.float32)
        smooth = signal.sosfilt(low, raw, axis=1).astype(np.float32)
        job.wait(0.0006 * n)
        for k in range(n):
            window = smooth[k] - smooth[k].mean()
            buffer.append((start + k, window))
            job.kept(window.nbytes)
            if len(buffer) >= state["length"]:
                settle()

    with job.stage("windows"):
        job.batches("windows", 0, TOTAL, work)
    settle()
