//! Runs every rule on one run.

use memtool_profile_model::{Measure, Precision};

use super::case::Case;
use super::context::Context;
use super::finding::Finding;
use super::leak::{Leak, LeakReport};
use super::rules::RULES;
use crate::series::Series;

/// What the detectors say of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Whether memory leaks.
    pub leak: LeakReport,
    /// What is wrong, the most severe first.
    pub findings: Vec<Finding>,
}

/// Judges the leak, then runs every rule of the registry.
#[must_use]
pub fn detect(series: &Series, context: &Context) -> Detection {
    if let Some(reason) = unjudged(context) {
        return Detection { leak: Leak::unknown(reason.to_owned()).report, findings: Vec::new() };
    }
    let case = Case::new(series, context);
    let mut findings: Vec<Finding> = RULES.iter().filter_map(|rule| rule(&case)).collect();
    findings.sort_by_key(|finding| (finding.severity, finding.kind));
    Detection { leak: case.leak.report, findings }
}

/// Why a run is not judged at all, by what its figures are.
fn unjudged(context: &Context) -> Option<&'static str> {
    if context.measure == Measure::Machine {
        return Some("the figures are of the whole machine: what rose in it is no single job's");
    }
    (context.precision == Precision::SingleFigure)
        .then_some("one figure for the whole run: it has no course over time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::LeakVerdict;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    #[test]
    fn a_machine_and_a_single_figure_are_not_judged() {
        let ramp: Vec<f64> = (0..2000).map(f64::from).collect();
        let run = series(1.0, &ramp);
        let verdict = |context: &Context| detect(&run, context);
        let of_job = verdict(&context());
        assert!(of_job.leak.verdict == LeakVerdict::Leak && !of_job.findings.is_empty());
        let machine = Context { measure: Measure::Machine, ..context() };
        let single = Context { precision: Precision::SingleFigure, ..context() };
        for (context, word) in [(machine, "machine"), (single, "one figure")] {
            let found = verdict(&context);
            assert!(found.leak.verdict == LeakVerdict::Inconclusive && found.findings.is_empty());
            assert!(found.leak.reason.contains(word), "{}", found.leak.reason);
        }
    }
}
