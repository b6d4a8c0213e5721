//! Errors of reading a file.

use crate::printable::printable;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened or read on.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file has no content.
    #[error("the file is empty: expected a memory profile or stream")]
    Empty,
    /// The content is not text.
    #[error("line {line}: not UTF-8 text (byte {byte} of the file)")]
    NotUtf8 {
        /// Line of the first bad byte.
        line: usize,
        /// Position of the first bad byte, from 0.
        byte: usize,
    },
    /// The text is not the JSON that was expected.
    #[error("{}: {reason}", place(*line, *column))]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 where the whole line is meant.
        column: usize,
        /// What was expected and found.
        reason: String,
    },
    /// A value is not one that can be.
    #[error("{place}: expected {expected}, found {found}")]
    Value {
        /// Where: a path in the document, or a line.
        place: String,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// Nothing in it can be analysed.
    #[error("the {0} has no snapshot with a readable RSS: nothing to analyse")]
    NoSamples(&'static str),
    /// A stream of a version this program does not read.
    #[error("line 1: stream version {found} is not supported, this program reads version {supported}")]
    Version {
        /// The version found.
        found: u64,
        /// The version read.
        supported: u64,
    },
    /// A whole record of a kind that this program does not know.
    #[error("line {line}: a record of the unknown kind {kind:?}")]
    UnknownRecord {
        /// Line, from 1.
        line: usize,
        /// The kind, shortened.
        kind: String,
    },
    /// The content is known, and holds nothing that can be analysed.
    #[error("it is {what}: {advice}")]
    Refused {
        /// What the file is.
        what: String,
        /// Why it is not read, and what to do.
        advice: String,
    },
    /// The content is of no known format.
    #[error("not a memory profile or stream: {0}")]
    UnknownFormat(String),
}

impl ReadError {
    /// What is wrong with JSON text that begins in some line of its file.
    #[must_use]
    pub fn json(error: &serde_json::Error, text: &str, first_line: usize) -> Self {
        let mut reason = error.to_string();
        if let Some(end) = reason.rfind(" at line ") {
            reason.truncate(end);
        }
        if let Some(what) = reason.strip_prefix("EOF while parsing ") {
            reason = format!("it ends within {what}: cut off, or still being written");
        }
        if let Some(word) = non_number(text, error) {
            reason = format!("{word} is not a number that JSON allows (Python wrote a missing value)");
        }
        let line = first_line + error.line().max(1) - 1;
        Self::Json { line, column: error.column(), reason: printable(&reason) }
    }
}

/// A place in a text, in words.
fn place(line: usize, column: usize) -> String {
    if column == 0 { format!("line {line}") } else { format!("line {line}, column {column}") }
}

/// The Python spelling of a non-finite number at the error's place.
fn non_number(text: &str, error: &serde_json::Error) -> Option<&'static str> {
    let line = text.lines().nth(error.line().checked_sub(1)?)?.as_bytes();
    let from = error.column().saturating_sub(10).min(line.len());
    let to = (error.column() + 10).min(line.len());
    let near = &line[from..to];
    ["NaN", "-Infinity", "Infinity"]
        .into_iter()
        .find(|word| near.windows(word.len()).any(|w| w == word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        let error = serde_json::from_str::<crate::PressureLevel>(text).expect_err("not a level");
        ReadError::json(&error, text, 1).to_string()
    }

    #[test]
    fn words_of_the_file_are_escaped() {
        let shown = reason("\"\\u001b[31mred\\u202e\"");
        assert!(shown.contains(r"unknown variant `\u{1b}[31mred\u{202e}`"), "{shown}");
    }

    #[test]
    fn words_of_the_file_are_shortened() {
        let shown = reason(&format!("\"{}\"", "x".repeat(1_000_000)));
        assert!(shown.len() < 300 && shown.ends_with("x…"), "{shown}");
    }
}
