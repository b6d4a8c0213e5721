#!/usr/bin/env bash
# Rust's serde YAML crates follow YAML 1.2 and write the texts 12:30, 1_000, yes and 2026-11-29 without quotes, since they are
# text there. PyYAML follows YAML 1.1: a Slurm time limit of 12:30 is the number 750, a job named 1_000 is 1000, yes is true.
# They do quote 010 and 0o10. serde-saphyr quotes all of them; yaml-edit quotes yes, but not the time.
# Seen with yaml_serde 0.10.7, yaml-edit 0.3.6, PyYAML 6.0.4: 750 from both, true from the first.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check PyYAML==6.0.4
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
yaml_serde = "=0.10.7"
yaml-edit = "=0.3.6"
TOML
cat > src/main.rs <<'RS'
use std::{collections::BTreeMap, fs};
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let job = BTreeMap::from([("name", "1_000"), ("time", "12:30"), ("requeue", "yes"), ("begin", "2026-11-29")]);
    fs::write("serde.yaml", yaml_serde::to_string(&job)?)?;
    let edited: yaml_edit::Document = "cpus: 1\n".parse()?;
    if let Some(mapping) = edited.as_mapping() {
        job.iter().for_each(|(key, value)| mapping.set(*key, *value));
    }
    fs::write("edit.yaml", edited.to_string())?;
    Ok(())
}
RS
CARGO_TARGET_DIR="$here/target" nice -n 10 cargo run --quiet
venv/bin/python - <<'PY'
import yaml
serde, edit = (yaml.safe_load(open(name)) for name in ("serde.yaml", "edit.yaml"))
for name, job in (("yaml_serde 0.10.7", serde), ("yaml-edit 0.3.6", edit)):
    print(f"{name}, read by PyYAML: time {job['time']!r}, name {job['name']!r}, requeue {job['requeue']!r}, begin {job['begin']}")
raise SystemExit(not (serde["time"] == edit["time"] == 750 and serde["name"] == 1000 and serde["requeue"] is True and edit["requeue"] == "yes"))
PY
