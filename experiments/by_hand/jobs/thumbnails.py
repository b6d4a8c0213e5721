"""Thumbnails of pictures: a batch is decoded whole, then scaled; a bounded cache keeps the latest thumbnails for the
contact sheets that are pasted together every 1000 pictures."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 4_500, "bounded_cache", "pillow", False, False
CACHE = 1_700


def run(job):
    import io
    from collections import OrderedDict

    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(5)
    files = []
    for k in range(12):
        y, x = np.mgrid[0:320, 0:480]
        picture = np.stack([(x * (k + 1) // 3) % 256, (y * (k + 2) // 3) % 256, (x + y + k * 9) % 256], axis=2) + rng.integers(0, 12, (320, 480, 3))
        out = io.BytesIO()
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(out, "TIFF")
        files.append(out.getvalue())
    cache, made = OrderedDict(), 0

    def contact_sheet():
        sheet = Image.new("RGB", (20 * 200, 20 * 133))
        for place, thumb in enumerate(list(cache.values())[-400:]):
            sheet.paste(thumb, (place % 20 * 200, place // 20 * 133))
        sheet.save(io.BytesIO(), "JPEG")

    def work(start, n):
        nonlocal made
        pictures = []
        for number in range(start, start + n):
            picture = Image.open(io.BytesIO(files[number % len(files)]))
            picture.load()
            pictures.append(picture)
        job.wait(0.0006 * n)
        for number, picture in enumerate(pictures, start):
            thumb = picture.resize((200, 133), Image.NEAREST)
            cache[number] = thumb
            job.kept(200 * 133 * 4)
            if len(cache) > CACHE:
                cache.popitem(last=False)
                job.kept(-200 * 133 * 4)
            made += 1
            if made % 1_000 == 0:
                contact_sheet()

    with job.stage("thumbnails"):
        job.batches("thumbnails", 0, TOTAL, work)
