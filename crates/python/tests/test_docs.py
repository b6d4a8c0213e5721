"""The Python shown in README and docs/python.md runs."""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Callable

import pytest
from conftest import REPOSITORY

PAGES = ("README.md", "docs/python.md")
# What the pages take for granted: a job, and the libraries of a notebook.
AROUND = """
import duckdb, pandas, polars, pyarrow
import memtool
from memtool import create_adaptive_memory_manager

everyone = sequence = people = range(50)
hire = store = pay = lambda what: what
report = list
manager = create_adaptive_memory_manager()
with manager, manager.batch("hiring", items=1):
    manager.force_memory_check()
"""


def blocks() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = (REPOSITORY / page).read_text()
        found += [(page, block) for block in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)]
    return found


@pytest.mark.parametrize(("page", "block"), blocks())
def test_what_is_shown_runs(
    page: str, block: str, python: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    block = re.sub(r'"reports/memory/memory_stream_….ndjson"', "manager.stream_path", block)
    done = python(AROUND + textwrap.dedent(block))
    noise = re.sub(r"^memory is critical.*\n", "", done.stderr, flags=re.MULTILINE)
    assert (done.returncode, noise) == (0, ""), done.stderr


def test_every_block_is_found() -> None:
    assert len(blocks()) >= 5
