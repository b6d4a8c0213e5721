//! Which format a text is, by its content.

use std::io::{self, Read};

use crate::error::ReadError;
use crate::lookahead::Lookahead;
use crate::profile::{Stop, find_fault, read_profile, scan_profile};
use crate::run::Run;
use crate::stream::{OnSnapshots, pass_lines, read_bytes, read_lines};

/// How much of a text is searched: a header with all settings, written with spaces, is a few thousand bytes.
const LOOK_BYTES: usize = 16 << 10;

/// So much of a text is read as a whole to find what is wrong in it; of a larger one it is found row by row.
const LARGEST_WHOLE: u64 = 4 << 20;

/// The byte order mark that some editors put first.
const MARK: &[u8] = b"\xef\xbb\xbf";

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
    let first_line = start.trim_ascii_start().split(|b| *b == b'\n').next().unwrap_or_default();
    if !first_line.starts_with(b"{") {
        None
    } else if is_header(first_line) {
        Some(Family::Stream)
    } else if contains("\"metadata\"") && contains("\"thresholds_mb\"") || contains("\"history\"") {
        Some(Family::Profile)
    } else {
        None
    }
}

/// Whether a line is a stream's header, its keys in any order and spaces between them.
fn is_header(line: &[u8]) -> bool {
    has_member(line, "\"type\"", "\"header\"") && has_member(line, "\"run_id\"", "")
}

/// Whether a key stands in a line with a value that begins so.
fn has_member(line: &[u8], key: &str, value: &str) -> bool {
    let keys = memchr::memmem::find_iter(line, key);
    let mut rests = keys.map(|at| line[at + key.len()..].trim_ascii_start());
    rests.any(|rest| {
        rest.strip_prefix(b":").is_some_and(|rest| rest.trim_ascii_start().starts_with(value.as_bytes()))
    })
}

/// Reads a memory file of any known format through a buffer that may serve the next file as well.
///
/// Profiles and streams pass through in parts and in one pass. Where a run has more than `most`
/// snapshots, some are kept and all are counted: see [`Run::totals`]. `open` is called again only
/// where something is wrong with a profile: then the whole text is read, to tell what. Up to
/// `helpers` threads beside the caller's parse the lines of a long stream, or the rows of a long profile.
///
/// # Errors
/// As [`read_run`], and where the file cannot be opened or read.
pub fn read_run_from<R: Read + Send>(
    open: impl Fn() -> io::Result<R>,
    buffer: &mut Vec<u8>,
    most: usize,
    helpers: usize,
) -> Result<Run, ReadError> {
    let mut input = Lookahead::new(open()?, buffer);
    input.fill(LOOK_BYTES)?;
    if input.ahead().starts_with(MARK) {
        input.pass(MARK.len());
    }
    match sniff(input.ahead()) {
        Some(Family::Stream) => return read_lines(&mut input, most, helpers),
        Some(Family::Profile) => match scan_profile(&mut input, most, helpers) {
            Ok(run) => return Ok(run),
            Err(Stop::Io(error)) => return Err(error.into()),
            Err(Stop::Fault) => {}
        },
        None => {}
    }
    let mut bytes = Vec::new();
    open()?.take(LARGEST_WHOLE).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < LARGEST_WHOLE {
        return read_run(&bytes);
    }
    Err(if sniff(&bytes) == Some(Family::Profile) { find_fault(open()?) } else { not_a_memory_file(&bytes) })
}

/// What is wrong with a text that is too large to be read as a whole, by its beginning.
fn not_a_memory_file(bytes: &[u8]) -> ReadError {
    let start: String = String::from_utf8_lossy(bytes.trim_ascii_start()).chars().take(20).collect();
    ReadError::UnknownFormat(format!("it begins with {start:?}"))
}

/// Reads a stream as [`read_run_from`] does, and passes its snapshots on instead of keeping them.
///
/// `None` where the file is no stream, its snapshots stand out of order, or they are more than
/// `most`: then nothing that was passed on is of use, and the file must be read with the other.
///
/// # Errors
/// As [`read_run_from`].
pub fn pass_stream<'k, R: Read + Send>(
    reader: R,
    buffer: &mut Vec<u8>,
    most: usize,
    helpers: usize,
    sink: &'k mut OnSnapshots<'k>,
) -> Result<Option<Run>, ReadError> {
    let mut input = Lookahead::new(reader, buffer);
    input.fill(LOOK_BYTES)?;
    if input.ahead().starts_with(MARK) {
        input.pass(MARK.len());
    }
    if sniff(input.ahead()) != Some(Family::Stream) {
        return Ok(None);
    }
    pass_lines(&mut input, most, helpers, sink)
}

