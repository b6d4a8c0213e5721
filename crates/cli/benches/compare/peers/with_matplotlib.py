import sys

import pyarrow.parquet
from matplotlib import pyplot

rows = pyarrow.parquet.read_table(sys.argv[1], columns=["t_ns", "rss_mb"])
pyplot.figure(figsize=(16, 9))
pyplot.plot(rows["t_ns"].to_numpy() / 1e9, rows["rss_mb"].to_numpy())
pyplot.savefig(sys.argv[2], dpi=100)
