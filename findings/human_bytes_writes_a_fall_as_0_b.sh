#!/usr/bin/env bash
# The Rust crate human_bytes takes any number that is a float. A change of minus three gigabytes is "0 B", as if nothing had
# happened, half a byte (a rate, or a mean) is "512 B", and a byte less than a MiB is "1024 KiB". pretty-bytes has -3 GB and 0.5 B.
# Seen with human_bytes 0.4.3, pretty-bytes 0.2.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
human_bytes = "=0.4.3"
pretty-bytes = "=0.2.2"
TOML
cat > src/main.rs <<'RS'
fn main() {
    let found = [-3e9, 0.5, 1_048_575.0].map(human_bytes::human_bytes);
    let other = [-3e9, 0.5].map(pretty_bytes::converter::convert);
    println!("-3000000000, 0.5 and 1048575 bytes: human_bytes {found:?}; the first two in pretty-bytes {other:?}");
    std::process::exit(i32::from(found != ["0 B", "512 B", "1024 KiB"] || other != ["-3 GB", "0.5 B"]));
}
RS
CARGO_TARGET_DIR="$here/target" nice -n 10 cargo run --quiet
