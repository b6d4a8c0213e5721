//! # `shared_memory`
//!
//! The job fills shared memory or files in memory (tmpfs).
//!
//! ## The rule
//!
//! They reach 64 MiB, and a tenth of the limit or a fifth of the run's peak.
//!
//! A container's limit counts them as any other memory, though no process may have them mapped: RSS then shows less than what is charged.
//! The kernel cannot drop them, and they outlive the process that filled them. Medium from a quarter of the limit on, else low.
//!
//! ## What it shows
//!
//! The most that was held, when, the last value, peak and limit.
//!
//! ## What to do
//!
//! Delete what was read: unlink segments of `multiprocessing.shared_memory`, remove files below `/dev/shm` or a `/tmp` that is tmpfs, or
//! put them on a disk. Subtract the rest from the limit that batch sizes are chosen for.
//!
//! ## Where it is wrong, and savings
//!
//! In a limited group it is the figure of the whole group, other processes included; elsewhere it is what one process has mapped, and files that
//! nobody maps are not seen. Savings are withheld: whether the data is still needed is not known.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

/// Less does not matter, in MiB.
const LEAST_MB: f64 = 64.0;
/// Share of the limit, or of the peak, from which it does.
const OF_LIMIT: f64 = 0.1;
const OF_PEAK: f64 = 0.2;
/// Share of the limit from which it is pressing.
const PRESSING: f64 = 0.25;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let context = case.context;
    let held = &context.shared_memory_mb;
    let (at, most) = held.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let peak = case.largest_mb;
    let limit = context.limit_mb.filter(|limit| context.limit_recorded && *limit > 0.0);
    let of_limit = limit.map_or(0.0, |limit| most / limit);
    if most < LEAST_MB || (of_limit < OF_LIMIT && most < OF_PEAK * peak) {
        return None;
    }
    let last = held.last().map_or(most, |(_, mb)| *mb);
    let mut details = Details::from([("largest_mb", most), ("last_mb", last), ("peak_mb", peak)]);
    details.extend(limit.map(|limit| ("limit_mb", limit)));
    let share = limit
        .map_or_else(String::new, |limit| format!(", {:.0} % of the limit of {limit:.0}", 100.0 * of_limit));
    Some(Finding {
        kind: FindingKind::SharedMemory,
        severity: if of_limit >= PRESSING { Severity::Medium } else { Severity::Low },
        confidence: 0.9,
        evidence: Evidence {
            rule: "shared_memory.largest".into(),
            window_s: (at, at),
            samples: held.len(),
            statistic: "most shared memory and files in memory, in MiB".into(),
            value: most,
            interval: None,
            operation: None,
            details,
        },
        action: format!(
            "Shared memory and files in memory (tmpfs) reach {most:.0} MiB{share}: a container's limit counts them, no batch size \
             lowers them, and they stay until they are deleted. Unlink shared segments and remove files below /dev/shm or a /tmp \
             in memory once they were read, or put them on a disk."
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("whether the data is still needed is not known".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    fn found(held: &[f64], limit_mb: f64) -> Option<Finding> {
        let seconds = (0..).map(f64::from);
        let shared_memory_mb = seconds.zip(held.iter().copied()).collect();
        let with = Context { shared_memory_mb, limit_mb: Some(limit_mb), limit_recorded: true, ..context() };
        detect(&Case::new(&series(1.0, &[500.0; 10]), &with))
    }

    #[test]
    fn what_fills_a_part_of_the_limit_is_found() {
        let finding = found(&[5.0, 300.0, 80.0], 1000.0).expect("a finding");
        assert_eq!((finding.kind, finding.severity), (FindingKind::SharedMemory, Severity::Medium));
        assert_eq!((finding.evidence.value, finding.evidence.window_s), (300.0, (1.0, 1.0)));
        assert!(finding.action.contains("300 MiB, 30 % of the limit of 1000"), "{}", finding.action);
        assert_eq!(found(&[150.0], 1000.0).map(|finding| finding.severity), Some(Severity::Low));
        assert!(found(&[110.0], 20_000.0).is_some(), "a fifth of the peak");
    }

    #[test]
    fn little_of_it_is_none() {
        assert_eq!(found(&[], 1000.0), None);
        assert_eq!(found(&[63.0], 100.0), None);
        assert_eq!(found(&[90.0], 20_000.0), None);
    }
}
