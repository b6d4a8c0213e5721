//! Live figures in the text form that Prometheus reads.

use std::fmt::Write;

use memtool_profile_model::{Fate, Mib, PressureLevel};

use crate::engine::shared::Shared;
use crate::limits::memory_pressure;

const LEVELS: [PressureLevel; 4] =
    [PressureLevel::Low, PressureLevel::Moderate, PressureLevel::High, PressureLevel::Critical];

/// All figures; sizes in bytes. What the system cannot give is left out.
pub(crate) fn text(shared: &Shared) -> String {
    let stalled = memory_pressure();
    let state = shared.state();
    let mut page = Page::for_job(shared.subject.job.as_deref());
    let last = state.history.last();
    page.bytes("rss_bytes", "Resident memory.", last.map(|s| s.rss));
    page.bytes(
        "children_rss_bytes",
        "Resident memory of child processes.",
        last.and_then(|s| s.children_rss),
    );
    page.bytes("available_bytes", "Memory still available to the job.", last.and_then(|s| s.available));
    page.bytes("peak_rss_bytes", "Largest resident memory seen.", state.totals.peak.largest);
    page.bytes("limit_bytes", "Memory the job may use.", state.limit());
    if let Some(stalled) = stalled {
        let help = "Share of the last 10 s in which some task waited for memory.";
        page.figure("memory_stalled_ratio", help, "gauge", stalled.some_avg10 / 100.0);
    }
    page.figure("batch_size", "Items a batch may have.", "gauge", f64::from(state.size));
    page.header("pressure_level", "1 for the level in force.", "gauge");
    for level in LEVELS {
        let value = u8::from(level == state.pressure());
        page.labelled("pressure_level", &[("level", level.as_str())], f64::from(value));
    }
    let (totals, counters) = (state.totals, state.policy.counters);
    let counts = [
        ("samples_total", "Samples of memory.", totals.samples),
        ("batches_total", "Batches that ended.", totals.batches),
        ("batch_items_total", "Items of batches that ended.", totals.items),
        ("collections_total", "Collections that the policy asked for.", counters.total_gc_collections),
        ("level_changes_total", "Changes of the optimization level.", counters.batch_size_adjustments),
        ("critical_samples_total", "Samples under critical pressure.", counters.critical_events),
        ("probe_failures_total", "Samples that failed.", totals.probe_failures),
        ("callback_failures_total", "Callbacks of the host that panicked.", totals.hook_failures),
        ("lost_records_total", "Records that could not be written.", totals.lost_records),
        ("thinned_records_total", "Records left out for the size cap.", state.stream.left_out()),
    ];
    for (name, help, count) in counts {
        #[expect(clippy::cast_precision_loss, reason = "the text form knows floating point only")]
        page.figure(name, help, "counter", count as f64);
    }
    if let Some(fate) = state.fate() {
        page.fate(fate);
    }
    page.text
}

struct Page<'a> {
    text: String,
    job: Option<&'a str>,
}

impl<'a> Page<'a> {
    const fn for_job(job: Option<&'a str>) -> Self {
        Self { text: String::new(), job }
    }

    /// How the process ended.
    fn fate(&mut self, fate: &Fate) {
        if let Some(code) = fate.exit_code {
            self.figure("exit_code", "Exit code of the job.", "gauge", f64::from(code));
        }
        if let Some(signal) = fate.signal {
            self.figure("exit_signal", "Signal that ended the job.", "gauge", f64::from(signal));
        }
        if let Some(killed) = fate.killed_for_memory {
            let help = "1 if the kernel killed the job for want of memory.";
            self.figure("killed_for_memory", help, "gauge", f64::from(u8::from(killed)));
        }
    }

    fn bytes(&mut self, name: &str, help: &str, size: Option<Mib>) {
        if let Some(size) = size {
            self.figure(name, help, "gauge", (size.get() * 1_048_576.0).round());
        }
    }

    fn figure(&mut self, name: &str, help: &str, kind: &str, value: f64) {
        self.header(name, help, kind);
        self.labelled(name, &[], value);
    }

    fn header(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "# HELP memtool_{name} {help}\n# TYPE memtool_{name} {kind}");
    }

    fn labelled(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let job = self.job.map(|job| ("job", job));
        let labels = job.iter().chain(labels).map(|(key, value)| format!("{key}=\"{}\"", escaped(value)));
        let labels = labels.collect::<Vec<_>>().join(",");
        let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
        let _ = writeln!(self.text, "memtool_{name}{labels} {value}");
    }
}

/// A label's value as the text form has it.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_the_jobs_name_and_its_end() {
        let mut page = Page::for_job(Some("a \"b\"\n\\"));
        page.fate(&Fate { signal: Some(9), killed_for_memory: Some(true), ..Fate::default() });
        page.labelled("pressure_level", &[("level", "low")], 1.0);
        let lines: Vec<&str> = page.text.lines().filter(|line| !line.starts_with('#')).collect();
        let label = r#"job="a \"b\"\n\\""#;
        let expected = [
            format!("memtool_exit_signal{{{label}}} 9"),
            format!("memtool_killed_for_memory{{{label}}} 1"),
            format!("memtool_pressure_level{{{label},level=\"low\"}} 1"),
        ];
        assert_eq!(lines, expected);
    }
}
