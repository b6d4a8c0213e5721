//! A comparison as a person reads it: a table of measures, notes, the verdict.

use memtool_analyzer::compare::{Comparison, ComparisonReport, Measure, Row, RowVerdict, Side, Verdict};
use memtool_analyzer::{RateUnit, unit_of};

use crate::escape;
use crate::table::{self, Field, Tone, number, text};
use crate::text::{counted, mib, percent, wrapped};

const LONGEST_OPERATION: usize = 17;

const LEGEND: &str = "tolerance: the increase that repeats of the base can show by chance; sizes in MiB";

/// The rows of the whole run, and those of operations that are worse or cannot be judged.
pub(crate) fn shown(comparison: &Comparison, all: bool) -> Vec<&Row> {
    let stands_out = |row: &&Row| {
        all || (row.operation.is_none() && (row.base.is_some() || row.new.is_some()))
            || matches!(row.verdict, RowVerdict::Worse | RowVerdict::Inconclusive)
    };
    comparison.rows.iter().filter(stands_out).collect()
}

/// The verdict, with the number of runs.
pub(crate) fn headline(report: &ComparisonReport) -> String {
    let comparison = &report.comparison;
    let worse = comparison.rows.iter().filter(|row| row.verdict == RowVerdict::Worse).count();
    let runs = format!(
        "{} against {}",
        counted(comparison.new.len(), "new run"),
        counted(comparison.base.len(), "base run")
    );
    match comparison.verdict {
        Verdict::NoWorse => format!("no worse: {runs}"),
        Verdict::Regression => format!("regression: {} worse, {runs}", counted(worse, "measure")),
        Verdict::Inconclusive => format!("inconclusive: {runs}"),
    }
}

/// The whole page. `all` prints every operation.
pub(crate) fn page(report: &ComparisonReport, all: bool) -> String {
    let columns = [
        text("what"),
        text("operation"),
        number("base"),
        number("new"),
        number("change"),
        number("tolerance"),
        text(""),
    ];
    let rows = shown(&report.comparison, all);
    let mut page = table::render(&columns, rows.iter().map(|row| fields(row)).collect());
    page.push('\n');
    page.push_str(&wrapped("", LEGEND));
    for row in rows.iter().filter(|row| row.base.is_some()) {
        if let Some(reason) = &row.reason {
            page.push_str(&wrapped("note: ", &format!("{}: {reason}", row_name(row))));
        }
    }
    for line in notes(report) {
        page.push_str(&wrapped("note: ", &line));
    }
    page + &headline(report) + "\n"
}

/// What is missing, and what else a reader should know.
pub(crate) fn notes(report: &ComparisonReport) -> Vec<String> {
    let comparison = &report.comparison;
    comparison.missing.iter().chain(&comparison.notes).map(|line| escape::control(line)).collect()
}

/// The measure, and the operation it is of.
pub(crate) fn row_name(row: &Row) -> String {
    row.operation.as_ref().map_or_else(
        || row.measure.as_str().to_owned(),
        |operation| format!("{} of {}", row.measure.as_str(), escape::control(operation)),
    )
}

fn fields(row: &Row) -> Vec<Field> {
    let operation = row.operation.as_ref().map_or(String::new(), |o| escape::shortened(o, LONGEST_OPERATION));
    let [base, new, change, tolerance] = figures(row);
    let (word, tone) = verdict(row.verdict);
    vec![
        row.measure.as_str().into(),
        operation.into(),
        base.into(),
        new.into(),
        change.into(),
        tolerance.into(),
        Field(word.to_owned(), tone),
    ]
}

/// The verdict on a row, and its tone.
pub(crate) const fn verdict(verdict: RowVerdict) -> (&'static str, Tone) {
    match verdict {
        RowVerdict::NoWorse => ("no worse", Tone::Good),
        RowVerdict::Worse => ("worse", Tone::Bad),
        RowVerdict::Inconclusive => ("unknown", Tone::Warn),
        RowVerdict::NotJudged => ("not judged", Tone::Plain),
    }
}

/// Base, new, change and tolerance as a person reads them.
pub(crate) fn figures(row: &Row) -> [String; 4] {
    let sides = [&row.base, &row.new].map(|side| side.map(|side| side.mean));
    let largest = sides.into_iter().flatten().map(f64::abs).fold(0.0, f64::max);
    let unit = unit_of(if largest > 0.0 { largest } else { 1.0 });
    let side = |side: &Option<Side>| side.map_or("-".to_owned(), |side| figure(row.measure, side.mean, unit));
    let moved = |value: Option<f64>, sign: bool| {
        value.map_or("-".to_owned(), |value| difference(row.measure, value, sign, unit))
    };
    [side(&row.base), side(&row.new), moved(row.change, true), moved(row.tolerance, false)]
}

fn figure(measure: Measure, value: f64, unit: RateUnit) -> String {
    match measure {
        Measure::Peak | Measure::Mean => mib(value),
        Measure::TimeAtHigh => percent(value),
        Measure::LeakSlope => slope(value, unit),
        Measure::ItemsPerCpuSecond | Measure::ItemsPerSecond => mib(value),
    }
}

/// A slope in the unit in which the larger of two shows.
fn slope(per_minute: f64, (minutes, unit): RateUnit) -> String {
    format!("{:.1}/{}", per_minute * minutes, if unit == "minute" { "min" } else { unit })
}

fn difference(measure: Measure, value: f64, signed: bool, unit: RateUnit) -> String {
    let sign = if signed && value >= 0.0 { "+" } else { "" };
    match measure {
        Measure::LeakSlope => format!("{sign}{}", slope(value, unit)),
        // A share is given in points, all else as a share of the base.
        Measure::TimeAtHigh => format!("{sign}{:.0} pt", 100.0 * value),
        _ => format!("{sign}{:.1} %", 100.0 * value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_carry_their_sign_and_unit() {
        assert_eq!(difference(Measure::Peak, 0.1234, true, unit_of(1.0)), "+12.3 %");
        assert_eq!(difference(Measure::Peak, -0.05, true, unit_of(1.0)), "-5.0 %");
        assert_eq!(difference(Measure::TimeAtHigh, 0.2, false, unit_of(1.0)), "20 pt");
        assert_eq!(difference(Measure::LeakSlope, 3.21, true, unit_of(1.0)), "+3.2/min");
        assert_eq!(difference(Measure::LeakSlope, 0.04, true, unit_of(0.04)), "+2.4/hour");
    }
}
