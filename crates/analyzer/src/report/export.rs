//! A run's samples as text that other programs read.

use std::fmt::Write as _;

use memtool_profile_model::{Mib, Run, Snapshot};

/// One of the sizes that a sample may have.
type Size = fn(&Snapshot) -> Option<Mib>;

/// The sizes of a sample, by their names in text.
const SIZES: [(&str, Size); 4] = [
    ("rss", |sample| sample.rss),
    ("vms", |sample| sample.vms),
    ("pss", |sample| sample.pss),
    ("available", |sample| sample.available),
];

/// A row a sample: seconds since the start, the wall clock where the file has one, sizes in MiB, the
/// operation. It reads back with `--columns time=seconds,rss=rss_mib:MiB`.
#[must_use]
pub fn csv(run: &Run) -> String {
    let mut text = "seconds,time,rss_mib,vms_mib,pss_mib,available_mib,operation\n".to_owned();
    for sample in &run.snapshots {
        let time = run.known_start().and_then(|start| start.checked_add(elapsed(sample)).ok());
        let time = time.map(|time| time.to_string()).unwrap_or_default();
        let sizes =
            SIZES.map(|(_, size)| size(sample).map(|size| size.get().to_string()).unwrap_or_default());
        let operation = sample.operation.map(|id| quoted(run.operations.name(id))).unwrap_or_default();
        let _infallible = writeln!(text, "{},{time},{},{operation}", sample.at.seconds(), sizes.join(","));
    }
    text
}

fn elapsed(sample: &Snapshot) -> jiff::SignedDuration {
    jiff::SignedDuration::from_nanos(sample.at.nanos())
}

/// A cell between quotes where it holds what parts cells.
fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// OpenMetrics text with times, as `promtool tsdb create-blocks-from openmetrics` reads it; `None` where the
/// file has no date, since every sample needs one.
#[must_use]
pub fn openmetrics(name: &str, run: &Run) -> Option<String> {
    let start = run.known_start()?;
    let labels = format!("run=\"{}\",measure=\"{}\"", escaped(name), run.measure().as_str());
    let mut text = String::new();
    for (size, value) in SIZES {
        let mut known = run.snapshots.iter().filter_map(|sample| Some((sample, value(sample)?))).peekable();
        if known.peek().is_none() {
            continue;
        }
        let _infallible =
            writeln!(text, "# TYPE memtool_{size}_bytes gauge\n# UNIT memtool_{size}_bytes bytes");
        for (sample, value) in known {
            let at = start.as_nanosecond() + i128::from(sample.at.nanos());
            let bytes = (value.get() * 1_048_576.0).round();
            let _infallible = writeln!(
                text,
                "memtool_{size}_bytes{{{labels}}} {bytes} {}.{:03}",
                at.div_euclid(1_000_000_000),
                at.rem_euclid(1_000_000_000) / 1_000_000
            );
        }
    }
    text.push_str("# EOF\n");
    Some(text)
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::read_run;

    use super::*;

    fn run() -> Run {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recorded/memory_stream_fixed_250.ndjson");
        read_run(&std::fs::read(path).expect("a fixture")).expect("a run")
    }

    #[test]
    fn a_row_a_sample() {
        let run = run();
        let text = csv(&run);
        assert_eq!(text.lines().count(), run.snapshots.len() + 1);
        let columns = text.lines().next().expect("a header").split(',').count();
        assert!(text.lines().all(|line| line.split(',').count() == columns), "{text}");
    }

    #[test]
    fn what_parts_cells_is_quoted() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(escaped("a\"b\\c\n"), "a\\\"b\\\\c\\n");
    }

    #[test]
    fn every_value_has_a_time() {
        let run = run();
        let text = openmetrics("job", &run).expect("a dated run");
        let values = text.lines().filter(|line| line.starts_with("memtool_rss_bytes{")).count();
        assert_eq!(values, run.snapshots.iter().filter(|s| s.rss.is_some()).count());
        assert!(text.ends_with("# EOF\n") && text.contains("measure=\"process_rss\""));
    }
}
