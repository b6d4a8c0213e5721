//! Which arrow is allowed.

use std::collections::BTreeMap;

use super::manifest::dependencies;
use super::source::{Reference, references};

/// What each crate may name of its siblings. A further crate needs a reason, and a row.
const CRATES: [(&str, &[&str]); 10] = [
    ("profile-model", &[]),
    // Synthetic runs, for tests only: what tests alone use of it is not told apart here.
    ("tracegen", &["profile-model"]),
    ("formats", &["profile-model", "tracegen"]),
    ("policy", &["profile-model", "tracegen"]),
    ("job-config", &["profile-model"]),
    ("recorder", &["policy", "profile-model"]),
    ("analyzer", &["formats", "job-config", "policy", "profile-model", "tracegen"]),
    ("cli", &["analyzer", "formats", "job-config", "policy", "profile-model", "recorder", "tracegen"]),
    // The scorer of runs with a known truth: nothing uses it.
    ("eval", &["analyzer", "profile-model", "recorder", "tracegen"]),
    ("python", &["analyzer", "job-config", "recorder"]),
];

/// The one place where a heavy crate is named: a crate, a folder, or a file without its ending.
const HOMES: [(&str, &str); 18] = [
    ("polars", "crates/analyzer/src/frame"),
    ("linfa", "crates/analyzer/src/stats/regression"),
    ("linfa-linear", "crates/analyzer/src/stats/regression"),
    ("ndarray", "crates/analyzer/src/stats/regression"),
    ("parquet", "crates/analyzer/src/table"),
    ("plotters", "crates/analyzer/src/chart"),
    ("comfy-table", "crates/cli/src/table"),
    ("clap", "crates/cli/src/args"),
    ("minijinja", "crates/cli/src/report_page/templates"),
    ("sha2", "crates/cli/src/report_page/content_policy"),
    ("toml", "crates/cli/src/budget_file"),
    ("ratatui", "crates/cli/src/monitor/screen"),
    ("signal-hook", "crates/cli/src/signals"),
    ("rusqlite", "crates/formats/src/procpath"),
    ("serde_yaml", "crates/job-config"),
    ("yaml-edit", "crates/job-config"),
    ("pyo3", "crates/python"),
    ("arrow-array", "crates/python/src/table"),
];

/// The analyzer's line: a stage uses its own rank and lower ones. What has no rank (its errors,
/// say) stands below all.
const STAGES: [(&str, u8); 19] = [
    ("files", 1),
    ("request", 1),
    ("series", 2),
    ("series_builder", 2),
    ("stats", 2),
    ("frame", 3),
    ("summary", 3),
    ("detect", 4),
    ("memory_model", 5),
    ("simulate", 6),
    ("tune", 7),
    ("fit", 8),
    ("chart", 8),
    ("report", 9),
    ("compare", 10),
    ("lake", 10),
    ("fleet", 11),
    ("gate", 11),
    ("document", 11),
];

const ANALYZER: &str = "crates/analyzer/src/";

/// From the name a crate's root gives something to the module that it comes from.
pub(super) type Exports = BTreeMap<String, String>;

/// What a `lib.rs` hands on from its modules: a way round that must not hide an arrow.
pub(super) fn exports(lib: &str) -> Exports {
    let named = |reference: Reference| {
        let segments = reference.segments.iter().filter(|s| !["crate", "self"].contains(&s.as_str()));
        let segments: Vec<&String> = segments.collect();
        let (first, last) = (segments.first()?, segments.last()?);
        Some((reference.alias.unwrap_or_else(|| (*last).clone()), (*first).clone()))
    };
    references(lib).into_iter().filter_map(named).collect()
}

/// What is wrong with a source file of the crates.
pub(super) fn source_faults(path: &str, text: &str, exports: &Exports) -> Vec<String> {
    let faults = references(text).into_iter().filter_map(|reference| {
        let root = reference.segments.first()?;
        let fault = crate_fault(path, root)
            .or_else(|| home_fault(path, root))
            .or_else(|| stage_fault(path, &reference, exports))?;
        Some(format!("{path}: {}: {fault}", reference.segments.join("::")))
    });
    faults.collect()
}

