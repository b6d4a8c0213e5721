import sys

import duckdb

connection = duckdb.connect(config={"threads": 1})
query = """
with sample as (
    select filename, unnest(history) as s from read_json($files, filename = true, maximum_object_size = 1000000000)
), held as (
    select filename, s.rss_mb as rss, s.pressure_level as level, s.timestamp::timestamptz as at,
           epoch(lead(s.timestamp::timestamptz) over (partition by filename order by s.timestamp::timestamptz)
                 - s.timestamp::timestamptz) as seconds
    from sample where s.rss_mb > 0
), total as (
    select filename, count(*) n, max(rss) peak, avg(rss) mean, quantile_cont(rss, 0.95) p95, sum(seconds) s
    from held group by filename
)
select total.*, level, sum(seconds) / any_value(total.s) share
from held join total using (filename) group by all order by filename, level
"""
print(connection.execute(query, {"files": f"{sys.argv[1]}/*.json"}).fetchall())
