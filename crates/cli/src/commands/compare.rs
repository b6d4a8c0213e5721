//! `memtool compare`: memory use before and after a change.

use std::path::{Path, PathBuf};

use anyhow::Context;
use memtool_analyzer::compare::{
    CompareOptions, Comparison, ComparisonReport, Measure, Row, RowVerdict, RunFigures, Side, Verdict,
    compare,
};
use memtool_analyzer::{Loaded, SkippedReport, load, report};
use memtool_profile_model::Run;

use super::{counted, report_skipped, wrapped};
use crate::args::{Budget, Compare, ReviewFormat};
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::run_label::file_stem;
use crate::table::{self, Field, Tone, number, text};

const LONGEST_OPERATION: usize = 20;

pub(crate) fn run(args: &Compare) -> anyhow::Result<Exit> {
    if let Some(option) =
        args.new.iter().find(|path| path.to_string_lossy().starts_with("--") && !path.exists())
    {
        anyhow::bail!("put {} before `--`; only new runs may follow it", option.display());
    }
    let (base, mut skipped) = figures(&args.base, &args.budget)?;
    let (new, more) = figures(&args.new, &args.budget)?;
    skipped.extend(more);
    report_skipped(&skipped);
    for (runs, which) in [(&base, "base"), (&new, "new")] {
        if runs.is_empty() {
            output::message(&format!("no readable memory profile or stream among the {which} runs"));
            return Ok(Exit::NoInput);
        }
    }
    let options = CompareOptions { floor: args.tolerance / 100.0, ..CompareOptions::default() };
    let report = ComparisonReport::new(compare(&base, &new, &options), skipped);
    match args.format {
        ReviewFormat::Json => output::print_json(&report)?,
        ReviewFormat::Text => output::print(&page(&report, args.all))?,
        ReviewFormat::Markdown => output::print(&markdown(&report, args.all))?,
    }
    Ok(match report.comparison.verdict {
        Verdict::NoWorse => Exit::Done,
        Verdict::Regression => Exit::Findings,
        Verdict::Inconclusive => Exit::Inconclusive,
    })
}

/// What a comparison needs of each run behind the paths; the runs themselves are let go.
fn figures(paths: &[PathBuf], budget: &Budget) -> anyhow::Result<(Vec<RunFigures>, Vec<SkippedReport>)> {
    let bar = Progress::files();
    let one = |path: &Path, run: Run| report(path, &run).map(|report| RunFigures::new(&run, &report));
    let Loaded { values, skipped, .. } = load(paths, Some(budget.bytes()), |done, of| bar.at(done, of), one);
    drop(bar);
    let figures = values.into_iter().collect::<Result<Vec<_>, _>>().context("a run cannot be analysed")?;
    Ok((figures, skipped.iter().map(SkippedReport::from).collect()))
}

/// The rows of the whole run, and those of operations that are worse or cannot be judged.
fn shown(comparison: &Comparison, all: bool) -> Vec<&Row> {
    let stands_out = |row: &&Row| {
        all || (row.operation.is_none() && (row.base.is_some() || row.new.is_some()))
            || matches!(row.verdict, RowVerdict::Worse | RowVerdict::Inconclusive)
    };
    comparison.rows.iter().filter(stands_out).collect()
}

