#!/usr/bin/env bash
# The Rust crate bytesize writes a ByteSize into JSON, YAML or TOML as the text that it displays, one digit after the point,
# and reads that back: 1,234,567,890 bytes become "1.1 GiB" become 1,181,116,006. A limit that goes through a settings file
# once is 4 % lower. Its page offers "Serde support for binary and human-readable" formats.
# Seen with bytesize 2.7.0 (feature serde), serde_json 1.0.154.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
bytesize = { version = "=2.7.0", features = ["serde"] }
serde_json = "=1.0.154"
TOML
cat > src/main.rs <<'RS'
use bytesize::ByteSize;
fn main() -> Result<(), serde_json::Error> {
    let written = serde_json::to_string(&ByteSize(1_234_567_890))?;
    let read: ByteSize = serde_json::from_str(&written)?;
    println!("bytesize 2.7.0: 1234567890 is written {written} and read {}", read.as_u64());
    std::process::exit(i32::from(read.as_u64() != 1_181_116_006));
}
RS
CARGO_TARGET_DIR="$here/target" nice -n 10 cargo run --quiet
