#!/usr/bin/env bash
# The Rust crate plotters places a point whose value is NaN at the lower end of the axis. A line of samples with one missing
# falls to zero there and rises again, as if the job had given back all its memory. No error comes, and neither does the
# crate's documentation name the case; matplotlib leaves a gap.
# Seen with plotters 0.3.7: the pixel rows 100 100 199 100 100, of 0 to 199.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v cargo > /dev/null || { echo "needs Rust" >&2; exit 2; }
mkdir src && cat > Cargo.toml <<'TOML'
[package]
name = "job"
version = "0.0.0"
edition = "2021"
[dependencies]
plotters = { version = "=0.3.7", default-features = false, features = ["svg_backend", "line_series"] }
TOML
cat > src/main.rs <<'RS'
use plotters::prelude::*;
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (300, 200)).into_drawing_area();
        let mut chart = ChartBuilder::on(&area).build_cartesian_2d(0.0..4.0, 0.0..100.0)?;
        let samples = [50.0, 50.0, f64::NAN, 50.0, 50.0];
        chart.draw_series(LineSeries::new(samples.into_iter().enumerate().map(|(at, value)| (at as f64, value)), &RED))?;
        area.present()?;
    }
    let points = svg.split("points=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let rows: Vec<&str> = points.split_whitespace().filter_map(|point| point.split(',').nth(1)).collect();
    println!("plotters 0.3.7: a line at 50 of 100 with one NaN is drawn at the rows {rows:?} of 200");
    std::process::exit(i32::from(rows != ["100", "100", "199", "100", "100"]));
}
RS
CARGO_TARGET_DIR="$here/target" nice -n 10 cargo run --quiet
