#!/usr/bin/env bash
# The Rust crate prometheus-parse splits the labels of a sample at every comma and every equals sign, quoted or not. A label whose
# value has one, such as a command line or the labels of a container, is left out without a word, and two jobs become one
# name. The text format allows any character between quotes. prometheus_client keeps both.
# Seen with prometheus-parse 0.2.5, prometheus_client 0.26.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check prometheus_client==0.26.0
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
prometheus-parse = "=0.2.5"
TOML
printf '%s\n' '# TYPE rss gauge' 'rss{cmd="job --mem=4G"} 3e9' 'rss{cmd="job --mem=8G"} 7e9' 'rss{cmd="job 16G"} 9e9' > metrics.txt
cat > src/main.rs <<'RS'
fn main() -> std::io::Result<()> {
    let text = std::fs::read_to_string("metrics.txt")?;
    let scrape = prometheus_parse::Scrape::parse(text.lines().map(|line| Ok(line.to_string())))?;
    let commands: Vec<_> = scrape.samples.iter().map(|sample| sample.labels.get("cmd").unwrap_or("none")).collect();
    println!("{}", commands.join(", "));
    Ok(())
}
RS
by_rust=$(CARGO_TARGET_DIR="$here/target" nice -n 10 cargo run --quiet)
by_python=$(venv/bin/python -c 'from prometheus_client.parser import text_string_to_metric_families as read; print(", ".join(sample.labels["cmd"] for family in read(open("metrics.txt").read()) for sample in family.samples))')
echo "label cmd: prometheus-parse 0.2.5: $by_rust; prometheus_client 0.26.0: $by_python"
[ "$by_rust" = "none, none, job 16G" ] && [ "$by_python" = "job --mem=4G, job --mem=8G, job 16G" ]
