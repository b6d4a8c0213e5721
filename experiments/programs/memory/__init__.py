"""Ways to take memory. A kind is made once per job; what `take` returns is freed when it is dropped."""
import importlib

KINDS = ("arrays", "arrow", "buffers", "children", "duckdb", "fragments", "objects", "polars", "threads")
# What a kind costs in processor time for a MiB, against plain buffers: slow kinds take less memory.
WEIGHT = {"duckdb": 3.0, "objects": 3.0, "polars": 1.5}
# Kinds for which each call is dear take the memory of more items at once.
PART = {"duckdb": 5, "polars": 2}


def make(kind):
    """The allocator of a kind: `take(sizes)` returns what holds a block of each size in bytes, all pages touched.

    One with a counter of its own has its name, `METER`, and `allocated()`, in bytes.
    """
    return importlib.import_module(f"programs.memory.{kind}").Memory()
