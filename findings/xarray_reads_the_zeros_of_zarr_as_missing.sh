#!/usr/bin/env bash
# The fill value of a Zarr array is what a part holds that nobody wrote, 0 by default. In format 2 xarray takes it for the mark of a
# missing sample: a column of swap with 0, 0, 300 and 900 is NaN, NaN, 300 and 900, a column of fractions, and its mean is
# 600. The same array in format 3 is read as it was written, 300 on average.
# Seen with zarr 3.1.6, xarray 2026.9.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check zarr==3.1.6 xarray==2026.9.0 numpy==2.4.6
venv/bin/python - 2> /dev/null <<'PY'
import xarray, zarr
def read(version):
    group = zarr.open_group(f"run{version}.zarr", mode="w", zarr_format=version)
    names = {"dimension_names": ["time"]} if version == 3 else {}
    swap = group.create_array("swap", shape=(4,), chunks=(4,), dtype="i8", **names)
    swap[:] = [0, 0, 300, 900]
    if version == 2:
        swap.attrs["_ARRAY_DIMENSIONS"] = ["time"]
    column = xarray.open_zarr(f"run{version}.zarr", consolidated=False)["swap"]
    return [str(value) for value in column.values], float(column.mean()), swap[:].tolist()
old, new = read(2), read(3)
print(f"0, 0, 300, 900 by xarray, their mean, and by zarr: in format 2 {old}, in format 3 {new}")
raise SystemExit(not (old == (["nan", "nan", "300.0", "900.0"], 600.0, [0, 0, 300, 900]) and new == (["0", "0", "300", "900"], 300.0, [0, 0, 300, 900])))
PY
