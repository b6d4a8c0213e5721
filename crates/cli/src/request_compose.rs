//! The memory to request, for Docker Compose: its `M` is 2^20 bytes.

use memtool_analyzer::request::RequestReport;

use crate::request_directives::{quoted, sized};

/// A file that is merged with the project's own: `docker compose -f compose.yaml -f memory.yaml up`.
pub(crate) fn services(report: &RequestReport) -> String {
    let mut text = String::from("services:\n");
    for (group, memory) in sized(report) {
        text += &format!(
            "  {}:\n    deploy:\n      resources:\n        limits:\n          memory: {memory:.0}M\n        \
             reservations:\n          memory: {memory:.0}M\n",
            quoted(&group.group)
        );
    }
    text
}
