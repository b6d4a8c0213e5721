# The steps of CI, one target each. `make` runs them all.
.PHONY: all fmt clippy test test-rust test-python test-browser doc deny demo install wheel dist test-dist python bench experiments test-kernels test-instructions instruction-counts fuzz soak others musl

all: fmt clippy test test-browser doc deny

fmt:
	cargo fmt --all --check
	rustfmt --edition 2024 --check crates/analyzer/src/detect/rules/*.rs
	cargo fmt --manifest-path fuzz/Cargo.toml --check

clippy:
	cargo clippy --locked --workspace --all-targets -- --deny warnings

test: test-rust test-python

# Unit tests, doctests, the integration binary, and every command shown in README and docs.
test-rust:
	cargo test --locked --workspace

# The wheel for the tests is built without optimisation, into an environment of its own.
PYTHON ?= python3
BUILD := $(or $(CARGO_TARGET_DIR),target)
VENV := $(abspath $(BUILD)/python-tests)
IN_VENV := $(VENV)/bin/python -m

test-python: $(VENV)/installed
	rm -rf $(VENV)/wheels
	cd crates/python && $(IN_VENV) maturin build --locked --profile dev --out $(VENV)/wheels
	$(IN_VENV) pip install --quiet --no-index --no-deps --force-reinstall $(VENV)/wheels/*.whl
	cd crates/python && $(IN_VENV) mypy python/memtool && $(IN_VENV) mypy.stubtest memtool._memtool
	cd crates/python && $(IN_VENV) pytest

$(VENV)/installed: crates/python/tests/requirements.txt | python
	$(PYTHON) -m venv --clear $(VENV)
	$(IN_VENV) pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'The tests of the wheel need Python 3.11 or newer with venv; $(PYTHON) is not that.' >&2; \
		echo 'On Debian: apt-get install -y python3 python3-venv. Another one: make PYTHON=python3.12 …' >&2; \
		exit 1; }

# The HTML report in Debian's chromium, which is installed if this runs as root. Otherwise the tests are
# skipped with a message. SCREENSHOTS=folder keeps pictures of three widths.
BROWSER_MODULES := $(abspath $(BUILD)/browser-tests)

test-browser:
# As the tests build it: another selection of crates would compile most of them again.
	cargo test --locked --workspace --no-run --quiet
	@tests/browser/install $(BROWSER_MODULES) || { code=$$?; [ $$code = 3 ] || exit $$code; \
		echo 'SKIPPED: the HTML report was not tested in a browser' >&2; exit 0; }; \
	BROWSER_MODULES=$(BROWSER_MODULES) CHROMIUM=$$(command -v chromium) \
		MEMTOOL=$(abspath $(BUILD))/debug/memtool node --test tests/browser/report.test.js

doc:
	RUSTDOCFLAGS="--deny warnings" cargo doc --locked --workspace --no-deps

# Licences, duplicate versions, banned crates, and known vulnerabilities. The first three are also tests, which run
# without cargo-deny; vulnerabilities need its database, which only ADVISORIES=1 fetches.
deny:
	@if ! cargo deny --version > /dev/null 2>&1; then \
		echo 'cargo-deny is not installed: advisories are not checked (cargo install --locked cargo-deny)'; \
	elif [ -n "$(ADVISORIES)" ]; then cargo deny --locked check; \
	else cargo deny --locked --offline check bans licenses sources; \
		echo 'advisories are not checked: make deny ADVISORIES=1 fetches their database'; fi

install:
	cargo install --locked --path crates/cli

# The wheel as users get it, in target/wheels; needs `pip install maturin`. Its profile lets a panic unwind.
wheel:
	cd crates/python && maturin build --profile wheel --locked

# One wheel with module and command, in target/dist: its users need neither Rust nor a compiler. Installers put files below
# NAME-VERSION.data/scripts of a wheel into the folder of commands.
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
WHEEL_SCRIPTS := crates/python/memtool_recorder-$(VERSION).data

# Its tools are maturin alone; those of the tests are fifty packages more.
DIST_VENV := $(abspath $(BUILD))/dist-tools

$(DIST_VENV)/installed: crates/python/tests/requirements.txt | python
	$(PYTHON) -m venv --clear $(DIST_VENV)
	grep '^maturin==' $< | $(DIST_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement /dev/stdin
	touch $@

dist: $(DIST_VENV)/installed
	cargo build --locked --release -p memtool-cli
	rm -rf crates/python/memtool_recorder-*.data $(BUILD)/dist
	install -D $(BUILD)/release/memtool $(WHEEL_SCRIPTS)/scripts/memtool
# The name says the oldest glibc: maturin works it out from the module alone, and the command needs a newer one.
	glibc=$$(objdump -T $(BUILD)/release/memtool | grep -o 'GLIBC_2\.[0-9]*' | sort -V | tail -1); cd crates/python && \
		$(DIST_VENV)/bin/python -m maturin build --profile wheel --locked --out $(abspath $(BUILD))/dist \
		$${glibc:+--compatibility manylinux_2_$${glibc#GLIBC_2.}}; \
		code=$$?; rm -rf $(abspath $(WHEEL_SCRIPTS)); exit $$code

# Installs that wheel in a new environment without an index: module and command run, and uninstalling leaves nothing.
test-dist: dist
	$(PYTHON) tests/dist/check.py $(BUILD)/dist/*.whl

# memtool and other tools on the same files in the same run; appends to docs/benchmarks.md. Inputs and
# tools from PyPI take 5 GB below target/bench; one section: `python3 crates/cli/benches/compare/bench.py --only chart`.
bench:
	cargo build --locked --release -p memtool-cli
	python3 crates/cli/benches/compare/bench.py --memtool $(abspath $(BUILD))/release/memtool

# Scenarios under two real kernels with control groups of version 2, each in an emulated machine: four minutes.
test-kernels: $(VENV)/installed
	cargo build --locked -p memtool-cli
	cd crates/python && $(IN_VENV) maturin build --locked --profile dev --out $(VENV)/wheels
	$(IN_VENV) pip install --quiet --no-index --no-deps --force-reinstall $(VENV)/wheels/*.whl
	tests/kernels/run $(VENV)/bin/python $(abspath $(BUILD))/debug/memtool

# Instructions of six hot paths, counted by valgrind, compared with tests/instructions/counts.json: a slow-down shows
# on any machine, however busy. `make instruction-counts` replaces that file.
HOT_PATHS := $(abspath $(BUILD))/release/hot_paths

test-instructions instruction-counts:
# As it is installed: of the crates together, so that the features of their dependencies are those of the command.
	cargo build --locked --release -p memtool-cli -p memtool-eval --bin hot_paths
	$(PYTHON) tests/instructions/check.py $(HOT_PATHS) $(if $(filter instruction-counts,$@),--write)

# Coverage-guided fuzzing of every reader, the policy, the replay and the reports; MINUTES for all targets together.
MINUTES ?= 10
fuzz:
	fuzz/run $(MINUTES) $(TARGETS)

# Kills recorded jobs by SIGKILL and compares their streams with the notes of another process; full and frozen disks need root.
KILLS ?= 10000
SEED ?= 2026
soak: $(VENV)/installed
# As the tests build it, the example among them: another selection of crates would compile most of them again.
	cargo test --locked --workspace --no-run --quiet
	cd crates/python && $(IN_VENV) maturin build --locked --profile dev --out $(VENV)/wheels
	$(IN_VENV) pip install --quiet --no-index --no-deps --force-reinstall $(VENV)/wheels/*.whl
	python3 tests/soak/soak.py --kills $(KILLS) --seed $(SEED) $(abspath $(BUILD))/debug/examples/victim $(VENV)/bin/python \
		$(abspath $(BUILD))/debug/memtool

# Checks that the crates that a job embeds compile for macOS and Windows: they have no C code, so no compiler of those systems is needed.
OTHERS ?= x86_64-apple-darwin x86_64-pc-windows-msvc
others:
	rustup target add $(OTHERS)
	cargo check --locked -p memtool-recorder -p memtool-job-config $(OTHERS:%=--target %)

# The command without shared libraries, run in a root folder that contains nothing else. Needs musl's C compiler (Debian's musl-tools) and
# root. MUSL_PROFILE=dev builds it in a third of the time.
MUSL := x86_64-unknown-linux-musl
MUSL_PROFILE ?= release
musl:
	rustup target add $(MUSL)
	CC_x86_64_unknown_linux_musl=musl-gcc cargo build --locked --profile $(MUSL_PROFILE) -p memtool-cli --target $(MUSL)
	tests/static/check $(abspath $(BUILD))/$(MUSL)/$(if $(filter dev,$(MUSL_PROFILE)),debug,$(MUSL_PROFILE))/memtool

# What a newcomer runs first: findings, charts and one config per machine size.
demo: install
	memtool analyze fixtures/runs
	memtool chart fixtures/runs --output demo/charts
	memtool tune fixtures/runs/workforce --output demo/configs

# Batch sizes under a kernel memory limit, with the wheel: 25 minutes, needs root and a control group.
experiments:
	experiments/run
