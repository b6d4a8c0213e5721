use std::path::Path;

use memtool_analyzer::document::{PageBudget, ReportDocument, RunPage};
use memtool_profile_model::{Mib, Offset, Run, Snapshot};

use super::*;

const HOSTILE: &str = "</script><img src=x onerror=\"hit()\">\u{202e}";

/// A report on a run whose job and operation try to be markup.
fn hostile() -> String {
    let mut run = Run::default();
    run.process.job = Some(HOSTILE.to_owned());
    let operation = run.operations.intern(HOSTILE);
    run.snapshots = (0..50)
        .map(|second| Snapshot {
            at: Offset::from_seconds(f64::from(second)),
            rss: Some(Mib::new(100.0)),
            operation: Some(operation),
            ..Snapshot::default()
        })
        .collect();
    let page = RunPage::new(Path::new(HOSTILE), &run, PageBudget::for_files(1));
    render(&ReportDocument::new(vec![page], Vec::new())).expect("laid out")
}

#[test]
fn names_from_files_are_text_everywhere() {
    let html = hostile();
    assert!(!html.contains("<img"), "{html}");
    assert_eq!(html.matches("</script>").count(), 2, "one of the data and one of the script");
    let (body, data) = html.split_once("id=\"data\">").expect("data");
    assert!(body.contains("&lt;img src=x") && !body.contains('\u{202e}'), "{body}");
    assert!(data.contains("\\u003cimg"));
}

#[test]
fn nothing_is_fetched_and_nothing_is_inline() {
    let html = hostile();
    let (head, _) = html.split_once("<style>").expect("a style");
    assert!(head.contains("default-src &#x27;none&#x27;") || head.contains("default-src 'none'"), "{head}");
    for fetched in ["http:", "https:", " src=\"", "url(", "@import", " style=\""] {
        let found = html.replace("http://www.w3.org/2000/svg", "");
        let (page, _) = found.split_once("id=\"data\">").expect("data");
        assert!(!page.contains(fetched), "{fetched}");
    }
}

#[test]
fn a_run_without_a_sample_has_a_page() {
    let page = RunPage::new(Path::new("empty.ndjson"), &Run::default(), PageBudget::for_files(1));
    let html = render(&ReportDocument::new(vec![page], Vec::new())).expect("laid out");
    assert!(html.contains("No sample of this run could be read."));
}

#[test]
fn data_cannot_leave_its_element() {
    let text = inert(&serde_json::to_string("</script><!--\u{2028}").expect("JSON"));
    assert!(!text.contains('<') && !text.contains('\u{2028}'), "{text}");
    assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), "</script><!--\u{2028}");
}
