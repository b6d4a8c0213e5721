//! One command a file: arguments, plan, call, print.

pub(crate) mod accuracy;
pub(crate) mod analyze;
pub(crate) mod chart;
pub(crate) mod check_config;
pub(crate) mod recommendations;
pub(crate) mod simulate;
pub(crate) mod tune;

use std::path::{Path, PathBuf};

use memtool_analyzer::{Loaded, SkippedReport, load};
use memtool_profile_model::Run;

use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;

/// Names the files that could not be used, on standard error.
fn say_skipped(skipped: &[SkippedReport]) {
    for file in skipped {
        output::say(&format!(
            "memtool: skipped {}: {}",
            output::harmless(&file.path),
            output::harmless(&file.error)
        ));
    }
}

/// Reads every run behind the paths and keeps them all; names what could not be read.
fn load_runs(paths: &[PathBuf]) -> Vec<(PathBuf, Run)> {
    let bar = Progress::files();
    let keep = |path: &Path, run: Run| (path.to_owned(), run);
    let Loaded { values, skipped, .. } = load(paths, |done, of| bar.at(done, of), keep);
    drop(bar);
    say_skipped(&skipped.iter().map(SkippedReport::from).collect::<Vec<_>>());
    values
}

/// Done, unless nothing could be read.
fn exit_for(readable: usize) -> Exit {
    if readable == 0 {
        output::say("memtool: no readable memory profile or stream in the given paths");
        return Exit::NoInput;
    }
    Exit::Done
}

/// The part of a path that tells a run from its neighbours.
fn run_name(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let packed = file.strip_suffix(".gz").or_else(|| file.strip_suffix(".zst")).unwrap_or(file);
    let stem = packed.strip_suffix(".json").or_else(|| packed.strip_suffix(".ndjson")).unwrap_or(packed);
    let stem = stem.strip_suffix(".profile").unwrap_or(stem);
    stem.strip_prefix("memory_profile_").unwrap_or(stem).to_owned()
}

/// Whole mebibytes with thousands apart.
fn mib(value: f64) -> String {
    let digits = format!("{value:.0}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}")
}

/// So many of a thing, in words that agree.
fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A share as whole percent.
fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A time span as a person says it.
fn span(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// Columns that running text takes.
const TEXT_WIDTH: usize = 78;

/// Running text in lines that fit a terminal, the first after a lead and the others as far in.
fn wrapped(lead: &str, text: &str) -> String {
    let indent = " ".repeat(lead.chars().count());
    let mut page = String::new();
    let mut line = lead.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > TEXT_WIDTH {
            page.push_str(line.trim_end());
            page.push('\n');
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    page + line.trim_end() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_a_person_writes_them() {
        assert_eq!(mib(1_234_567.4), "1,234,567");
        assert_eq!(mib(-12.6), "-13");
        assert_eq!(mib(999.0), "999");
        assert_eq!(percent(0.123), "12 %");
        assert_eq!(span(90.0), "90 s");
        assert_eq!((counted(1, "run"), counted(2, "run")), ("1 run".to_owned(), "2 runs".to_owned()));
        assert_eq!(span(600.0), "10 min");
    }

    #[test]
    fn a_run_is_named_by_its_file() {
        assert_eq!(run_name("a/memory_profile_20260101_000000.json.gz"), "20260101_000000");
        assert_eq!(run_name("phases__fixed__r1.profile.json"), "phases__fixed__r1");
    }
}
