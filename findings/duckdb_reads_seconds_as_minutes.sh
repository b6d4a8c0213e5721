#!/usr/bin/env bash
# ps writes the age of a young process as MM:SS, and con-duct passes it on as "etime" in its usage.jsonl. DuckDB's JSON
# reader, and polars' CSV reader with try_parse_dates, take text of that form for a time of day, HH:MM: three seconds are
# three minutes. From the 24th minute on the same column is text, and from the first hour on (HH:MM:SS) it is right, all
# without a warning.
# Seen with con-duct 0.23.0, DuckDB 2.0.0, polars 2.1.0: "00:03" is 00:03:00 in both; with 24:30 in the column it is text.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check con-duct==0.23.0 duckdb==2.0.0 polars==2.1.0
PATH="$here/venv/bin:$PATH" duct --output-prefix log- --sample-interval 0.5 --report-interval 1 sleep 3.5 > /dev/null 2>&1
venv/bin/python - <<'PY'
import io, json
import duckdb, polars as pl
with open("log-usage.jsonl") as file:
    ages = [(pid, process["etime"]) for line in file for pid, process in json.loads(line)["processes"].items()]
pid, age = ages[-1]
by_duckdb = duckdb.sql(f"""SELECT max(processes."{pid}".etime)::VARCHAR FROM 'log-usage.jsonl'""").fetchall()[0][0]
column = lambda *rows: pl.read_csv(io.StringIO("\n".join(("etime", *rows)) + "\n"), try_parse_dates=True)["etime"]
by_polars, later = str(column(age)[0]), column(age, "24:30").dtype
print(f"con-duct wrote {age!r}; DuckDB reads {by_duckdb}, polars {by_polars}, beside 24:30 {later}")
raise SystemExit(not (len(age) == 5 and by_duckdb == by_polars == f"{age}:00" and later == pl.String))
PY
