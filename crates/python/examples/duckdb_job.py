"""A job of DuckDB and pandas that keeps within its memory: wages of synthetic employees, by year.

    pip install target/dist/memtool_recorder-*.whl duckdb pandas
    python duckdb_job.py --employees 2000000 --years 3 --limit-mb 600

The manager chooses before each batch how many employees it may take. What the run did with memory
is in reports/memory afterwards: `memtool analyze reports/memory`, or in Python as shown at the end.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
import pandas as pd

import memtool


def employees(database: duckdb.DuckDBPyConnection, first: int, count: int) -> pd.DataFrame:
    """A batch of employees, as pandas sees them."""
    query = """
        SELECT id, 30000 + hash(id) % 90000 AS salary, id % 17 AS department, hash(id * 7) % 40 AS tenure
        FROM range(?, ?) AS batch(id)
    """
    return database.execute(query, [first, first + count]).df()


def raised(batch: pd.DataFrame, year: int) -> pd.DataFrame:
    """A year of raises and leavers: several frames of the batch's size at once."""
    factors = 1.02 + batch["tenure"].clip(upper=10) / 1000
    batch = batch.assign(year=year, salary=batch["salary"] * factors**year)
    ranked = batch.sort_values(["department", "salary"])
    ranked["rank"] = ranked.groupby("department").cumcount(ascending=False)
    stays = (ranked["id"] + year) % 11 != 0
    return ranked[stays]


def simulate(manager: memtool.AdaptiveMemoryManager, total: int, years: int, database_file: str) -> pd.DataFrame:
    """Every year in batches; only sums outlive a batch."""
    database = duckdb.connect(database_file)
    database.execute("SET memory_limit = '200MB'")
    database.execute("CREATE OR REPLACE TABLE wages (year INTEGER, department BIGINT, people BIGINT, sum DOUBLE)")
    for year in range(years):
        # Ranges of ids are the sequence; a list, a frame or a table would be sliced the same way.
        for ids in manager.iter_batches(range(total), "wages"):
            result = raised(employees(database, ids.start, len(ids)), year)
            database.execute(
                "INSERT INTO wages SELECT year, department, count(*), sum(salary) FROM result GROUP BY ALL"
            )
            # Freed before the next batch begins, so that its size is chosen by what is really held.
            del result
    answer = "SELECT year, sum(people)::BIGINT AS people, sum(sum) AS wages FROM wages GROUP BY year ORDER BY year"
    return database.sql(answer).df()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--employees", type=int, default=2_000_000)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--limit-mb", type=float, help="memory to keep within; what the machine has unless given")
    parser.add_argument("--reports", type=Path, default=Path("reports/memory"))
    chosen = parser.parse_args()

    config = memtool.AdaptiveConfig(
        job="wages",
        predictive=memtool.Predictive(largest=1_000_000),
        batch_sizes=memtool.BatchSizeConfig(low=20_000, medium=50_000, high=200_000, fallback=1_000),
        memory_limit_mb=chosen.limit_mb,
        monitoring_interval_seconds=0.2,
    )
    with memtool.AdaptiveMemoryManager(config, reports_dir=chosen.reports) as manager:
        wages = simulate(manager, chosen.employees, chosen.years, ":memory:")
        print(wages.to_string(index=False))

    assert manager.stream_path is not None
    batches = memtool.load_profile(manager.stream_path).batches
    summary = duckdb.sql("""
        SELECT operation, count(*) AS batches, min(items) AS smallest, max(items) AS largest,
               round(max(peak_rss_mb)) AS peak_mb
        FROM batches GROUP BY operation
    """)
    print(summary.df().to_string(index=False))
    print(f"recorded in {manager.stream_path}")


if __name__ == "__main__":
    main()
