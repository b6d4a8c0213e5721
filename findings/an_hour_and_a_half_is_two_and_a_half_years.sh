#!/usr/bin/env bash
# A limit of PT1H30M is an hour and a half, by ISO 8601. The Rust crate parse_duration skips the letters it does not know and takes M
# for months: two and a half years. A limit of 30M alone is 900 days in it, 913 in humantime, and 30 minutes in duration-str;
# all of them have 30 minutes for 30m.
# Seen with parse_duration 2.1.1, humantime 2.4.0, duration-str 0.21.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
parse_duration = "=2.1.1"
humantime = "=2.4.0"
duration-str = "=0.21.0"
TOML
cat > src/main.rs <<'RS'
fn main() {
    let minutes = |text: &str| {
        let read = [parse_duration::parse(text).ok(), humantime::parse_duration(text).ok(), duration_str::parse(text).ok()];
        read.map(|length| length.map_or("-".into(), |length| (length.as_secs() / 60).to_string())).join(" ")
    };
    println!("{}; {}; {}", minutes("PT1H30M"), minutes("30M"), minutes("30m"));
}
RS
export CARGO_TARGET_DIR="$here/target"
read_as=$(nice -n 10 cargo run --quiet)
echo "PT1H30M, 30M, 30m in minutes by parse_duration, humantime, duration-str: $read_as"
[ "$read_as" = "1314933 - -; 1314873 1315008 30; 30 30 30" ]
