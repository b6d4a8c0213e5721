"""Telemetry through a thread pool: workers compress blocks into a queue that is written out after every 1700 devices; so
memory builds up for a while and goes back."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "queue_that_drains", "threads", False, False


def run(job):
    import queue
    import zlib
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    waiting, pool, since = queue.Queue(), ThreadPoolExecutor(3), 0

    def block(number):
        rng = np.random.default_rng(number)
        signal = np.cumsum(rng.integers(-3, 4, 6_000)).astype(np.int32)
        spectrum = np.abs(np.fft.rfft(signal))
        return number, signal, spectrum.astype(np.float32)

    def drain():
        with open("telemetry.bin", "wb") as file:
            while not waiting.empty():
                number, signal, spectrum = waiting.get()
                file.write(zlib.compress(signal[::40].tobytes(), 1))
                job.kept(-signal.nbytes - spectrum.nbytes)

    def work(start, n):
        nonlocal since
        done = list(pool.map(block, range(start, start + n)))
        mean = np.stack([spectrum for _, _, spectrum in done]).mean(axis=0)
        job.wait(0.0006 * n)
        for number, signal, spectrum in done:
            waiting.put((number, signal, spectrum - mean))
            job.kept(signal.nbytes + spectrum.nbytes)
            since += 1
            if since >= 1_700:
                drain()
                since = 0

    with job.stage("telemetry"):
        job.batches("telemetry", 0, TOTAL, work)
    with job.outside("last_write"):
        drain()
    pool.shutdown()
