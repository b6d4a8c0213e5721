//! Files and tables in docs/ that are made from the code, and held to it.

use std::fs;

use crate::fixtures::root;

/// Set to write the docs instead of comparing them.
const OVERWRITE: &str = "MEMTOOL_DOCS";

/// Compares a file with what it should be, or writes it; `tests` is the filter of the tests that do.
pub(crate) fn hold(path: &str, wanted: &str, tests: &str) {
    let file = root().join(path);
    if std::env::var_os(OVERWRITE).is_some_and(|value| value == "overwrite") {
        fs::write(&file, wanted).unwrap_or_else(|error| panic!("{path}: {error}"));
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == wanted,
        "{path} differs from the code: run\n    {OVERWRITE}=overwrite cargo test -p memtool-cli {tests}"
    );
}

/// A text with new lines between the marks `<!-- NAME: made from … -->` and `<!-- end of NAME -->`.
pub(crate) fn with_lines(path: &str, mark: &str, lines: &[String]) -> String {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let name = mark.split(':').next().unwrap_or(mark);
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{path}: no {begin:?}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{path}: no {end:?}"));
    format!("{before}{begin}\n{}\n\n{end}{after}", lines.join("\n"))
}
