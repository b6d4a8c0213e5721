//! `memtool compare`: did a change make memory worse?

use std::path::{Path, PathBuf};

use memtool_analyzer::compare::{
    CompareOptions, Comparison, ComparisonReport, Measure, Row, RowVerdict, RunFigures, Side, Verdict,
    compare,
};
use memtool_analyzer::{Loaded, Skipped, load, report};
use memtool_profile_model::Run;

use super::{counted, run_name, say_skipped, wrapped};
use crate::args::{Compare, Memory, ReviewFormat};
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::table::{self, Field, Tone, number, text};

const LONGEST_OPERATION: usize = 20;

pub(crate) fn run(args: &Compare) -> anyhow::Result<Exit> {
    if let Some(option) =
        args.new.iter().find(|path| path.to_string_lossy().starts_with("--") && !path.exists())
    {
        anyhow::bail!("{}: options stand before `--`, which only new runs follow", option.display());
    }
    let (base, mut skipped) = figures(&args.base, &args.memory);
    let (new, more) = figures(&args.new, &args.memory);
    skipped.extend(more);
    say_skipped(&skipped);
    for (runs, which) in [(&base, "base"), (&new, "new")] {
        if runs.is_empty() {
            output::say(&format!("memtool: no readable memory profile or stream among the {which} runs"));
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
fn figures(paths: &[PathBuf], memory: &Memory) -> (Vec<RunFigures>, Vec<Skipped>) {
    let bar = Progress::files();
    let one = |path: &Path, run: Run| RunFigures::new(&run, &report(path, &run));
    let Loaded { values, skipped, .. } = load(paths, memory.bytes(), |done, of| bar.at(done, of), one);
    drop(bar);
    (values, skipped)
}

/// The lines a reader needs: those of the whole run, and of operations those that stand out.
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
        number("may be"),
        text(""),
    ];
    let rows = shown(&report.comparison, all);
    let mut page = table::render(&columns, rows.iter().map(|row| fields(row)).collect());
    page.push_str("\nmay be: what repeats of the base may differ by for the worse; sizes in MiB\n");
    for row in rows.iter().filter(|row| row.base.is_some()) {
        if let Some(reason) = &row.reason {
            page.push_str(&wrapped("note: ", &format!("{}: {reason}", name(row))));
        }
    }
    for line in said(report) {
        page.push_str(&wrapped("note: ", &line));
    }
    page + &headline(report) + "\n"
}

/// What is missing, and what else a reader should know.
fn said(report: &ComparisonReport) -> Vec<String> {
    let comparison = &report.comparison;
    comparison.missing.iter().chain(&comparison.notes).map(|line| output::harmless(line)).collect()
}

fn name(row: &Row) -> String {
    row.operation.as_ref().map_or_else(
        || row.measure.as_str().to_owned(),
        |operation| format!("{} of {}", row.measure.as_str(), output::harmless(operation)),
    )
}

fn fields(row: &Row) -> Vec<Field> {
    let operation = row.operation.as_ref().map_or(String::new(), |o| table::shortened(o, LONGEST_OPERATION));
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
        // A share is told in points, all else as a share of the base.
        Measure::TimeAtHigh => format!("{sign}{:.0} pt", 100.0 * value),
        _ => format!("{sign}{:.1} %", 100.0 * value),
    }
}

/// A table for a review; what comes from files cannot leave its cell.
fn markdown(report: &ComparisonReport, all: bool) -> String {
    let mut page = format!("**Memory: {}**\n\n", headline(report));
    page.push_str(
        "| what | operation | base | new | change | may be | |\n|---|---|---:|---:|---:|---:|---|\n",
    );
    for row in shown(&report.comparison, all) {
        let operation = row.operation.as_deref().map_or_else(String::new, cell);
        let figures = figures_of(row).join(" | ");
        let word = match row.verdict {
            RowVerdict::Worse => "**worse**",
            other => verdict(other).0,
        };
        page.push_str(&format!("| {} | {operation} | {figures} | {word} |\n", row.measure.as_str()));
    }
    page.push_str("\n`may be` is what repeats of the base may differ by for the worse; sizes in MiB.\n");
    let reasons = shown(&report.comparison, all)
        .into_iter()
        .filter_map(|row| Some(format!("{}: {}", name(row), row.reason.as_ref()?)));
    let lines: Vec<String> = reasons.chain(said(report)).collect();
    if !lines.is_empty() {
        page.push('\n');
    }
    for line in lines {
        page.push_str(&format!("- {}\n", cell(&line)));
    }
    page.push_str(&format!(
        "\nBase: {}. New: {}.\n",
        names(&report.comparison.base),
        names(&report.comparison.new)
    ));
    page
}

fn names(runs: &[String]) -> String {
    runs.iter().map(|run| cell(&run_name(run))).collect::<Vec<_>>().join(", ")
}

/// Text from a file inside a Markdown table: no markup of its own, no new cell or line.
fn cell(text: &str) -> String {
    let special = |c: char| "\\`*_{}[]<>#|!&~".contains(c);
    output::harmless(text).chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_leave_its_cell() {
        assert_eq!(cell("a|b\n<img>"), "a\\|b\u{fffd}\\<img\\>");
    }

    #[test]
    fn changes_carry_their_sign_and_unit() {
        assert_eq!(difference(Measure::Peak, 0.1234, true), "+12.3 %");
        assert_eq!(difference(Measure::Peak, -0.05, true), "-5.0 %");
        assert_eq!(difference(Measure::TimeAtHigh, 0.2, false), "20 pt");
        assert_eq!(difference(Measure::LeakSlope, 3.21, true), "+3.2/min");
    }
}
