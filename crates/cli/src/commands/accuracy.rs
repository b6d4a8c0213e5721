//! `memtool accuracy`: how often the findings are right, on runs whose truth is known.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use memtool_analyzer::accuracy::{Accuracy, Judged, Score, Truth, leak_baselines, score, upstream};
use memtool_analyzer::{Loaded, Series, load, phases, profile};
use memtool_profile_model::Run;
use serde::Deserialize;

use super::{exit_for, percent, say_skipped};
use crate::args::{self, Format};
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::table::{self, Field, Tone, number, text};

const OUTCOME: &str = ".outcome.json";
const PROFILE: &str = ".profile.json";

/// What is read of `NAME.outcome.json`; it may hold more.
#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    workload: String,
    labels: Labels,
}

#[derive(Deserialize)]
struct Labels {
    #[serde(default)]
    pattern: String,
    leak: bool,
    #[serde(default)]
    leak_mb_per_min: f64,
    gc_churn: bool,
    sustained_high: bool,
    flapping: bool,
}

/// A labelled run on disk.
struct Case {
    profile: PathBuf,
    truth: Truth,
}

pub(crate) fn run(args: &args::Accuracy) -> anyhow::Result<Exit> {
    if !args.corpus.is_dir() {
        output::say(&output::harmless(&format!("memtool: {} is no folder", args.corpus.display())));
        return Ok(Exit::NoInput);
    }
    let cases = cases(&args.corpus, &args.only, &args.except)?;
    let paths: Vec<PathBuf> = cases.iter().map(|case| case.profile.clone()).collect();
    let bar = Progress::files();
    let judge = |path: &Path, run: Run| {
        let case = cases.iter().find(|case| case.profile == path)?;
        Some(judged(path, &run, &case.truth))
    };
    let Loaded { values, skipped, .. } = load(&paths, None, |done, of| bar.at(done, of), judge);
    drop(bar);
    say_skipped(&skipped);
    let runs = values.into_iter().flatten().collect::<anyhow::Result<Vec<Judged>>>()?;
    let found = score(&runs);
    match args.format {
        Format::Json => output::print_json(&found)?,
        Format::Text if runs.is_empty() => {}
        Format::Text => output::print(&page(&found))?,
    }
    Ok(exit_for(runs.len()))
}

fn judged(path: &Path, run: &Run, truth: &Truth) -> anyhow::Result<Judged> {
    let series = Series::new(run, &phases(run));
    let mut baselines = upstream(run);
    baselines.extend(leak_baselines(&series));
    Ok(Judged { truth: truth.clone(), report: profile(path, run), baselines })
}

/// The labelled runs of a folder, in order of name; `only` and `except` are workloads.
fn cases(corpus: &Path, only: &[String], except: &[String]) -> anyhow::Result<Vec<Case>> {
    let read = || format!("cannot read {}", corpus.display());
    let mut cases = Vec::new();
    for entry in fs::read_dir(corpus).with_context(read)? {
        let path = entry.with_context(read)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(OUTCOME) else { continue };
        let profile = path.with_file_name(format!("{stem}{PROFILE}"));
        let outcome = outcome(&path)?;
        let wanted =
            (only.is_empty() || only.contains(&outcome.workload)) && !except.contains(&outcome.workload);
        if wanted && profile.is_file() {
            cases.push(Case { profile, truth: truth(stem, outcome.labels) });
        }
    }
    cases.sort_by(|a, b| a.profile.cmp(&b.profile));
    Ok(cases)
}

fn outcome(path: &Path) -> anyhow::Result<Outcome> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} holds no labels", path.display()))
}

fn truth(name: &str, labels: Labels) -> Truth {
    Truth {
        name: name.to_owned(),
        pattern: labels.pattern,
        leak: labels.leak,
        leak_mb_per_min: labels.leak_mb_per_min,
        gc_churn: labels.gc_churn,
        sustained_high: labels.sustained_high,
        flapping: labels.flapping,
    }
}

