//! How much memory a command may take for runs.

/// Where nothing is known of the machine, in MiB.
const CAUTIOUS_MB: f64 = 1024.0;

const BYTES_A_MIB: f64 = 1_048_576.0;

/// Bytes that runs may take: what the user gave in MiB, or half of what this process may use.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked where it was typed")]
pub(crate) fn given(max_memory_mb: Option<f64>) -> u64 {
    let half = || memtool_recorder::host().limit_mb.map_or(CAUTIOUS_MB, |limit| limit.get() / 2.0);
    (max_memory_mb.unwrap_or_else(half) * BYTES_A_MIB) as u64
}
