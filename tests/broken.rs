//! Each broken file does what the table in `fixtures/broken/README.md` says.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

use memtool_profile_model::read_run;

use crate::fixtures::{Fixture, broken, root};

/// From the table: file to outcome.
fn table() -> BTreeMap<String, String> {
    let readme = root().join("fixtures/broken/README.md");
    let text = fs::read_to_string(readme).expect("the table");
    let rows = text.lines().filter(|line| line.starts_with("| `memory_"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [name, _, outcome] = cells[..] else { panic!("three cells in {line}") };
        (unquoted(name), unquoted(outcome))
    })
    .collect()
}

fn unquoted(cell: &str) -> String {
    cell.trim_matches('`').trim().to_owned()
}

/// What came of a file, in the words of the table.
fn outcome(file: &Fixture) -> String {
    let bytes = if file.name.ends_with(".gz") {
        let mut plain = Vec::new();
        match flate2::read::GzDecoder::new(&file.bytes[..]).read_to_end(&mut plain) {
            Ok(_) => plain,
            Err(error) => return format!("gzip: {error}"),
        }
    } else {
        file.bytes.clone()
    };
    match read_run(&bytes) {
        Ok(run) if run.warnings.is_empty() => "reads".to_owned(),
        Ok(run) => format!("reads: {}", run.warnings.iter().map(ToString::to_string).collect::<String>()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_file_has_its_outcome() {
    let mut table = table();
    for file in broken() {
        let expected = table.remove(&file.name).unwrap_or_else(|| panic!("no row for {}", file.name));
        let found = outcome(&file);
        let same = match expected.strip_prefix("reads") {
            Some("") => found == "reads",
            Some(_) => found.starts_with(&expected),
            None => !found.starts_with("reads") && found.contains(&expected),
        };
        assert!(same, "{}: expected {expected:?}, found {found:?}", file.name);
    }
    assert!(table.is_empty(), "rows without a file: {table:?}");
}

#[test]
fn no_error_is_longer_than_a_screen_line_or_holds_control_characters() {
    for file in broken() {
        let found = outcome(&file);
        assert!(found.len() < 400 && !found.contains(char::is_control), "{}: {found:?}", file.name);
    }
}

/// The error of a file that must not read. A run is not shown: it may hold all of the file.
fn refusal(bytes: &[u8]) -> String {
    read_run(bytes).map(drop).expect_err("not a run").to_string()
}

#[test]
fn a_line_of_100_megabytes_is_read_or_refused() {
    const SIZE: usize = 100_000_000;
    let good = broken().into_iter().find(|f| f.name == "memory_profile_crlf.json").expect("a good profile");
    let label = "x".repeat(SIZE);
    let long = good.text().replace("\r\n", " ").replacen("null", &format!("\"{label}\""), 1);
    let run = read_run(long.as_bytes()).expect("a profile on one line");
    assert_eq!(run.operations.names()[0].len(), SIZE);

    let error = refusal(label.as_bytes());
    assert!(error.len() < 400, "an error of {} bytes", error.len());
    let wrong = long.replacen("\"pressure_level\": \"low\"", &format!("\"pressure_level\": \"{label}\""), 1);
    let error = refusal(wrong.as_bytes());
    assert!(error.len() < 400, "an error of {} bytes", error.len());
}
