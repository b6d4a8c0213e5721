//! # `children_memory`
//!
//! Child processes hold most of the memory.
//!
//! ## The rule
//!
//! More than half of the memory at the run's peak, and 25 MiB, is in child processes.
//!
//! The job's own settings (batch size, collections in its process) reach the smaller part only. Medium where that peak is at or above high,
//! else low.
//!
//! ## What it shows
//!
//! Peak, the children's part and the job's own, and the most that children ever held.
//!
//! ## What to do
//!
//! Set limits and batch sizes for the job with its children: its own settings reach the smaller part. Where PSS shows that they share most
//! of it, load what all read before the fork, and size limits by PSS.
//!
//! ## Where it is wrong, and savings
//!
//! Pages that a child shares with its parent count in both, unless PSS was recorded. Behind a shell or a wrapper this is how it should be. Savings are withheld.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

/// Share of the peak above which children hold most of it.
const MOST: f64 = 0.5;
/// The sum of RSS over PSS from which processes share most of their memory.
const SHARED: f64 = 1.5;
/// Less in children does not matter, in MiB.
const LEAST_MB: f64 = 25.0;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    if series.children_mb.is_empty() {
        return None;
    }
    let at = (0..series.len()).max_by(|a, b| series.rss_mb[*a].total_cmp(&series.rss_mb[*b]))?;
    let (peak, children) = (series.rss_mb[at], series.children_mb.get(at)?);
    let share = children / peak;
    if children < LEAST_MB || share <= MOST {
        return None;
    }
    let largest = series.children_mb.iter().flatten().fold(children, f64::max);
    Some(Finding {
        kind: FindingKind::ChildrenMemory,
        severity: if peak >= context.high_mb { Severity::Medium } else { Severity::Low },
        confidence: 0.9,
        evidence: Evidence {
            rule: "children_memory.most_of_peak".into(),
            window_s: (series.seconds[at], series.seconds[at] + series.weight_s(at)),
            samples: series.len(),
            statistic: "share of the run's peak that child processes hold".into(),
            value: share,
            interval: None,
            operation: None,
            details: Details::from([
                ("peak_mb", peak),
                ("children_at_peak_mb", children),
                ("itself_at_peak_mb", peak - children),
                ("largest_children_mb", largest),
            ]),
        },
        action: action(series.summed_rss_mb, children, peak),
        estimated_savings_mb: None,
        savings_withheld: Some("who holds memory says nothing of what could be saved".into()),
    })
}

fn action(summed_rss_mb: Option<f64>, children: f64, peak: f64) -> String {
    let hold = format!("Child processes hold {children:.0} of {peak:.0} MiB at the peak");
    match summed_rss_mb.filter(|summed| *summed >= SHARED * peak) {
        Some(summed) => format!(
            "{hold}, and their RSS adds up to {summed:.0}: the difference is pages that they share. Load what all of them read \
             before they are forked (`gc.freeze()` keeps it shared), and size limits by PSS, not by the sum of RSS."
        ),
        None => format!(
            "{hold}: look at them first, and set limits and batch sizes for the job with its children, not for the process alone."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    /// Ten seconds with a peak at the fifth, of which children hold so much.
    fn at_peak(peak: f64, children: f64) -> Option<Finding> {
        let mut run = series(1.0, &[100.0; 10]);
        run.rss_mb[5] = peak;
        run.children_mb = (0..10).map(|i| Some(if i == 5 { children } else { 90.0 })).collect();
        detect(&Case::new(&run, &context()))
    }

    #[test]
    fn more_than_half_of_the_peak_in_children_is_told() {
        let finding = at_peak(200.0, 120.0).expect("a finding");
        assert_eq!((finding.kind, finding.severity), (FindingKind::ChildrenMemory, Severity::Low));
        assert_eq!((finding.evidence.value, finding.evidence.window_s), (0.6, (5.0, 6.0)));
        assert_eq!(finding.evidence.details["largest_children_mb"], 120.0);
        assert_eq!(finding.evidence.details["itself_at_peak_mb"], 80.0);
        assert_eq!(at_peak(200.0, 100.0), None, "half is not most");
        assert_eq!(at_peak(3000.0, 1600.0).expect("a finding").severity, Severity::Medium);
        assert_eq!(at_peak(2999.0, 1600.0).expect("a finding").severity, Severity::Low);
    }

    #[test]
    fn the_most_that_children_held_may_lie_beside_the_peak() {
        let mut run = series(1.0, &[800.0, 900.0, 1000.0]);
        run.children_mb = vec![Some(700.0), Some(50.0), Some(600.0)].into();
        let finding = detect(&Case::new(&run, &context())).expect("a finding");
        assert_eq!(finding.evidence.details["largest_children_mb"], 700.0);
        assert_eq!(finding.evidence.details["children_at_peak_mb"], 600.0);
    }

    #[test]
    fn little_or_unknown_children_are_not() {
        let mut run = series(1.0, &[30.0; 10]);
        assert_eq!(detect(&Case::new(&run, &context())), None);
        run.children_mb = vec![Some(24.0); 10].into();
        assert_eq!(detect(&Case::new(&run, &context())), None);
        run.children_mb = vec![Some(26.0); 10].into();
        assert!(detect(&Case::new(&run, &context())).is_some());
    }
}
