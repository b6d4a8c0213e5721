//! The tables of the detectors, as text.

use std::fmt::Write as _;

use super::score::{Accuracy, Counts};
use crate::markdown::{self, percent};

/// Every table of one reading of the runs; with `names` also those by pattern, and the runs that were judged wrong.
pub(super) fn page(found: &Accuracy, names: bool) -> String {
    let mut page = kinds(found) + "\n" + &calibration(found) + "\n";
    if names {
        page.push_str(&(patterns(found) + "\n"));
        for mistake in &found.mistakes {
            let reason = mistake.reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"));
            let _ =
                writeln!(page, "- {} {}: {}{reason}", mistake.mistake, mistake.kind.as_str(), mistake.run);
        }
        page.push('\n');
    }
    let _ = writeln!(
        page,
        "{} labelled runs; {} leak verdicts inconclusive, {} of them of runs that leak; recall of leaks where the \
         verdict is conclusive: {}; {} of {} slope intervals hold the true slope",
        found.runs,
        found.inconclusive,
        found.inconclusive_leaks,
        percent(found.conclusive_leak_recall),
        found.slope.hold,
        found.slope.intervals
    );
    page
}

fn row(first: &str, second: &str, score: &Counts) -> Vec<String> {
    vec![
        first.to_owned(),
        second.to_owned(),
        score.found.to_string(),
        score.missed.to_string(),
        score.false_alarms.to_string(),
        percent(score.precision),
        percent(score.recall),
        percent(score.f1),
    ]
}

const fn names<'a>(first: &'a str, second: &'a str) -> [&'a str; 8] {
    [first, second, "found", "missed", "false", "precision", "recall", "F1"]
}

fn kinds(found: &Accuracy) -> String {
    let rows = found.kinds.iter().map(|k| row(k.kind.as_str(), &k.rule, &k.score));
    markdown::table(&names("kind", "rule"), rows)
}

/// Patterns where something is true or was found.
fn patterns(found: &Accuracy) -> String {
    let counts = |score: &Counts| score.found + score.missed + score.false_alarms > 0;
    let rows = found.patterns.iter().filter(|p| counts(&p.score) || p.inconclusive > 0).map(|p| {
        let unknown =
            if p.inconclusive > 0 { format!(", {} inconclusive", p.inconclusive) } else { String::new() };
        row(&p.pattern, &format!("{}{unknown}", p.kind.as_str()), &p.score)
    });
    markdown::table(&names("pattern", "kind"), rows)
}

fn calibration(found: &Accuracy) -> String {
    let rows = found.calibration.iter().map(|c| {
        let band = format!("{:.1} to {:.1}", c.band.0, c.band.1);
        let [stated, was_true] = [c.stated, c.was_true].map(|value| percent(Some(value)));
        vec![c.kind.as_str().to_owned(), band, c.findings.to_string(), stated, was_true]
    });
    markdown::table(&["kind", "confidence", "findings", "said", "true"], rows)
}
