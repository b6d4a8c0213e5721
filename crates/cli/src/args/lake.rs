//! The arguments of `lake`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Lake {
    #[command(subcommand)]
    pub(crate) action: LakeAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LakeAction {
    /// Merge many small files
    Compact {
        /// The lake's folder
        #[arg(value_name = "LAKE")]
        lake: PathBuf,
    },
    /// Delete the runs that are older than a number of days
    Delete(LakeDelete),
}

#[derive(Debug, Args)]
pub(crate) struct LakeDelete {
    /// The lake's folder
    #[arg(value_name = "LAKE")]
    pub(crate) lake: PathBuf,
    /// Delete runs that started more than this many days ago, such as 90d; those without a date stay
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub(crate) older_than: i64,
    /// Count what would be deleted, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// More days than any lake holds.
const MOST_DAYS: i64 = 100_000;

/// A number of days, with or without the letter.
fn days(text: &str) -> Result<i64, String> {
    let days = text.trim().strip_suffix('d').unwrap_or(text.trim());
    let found = days.parse().ok().filter(|days| (0..=MOST_DAYS).contains(days));
    found.ok_or_else(|| format!("expected a number of days, such as 90d, found {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_not_negative() {
        assert_eq!((days("90d"), days("0")), (Ok(90), Ok(0)));
        assert!(["-1d", "1.5", "", "3w", "999999999999"].into_iter().all(|text| days(text).is_err()));
    }
}
