import glob
import sys

import polars as pl

for path in sorted(glob.glob(f"{sys.argv[1]}/*.json")):
    rows = pl.read_json(path).select("history").explode("history").unnest("history").filter(pl.col("rss_mb") > 0)
    at = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z")
    rows = rows.with_columns(at.diff().shift(-1).dt.total_microseconds().alias("held"))
    rss = rows["rss_mb"]
    shares = rows.group_by("pressure_level").agg(pl.col("held").sum() / rows["held"].sum())
    print(path, len(rows), rss.max(), rss.mean(), rss.quantile(0.95, "linear"), shares.rows())
