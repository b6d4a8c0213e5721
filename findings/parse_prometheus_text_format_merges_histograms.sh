#!/usr/bin/env bash
# npm's parse-prometheus-text-format reads what a Prometheus client exposes. It puts all histograms of one name into one, whatever
# their labels: of two jobs, the buckets of the second overwrite those of the first, and labels, sums and counts are gone. A
# summary's quantiles go the same way; a gauge keeps its labels. Its page says that it aims to give what prom2json gives.
# Seen with parse-prometheus-text-format 1.1.1; prometheus_client 0.26.0 reads eight samples.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . parse-prometheus-text-format@1.1.1 > /dev/null
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check prometheus_client==0.26.0
cat > metrics.txt <<'TXT'
# TYPE batch_megabytes histogram
batch_megabytes_bucket{job="small",le="100"} 7
batch_megabytes_bucket{job="small",le="+Inf"} 7
batch_megabytes_sum{job="small"} 210
batch_megabytes_count{job="small"} 7
batch_megabytes_bucket{job="large",le="100"} 0
batch_megabytes_bucket{job="large",le="+Inf"} 3
batch_megabytes_sum{job="large"} 2700
batch_megabytes_count{job="large"} 3
TXT
read_by_node=$(node -p 'JSON.stringify(require("parse-prometheus-text-format")(require("fs").readFileSync("metrics.txt", "utf8"))[0].metrics)')
samples=$(venv/bin/python -c 'from prometheus_client.parser import text_string_to_metric_families as read; print(sum(len(family.samples) for family in read(open("metrics.txt").read())))')
echo "two histograms: prometheus_client $samples samples, parse-prometheus-text-format $read_by_node"
[ "$samples" -eq 8 ] && [ "$read_by_node" = '[{"buckets":{"100":"0","+Inf":"3"}}]' ]
