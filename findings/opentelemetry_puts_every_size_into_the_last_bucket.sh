#!/usr/bin/env bash
# A histogram of OpenTelemetry has buckets from 0 to 10,000 unless a view says otherwise, whatever its unit is. With the unit By, bytes,
# 100, 300 and 900 MiB are all in the last one, "above 10,000", and a median computed from it is 10,000 bytes. An advice
# that the instrument carries is the other way out; neither is asked for when a histogram in bytes is made.
# Seen with opentelemetry-sdk 1.45.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2
venv/bin/python - <<'PY'
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
reader = InMemoryMetricReader()
peaks = MeterProvider([reader]).get_meter("job").create_histogram("job.memory.peak", unit="By")
for size in (100, 300, 900):
    peaks.record(size << 20)
point = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics[0].data.data_points[0]
print(f"peaks of 100, 300 and 900 MiB in buckets to {point.explicit_bounds[-1]:.0f} bytes: {list(point.bucket_counts)}")
raise SystemExit(not (list(point.bucket_counts) == 15 * [0] + [3] and point.explicit_bounds[-1] == 10000 and point.max == 900 << 20))
PY
