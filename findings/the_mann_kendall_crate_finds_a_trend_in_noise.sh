#!/usr/bin/env bash
# The Rust crate mann_kendall tests whether a series rises or falls, and returns p, the statistic, and whether a trend is present at
# the alpha it is given. It compares the statistic with the height of the normal curve instead of its quantile, so at 0.05 0.25 is
# enough for 1.96: a series that goes up and down, with p 0.47, has a trend. Only near perfect balance has none.
# Seen with mann_kendall 0.1.0; p itself is right.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
mann_kendall = "=0.1.0"
TOML
cat > src/main.rs <<'RS'
fn main() {
    let sizes = vec![1.0, 5.0, 2.0, 4.0, 3.0, 3.5, 2.5, 4.5, 1.5, 5.5];
    let (p, statistic, present) = mann_kendall::test(sizes, 0.05);
    println!("mann_kendall 0.1.0, a series that goes up and down, alpha 0.05: p {p:.2}, statistic {statistic:.2}, trend {present}");
    std::process::exit(i32::from(!(p > 0.4 && present)));
}
RS
CARGO_TARGET_DIR="$here/target" nice -n 10 cargo run --quiet
