//! `memtool lake`: looks after the files of a lake.

use std::io;
use std::path::Path;

use jiff::{Timestamp, ToSpan};
use memtool_analyzer::lake::{Compacted, Deleted, compact, delete_older};
use memtool_profile_model::Mib;

use super::{counted, small_mib};
use crate::args::{Lake, LakeAction, LakeDelete};
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(args: &Lake) -> anyhow::Result<Exit> {
    let text = match &args.action {
        LakeAction::Compact { lake } => {
            let report = |error: &memtool_analyzer::lake::LakeError| {
                output::message(&format!("left as it is: {error}"));
            };
            compacted(compact(lake, write, report)?)
        }
        LakeAction::Delete(args) => delete(args)?,
    };
    output::print(&text)?;
    Ok(Exit::Done)
}

/// Writes a file of a lake.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    output::write_file(path, bytes).map_err(|error| io::Error::other(format!("{error:#}")))
}

fn delete(args: &LakeDelete) -> anyhow::Result<String> {
    let first_kept = Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .checked_sub(args.older_than.days())
        .map_err(|_| anyhow::anyhow!("--older-than {}d: too many days for a calendar", args.older_than))?;
    let Deleted { days, files, bytes } = delete_older(&args.lake, first_kept, args.dry_run)?;
    let verb = if args.dry_run { "would be deleted" } else { "deleted" };
    Ok(format!(
        "{} of runs before {first_kept} {verb}: {}, {} MiB\n",
        counted(days, "day"),
        counted(files, "file"),
        mebibytes(bytes)
    ))
}

fn compacted(done: Compacted) -> String {
    let Compacted { files_before, files_now, bytes_before, bytes_now, unreadable } = done;
    let left = match unreadable {
        0 => String::new(),
        left => format!(", {} left as they were", counted(left, "unreadable file")),
    };
    format!(
        "{} of {} MiB are now {} of {} MiB{left}\n",
        counted(files_before, "file"),
        mebibytes(bytes_before),
        counted(files_now, "file"),
        mebibytes(bytes_now)
    )
}

fn mebibytes(bytes: u64) -> String {
    small_mib(Mib::from_bytes(bytes).get())
}
