# The steps of CI, one target each. `make` runs them all.
.PHONY: all fmt clippy test doc check-deps demo install bench

all: fmt clippy test doc

fmt:
	cargo fmt --all --check

clippy:
	cargo clippy --locked --workspace --all-targets -- --deny warnings

# Unit tests, doctests, the integration binary, and every command shown in README and docs.
test:
	cargo test --locked --workspace

doc:
	RUSTDOCFLAGS="--deny warnings" cargo doc --locked --workspace --no-deps

install:
	cargo install --locked --path crates/cli

# memtool and its peers on the same files in the same run; appends to docs/benchmarks.md. The inputs take
# 3 GB below target/bench, the peers come from PyPI.
bench:
	cargo build --locked --release -p memtool-cli
	python3 crates/cli/benches/compare/bench.py

# What a newcomer runs first: findings, charts and one config a machine size.
demo: install
	memtool analyze fixtures/runs
	memtool chart fixtures/runs --output demo/charts
	memtool tune fixtures/runs/workforce --output demo/configs
