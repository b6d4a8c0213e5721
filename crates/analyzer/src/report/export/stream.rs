//! memtool's own stream, one file per run.

use memtool_profile_model::stream::stream_text;

use super::exporter::{Exporter, text_file};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "stream",
    about: "memtool's own stream, a file a run",
    files: |run| {
        let text = stream_text(run.run)?;
        Ok(text_file(run, format!("memory_stream_{}.ndjson", run.name), text))
    },
};
