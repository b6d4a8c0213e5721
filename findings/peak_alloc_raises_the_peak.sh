#!/usr/bin/env bash
# The Rust crate peak_alloc counts what passes through the global allocator and leaves realloc to the trait's default:
# allocate, copy, free. The system's realloc moves a large block by its pages and never has both. So a growing Vec holds twice
# as much with the counter as without it, and the peak reported is the counter's own. stats_alloc passes realloc on.
# Seen with peak_alloc 0.3.0: 17,825,792 numbers of 8 bytes: largest resident set 138 MiB without, 258 with it; it reports
# 384.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
peak_alloc = "=0.3.0"
[features]
counted = []
TOML
cat > src/main.rs <<'RS'
#[cfg(feature = "counted")]
#[global_allocator]
static PEAK: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;
fn main() -> std::io::Result<()> {
    let mut held: Vec<u64> = Vec::new();
    (0..17 << 20).for_each(|number| held.push(number));
    let status = std::fs::read_to_string("/proc/self/status")?;
    let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse::<u64>().ok());
    #[cfg(feature = "counted")]
    let reported = PEAK.peak_usage_as_mb() as u64;
    #[cfg(not(feature = "counted"))]
    let reported = 0;
    println!("{} {reported} {}", mark.unwrap_or(0) >> 10, held.len());
    Ok(())
}
RS
export CARGO_TARGET_DIR="$here/target"
read -r plain _ length < <(nice -n 10 cargo run --quiet --release)
read -r counted reported _ < <(nice -n 10 cargo run --quiet --release --features counted)
echo "peak_alloc 0.3.0: a Vec of $length numbers holds at most $plain MiB, with the counter $counted; it reports $reported"
[ "$plain" -lt 160 ] && [ "$counted" -gt 240 ] && [ "$reported" -gt 350 ]
