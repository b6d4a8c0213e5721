"""A raster in a memory-mapped file of 128 MB: batches of tiles are read from it, filtered in several bands and written to a
second mapped file. The pages of both files join the resident set and are no memory of the job (no leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 5_000, "mapped_files", "memmap", False, False
TILE = 80


def run(job):
    import numpy as np
    from scipy import ndimage

    with job.outside("unpack"):
        rng = np.random.default_rng(8)
        with open("raster.bin", "wb") as file:
            for _ in range(40):
                file.write((rng.random((TOTAL // 40, TILE, TILE), dtype=np.float32) * 900).tobytes())
    source = np.memmap("raster.bin", np.float32, "r", shape=(TOTAL, TILE, TILE))
    target = np.memmap("slopes.bin", np.float32, "w+", shape=(TOTAL, TILE // 4, TILE // 4))

    def work(start, n):
        tiles = np.array(source[start:start + n])
        bands = np.empty((n, 3, TILE, TILE), dtype=np.float32)
        for band, size in enumerate((3, 5, 7)):
            bands[:, band] = ndimage.uniform_filter(tiles, (0, size, size))
        slope = np.abs(np.diff(bands, axis=1)).max(axis=1)
        target[start:start + n] = slope[:, ::4, ::4]
        job.wait(0.0006 * n)

    with job.stage("filter"):
        job.batches("filter", 0, TOTAL, work)
    target.flush()
