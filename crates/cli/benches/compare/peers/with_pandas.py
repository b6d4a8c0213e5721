import glob
import json
import sys

import pandas

for path in sorted(glob.glob(f"{sys.argv[1]}/*.json")):
    with open(path, encoding="utf-8") as file:
        rows = pandas.DataFrame(json.load(file)["history"])
    rows = rows[rows["rss_mb"] > 0]
    times = pandas.to_datetime(rows["timestamp"], format="ISO8601")
    held = times.diff().shift(-1).dt.total_seconds()
    shares = held.groupby(rows["pressure_level"]).sum() / held.sum()
    rss = rows["rss_mb"]
    print(path, len(rows), rss.max(), rss.mean(), rss.quantile(0.95), shares.to_dict())
