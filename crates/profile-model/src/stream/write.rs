//! From records to lines.

use std::io::{self, Write};

use super::v1::{DecisionRecord, Record};
use crate::decision::Decision;

/// Writes one record as one complete line.
///
/// # Errors
/// What the writer answers. The line goes out in one call, so that a reader never sees half
/// of it unless the writer itself was cut off.
pub fn write_record(mut out: impl Write, record: &Record) -> io::Result<()> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    out.write_all(&line)
}

impl From<&Decision> for DecisionRecord {
    fn from(decision: &Decision) -> Self {
        Self {
            t_ns: decision.at,
            action: decision.action.into(),
            rss_mb: decision.rss,
            available_mb: decision.available,
            pressure_level: decision.pressure,
            cause: decision.cause,
        }
    }
}
