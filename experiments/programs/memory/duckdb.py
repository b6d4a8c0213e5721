"""Tables of a DuckDB database in memory, one for each call; a table is dropped with what holds it."""
import duckdb

# A row is one BIGINT and one DOUBLE.
ROW = 16


class Memory:
    METER = "duckdb"

    def __init__(self):
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._tables = 0

    def take(self, sizes):
        self._tables += 1
        rows = max(1, sum(sizes) // ROW)
        self._connection.execute(f"CREATE TABLE t{self._tables} AS SELECT range AS a, range * 0.37 AS b FROM range({rows})")
        return Table(self._connection, f"t{self._tables}")

    def allocated(self):
        """Bytes that DuckDB says it holds; asked on a connection of its own, since a recorder asks from its thread."""
        answer = self._connection.cursor().execute("SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory()")
        return answer.fetchone()[0]


class Table:
    """A table that goes when this is dropped."""

    def __init__(self, connection, name):
        self._connection, self._name = connection, name

    def __del__(self):
        self._connection.execute(f"DROP TABLE {self._name}")
