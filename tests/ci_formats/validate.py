"""Validates what CI systems read with checkers that are not ours.

    pip install jsonschema lxml markdown-it-py
    python tests/ci_formats/validate.py target/debug/memtool sarif-schema-2.1.0.json junit-10.xsd

The schemas are their makers': OASIS (sarif-spec) and Jenkins (xunit-plugin). Exits with 1 at the first fault.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
from lxml import etree
from markdown_it import MarkdownIt

REPOSITORY = Path(__file__).parents[2]
RUNS = "fixtures/runs"
WORKFORCE = "fixtures/runs/workforce"


def main(memtool: Path, sarif: Path, junit: Path) -> None:
    sarif_validator = jsonschema.Draft7Validator(json.loads(sarif.read_text()))
    junit_schema = etree.XMLSchema(etree.parse(junit))
    markdown = MarkdownIt("commonmark").enable("table")
    with tempfile.TemporaryDirectory() as folder:
        budgets = Path(folder) / "memtool.toml"
        budgets.write_text('[budget]\npeak = "<= 400MiB"\nleak = "none"\nheadroom = ">= 10%"\n')
        baseline = Path(folder) / "baseline.json"
        subprocess.run([memtool, "baseline", "save", WORKFORCE, "--baseline", baseline], cwd=REPOSITORY, check=True)
        commands = {
            "analyze": [RUNS, "fixtures/broken"],
            "compare": [f"{WORKFORCE}/*fixed_low*", "--", f"{WORKFORCE}/*fixed_medium*"],
            "check": [RUNS, "--config", budgets, "--baseline", baseline],
            "request": ["fixtures/foreign/nextflow", "fixtures/foreign/sacct"],
        }
        for command, arguments in commands.items():

            def printed(form: str) -> str:
                line = [memtool, command, "--format", form, *arguments]
                done = subprocess.run(line, cwd=REPOSITORY, capture_output=True, text=True)
                assert done.returncode in (0, 1, 4), (line, done.stderr)
                return done.stdout

            faults = [error.message for error in sarif_validator.iter_errors(json.loads(printed("sarif")))]
            assert not faults, (command, faults[:3])
            junit_schema.assertValid(etree.fromstring(printed("junit").encode()))
            rows = markdown.render(printed("markdown")).count("<tr>")
            assert rows >= 2, (command, "no table is rendered")
            lines = printed("github").splitlines()
            kinds = ("::error ", "::warning ", "::notice ")
            assert all(line.startswith(kinds) and " file=" in line for line in lines), (command, lines[:3])
            print(f"{command}: SARIF and JUnit valid, {rows} table rows, {len(lines)} annotations")


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:4]))
