//! Imports point one way, and each heavy crate has one home.

mod circles;
mod manifest;
mod rules;
mod source;

use std::fs;
use std::path::Path;

use crate::fixtures::root;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 3] = ["utils", "helpers", "common"];

/// Files below a folder with an ending, as path from the workspace's root and text, sorted.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&root().join(folder), folder, ending, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, name: &str, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the workspace") {
        let path = entry.expect("an entry").path();
        let own = path.file_name().and_then(|own| own.to_str()).expect("a plain name");
        let name = format!("{name}/{own}");
        if path.is_dir() && !["target", ".venv", "node_modules"].contains(&own) {
            walk(&path, &name, ending, found);
        } else if own.ends_with(ending) {
            found.push((name, fs::read_to_string(&path).expect("text")));
        }
    }
}

/// Sources of the crates themselves, without their examples and benches.
fn sources() -> Vec<(String, String)> {
    let mut sources = files("crates", ".rs");
    sources.retain(|(path, _)| path.split('/').nth(2) == Some("src"));
    assert!(sources.len() > 20, "only {} sources found", sources.len());
    sources
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_import_points_back_or_leaves_its_home() {
    let sources = sources();
    let lib = sources.iter().find(|(path, _)| path == "crates/analyzer/src/lib.rs").expect("the analyzer");
    let exports = rules::exports(&lib.1);
    let faults: Vec<String> =
        sources.iter().flat_map(|(path, text)| rules::source_faults(path, text, &exports)).collect();
    assert_none(&faults);
}

#[test]
fn no_files_import_each_other() {
    let circles = circles::circles(&sources());
    assert_none(&circles.iter().map(|files| format!("a circle: {}", files.join(", "))).collect::<Vec<_>>());
}

#[test]
fn no_dependency_points_back_or_leaves_its_home() {
    let manifests = files("crates", "Cargo.toml");
    assert!(manifests.len() >= 4, "only {} manifests found", manifests.len());
    let faults: Vec<String> =
        manifests.iter().flat_map(|(path, text)| rules::manifest_faults(path, text)).collect();
    assert_none(&faults);
}

#[test]
fn every_file_is_named_after_what_it_holds() {
    let all = ["crates", "tests"].iter().flat_map(|folder| files(folder, ".rs"));
    let faults: Vec<String> = all.filter_map(|(path, _)| named_emptily(&path)).collect();
    assert_none(&faults);
}

fn named_emptily(path: &str) -> Option<String> {
    let empty = |part: &str| EMPTY_NAMES.contains(&part.trim_end_matches(".rs"));
    path.split('/').any(empty).then(|| format!("{path}: name it after the one noun it holds"))
}

#[test]
fn an_empty_name_is_found() {
    for path in ["crates/cli/src/utils.rs", "crates/cli/src/helpers/a.rs", "tests/common/mod.rs"] {
        assert!(named_emptily(path).is_some(), "{path}");
    }
    assert_eq!(named_emptily("crates/cli/src/commonplace.rs"), None);
}
