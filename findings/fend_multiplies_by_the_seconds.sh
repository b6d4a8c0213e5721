#!/usr/bin/env bash
# In fend, a calculator with units, a number and its unit are one factor only if nothing is divided before them: "1 GB / 1 s" is
# read as (1 GB / 1) * s and is 1 GB s, a product, without a word. 300 MB / 60 s is 5 MB s, where 300 MB / (60 s) is 5 MB / s;
# and b is a bit and m a thousandth, so that 300 mb are 0.0375 bytes.
# Seen with fend-core 1.5.9.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
fend-core = "=1.5.9"
TOML
cat > src/main.rs <<'RS'
fn main() {
    let results = ["1 GB / 1 s", "300 MB / 60 s", "300 MB / (60 s)", "300 mb to bytes"]
        .map(|text| fend_core::evaluate(text, &mut fend_core::Context::new()).map(|result| result.get_main_result().to_string()).unwrap_or_else(|error| error));
    println!("fend 1.5.9: 1 GB / 1 s, 300 MB / 60 s, 300 MB / (60 s) and 300 mb to bytes are {results:?}");
    std::process::exit(i32::from(results != ["1 GB s", "5 MB s", "5 MB / s", "0.0375 bytes"]));
}
RS
CARGO_TARGET_DIR="$here/target" nice -n 10 cargo run --quiet
