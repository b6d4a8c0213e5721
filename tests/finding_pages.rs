//! The pages and tables of findings in docs/ are made from the files of the rules.

use std::fs;

use memtool_analyzer::FindingKind;

use crate::fixtures::root;
use crate::made_docs::{hold, with_lines};

/// The filter of these tests.
const TESTS: &str = "finding_pages";

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

fn table(head: [&str; 2], row: impl Fn(&Page) -> [String; 2]) -> Vec<String> {
    let line = |[a, b]: [String; 2]| format!("| {a} | {b} |");
    let mut rows = vec![line(head.map(str::to_owned)), "|---|---|".to_owned()];
    rows.extend(pages().iter().map(|page| line(row(page))));
    rows
}

#[test]
fn every_kind_has_its_page() {
    for page in pages() {
        hold(&format!("docs/findings/{}.md", page.kind), &format!("{}\n", page.text), TESTS);
    }
    let files = fs::read_dir(root().join("docs/findings")).expect("the folder").count();
    assert_eq!(files, FindingKind::ALL.len(), "a page in docs/findings without a rule");
}

#[test]
fn every_kind_is_in_the_tables() {
    let linked = |page: &Page| format!("[{0}](findings/{0}.md)", page.kind);
    let means = table(["type", "meaning"], |page| [linked(page), page.means()]);
    hold("docs/guide.md", &with_lines("docs/guide.md", "findings: made from the rules", &means), TESTS);
    let rules = table(["kind", "fires when"], |page| [linked(page), page.rule()]);
    hold(
        "docs/detectors.md",
        &with_lines("docs/detectors.md", "findings: made from the rules", &rules),
        TESTS,
    );
}
