#!/usr/bin/env bash
# HDF5 converts between number types as it writes and reads, and what does not fit becomes the nearest that does: in a column of 32 bits 3 GB and a
# terabyte are both 2147483647, a plausible size, without a word. PyTables, over files of the same format, has -1294967296
# for the first.
# Seen with h5py 3.16.0, PyTables 3.11.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check h5py==3.16.0 tables==3.11.1 numpy==2.4.6
venv/bin/python -W error - <<'PY'
import h5py, numpy, tables
sizes = numpy.array([300, 3_000_000_000, 10**12])
with h5py.File("by_h5py.h5", "w") as file:
    written = file.create_dataset("sizes", data=sizes, dtype="i4")[:].tolist()
with tables.open_file("by_tables.h5", "w") as file:
    column = file.create_earray("/", "sizes", tables.Int32Atom(), (0,))
    column.append(sizes)
    wrapped = column[:].tolist()
print(f"h5py {h5py.__version__}: {sizes.tolist()} are {written}; PyTables {tables.__version__}: {wrapped}")
raise SystemExit(not (written == [300, 2**31 - 1, 2**31 - 1] and wrapped[1] == -1294967296))
PY
