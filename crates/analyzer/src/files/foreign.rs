//! Files of other tools: their readers and their runs.

use std::io::{BufReader, Read};
use std::path::Path;

use memtool_formats::{Columns, Head, Limits, find, find_inside, read, read_columns, refuse, refuse_binary};
use memtool_profile_model::{ReadError, Run, printable, sniff};

use super::open::FileBytes;

/// The runs of another tool's file; `None` where it is one of memtool's own, or is named like one.
///
/// # Errors
/// Where it cannot be read; where no reader knows it, what it looks like and what to do.
pub(super) fn runs(
    path: &Path,
    bytes: &FileBytes<'_>,
    columns: Option<&Columns>,
    samples: usize,
) -> Result<Option<Vec<Run>>, ReadError> {
    let mut start = Vec::new();
    bytes.open()?.take(Head::BYTES as u64).read_to_end(&mut start)?;
    if is_named_own(path) || sniff(&start).is_some() || start.trim_ascii().is_empty() {
        return Ok(None);
    }
    let head = Head::new(&start);
    let limits = Limits::default();
    let limits = Limits { samples: limits.samples.min(samples), ..limits };
    let mut text = BufReader::with_capacity(Head::BYTES, bytes.open()?);
    let reader = match find(&head) {
        // A log that a job wrote for long may hold what was measured of it, in its midst or at its end.
        None if start.len() == Head::BYTES => find_inside(&mut bytes.open()?)?,
        found => found,
    };
    if let (Some(error), None) = (refuse_binary(&head), reader) {
        return Err(error);
    }
    match (columns, reader) {
        // What was said of a table's columns counts for more than what they look like.
        (Some(columns), _) if columns.fit(&head) => read_columns(columns, &mut text, limits).map(Some),
        (_, Some(reader)) => read(reader, &mut text, limits).map(Some),
        (Some(columns), None) => read_columns(columns, &mut text, limits).map(Some),
        (None, None) => Err(refuse(&head).unwrap_or_else(|| unknown(&head))),
    }
}

/// Whether the beginning of a file is another tool's.
pub(super) fn is_foreign(start: &[u8]) -> bool {
    find(&Head::new(start)).is_some()
}

/// Whether a file is one of memtool's own by its name: then its own reader says what is wrong with it.
pub(super) fn is_named_own(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let plain = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let says_profile = plain.ends_with(".json")
        && (plain.starts_with("memory_profile_") || plain.ends_with(".profile.json"));
    let says_stream = plain.ends_with(".ndjson") && plain.starts_with("memory_stream_");
    says_profile || says_stream
}

fn unknown(head: &Head<'_>) -> ReadError {
    let start: String = head.first_line().trim().chars().take(40).collect();
    ReadError::Refused {
        what: printable(&format!("no file that memtool reads (it begins with {start:?})")),
        advice: "`memtool formats` lists those that are; a table of your own is read with --columns"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What GNU time printed of a job.
    const TIME: &str = include_str!("../../../../fixtures/foreign/gnu_time/job.txt");

    fn peaks(text: &str) -> Result<Vec<f64>, String> {
        let runs = runs(Path::new("job.out"), &FileBytes::in_memory(text.as_bytes()), None, 1000);
        let runs = runs.map_err(|error| error.to_string())?.unwrap_or_default();
        Ok(runs.iter().filter_map(|run| Some(run.snapshots[0].rss?.get())).collect())
    }

    #[test]
    fn a_long_log_may_hold_what_was_measured_of_its_jobs() {
        let log = "step done\n".repeat(20_000);
        let alone = peaks(TIME).expect("a peak");
        assert_eq!(alone.len(), 1);
        assert_eq!(peaks(&format!("{log}{TIME}")), Ok(alone.clone()));
        assert_eq!(peaks(&format!("{log}{TIME}{}", "bye\n".repeat(100_000))), Ok(alone.clone()));
        let several = [&log, TIME, &log, TIME, &log].concat();
        assert_eq!(peaks(&several), Ok([alone.clone(), alone.clone()].concat()));
        // Half of a block before the place where the second look begins.
        let shifted = format!("{}{TIME}{log}", "x".repeat(3 * (32 << 10) - 400) + "\n");
        assert_eq!(peaks(&shifted), Ok(alone));
        let error = peaks(&log).expect_err("nothing in it");
        assert!(error.starts_with("it is no file that memtool reads"), "{error}");
    }
}
