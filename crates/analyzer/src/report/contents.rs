//! Reports on single files that an engine passes in.

use std::num::NonZeroUsize;

use super::run_report::ProfileReport;
use super::source::Source;
use crate::files::{Content, FileOptions, Skipped, load_contents};

/// Judges every run of the files by `threads` threads (as many as there are processors unless given): what came of each file, in their order.
///
/// A run is dropped once it is judged. Nothing is read beside the files: a heap's log and the process of one run are not put together, as
/// `analyze` over a folder does.
#[must_use]
pub fn report_contents(
    contents: &[Content<'_>],
    threads: Option<NonZeroUsize>,
    options: &FileOptions,
) -> Vec<Vec<Result<ProfileReport, Skipped>>> {
    load_contents(contents, threads, options, |input| Ok(Source::open(input, false)?.report(input.path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> (String, Vec<u8>) {
        let path = format!("{}/../../fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(&path).expect("a fixture");
        (path, bytes)
    }

    #[test]
    fn bytes_and_paths_say_the_same() {
        for name in [
            "recorded/memory_stream_fixed_250.ndjson",
            "runs/memory_profile_head_leak.json",
            "foreign/mprof/tree.dat",
        ] {
            let (uri, bytes) = fixture(name);
            let both = [Content { uri: &uri, bytes: None }, Content { uri: &uri, bytes: Some(&bytes) }];
            let found = report_contents(&both, Some(NonZeroUsize::MIN), &FileOptions::default());
            assert!(found[0][0].is_ok() && found[0] == found[1], "{name}: {found:?}");
        }
    }

    #[test]
    fn bytes_are_not_looked_up_by_their_name() {
        let (uri, _) = fixture("runs/memory_profile_head_leak.json");
        for (uri, bytes) in [(uri.as_str(), &b"{}"[..]), ("a/b.parquet", b"PAR1"), ("none.json", b"\x1f\x8b")]
        {
            let found =
                report_contents(&[Content { uri, bytes: Some(bytes) }], None, &FileOptions::default());
            let error = found[0][0].as_ref().expect_err("no run");
            assert_eq!(error.path, uri);
        }
    }

    #[test]
    fn no_file_is_no_report() {
        assert!(report_contents(&[], None, &FileOptions::default()).is_empty());
    }
}
