//! The tables of the detectors, as text.

use std::fmt::Write as _;

use super::score::{Accuracy, Counts};

/// Every table of one reading of the runs.
pub(super) fn page(found: &Accuracy) -> String {
    let mut page = kinds(found) + "\n" + &patterns(found) + "\n" + &calibration(found) + "\n";
    for mistake in &found.mistakes {
        let reason = mistake.reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"));
        let _ = writeln!(page, "{} {}: {}{reason}", mistake.mistake, mistake.kind.as_str(), mistake.run);
    }
    let _ = writeln!(
        page,
        "{} labelled runs; {} leak verdicts inconclusive, {} of them of runs that leak; recall of leaks where the \
         verdict is conclusive: {}; {} of {} slope intervals hold the true slope",
        found.runs,
        found.inconclusive,
        found.inconclusive_leaks,
        share(found.conclusive_leak_recall),
        found.slope.hold,
        found.slope.intervals
    );
    page
}

/// A share as whole percent; `-` where there is none.
fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", 100.0 * share))
}

fn row(first: &str, second: &str, score: &Counts) -> String {
    format!(
        "{first:22} {second:28} {:6} {:6} {:6} {:>6} {:>6} {:>6}\n",
        score.found,
        score.missed,
        score.false_alarms,
        share(score.precision),
        share(score.recall),
        share(score.f1)
    )
}

fn head(first: &str, second: &str) -> String {
    format!(
        "{first:22} {second:28} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}\n",
        "found", "missed", "false", "prec", "recall", "F1"
    )
}

fn kinds(found: &Accuracy) -> String {
    let rows = found.kinds.iter().map(|k| row(k.kind.as_str(), &k.rule, &k.score));
    head("kind", "rule") + &rows.collect::<String>()
}

/// Patterns where something is true or was found.
fn patterns(found: &Accuracy) -> String {
    let counts = |score: &Counts| score.found + score.missed + score.false_alarms > 0;
    let rows = found.patterns.iter().filter(|p| counts(&p.score) || p.inconclusive > 0).map(|p| {
        let unknown =
            if p.inconclusive > 0 { format!(", {} inconclusive", p.inconclusive) } else { String::new() };
        row(&p.pattern, &format!("{}{unknown}", p.kind.as_str()), &p.score)
    });
    head("pattern", "kind") + &rows.collect::<String>()
}

fn calibration(found: &Accuracy) -> String {
    let head =
        format!("{:22} {:28} {:>8} {:>7} {:>9}\n", "kind", "confidence", "findings", "stated", "was true");
    let rows = found.calibration.iter().map(|c| {
        let (kind, band) = (c.kind.as_str(), format!("{:.1} to {:.1}", c.band.0, c.band.1));
        let [stated, was_true] = [c.stated, c.was_true].map(|value| share(Some(value)));
        format!("{kind:22} {band:28} {:8} {stated:>7} {was_true:>9}\n", c.findings)
    });
    head + &rows.collect::<String>()
}
