"""Whether this build answers as an earlier one, bit for bit: output, errors, exit code and written files.

    python3 same_answers.py --memtool target/release/memtool --beside BUILD [STREAM|FOLDER ...]

Asked are `analyze`, `chart`, `convert`, `simulate` and `tune` of each file and folder of runs in fixtures/, `fleet` of its
lake, and `analyze` and `chart` of what else is named; of each table that a build wrote `analyze --recompute`.
"""

import argparse
import filecmp
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[4]
FIXTURES = ROOT / "fixtures"
ENDINGS = {".json", ".ndjson", ".csv", ".dat", ".log", ".txt", ".prom", ".gz", ".zst"}


def questions(named):
    """Each as words, of which `OUT` stands for a folder of the build's own."""
    files = sorted(path for path in FIXTURES.rglob("*") if path.suffix in ENDINGS and "lake" not in path.parts)
    runs = [FIXTURES / "runs", FIXTURES / "runs/workforce", FIXTURES / "recorded", *sorted((FIXTURES / "programs").iterdir())]
    for path in [*files, *runs, *named]:
        yield "analyze", path, "--format", "json"
        yield "chart", path, "-o", "OUT"
        yield "chart", path, "-o", "OUT", "--image-format", "svg"
    for path in [*runs, *named]:
        yield "convert", path, "-o", "OUT"
        yield "analyze", "OUT", "--recompute", "--format", "json"
    for path in [path for path in files if path.parent == FIXTURES / "runs"] + runs:
        yield "simulate", path, "--fixed-batch", "250", "--fixed-batch", "1000", "--format", "json"
    for path in runs:
        yield "tune", path, "--format", "json"
    for by in ("job", "machine", "operation", "version"):
        yield "fleet", FIXTURES / "lake", "--by", by, "--format", "json"


def answer(memtool, question, out):
    """What a build says; what it writes is in `out`, which `convert` leaves for the question behind it."""
    if "OUT" in question and question[1] != "OUT":
        shutil.rmtree(out, ignore_errors=True)
    words = [out if word == "OUT" else word for word in question]
    done = subprocess.run([memtool, *words], capture_output=True, check=False, cwd=out.parent)
    # The time that a command took is not part of its answer.
    return done.returncode, done.stdout, done.stderr


def same_files(one, other):
    if not (one.exists() and other.exists()):
        return one.exists() == other.exists()
    names = [sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file()) for out in (one, other)]
    return names[0] == names[1] and not any(filecmp.cmpfiles(one, other, names[0], shallow=False)[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memtool", type=pathlib.Path, default=ROOT / "target/release/memtool")
    parser.add_argument("--beside", type=pathlib.Path, required=True, help="the earlier build")
    parser.add_argument("named", type=pathlib.Path, nargs="*", help="more streams and folders")
    args = parser.parse_args()
    compared, differ = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        # Of one name, as paths stand in answers.
        outs = [pathlib.Path(folder) / build / "out" for build in ("this", "earlier")]
        for out in outs:
            out.parent.mkdir()
        for question in questions([path.resolve() for path in args.named]):
            builds = (args.memtool.resolve(), args.beside.resolve())
            answers = [answer(memtool, question, out) for memtool, out in zip(builds, outs)]
            this, earlier = ([part.replace(str(out).encode(), b"OUT") for part in answer[1:]] for answer, out in zip(answers, outs))
            compared += 1
            if answers[0][0] != answers[1][0] or this != earlier or not same_files(*outs):
                differ += 1
                print("DIFFERS", *question)
    print(f"{compared} answers compared, {differ} differ")
    return min(differ, 1)


if __name__ == "__main__":
    sys.exit(main())
