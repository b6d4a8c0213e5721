//! CSV: one row per sample, one file per run.

use std::fmt::Write as _;

use memtool_profile_model::{Run, Snapshot};

use super::exporter::{Exporter, text_file};
use super::sizes::SIZES;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "csv",
    about: "A row a sample, a file a run",
    files: |run| Ok(text_file(run, format!("{}.csv", run.name), csv(run.run))),
};

/// A row a sample: seconds since the start, the wall clock where the file has one, sizes in MiB, the
/// operation. It reads back with `--columns time=seconds,rss=rss_mib:MiB`.
fn csv(run: &Run) -> String {
    let mut text = "seconds,time,rss_mib,vms_mib,pss_mib,available_mib,operation\n".to_owned();
    for sample in &run.snapshots {
        let time = run.known_start().and_then(|start| start.checked_add(elapsed(sample)).ok());
        let time = time.map(|time| time.to_string()).unwrap_or_default();
        let sizes =
            SIZES.map(|(_, size)| size(sample).map(|size| size.get().to_string()).unwrap_or_default());
        let operation = sample.operation.map(|id| quoted(run.operations.name(id))).unwrap_or_default();
        let _infallible = writeln!(text, "{},{time},{},{operation}", sample.at.seconds(), sizes.join(","));
    }
    text
}

fn elapsed(sample: &Snapshot) -> jiff::SignedDuration {
    jiff::SignedDuration::from_nanos(sample.at.nanos())
}

/// A cell between quotes where it holds what parts cells.
fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::export::exporter::tests::recorded;

    #[test]
    fn a_row_a_sample() {
        let run = recorded();
        let text = csv(&run);
        assert_eq!(text.lines().count(), run.snapshots.len() + 1);
        let columns = text.lines().next().expect("a header").split(',').count();
        assert!(text.lines().all(|line| line.split(',').count() == columns), "{text}");
    }

    #[test]
    fn what_parts_cells_is_quoted() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