fn page(found: &Accuracy) -> String {
    let mut page = kinds(found);
    page.push('\n');
    page.push_str(&patterns(found));
    page.push('\n');
    if !found.calibration.is_empty() {
        page.push_str(&calibration(found));
        page.push('\n');
    }
    for mistake in &found.mistakes {
        let reason = mistake.reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"));
        let line = format!("{} {}: {}{reason}", mistake.mistake, mistake.kind.as_str(), mistake.run);
        page.push_str(&super::wrapped("", &output::harmless(&line)));
    }
    let unknown: Vec<String> = found
        .patterns
        .iter()
        .filter(|p| p.inconclusive > 0)
        .map(|p| format!("{} {}", p.pattern, p.inconclusive))
        .collect();
    if !unknown.is_empty() {
        let line = format!("inconclusive leak verdicts: {}", unknown.join(", "));
        page.push_str(&super::wrapped("", &output::harmless(&line)));
    }
    let conclusive = found.conclusive_leak_recall.map_or_else(|| "-".to_owned(), percent);
    page.push_str(&super::wrapped(
        "",
        &format!(
            "{} labelled runs; {} leak verdicts inconclusive, {} of them of runs that leak; recall of leaks where the \
             verdict is conclusive: {conclusive}; {} of {} slope intervals hold the true slope",
            found.runs, found.inconclusive, found.inconclusive_leaks, found.slope.hold, found.slope.intervals
        ),
    ));
    page
}

fn shares(score: &Score) -> [Field; 3] {
    let share = |value: Option<f64>| {
        value.map_or_else(
            || Field::from("-"),
            |v| {
                Field(
                    percent(v),
                    if v >= 0.95 {
                        Tone::Good
                    } else if v >= 0.8 {
                        Tone::Plain
                    } else {
                        Tone::Warn
                    },
                )
            },
        )
    };
    [score.precision, score.recall, score.f1].map(share)
}

fn score_fields(score: &Score) -> Vec<Field> {
    let counts = [score.found, score.missed, score.false_alarms].map(|n| Field::from(n.to_string()));
    counts.into_iter().chain(shares(score)).collect()
}

fn kinds(found: &Accuracy) -> String {
    let columns = [
        text("kind"),
        text("rule"),
        number("found"),
        number("missed"),
        number("false"),
        number("prec"),
        number("recall"),
        number("F1"),
    ];
    let row = |k: &memtool_analyzer::accuracy::KindScore| {
        let mut fields = vec![Field::from(k.kind.as_str()), Field::from(k.rule.as_str())];
        fields.extend(score_fields(&k.score));
        fields
    };
    table::render(&columns, found.kinds.iter().map(row).collect())
}

/// Patterns where something is true or was found.
fn patterns(found: &Accuracy) -> String {
    let columns = [
        text("pattern"),
        text("kind"),
        number("found"),
        number("missed"),
        number("false"),
        number("prec"),
        number("recall"),
        number("F1"),
    ];
    let counts = |s: &Score| s.found + s.missed + s.false_alarms;
    let rows = found.patterns.iter().filter(|p| counts(&p.score) > 0).map(|p| {
        let names = [p.pattern.clone(), p.kind.as_str().to_owned()].map(Field::from);
        names.into_iter().chain(score_fields(&p.score)).collect()
    });
    table::render(&columns, rows.collect())
}

fn calibration(found: &Accuracy) -> String {
    let columns = [text("kind"), text("confidence"), number("findings"), number("said"), number("was true")];
    let rows = found.calibration.iter().map(|c| {
        vec![
            Field::from(c.kind.as_str()),
            Field::from(format!("{:.1} to {:.1}", c.band.0, c.band.1)),
            Field::from(c.findings.to_string()),
            Field::from(percent(c.said)),
            Field::from(percent(c.was)),
        ]
    });
    table::render(&columns, rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_may_hold_more_than_is_read() {
        let text = r#"{"workload":"w","limit_mb":4,"labels":{"pattern":"p","leak":true,"leak_mb_per_min":2.5,
            "gc_churn":false,"sustained_high":false,"flapping":true,"share_above_high":0.1}}"#;
        let outcome: Outcome = serde_json::from_str(text).expect("an outcome");
        let truth = truth("w__c__r1", outcome.labels);
        assert!(truth.leak && truth.flapping && !truth.gc_churn && truth.leak_mb_per_min == 2.5);
    }
}
