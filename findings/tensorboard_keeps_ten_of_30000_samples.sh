#!/usr/bin/env bash
# TensorBoard's writer puts a scalar into a tensor, and EventAccumulator, which reads its files, keeps ten tensors a name, drawn by
# lot, unless a size_guidance is given: of 30,000 sizes around 3 GB with one of 9 there are ten, and the largest is 3. Scalars of
# the older kind are 10,000. The values are floats of 32 bits, so sizes at 3 GB are multiples of 256 bytes.
# Seen with tensorboard 2.21.0: 10 samples, the largest 3,002,999,808.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check tensorboard==2.21.0
venv/bin/python - 2> /dev/null <<'PY'
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary import Writer
from tensorboard.util import tensor_util
writer = Writer("run")
for step in range(30_000):
    writer.add_scalar("rss", 9e9 if step == 7777 else 3_000_000_000 + 100 * step, step)
writer.close()
def sizes(**options):
    events = EventAccumulator("run", **options)
    events.Reload()
    return [float(tensor_util.make_ndarray(event.tensor_proto)) for event in events.Tensors("rss")]
kept, every = sizes(), sizes(size_guidance={"tensors": 0})
print(f"samples and largest of 30,000 with a peak of 9 GB: {len(kept)}, {max(kept):.0f}; with a guidance of 0: {len(every)}, {max(every):.0f}")
raise SystemExit(not (len(kept) == 10 and max(kept) < 3.1e9 and len(every) == 30_000 and max(every) > 8.9e9 and all(size % 256 == 0 for size in kept)))
PY
