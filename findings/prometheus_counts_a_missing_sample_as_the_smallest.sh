#!/usr/bin/env bash
# A sample may be NaN in Prometheus, where an exporter had no value. PromQL's max and min leave it out, sum and avg are NaN, and
# quantile puts it below all others: of 300, NaN, 900, NaN and 900 the smallest is 300 by min_over_time and NaN by the quantile 0,
# and the median is 300, where it is 900 without the two. One missing sample moves the percentiles, without a trace.
# Seen with Debian's prometheus 2.42.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 prometheus 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --fsys-tarfile prometheus_*.deb | tar --extract ./usr/bin/promtool
ask() {
  printf '%s\n' "tests: [{interval: 1m, input_series: [{series: rss, values: '300 NaN 900 NaN 900'}], promql_expr_test: [{expr: '$1', eval_time: 4m}]}]" > test.yml
  { usr/bin/promtool test rules test.yml || true; } 2>&1 | sed -n 's/.*got: {} *//p'
}
answers=""
for function in "max_over_time(rss[5m])" "min_over_time(rss[5m])" "quantile_over_time(0, rss[5m])" "quantile_over_time(0.5, rss[5m])" "avg_over_time(rss[5m])"; do
  answers+="$(ask "$function") "
done
echo "300, NaN, 900, NaN, 900 in PromQL: max, min, quantile 0, median, average: $answers"
[ "$answers" = "9E+02 3E+02 NaN 3E+02 NaN " ]
