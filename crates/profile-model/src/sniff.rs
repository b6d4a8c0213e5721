//! Which format a text is, by its content.

use crate::error::ReadError;
use crate::profile::read_profile;
use crate::run::Run;
use crate::stream::read_stream;

/// How much of a text is looked at.
const LOOK_BYTES: usize = 4096;

/// The family of a memory file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Profile JSON.
    Profile,
    /// A recorder's stream.
    Stream,
}

/// The family that the beginning of a text shows, if any.
#[must_use]
pub fn sniff(text: &[u8]) -> Option<Family> {
    let start = &text[..text.len().min(LOOK_BYTES)];
    let contains = |word: &str| start.windows(word.len()).any(|w| w == word.as_bytes());
    let first_line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    let in_first_line = |word: &str| first_line.windows(word.len()).any(|w| w == word.as_bytes());
    if !start.trim_ascii_start().starts_with(b"{") {
        None
    } else if in_first_line("\"type\":\"header\"") && in_first_line("\"run_id\"") {
        Some(Family::Stream)
    } else if contains("\"metadata\"") && contains("\"thresholds_mb\"") || contains("\"history\"") {
        Some(Family::Profile)
    } else {
        None
    }
}

/// Reads a memory file of any known format.
///
/// # Errors
/// Where it is empty, not text, of no known format, or damaged.
pub fn read_run(bytes: &[u8]) -> Result<Run, ReadError> {
    if bytes.trim_ascii().is_empty() {
        return Err(ReadError::Empty);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ReadError::NotUtf8 {
        line: 1 + bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count(),
        byte: error.valid_up_to(),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match sniff(text.as_bytes()) {
        Some(Family::Stream) => read_stream(text),
        Some(Family::Profile) => read_profile(text),
        // Let the JSON reader say what is wrong with something that may have been a profile.
        None if text.trim_start().starts_with(['{', '[']) => match read_profile(text) {
            Err(ReadError::Json { line, column, reason }) => {
                Err(ReadError::UnknownFormat(format!("line {line}, column {column}: {reason}")))
            }
            other => other,
        },
        None => {
            let start: String = text.trim_start().chars().take(20).collect();
            Err(ReadError::UnknownFormat(format!("line 1: expected {{, found {start:?}")))
        }
    }
}
