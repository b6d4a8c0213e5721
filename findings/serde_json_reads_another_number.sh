#!/usr/bin/env bash
# Rust's serde_json writes a fraction with as many digits as it takes to be that number, and then reads one in ten of them as its
# neighbour. A size in MiB that is written and read back by the same program is not the same, and a file whose lines are compared
# or hashed after a round trip has changed. Python reads the same text exactly; so does serde_json with its feature
# float_roundtrip.
# Seen with serde_json 1.0.154: of 100,000 numbers below 1000 by itself 10,296, with float_roundtrip 0, Python 0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > src/main.rs <<'RS'
fn main() {
    let mut size = 0.123456789f64;
    let mut changed = 0;
    for _ in 0..100_000 {
        size = (size * 997.13).fract();
        let text = serde_json::to_string(&(size * 1e3)).expect("a number");
        let read: f64 = serde_json::from_str(&text).expect("a number");
        changed += u32::from(read != size * 1e3);
        println!("{text}");
    }
    eprintln!("{changed}");
}
RS
changed() {
    printf '%s\n' '[package]' 'name = "job"' 'version = "0.0.0"' 'edition = "2021"' '[dependencies]' "serde_json = { version = \"=1.0.154\", features = [$1] }" > Cargo.toml
    CARGO_TARGET_DIR="$here/target" nice -n 10 cargo run --quiet 2>&1 > numbers.txt
}
plain=$(changed "")
exact=$(changed '"float_roundtrip"')
by_python=$(python3 -c 'import json; print(sum(repr(json.loads(line)) != line.strip() for line in open("numbers.txt")))')
echo "of 100,000 numbers changed by a round trip: serde_json 1.0.154 $plain, with float_roundtrip $exact, Python $by_python"
[ "$plain" -gt 1000 ] && [ "$exact" = 0 ] && [ "$by_python" = 0 ]
