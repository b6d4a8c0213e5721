"""The question in plain Python: count, peak, mean, 95th percentile, and share of time by level."""

import datetime
import statistics


def summary(history):
    seen = [row for row in history if row["rss_mb"] > 0]
    rss = [row["rss_mb"] for row in seen]
    times = [datetime.datetime.fromisoformat(row["timestamp"]).timestamp() for row in seen]
    shares = {}
    for row, start, end in zip(seen, times, times[1:]):
        shares[row["pressure_level"]] = shares.get(row["pressure_level"], 0.0) + end - start
    length = times[-1] - times[0]
    p95 = statistics.quantiles(rss, n=20, method="inclusive")[18]
    shares = {level: seconds / length for level, seconds in shares.items()}
    return len(rss), max(rss), statistics.fmean(rss), p95, shares
