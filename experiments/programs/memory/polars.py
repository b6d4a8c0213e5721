"""A polars data frame for each call, of a column of numbers and one of fractions."""
import polars as pl

ROW = 16


class Memory:
    def take(self, sizes):
        rows = max(1, sum(sizes) // ROW)
        return pl.select(a=pl.int_range(rows)).with_columns(b=pl.col("a") * 0.37)
