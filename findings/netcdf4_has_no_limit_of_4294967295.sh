#!/usr/bin/env bash
# NetCDF has a fill value for each type, also for variables that name none, and netCDF4 masks it when it reads: the sample that holds
# 4294967295, which is "no limit" in 32 bits, is a missing one, and the mean leaves it out. In 64 bits it is not 2^64-1 that is
# taken but the number below it. xarray gives all of them as numbers, so the two disagree about the same file.
# Seen with netCDF4 1.7.5.1.post1, xarray 2026.9.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check netCDF4==1.7.5.1.post1 xarray==2026.9.0 numpy==2.4.6
venv/bin/python - <<'PY'
import netCDF4, numpy, xarray
values = {"u4": [1024, 4294967295, 4294967294], "u8": [1024, 18446744073709551615, 18446744073709551614]}
with netCDF4.Dataset("limits.nc", "w") as file:
    file.createDimension("run", 3)
    for kind, limits in values.items():
        file.createVariable(kind, kind, ("run",))[:] = numpy.array(limits, kind)
with netCDF4.Dataset("limits.nc") as file:
    by_netcdf = {kind: file[kind][:].tolist() for kind in values}
by_xarray = {kind: xarray.open_dataset("limits.nc", engine="netcdf4")[kind].values.tolist() for kind in values}
print(f"netCDF4: {by_netcdf}; xarray: {by_xarray}")
raise SystemExit(not (by_netcdf == {"u4": [1024, None, 4294967294], "u8": [1024, 18446744073709551615, None]} and by_xarray == values))
PY
