//! The arguments of `formats`, and the mapping of a table's columns.

use clap::Args;
use memtool_formats::Columns;

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Formats {
    /// Only this format, with all that is known of it
    #[arg(value_name = "FORMAT")]
    pub(crate) name: Option<String>,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// How a table that no reader knows is read.
#[derive(Debug, Default, Args)]
pub(crate) struct Mapping {
    /// Which column of a CSV file or of JSON lines is what, as time=ts:ms,rss=mem_kb:KiB,operation=stage:
    /// ROLE=COLUMN or ROLE=COLUMN:UNIT; roles are time, rss, pss, vms, available, operation and run
    #[arg(long, value_name = "MAPPING")]
    pub(crate) columns: Option<Columns>,
}
