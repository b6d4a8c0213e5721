//! The pages and tables of findings in docs/ are made from the files of the rules.

use std::fs;

use memtool_analyzer::FindingKind;

use crate::fixtures::root;

/// Set to write the docs instead of comparing them.
const OVERWRITE: &str = "MEMTOOL_DOCS";

/// The text at the head of a rule's file.
struct Page {
    kind: &'static str,
    text: String,
}

impl Page {
    fn of(kind: FindingKind) -> Self {
        let kind = kind.as_str();
        let file = root().join(format!("crates/analyzer/src/detect/rules/{kind}.rs"));
        let source = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let head = source.lines().map_while(|line| line.strip_prefix("//!"));
        let lines: Vec<&str> = head.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let page = Self { kind, text: lines.join("\n") };
        assert!(page.text.starts_with(&format!("# `{kind}`\n\n")), "{kind}: begin with `//! # `{kind}``");
        page
    }

    /// The paragraph that follows a line.
    fn paragraph_after(&self, line: &str) -> String {
        let found = self.text.split("\n\n").skip_while(|part| *part != line).nth(1);
        let text = found.unwrap_or_else(|| panic!("{}: no paragraph after {line:?}", self.kind));
        text.replace('\n', " ")
    }

    fn means(&self) -> String {
        self.paragraph_after(&format!("# `{}`", self.kind))
    }

    fn rule(&self) -> String {
        self.paragraph_after("## The rule")
    }
}

fn pages() -> Vec<Page> {
    FindingKind::ALL.iter().copied().map(Page::of).collect()
}

/// Compares a file with what it should be, or writes it.
fn hold(path: &str, wanted: &str) {
    let file = root().join(path);
    if std::env::var_os(OVERWRITE).is_some_and(|value| value == "overwrite") {
        fs::write(&file, wanted).unwrap_or_else(|error| panic!("{path}: {error}"));
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == wanted,
        "{path} differs from the rules in crates/analyzer/src/detect/rules: run\n    {OVERWRITE}=overwrite cargo test \
         -p memtool-cli finding_pages"
    );
}

/// A text with new lines between two marks.
fn with_table(path: &str, name: &str, rows: &[String]) -> String {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (begin, end) =
        (format!("<!-- {name}: made from the rules -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{path}: no {begin:?}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{path}: no {end:?}"));
    format!("{before}{begin}\n{}\n\n{end}{after}", rows.join("\n"))
}

fn table(head: [&str; 2], row: impl Fn(&Page) -> [String; 2]) -> Vec<String> {
    let line = |[a, b]: [String; 2]| format!("| {a} | {b} |");
    let mut rows = vec![line(head.map(str::to_owned)), "|---|---|".to_owned()];
    rows.extend(pages().iter().map(|page| line(row(page))));
    rows
}

#[test]
fn every_kind_has_its_page() {
    for page in pages() {
        hold(&format!("docs/findings/{}.md", page.kind), &format!("{}\n", page.text));
    }
    let files = fs::read_dir(root().join("docs/findings")).expect("the folder").count();
    assert_eq!(files, FindingKind::ALL.len(), "a page in docs/findings without a rule");
}

#[test]
fn every_kind_is_in_the_tables() {
    let linked = |page: &Page| format!("[{0}](findings/{0}.md)", page.kind);
    let means = table(["type", "meaning"], |page| [linked(page), page.means()]);
    hold("docs/guide.md", &with_table("docs/guide.md", "findings", &means));
    let rules = table(["kind", "fires when"], |page| [linked(page), page.rule()]);
    hold("docs/detectors.md", &with_table("docs/detectors.md", "findings", &rules));
}
