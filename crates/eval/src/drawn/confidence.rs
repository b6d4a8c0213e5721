//! Whether a finding's confidence holds on programs left out.
//!
//! Findings are grouped by kind, rule and the confidence that was said. The estimate is half-way between the
//! share of true findings and the mean of that share over programs by Laplace's rule, since runs of one
//! program are right or wrong together.

use std::collections::BTreeMap;

use memtool_analyzer::FindingKind;

use super::verdicts::Verdict;
use crate::figures::mean;
use crate::markdown;

/// Whether one finding of one program was true.
struct Outcome<'a> {
    program: &'a str,
    was_true: bool,
}

const NAMES: [&str; 8] =
    ["kind", "rests on", "said", "true", "programs", "estimate", "without one program", "on the left out"];

/// A Markdown table, a line for each kind, rule and confidence.
pub(super) fn table(verdicts: &[&Verdict]) -> String {
    let row = |((kind, rule, said), outcomes): (Group, Vec<Outcome>)| {
        let programs = by_program(&outcomes);
        let left_out = left_out(&programs, &outcomes)
            .map_or_else(|| "–".to_owned(), |(least, most)| format!("{least:.2} to {most:.2}"));
        let hits = outcomes.iter().filter(|outcome| outcome.was_true).count();
        vec![
            kind.as_str().to_owned(),
            rule.to_owned(),
            format!("0.{said:02}"),
            format!("{hits} of {}", outcomes.len()),
            programs.len().to_string(),
            format!("{:.2}", estimate(&programs, &outcomes)),
            left_out,
            format!("{:.2}", mean(programs.values().copied()).unwrap_or(f64::NAN)),
        ]
    };
    markdown::table(&NAMES, groups(verdicts).into_iter().map(row))
}

/// Kind, the last part of the rule's name, and the confidence in per cent.
type Group<'a> = (FindingKind, &'a str, u32);

fn groups<'a>(verdicts: &[&'a Verdict]) -> BTreeMap<Group<'a>, Vec<Outcome<'a>>> {
    let mut groups: BTreeMap<Group, Vec<Outcome>> = BTreeMap::new();
    for &verdict in verdicts {
        for finding in &verdict.report.findings {
            let Some(was_true) = verdict.holds(finding.kind) else { continue };
            let rule = finding.evidence.rule.rsplit('.').next().unwrap_or_default();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
            let said = (100.0 * finding.confidence).round() as u32;
            let outcome = Outcome { program: &verdict.case.program, was_true };
            groups.entry((finding.kind, rule, said)).or_default().push(outcome);
        }
    }
    groups
}

/// Of each program the share of its findings that are true.
fn by_program<'a>(outcomes: &[Outcome<'a>]) -> BTreeMap<&'a str, f64> {
    let mut programs: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for outcome in outcomes {
        programs.entry(outcome.program).or_default().push(f64::from(u8::from(outcome.was_true)));
    }
    programs.into_iter().filter_map(|(name, found)| Some((name, mean(found.into_iter())?))).collect()
}

fn estimate(programs: &BTreeMap<&str, f64>, outcomes: &[Outcome]) -> f64 {
    let of_programs = mean(programs.values().copied().chain([0.0, 1.0])).unwrap_or(f64::NAN);
    let of_findings = mean(outcomes.iter().map(|outcome| f64::from(u8::from(outcome.was_true))));
    of_findings.unwrap_or(f64::NAN).midpoint(of_programs)
}

/// The least and the most that is estimated without one program; `None` of a single program.
fn left_out(programs: &BTreeMap<&str, f64>, outcomes: &[Outcome]) -> Option<(f64, f64)> {
    if programs.len() < 2 {
        return None;
    }
    let without = |name: &&str| {
        let others: Vec<Outcome> = outcomes
            .iter()
            .filter(|outcome| outcome.program != *name)
            .map(|outcome| Outcome { program: outcome.program, was_true: outcome.was_true })
            .collect();
        estimate(&by_program(&others), &others)
    };
    let estimates: Vec<f64> = programs.keys().map(without).collect();
    Some((estimates.iter().copied().reduce(f64::min)?, estimates.into_iter().reduce(f64::max)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_counts_once_beside_its_findings() {
        let outcome = |program, was_true| Outcome { program, was_true };
        let outcomes = [outcome("a", true), outcome("a", true), outcome("b", false)];
        let programs = by_program(&outcomes);
        // Two of three findings; one of two programs, with one more of each kind.
        assert!((estimate(&programs, &outcomes) - (2.0 / 3.0 + 0.5) / 2.0).abs() < 1e-12);
        let (least, most) = left_out(&programs, &outcomes).expect("two programs");
        assert!(least < 0.5 && most > 0.5);
    }
}