/// Reads a memory file of any known format.
///
/// # Errors
/// Where it is empty, not text, of no known format, or damaged.
pub fn read_run(bytes: &[u8]) -> Result<Run, ReadError> {
    if bytes.trim_ascii().is_empty() {
        return Err(ReadError::Empty);
    }
    let start = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let family = sniff(start);
    if family == Some(Family::Stream) {
        return read_bytes(start);
    }
    let text = text_of(bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match family {
        Some(_) => read_profile(text),
        // Let the JSON reader say what is wrong with something that may have been a profile. Not
        // with an array: there it would take the fields by their position.
        None if text.trim_start().starts_with('{') => match read_profile(text) {
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

fn text_of(bytes: &[u8]) -> Result<&str, ReadError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let whole = &bytes[..error.valid_up_to()];
        let line = 1 + whole.iter().filter(|b| **b == b'\n').count();
        ReadError::NotUtf8 { line, byte: whole.len() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warning::Warning;

    const HEADER: &str =
        r#"{"type":"header","version":1,"run_id":"r","started":"2026-01-01T00:00:00Z","config":{}}"#;
    const SNAPSHOT: &str = r#"{"type":"snapshot","t_ns":1,"rss_mb":5,"operation":"büro"}"#;

    #[test]
    fn a_stream_torn_inside_a_character_keeps_its_whole_lines() {
        let whole = format!("{HEADER}\n{SNAPSHOT}\n{SNAPSHOT}");
        let cut = whole.rfind('ü').expect("the label") + 1;
        for start in ["", "\u{feff}"] {
            let bytes = [start.as_bytes(), &whole.as_bytes()[..cut]].concat();
            let run = read_run(&bytes).expect("a torn stream");
            assert_eq!(run.snapshots.len(), 1);
            assert_eq!(run.warnings, [Warning::TornLastLine(3), Warning::EndedWithoutClosing]);
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_an_error_but_in_a_stream() {
        let found = read_run(b"{\n\"history\": \"\xff\"}").expect_err("not text").to_string();
        assert!(found.starts_with("line 2: not UTF-8 text (byte 14"), "{found}");
        let stream = [HEADER.as_bytes(), b"\n\xff\n", SNAPSHOT.as_bytes()].concat();
        assert_eq!(read_run(&stream).expect("one line lost").snapshots.len(), 1);
    }

    #[test]
    fn a_stream_is_json_whatever_the_order_of_its_keys_and_the_space_between_them() {
        let as_written = read_run(format!("{HEADER}\n{SNAPSHOT}\n").as_bytes()).expect("a stream");
        let others = [
            "\n \t{ \"run_id\" : \"r\",\"config\":{ }, \"started\" :\"2026-01-01T00:00:00Z\",\"version\": 1 , \"type\" :\t\"header\" }\r\n\
             { \"operation\":\"b\\u00fcro\", \"rss_mb\": 5 , \"t_ns\" : 1,\"type\": \"snapshot\" }\n",
            "{\"type\": \"header\", \"version\": 1, \"run_id\": \"r\", \"started\": \"2026-01-01T00:00:00Z\", \"config\": {}}\n\
             {\"type\": \"snapshot\", \"t_ns\": 1, \"rss_mb\": 5, \"operation\": \"b\u{fc}ro\"}\n",
        ];
        for text in others {
            assert_eq!(sniff(text.as_bytes()), Some(Family::Stream), "{text}");
            assert_eq!(read_run(text.as_bytes()).expect(text), as_written);
        }
        let profile = br#"{"metadata":{"type":"header"},"history":[]}"#;
        assert_eq!(sniff(profile), Some(Family::Profile));
    }

    #[test]
    fn a_large_text_is_not_read_as_a_whole_to_tell_what_is_wrong() {
        let told = |text: &str| {
            let mut buffer = Vec::new();
            let read = read_run_from(|| Ok(text.as_bytes()), &mut buffer, usize::MAX, 0);
            assert!(buffer.len() <= 16 << 20, "a buffer of {} bytes", buffer.len());
            read.expect_err("a fault").to_string()
        };
        let row = r#"{"timestamp":"2026-01-01T00:00:00","rss_mb":5},"#;
        let head = r#"{"metadata":{"export_time":"t","config":{"thresholds_mb":{"moderate":1,"high":2,"critical":3},"batch_sizes":{"low":1,"medium":2,"high":3,"fallback":1},"monitoring_interval_seconds":1,"history_size":9}},"history":["#;
        let long = format!("{head}\n{}\n{{\"rss_mb\":5}}]}}", row.repeat(120_000));
        assert_eq!(told(&long), "line 3, column 12: missing field `timestamp`");
        let junk = format!("{{\"metadata\":{{}},\"history\":[{{\"timestamp\":{}", "x".repeat(20 << 20));
        assert!(told(&junk).contains("column"), "{}", told(&junk));
        let line = format!("{HEADER}\n{{\"type\":\"note\",\"t_ns\":1,\"text\":\"{}", "x".repeat(20 << 20));
        assert!(told(&line).contains("longer than 8 MiB"), "{}", told(&line));
        assert!(told(&"y".repeat(20 << 20)).contains("begins with"), "{}", told(&"y".repeat(20 << 20)));
    }

    #[test]
    fn an_array_is_not_a_profile() {
        let found = read_run(b"[[], {}, [], []]").expect_err("an array").to_string();
        assert!(found.ends_with(r#"line 1: expected {, found "[[], {}, [], []]""#), "{found}");
    }
}