/// What is wrong with a crate's manifest.
pub(super) fn manifest_faults(path: &str, text: &str) -> Vec<String> {
    let own = crate_of(path);
    let mut faults = Vec::new();
    if CRATES.iter().all(|(name, _)| *name != own) {
        faults.push(format!("{path}: a crate that the architecture does not know"));
    }
    for dependency in dependencies(text) {
        let home = HOMES.iter().find(|(name, _)| same_crate(name, &dependency));
        let away = home.filter(|(_, home)| crate_of(home) != own).map(|(_, home)| lives_in(home));
        let fault = crate_fault(path, &dependency).or(away);
        faults.extend(fault.map(|fault| format!("{path}: {dependency}: {fault}")));
    }
    faults
}

/// The crate's folder: the second part of `crates/cli/src/main.rs`.
fn crate_of(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// A crate is written with `-` in manifests and `_` in sources.
fn same_crate(name: &str, other: &str) -> bool {
    name.replace('-', "_") == other.replace('-', "_")
}

fn lives_in(home: &str) -> String {
    format!("its one home is {home}")
}

fn crate_fault(path: &str, root: &str) -> Option<String> {
    let own = crate_of(path);
    let sibling = root.replace('_', "-").strip_prefix("memtool-")?.to_owned();
    let allowed = CRATES.iter().find(|(name, _)| *name == own).map_or(&[][..], |(_, allowed)| allowed);
    let fine = sibling == own || allowed.contains(&sibling.as_str());
    (!fine).then(|| format!("{own} may use {allowed:?} only"))
}

fn home_fault(path: &str, root: &str) -> Option<String> {
    let (_, home) = HOMES.iter().find(|(name, _)| same_crate(name, root))?;
    (!is_inside(path, home)).then(|| lives_in(home))
}

fn is_inside(path: &str, home: &str) -> bool {
    path.strip_prefix(home).is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
}

fn rank(stage: &str) -> u8 {
    STAGES.iter().find(|(name, _)| *name == stage).map_or(0, |(_, rank)| *rank)
}

fn stage_fault(path: &str, reference: &Reference, exports: &Exports) -> Option<String> {
    let file = path.strip_prefix(ANALYZER)?.trim_end_matches(".rs");
    let mut module: Vec<&str> = file.split('/').filter(|part| *part != "mod").collect();
    let own = *module.first()?;
    if ["lib", "main"].contains(&own) {
        return None;
    }
    module.extend(reference.inside.iter().map(String::as_str));
    let used = top_module(&module, &reference.segments)?;
    let used = exports.get(used).map_or(used, String::as_str);
    (rank(used) > rank(own)).then(|| format!("{own} comes before {used}"))
}

/// The module right below the crate's root that a path leads through, if it starts in the crate.
fn top_module<'a>(module: &[&'a str], segments: &'a [String]) -> Option<&'a str> {
    let supers = segments.iter().take_while(|s| *s == "super" || *s == "self").collect::<Vec<_>>();
    if segments.first()? == "crate" {
        return segments.get(1).map(String::as_str);
    }
    if supers.is_empty() {
        return None;
    }
    let up = supers.iter().filter(|s| **s == "super").count();
    if up < module.len() {
        return module.first().copied();
    }
    segments.get(supers.len()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        let exports =
            exports("mod detect; pub use detect::{Finding, Severity as Weight}; pub use files::Input;");
        source_faults(path, text, &exports)
    }

    #[track_caller]
    fn assert_fault(path: &str, text: &str, end: &str) {
        let found = faults(path, text);
        assert!(found.len() == 1 && found[0].ends_with(end), "{text}: {found:?}");
    }

    #[test]
    fn an_arrow_between_crates_that_points_back_is_found() {
        assert_fault("crates/profile-model/src/run.rs", "use memtool_recorder::Probe;", "may use [] only");
        assert_fault(
            "crates/recorder/src/a/b.rs",
            "fn f() { memtool_analyzer::run() }",
            "[\"policy\", \"profile-model\"] only",
        );
        assert_fault(
            "crates/analyzer/src/lib.rs",
            "extern crate memtool_cli;",
            "[\"formats\", \"job-config\", \"policy\", \"profile-model\", \"tracegen\"] only",
        );
        assert_eq!(
            faults("crates/cli/src/main.rs", "use memtool_analyzer::X; use memtool_recorder::Y;"),
            [""; 0]
        );
    }

    #[test]
    fn a_heavy_crate_away_from_home_is_found() {
        assert_fault(
            "crates/analyzer/src/detect/leak.rs",
            "use polars::prelude::*;",
            "crates/analyzer/src/frame",
        );
        assert_fault("crates/analyzer/src/stats/rank.rs", "use {ndarray as nd};", "src/stats/regression");
        assert_fault("crates/analyzer/src/report.rs", "plotters::style::RED", "crates/analyzer/src/chart");
        assert_fault("crates/cli/src/tables.rs", "use comfy_table::Table;", "crates/cli/src/table");
        assert_fault("crates/cli/src/main.rs", "#[derive(clap::Args)] struct A;", "crates/cli/src/args");
        assert_fault("crates/profile-model/src/config.rs", "serde_yaml::from_str(x)", "crates/job-config");
        let at_home = [
            ("crates/analyzer/src/frame/mod.rs", "use polars::prelude::*;"),
            ("crates/analyzer/src/frame.rs", "use polars::prelude::*;"),
            ("crates/analyzer/src/stats/regression.rs", "use linfa_linear::FittedLinearRegression;"),
            ("crates/cli/src/table.rs", "use comfy_table::Table;"),
            ("crates/cli/src/args/simulate.rs", "use clap::Args;"),
            ("crates/job-config/src/edit.rs", "use yaml_edit::Document;"),
        ];
        for (path, text) in at_home {
            assert_eq!(faults(path, text), [""; 0], "{path}");
        }
    }

    #[test]
    fn a_stage_that_uses_a_later_one_is_found() {
        let frame = "crates/analyzer/src/frame/mod.rs";
        assert_fault(frame, "use crate::{detect::Leak, files::Input};", "frame comes before detect");
        assert_fault(frame, "use super::report;", "frame comes before report");
        assert_fault(
            "crates/analyzer/src/frame/a.rs",
            "use super::super::tune::X;",
            "frame comes before tune",
        );
        assert_fault("crates/analyzer/src/chart.rs", "crate::report::html()", "chart comes before report");
        assert_fault("crates/analyzer/src/error.rs", "use crate::files::Input;", "error comes before files");
        assert_fault(frame, "mod tests { use super::super::simulate::X; }", "frame comes before simulate");
    }

    #[test]
    fn a_later_stage_handed_on_by_the_root_is_found() {
        assert_fault("crates/analyzer/src/stats/a.rs", "use crate::Finding;", "stats comes before detect");
        assert_fault("crates/analyzer/src/stats/a.rs", "use crate::Weight;", "stats comes before detect");
        assert_eq!(faults("crates/analyzer/src/stats/a.rs", "use crate::Input;"), [""; 0]);
    }

    #[test]
    fn the_line_itself_is_fine() {
        let text = "use crate::{detect::X, frame::Y, stats::mean, Error}; use super::other; use std::fs; \
            mod tests { use super::*; use super::super::sibling; }";
        assert_eq!(faults("crates/analyzer/src/simulate/replay.rs", text), [""; 0]);
        assert_eq!(
            faults("crates/analyzer/src/lib.rs", "pub use report::Html; use crate::tune::X;"),
            [""; 0]
        );
    }

    #[test]
    fn a_dependency_that_points_back_or_leaves_home_is_found() {
        let found = manifest_faults(
            "crates/recorder/Cargo.toml",
            "[dependencies]\nmemtool-analyzer.workspace = true\npolars = \"1\"\n",
        );
        assert_eq!(found.len(), 2, "{found:?}");
        let found = manifest_faults("crates/web/Cargo.toml", "[dependencies]\n");
        assert!(found[0].ends_with("does not know"), "{found:?}");
        assert_eq!(manifest_faults("crates/cli/Cargo.toml", "[dev-dependencies]\nclap = \"4\"\n"), [""; 0]);
    }
}
