//! Every `console` block of the README and the docs is run and its output compared.

use memtool_profile_model::stream::parse_line;

use crate::fixtures::root;

#[test]
fn commands_in_readme_and_docs_print_what_is_shown() {
    // The blocks are written as typed at the repository's root.
    std::env::set_current_dir(root()).expect("the workspace");
    trycmd::TestCases::new()
        .register_bin("memtool", trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_memtool").into()))
        .case("README.md")
        .case("docs/*.md");
}

#[test]
fn every_stream_line_in_the_docs_is_a_record() {
    let text = std::fs::read_to_string(root().join("docs/formats.md")).expect("the page");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(r#"{"type":"#)).collect();
    assert!(lines.len() >= 10, "only {} lines", lines.len());
    for line in lines {
        let record = parse_line(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let again = serde_json::to_value(&record).expect("JSON");
        let shown: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let shown = shown.as_object().expect("an object");
        // No field is there that the reader does not know; a header shows a part of its settings.
        let unknown: Vec<&String> = shown.keys().filter(|key| again.get(key.as_str()).is_none()).collect();
        assert!(unknown.is_empty(), "{line}: {unknown:?}");
    }
}
