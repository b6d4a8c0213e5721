//! Metrics as text: the form that Prometheus' textfile collector reads, and OpenMetrics.

use std::fmt::Write;

use super::metric::{Metric, MetricKind};
use crate::{Host, Mib, Process};

/// How the text is written. The forms differ in the heads of counters, in units, and in the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsForm {
    /// The older text form (version 0.0.4), the only one that node exporter's textfile collector reads.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

/// The labels that distinguish the series of runs; every value carries all three.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunLabels {
    /// The job; empty without one.
    pub job: String,
    /// The run, which no other run shares.
    pub run: String,
    /// What the machine is called; empty without one.
    pub machine: String,
}

impl RunLabels {
    /// The labels of the run that is called `run`: the job's name, or else its command.
    #[must_use]
    pub fn new(run: &str, process: &Process, host: &Host) -> Self {
        Self {
            job: process.job.as_ref().or(process.command.as_ref()).cloned().unwrap_or_default(),
            run: run.to_owned(),
            machine: host.name.clone().unwrap_or_default(),
        }
    }
}

/// The text of one run's metrics, family by family.
#[derive(Debug)]
pub struct MetricsText {
    text: String,
    form: MetricsForm,
    /// The labels of all values, without braces.
    labels: String,
}

impl MetricsText {
    /// An empty text, with the labels that all values get.
    #[must_use]
    pub fn new(form: MetricsForm, run: &RunLabels) -> Self {
        let labels = labels(&[("job", &run.job), ("run", &run.run), ("machine", &run.machine)]);
        Self { text: String::new(), form, labels }
    }

    /// A metric that has one value.
    pub fn figure(&mut self, metric: Metric, value: f64) {
        self.head(metric);
        self.value(metric, &[], value);
    }

    /// A size that has one value.
    pub fn size(&mut self, metric: Metric, size: Mib) {
        self.figure(metric, bytes(size));
    }

    /// The lines above a metric's values: its help and its type.
    pub fn head(&mut self, metric: Metric) {
        let (kind, help) = (metric.kind().as_str(), metric.help());
        let opens = self.form == MetricsForm::OpenMetrics;
        // OpenMetrics declares a counter by the name without `_total`.
        let name =
            if opens && metric.kind() == MetricKind::Counter { metric.family() } else { metric.name() };
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        if let Some(unit) = metric.unit().filter(|_| opens) {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
    }

    /// A value of the metric whose head was written last, with labels of its own.
    pub fn value(&mut self, metric: Metric, own: &[(&str, &str)], value: f64) {
        self.begin(metric, own);
        let _ = writeln!(self.text, "{value}");
    }

    /// The same with its time, in nanoseconds since 1970, written to the millisecond.
    pub fn value_at(&mut self, metric: Metric, own: &[(&str, &str)], value: f64, nanos: i128) {
        self.begin(metric, own);
        let (seconds, rest) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
        let _ = writeln!(self.text, "{value} {seconds}.{:03}", rest / 1_000_000);
    }

    fn begin(&mut self, metric: Metric, own: &[(&str, &str)]) {
        let comma = if own.is_empty() { "" } else { "," };
        let _ = write!(self.text, "{}{{{}{comma}{}}} ", metric.name(), self.labels, labels(own));
    }

    /// The whole text.
    #[must_use]
    pub fn finish(mut self) -> String {
        if self.form == MetricsForm::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }
}

/// A size in whole bytes.
#[must_use]
pub fn bytes(size: Mib) -> f64 {
    (size.get() * Mib::BYTES).round()
}

fn labels(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    pairs.collect::<Vec<_>>().join(",")
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(form: MetricsForm) -> String {
        let labels = RunLabels { job: "a \"b\"\n\\".to_owned(), run: "r".to_owned(), machine: String::new() };
        let mut text = MetricsText::new(form, &labels);
        text.size(Metric::Rss, Mib::new(1.5));
        text.figure(Metric::Samples, 3.0);
        text.head(Metric::PressureLevel);
        text.value(Metric::PressureLevel, &[("level", "low")], 1.0);
        text.value_at(Metric::PressureLevel, &[("level", "high")], 0.0, -1_500_000_000);
        text.finish()
    }

    #[test]
    fn every_value_has_the_labels_of_its_run() {
        let labels = r#"job="a \"b\"\n\\",run="r",machine="""#;
        let expected = [
            format!("memtool_rss_bytes{{{labels}}} 1572864"),
            format!("memtool_samples_total{{{labels}}} 3"),
            format!("memtool_pressure_level{{{labels},level=\"low\"}} 1"),
            format!("memtool_pressure_level{{{labels},level=\"high\"}} 0 -2.500"),
        ];
        let text = text(MetricsForm::Prometheus);
        let values: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(values, expected);
    }

    #[test]
    fn forms_differ_in_counters_units_and_end() {
        let differ = |text: &str, line: &str| text.lines().any(|found| found == line);
        let (prometheus, open) = (text(MetricsForm::Prometheus), text(MetricsForm::OpenMetrics));
        assert!(differ(&prometheus, "# TYPE memtool_samples_total counter"));
        assert!(differ(&open, "# TYPE memtool_samples counter"));
        assert!(differ(&open, "# UNIT memtool_rss_bytes bytes") && !prometheus.contains("# UNIT"));
        assert!(open.ends_with("# EOF\n") && !prometheus.contains("# EOF"));
    }
}
