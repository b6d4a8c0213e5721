//! # `history_cut`
//!
//! The profile holds only the end of the run.
//!
//! ## The rule
//!
//! The ring of the profile is full: it holds `history_size` samples.
//!
//! The existing manager keeps its last samples in a ring (100 by default) and exports that. Peaks, trends and leaks before the window
//! cannot be seen.
//!
//! ## What it shows
//!
//! How much is held, and what the writer counted.
//!
//! ## What to do
//!
//! Raise `history_size`, or record a stream: it keeps the whole run.
//!
//! ## Where it is wrong, and savings
//!
//! What came before is not known, so no verdict speaks of it. Savings are withheld.

use memtool_profile_model::SnapshotKind;

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    let ring = context.ring?;
    let samples = series.len().max(context.thinned_from);
    if samples < ring || series.is_empty() {
        return None;
    }
    let collected = series.kind.stretches().filter(|(_, kind)| *kind == SnapshotKind::PostGc);
    let seen = collected.map(|(samples, _)| samples.len() as u64).sum();
    let unseen = context.total_collections.unwrap_or_default().saturating_sub(seen);
    // Where only some snapshots were kept, those after collections cannot be counted.
    let unseen = if samples > series.len() { 0 } else { unseen };
    Some(Finding {
        kind: FindingKind::HistoryCut,
        severity: Severity::Low,
        confidence: if unseen > 0 { 1.0 } else { 0.9 },
        evidence: Evidence {
            rule: "history_cut.ring_full".into(),
            window_s: (0.0, series.duration_s()),
            samples,
            statistic: "seconds of the run that the ring still held".into(),
            value: series.duration_s(),
            interval: None,
            operation: None,
            #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
            details: Details::from([
                ("history_size", ring as f64),
                ("collections_before_the_window", unseen as f64),
                ("adjustments_of_the_whole_run", context.total_adjustments.unwrap_or_default() as f64),
            ]),
        },
        action: format!(
            "Raise history_size above {ring} (the loader allows 1000) or write a stream: figures here cover the last \
             {:.0} s only.",
            series.duration_s()
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("it costs knowledge, not memory".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    #[test]
    fn a_full_ring_is_told_and_a_stream_has_none() {
        let run = series(1.0, &[100.0; 100]);
        let ring = Context { ring: Some(100), ..context() };
        assert_eq!(detect(&Case::new(&run, &ring)).expect("a finding").evidence.value, 99.0);
        assert_eq!(detect(&Case::new(&run, &Context { ring: Some(101), ..context() })), None);
        let some = Context { ring: Some(1000), thinned_from: 1000, total_collections: Some(9), ..context() };
        let finding =
            detect(&Case::new(&run, &some)).expect("a finding, though some snapshots were left out");
        assert_eq!((finding.evidence.samples, finding.confidence), (1000, 0.9));
        assert_eq!(detect(&Case::new(&run, &context())), None);
    }
}
