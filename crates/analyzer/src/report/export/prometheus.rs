//! OpenMetrics text with times, a file a run.

use std::fmt::Write as _;

use memtool_profile_model::Run;

use super::exporter::{ConversionError, Exporter, text_file};
use super::sizes::SIZES;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "prometheus",
    about: "OpenMetrics text with times, for `promtool tsdb create-blocks-from openmetrics`, a file a run",
    files: |run| {
        let text = openmetrics(run.name, run.run).ok_or(ConversionError::NoDate)?;
        Ok(text_file(run, format!("{}.prom", run.name), text))
    },
};

/// The text, as promtool reads it; `None` where the file has no date, since every sample needs one.
fn openmetrics(name: &str, run: &Run) -> Option<String> {
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
    use super::*;
    use crate::report::export::exporter::tests::recorded;

    #[test]
    fn labels_are_escaped() {
        assert_eq!(escaped("a\"b\\c\n"), "a\\\"b\\\\c\\n");
    }

    #[test]
    fn every_value_has_a_time() {
        let run = recorded();
        let text = openmetrics("job", &run).expect("a dated run");
        let values = text.lines().filter(|line| line.starts_with("memtool_rss_bytes{")).count();
        assert_eq!(values, run.snapshots.iter().filter(|s| s.rss.is_some()).count());
        assert!(text.ends_with("# EOF\n") && text.contains("measure=\"process_rss\""));
    }
}
