//! What is built into memtool: licences, versions side by side, and no network stack, by `deny.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::fixtures::root;

/// The strings of a list in `deny.toml`.
fn listed(key: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    let start = text.find(&format!("\n{key} = [")).unwrap_or_else(|| panic!("deny.toml has no list {key}"));
    let list = text[start..].split_once('[').and_then(|(_, rest)| rest.split_once(']')).expect("a list").0;
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Name, version and licence of all crates that are built for some kinds of dependency, this workspace's left out.
fn tree(edges: &str) -> BTreeSet<(String, String, String)> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| env!("CARGO").to_owned());
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--workspace", "--prefix", "none", "--locked", "--offline", "--edges", edges]);
    let output = tree.args(["--format", "{p}|{l}"]).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listing = String::from_utf8(output.stdout).expect("text");
    let crates = listing.lines().filter(|line| !line.starts_with("memtool-")).filter_map(of_line);
    let crates: BTreeSet<_> = crates.collect();
    assert!(crates.len() > 100, "not the workspace's tree: {listing}");
    crates
}

/// `name v1.0.0 (proc-macro)|MIT (*)`
fn of_line(line: &str) -> Option<(String, String, String)> {
    let (package, licence) = line.split_once('|')?;
    let mut words = package.split_whitespace();
    let licence = licence.trim_end_matches("(*)").trim();
    Some((words.next()?.to_owned(), words.next()?.to_owned(), licence.to_owned()))
}

/// Whether an SPDX expression is granted by licences that are allowed. `/` is an old spelling of OR.
fn is_granted(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace('/', " OR ");
    alternatives(&expression).iter().any(|all| all.iter().all(|one| allowed.contains(one)))
}

/// The ways to fulfil an expression: each a list of licences that all apply.
fn alternatives(expression: &str) -> Vec<Vec<String>> {
    let any = split(expression, " OR ");
    if any.len() > 1 {
        return any.iter().flat_map(|part| alternatives(part)).collect();
    }
    let all = split(expression, " AND ");
    if all.len() > 1 {
        let both = |ways: Vec<Vec<String>>, part: &&str| {
            let more = alternatives(part);
            ways.iter().flat_map(|way| more.iter().map(|other| [&way[..], &other[..]].concat())).collect()
        };
        return all.iter().fold(vec![Vec::new()], both);
    }
    let inner = expression.trim();
    match inner.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => alternatives(inner),
        None => vec![vec![inner.to_owned()]],
    }
}

/// Splits at a word outside parentheses.
fn split<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (index, letter) in expression.char_indices() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        if depth == 0 && index >= start && expression[index..].starts_with(word) {
            parts.push(&expression[start..index]);
            start = index + word.len();
        }
    }
    parts.push(&expression[start..]);
    parts
}

#[test]
fn every_licence_is_allowed() {
    let allowed = listed("allow");
    let crates = tree("normal,build,dev");
    let faults: Vec<_> = crates.iter().filter(|(_, _, licence)| !is_granted(licence, &allowed)).collect();
    assert!(faults.is_empty(), "not allowed by deny.toml: {faults:#?}");
}

#[test]
fn licences_are_read_as_they_are_meant() {
    let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned()];
    for granted in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_granted(granted, &allowed), "{granted}");
    }
    for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR Apache-2.0) AND MIT", "Apache-2.0"] {
        assert!(!is_granted(refused, &allowed), "{refused}");
    }
}

#[test]
fn no_crate_is_built_twice_without_a_reason() {
    let skipped = listed("skip");
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version, _) in tree("normal,build") {
        versions.entry(name).or_default().insert(version);
    }
    versions.retain(|name, versions| versions.len() > 1 && !skipped.contains(name));
    assert!(versions.is_empty(), "several versions: {versions:#?}");
}

#[test]
fn no_network_stack_is_built() {
    let denied = listed("deny");
    let crates = tree("normal,build");
    let found: Vec<_> = crates.iter().filter(|(name, _, _)| denied.contains(name)).collect();
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(of_line("ring v0.17.8|ISC (*)"), Some(("ring".into(), "v0.17.8".into(), "ISC".into())));
    assert!(denied.contains(&"ring".to_owned()) && !denied.contains(&"hyperfine".to_owned()));
}
