#!/usr/bin/env bash
# OpenTelemetry's system metrics for Python export process.runtime.cpython.gc_count, a counter that only rises, with the
# description "GC count" and the unit By, bytes. Its values are those of gc.get_count(): objects since the last collection, which
# fall to 0 at each. A rate over it takes every fall for a restart. cpython.gc.collections beside it has the collections.
# Seen with opentelemetry-instrumentation-system-metrics 0.66b2: monotonic, By, oldest generation: 5 before a collection, 0 after.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-instrumentation-system-metrics==0.66b2 opentelemetry-sdk==1.45.2 psutil==7.2.2
venv/bin/python - <<'PY'
import gc
from opentelemetry.instrumentation.system_metrics import SystemMetricsInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
reader = InMemoryMetricReader()
SystemMetricsInstrumentor().instrument(meter_provider=MeterProvider([reader]))
def figures():
    scopes = [scope for resource in reader.get_metrics_data().resource_metrics for scope in resource.scope_metrics]
    metric = next(metric for scope in scopes for metric in scope.metrics if metric.name == "process.runtime.cpython.gc_count")
    return metric.unit, metric.data.is_monotonic, {point.attributes["count"]: point.value for point in metric.data.data_points}
gc.disable()
gc.collect()
for _ in range(5):
    gc.collect(1)
unit, monotonic, before = figures()
gc.collect()
after = figures()[2]
print(f"gc_count: unit {unit}, monotonic {monotonic}, oldest generation {before['2']}, after a collection {after['2']}")
raise SystemExit(not (unit == "By" and monotonic and before["2"] == 5 and after["2"] == 0))
PY
