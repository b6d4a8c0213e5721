//! Reads a whole file.

use std::io::BufRead;

use memtool_profile_model::{ReadError, Run, Snapshot, Warning, is_part_of};

use crate::columns::{self, Columns};
use crate::input::Input;
use crate::limits::Limits;
use crate::reader::Reader;

/// Reads a file with the reader that [`find`](crate::find) gave for its beginning.
///
/// # Errors
/// Where it cannot be read, holds no memory figure, or is known and cannot be analysed.
pub fn read(reader: &Reader, text: &mut dyn BufRead, limits: Limits) -> Result<Vec<Run>, ReadError> {
    let mut input = Input::new(text, limits);
    (reader.read)(&mut input).map(with_sizes_that_can_be)
}

/// Reads a table by a mapping of its columns.
///
/// # Errors
/// As [`read`], and where a column of the mapping is missing.
pub fn read_columns(
    mapping: &Columns,
    text: &mut dyn BufRead,
    limits: Limits,
) -> Result<Vec<Run>, ReadError> {
    columns::read(mapping, &mut Input::new(text, limits)).map(with_sizes_that_can_be)
}

/// Leaves out parts that are larger than the whole they were read with, and limits in which nothing runs, and says so.
fn with_sizes_that_can_be(mut runs: Vec<Run>) -> Vec<Run> {
    for run in &mut runs {
        let oversized = run.snapshots.iter_mut().filter_map(fitted).count();
        if oversized > 0 {
            run.warnings.push(Warning::OversizedParts(oversized));
        }
        run.leave_out_tiny_limits();
    }
    runs
}

/// Takes what cannot be a part out of a sample; `None` where all parts can be.
fn fitted(snapshot: &mut Snapshot) -> Option<()> {
    let whole = snapshot.rss?;
    let parts = [&mut snapshot.children_rss, &mut snapshot.shared, &mut snapshot.pss];
    let mut left_out = None;
    for part in parts {
        if part.is_some_and(|part| !is_part_of(part, whole)) {
            (*part, left_out) = (None, Some(()));
        }
    }
    left_out
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Mib;

    use super::*;

    #[test]
    fn a_part_that_is_larger_than_the_whole_is_left_out_and_counted() {
        let mapping = "time=t,rss=rss:MiB,pss=pss:MiB".parse().expect("a mapping");
        let table = "t,rss,pss\n1,100,80\n2,100,800\n3,100,101\n";
        let runs = read_columns(&mapping, &mut table.as_bytes(), Limits::default()).expect("a table");
        let pss: Vec<_> = runs[0].snapshots.iter().map(|snapshot| snapshot.pss.map(Mib::get)).collect();
        assert_eq!(pss, [Some(80.0), None, Some(101.0)]);
        assert!(runs[0].warnings.contains(&Warning::OversizedParts(1)), "{:?}", runs[0].warnings);
    }
}
