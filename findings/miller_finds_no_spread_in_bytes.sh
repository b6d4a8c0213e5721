#!/usr/bin/env bash
# Miller's stats1 has var, stddev and kurtosis, and keeps sums of powers for them. Of 200 samples in bytes that go up and down by
# one page around 100 GB the variance is 0, the kurtosis -1.6e16 and the skewness NaN.
# stats2 has a correlation of 1.3 between unix time and a size that rises by 2 a second, and a slope of 3.18. No warning.
# Seen with Debian's miller 6.6.0; Python's statistics: variance 4215381, correlation 1.0, slope 2.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 miller 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract miller_*.deb .
python3 - > samples.csv <<'PY'
print("time,rss,leak")
for second in range(200):
    print(f"{1764480000 + second},{100_000_000_000 + second % 2 * 4096},{100 + 2 * second}")
PY
usr/bin/mlr --icsv --ojson stats1 -a var,kurtosis,skewness -f rss samples.csv > spread.json
usr/bin/mlr --icsv --ojson stats2 -a linreg-ols,corr -f time,leak samples.csv > trend.json
python3 - <<'PY'
import csv, json, statistics
with open("samples.csv") as file:
    time, rss, leak = zip(*[[int(cell) for cell in row] for row in list(csv.reader(file))[1:]])
true = round(statistics.variance(rss)), round(statistics.correlation(time, leak), 6), statistics.linear_regression(time, leak).slope
(spread,), (trend,) = (json.load(open(name)) for name in ("spread.json", "trend.json"))
found = spread["rss_var"], round(trend["time_leak_corr"], 2), round(trend["time_leak_ols_m"], 2)
print(f"variance, correlation, slope: Python {true}, Miller {found}, kurtosis {spread['rss_kurtosis']}, skewness {spread['rss_skewness']}")
raise SystemExit(not (true == (4215381, 1.0, 2.0) and found == (0, 1.3, 3.18) and spread["rss_kurtosis"] < -1e15))
PY
