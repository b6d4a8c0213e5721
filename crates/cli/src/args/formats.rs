//! The arguments of `formats`, and the mapping of a table's columns.

use clap::Args;
use memtool_formats::Columns;

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Formats {
    /// Only this format, in full
    #[arg(value_name = "FORMAT")]
    pub(crate) name: Option<String>,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// The mapping of a table without a reader.
#[derive(Debug, Default, Args)]
pub(crate) struct Mapping {
    /// The meaning of columns of a CSV file or of JSON lines, as time=ts:ms,rss=mem_kb:KiB,operation=stage:
    /// ROLE=COLUMN or ROLE=COLUMN:UNIT; roles are time, rss, pss, vms, available, operation and run;
    /// where each row is a run of its own, as peak=max_rss_kb:KiB,runtime=elapsed,run=job
    #[arg(long, value_name = "MAPPING")]
    pub(crate) columns: Option<Columns>,
}