fn headline(report: &ComparisonReport) -> String {
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

fn page(report: &ComparisonReport, all: bool) -> String {
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
    page.push_str("\ntolerance: the increase that repeats of the base can show by chance; sizes in MiB\n");
    for row in rows.iter().filter(|row| row.base.is_some()) {
        if let Some(reason) = &row.reason {
            page.push_str(&wrapped("note: ", &format!("{}: {reason}", name(row))));
        }
    }
    for line in notes(report) {
        page.push_str(&wrapped("note: ", &line));
    }
    page + &headline(report) + "\n"
}

/// What is missing, and what else a reader should know.
fn notes(report: &ComparisonReport) -> Vec<String> {
    let comparison = &report.comparison;
    comparison.missing.iter().chain(&comparison.notes).map(|line| escape::control(line)).collect()
}

fn name(row: &Row) -> String {
    row.operation.as_ref().map_or_else(
        || row.measure.as_str().to_owned(),
        |operation| format!("{} of {}", row.measure.as_str(), escape::control(operation)),
    )
}

fn fields(row: &Row) -> Vec<Field> {
    let operation = row.operation.as_ref().map_or(String::new(), |o| escape::shortened(o, LONGEST_OPERATION));
    let [base, new, change, tolerance] = figures_of(row);
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

const fn verdict(verdict: RowVerdict) -> (&'static str, Tone) {
    match verdict {
        RowVerdict::NoWorse => ("no worse", Tone::Good),
        RowVerdict::Worse => ("worse", Tone::Bad),
        RowVerdict::Inconclusive => ("unknown", Tone::Warn),
        RowVerdict::NotJudged => ("not judged", Tone::Plain),
    }
}

/// Base, new, change and tolerance as a person reads them.
fn figures_of(row: &Row) -> [String; 4] {
    let side = |side: &Option<Side>| side.map_or("-".to_owned(), |side| figure(row.measure, side.mean));
    let moved = |value: Option<f64>, sign: bool| {
        value.map_or("-".to_owned(), |value| difference(row.measure, value, sign))
    };
    [side(&row.base), side(&row.new), moved(row.change, true), moved(row.tolerance, false)]
}

fn figure(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Peak | Measure::Mean => super::mib(value),
        Measure::TimeAtHigh => super::percent(value),
        Measure::LeakSlope => format!("{value:.1}/min"),
        Measure::ItemsPerCpuSecond | Measure::ItemsPerSecond => super::mib(value),
    }
}

fn difference(measure: Measure, value: f64, signed: bool) -> String {
    let sign = if signed && value >= 0.0 { "+" } else { "" };
    match measure {
        Measure::LeakSlope => format!("{sign}{value:.1}/min"),
        // A share is given in points, all else as a share of the base.
        Measure::TimeAtHigh => format!("{sign}{:.0} pt", 100.0 * value),
        _ => format!("{sign}{:.1} %", 100.0 * value),
    }
}

/// A table for a review; what comes from files cannot leave its cell.
fn markdown(report: &ComparisonReport, all: bool) -> String {
    let mut page = format!("**Memory: {}**\n\n", headline(report));
    page.push_str(
        "| what | operation | base | new | change | tolerance | |\n|---|---|---:|---:|---:|---:|---|\n",
    );
    for row in shown(&report.comparison, all) {
        let operation = row.operation.as_deref().map_or_else(String::new, escape::markdown);
        let figures = figures_of(row).join(" | ");
        let word = match row.verdict {
            RowVerdict::Worse => "**worse**",
            other => verdict(other).0,
        };
        page.push_str(&format!("| {} | {operation} | {figures} | {word} |\n", row.measure.as_str()));
    }
    page.push_str("\nTolerance: the increase that repeats of the base can show by chance; sizes in MiB.\n");
    let reasons = shown(&report.comparison, all)
        .into_iter()
        .filter_map(|row| Some(format!("{}: {}", name(row), row.reason.as_ref()?)));
    let lines: Vec<String> = reasons.chain(notes(report)).collect();
    if !lines.is_empty() {
        page.push('\n');
    }
    for line in lines {
        page.push_str(&format!("- {}\n", escape::markdown(&line)));
    }
    page.push_str(&format!(
        "\nBase: {}. New: {}.\n",
        names(&report.comparison.base),
        names(&report.comparison.new)
    ));
    page
}

fn names(runs: &[String]) -> String {
    runs.iter().map(|run| escape::markdown(file_stem(run))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_carry_their_sign_and_unit() {
        assert_eq!(difference(Measure::Peak, 0.1234, true), "+12.3 %");
        assert_eq!(difference(Measure::Peak, -0.05, true), "-5.0 %");
        assert_eq!(difference(Measure::TimeAtHigh, 0.2, false), "20 pt");
        assert_eq!(difference(Measure::LeakSlope, 3.21, true), "+3.2/min");
    }
}
