//! OpenMetrics text with times, one file per run.

use memtool_profile_model::Run;
use memtool_profile_model::metrics::{Metric, MetricsForm, MetricsText, RunLabels, bytes};

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

/// The text, as promtool reads it; `None` where the file has no date, since every value needs its time.
fn openmetrics(name: &str, run: &Run) -> Option<String> {
    let start = run.known_start()?.as_nanosecond();
    // As the live figures call it, where its writer named it.
    let labels = RunLabels::new(run.id.as_deref().unwrap_or(name), &run.process, &run.host);
    let mut text = MetricsText::new(MetricsForm::OpenMetrics, &labels);
    let measure = [("measure", run.measure().as_str())];
    for (metric, size) in SIZES {
        let sizes = run.snapshots.iter().filter_map(|sample| Some((sample, size(sample)?)));
        for (number, (sample, size)) in sizes.enumerate() {
            if number == 0 {
                text.head(metric);
            }
            text.value_at(metric, &measure, bytes(size), start + i128::from(sample.at.nanos()));
        }
    }
    let end = start + run.snapshots.last().map_or(0, |last| i128::from(last.at.nanos()));
    for (metric, value) in at_end(run) {
        text.head(metric);
        text.value_at(metric, &[], value, end);
    }
    Some(text.finish())
}

/// What is known of the whole run, as of its last sample.
fn at_end(run: &Run) -> impl Iterator<Item = (Metric, f64)> {
    let fate = run.fate.as_ref();
    let known = [
        (Metric::Limit, run.host.limit_mb.map(bytes)),
        (Metric::ExitCode, fate.and_then(|fate| fate.exit_code).map(f64::from)),
        (Metric::ExitSignal, fate.and_then(|fate| fate.signal).map(f64::from)),
        (
            Metric::KilledForMemory,
            fate.and_then(|fate| fate.killed_for_memory).map(|killed| f64::from(u8::from(killed))),
        ),
    ];
    known.into_iter().filter_map(|(metric, value)| Some((metric, value?)))
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Fate;

    use super::*;
    use crate::report::export::exporter::tests::recorded;

    #[test]
    fn every_value_has_a_time() {
        let run = recorded();
        let text = openmetrics("job", &run).expect("a dated run");
        let values = text.lines().filter(|line| line.starts_with("memtool_rss_bytes{")).count();
        assert_eq!(values, run.snapshots.iter().filter(|s| s.rss.is_some()).count());
        let id = run.id.as_deref().expect("a stream names its run");
        assert!(text.contains(&format!("run=\"{id}\"")), "{text}");
        assert!(text.ends_with("# EOF\n") && text.contains("measure=\"process_rss\""));
    }

    #[test]
    fn the_end_of_a_run_is_told_with_its_last_sample() {
        let fate = Fate { signal: Some(9), killed_for_memory: Some(true), ..Fate::default() };
        let run = Run { fate: Some(fate), ..recorded() };
        let text = openmetrics("job", &run).expect("a dated run");
        for (name, value) in [("memtool_exit_signal{", "9"), ("memtool_killed_for_memory{", "1")] {
            let line = text.lines().find(|line| line.starts_with(name)).expect("a value");
            assert_eq!(line.split(' ').rev().nth(1), Some(value), "{line}");
        }
    }
}
