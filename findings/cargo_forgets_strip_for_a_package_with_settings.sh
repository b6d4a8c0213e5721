#!/usr/bin/env bash
# `strip = "symbols"` in a cargo profile makes a release binary small. Settings for one package of that profile
# (`[profile.release.package.NAME] opt-level = 2`), which cannot hold `strip` themselves, take it back for that package's
# own binary: only debug information is removed, and the symbol table stays, a quarter of a large program. Nothing warns.
# Seen with cargo 1.95.0: strip=symbols, then strip=debuginfo and a symbol table.
set -euo pipefail
command -v cargo readelf > /dev/null || exit 2
cargo --version
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
cd "$folder" && mkdir src && echo 'fn main() {}' > src/main.rs
export CARGO_TARGET_DIR=$folder/target
cat > Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.1.0"
edition = "2024"

[profile.release]
strip = "symbols"
TOML
build() {
    stripped=$(cargo build --offline --release --verbose 2>&1 | grep -o 'strip=[a-z]*' || true)
    symbols=$(readelf -S -W target/release/probe | grep -c ' \.symtab ' || true)
    echo "$1: ${stripped:-nothing stripped}, symbol tables: $symbols"
}
build 'strip = "symbols"'
[ "$stripped $symbols" = "strip=symbols 0" ]
printf '\n[profile.release.package.probe]\nopt-level = 2\n' >> Cargo.toml
build 'and opt-level = 2 for the package'
[ "$symbols" = 1 ]
