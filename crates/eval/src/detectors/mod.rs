//! How often the detectors are right, against labels: theirs beside simpler rules.
//!
//! Precision, recall and F1 per kind of finding and per pattern; how often the slope's interval
//! holds the true slope; what became of each band of confidence; and, in the same table, rules
//! that people use instead. Each run is judged as samples and as a stream with batch records.

mod judged;
mod score;
mod simple_rules;
mod tables;

use memtool_analyzer::profile;

use crate::corpus::{Labels, RecordedCase};
use judged::Judged;
use score::score;
use simple_rules::baselines;

/// The tables of docs/accuracy.md, from samples and from streams.
///
/// # Errors
/// Where a run cannot be analysed.
pub(crate) fn tables(cases: &[RecordedCase], names: bool) -> anyhow::Result<String> {
    let mut page = String::new();
    for (title, with_records) in [("samples only", false), ("streams", true)] {
        let judged = judged(cases, with_records)?;
        if !judged.is_empty() {
            page.push_str(&format!("### detectors, {title}\n\n{}\n", tables::page(&score(&judged), names)));
        }
    }
    Ok(page)
}

fn judged(cases: &[RecordedCase], with_records: bool) -> anyhow::Result<Vec<Judged<'_>>> {
    let labelled = cases.iter().filter_map(|case| Some((case, case.labels.as_ref()?)));
    labelled.map(|(case, labels)| judge(case, labels, with_records)).collect()
}

fn judge<'a>(case: &'a RecordedCase, labels: &'a Labels, with_records: bool) -> anyhow::Result<Judged<'a>> {
    let run = if with_records { &case.records } else { &case.samples };
    let report = profile(&case.profile, run);
    Ok(Judged { name: &case.name, labels, report, baselines: baselines(&case.samples) })
}
