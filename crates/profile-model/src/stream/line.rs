//! From one line to its record.

use super::check;
use super::v1::{Header, Record, VERSION};
use crate::error::ReadError;

/// Letters of an unknown kind that are shown.
const LONGEST_KIND: usize = 60;

/// Reads one line of a stream, as a live view does with each new one.
///
/// # Errors
/// Where the line is not a record, holds figures that cannot be, or is a header of another
/// version; it counts as line 1. [`ReadError::UnknownRecord`] is a whole record of a kind that
/// a later version may write: to be skipped.
pub fn parse_line(line: &str) -> Result<Record, ReadError> {
    let record = parse(line.as_bytes(), 1)?;
    if let Record::Header(header) = &record {
        check_header(header)?;
    }
    Ok(record)
}

/// Reads the first line.
pub(super) fn parse_header(line: &[u8]) -> Result<Header, ReadError> {
    match parse(line, 1)? {
        Record::Header(header) => {
            check_header(&header)?;
            Ok(header)
        }
        _ => Err(no_header()),
    }
}

/// The fault of a stream that begins with another record.
pub(super) fn no_header() -> ReadError {
    ReadError::Value {
        place: "line 1".to_owned(),
        expected: "a header record",
        found: "another record".to_owned(),
    }
}

/// Reads any line; of a header, whether it can be read but not yet what it says.
pub(super) fn parse(line: &[u8], number: usize) -> Result<Record, ReadError> {
    let record: Record = serde_json::from_slice(line).map_err(|error| {
        unreadable(line, number)
            .unwrap_or_else(|| ReadError::json(&error, &String::from_utf8_lossy(line), number))
    })?;
    check::record(&record, number)?;
    Ok(record)
}

fn check_header(header: &Header) -> Result<(), ReadError> {
    if header.version != VERSION {
        return Err(ReadError::Version { found: header.version, supported: VERSION });
    }
    check::header(header)
}

/// What a later version writes: a whole object with a kind that we do not know, or a header of
/// another form.
fn unreadable(line: &[u8], number: usize) -> Option<ReadError> {
    const KNOWN: [&str; 11] = [
        "header",
        "snapshot",
        "batch_start",
        "batch_end",
        "gc",
        "decision",
        "operation",
        "cache",
        "libraries",
        "note",
        "footer",
    ];
    #[derive(serde::Deserialize)]
    struct Tag {
        r#type: String,
        #[serde(default)]
        version: Option<u64>,
    }
    let tag: Tag = serde_json::from_slice(line).ok()?;
    if !KNOWN.contains(&tag.r#type.as_str()) {
        let kind = tag.r#type.chars().take(LONGEST_KIND).collect();
        return Some(ReadError::UnknownRecord { line: number, kind });
    }
    let found = tag.version.filter(|found| tag.r#type == "header" && *found != VERSION)?;
    Some(ReadError::Version { found, supported: VERSION })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(line: &str) -> String {
        parse_line(line).expect_err("a fault").to_string()
    }

    #[test]
    fn a_line_is_its_record() {
        let record = parse_line(r#"{"type":"operation","t_ns":5,"name":"load"}"#).expect("a record");
        assert!(matches!(record, Record::Operation(operation) if operation.name == "load"));
    }

    #[test]
    fn a_later_kind_is_told_from_damage() {
        let later = parse_line("{\"type\":\"g\\u001bpu\",\"t_ns\":1}");
        assert!(matches!(later, Err(ReadError::UnknownRecord { line: 1, .. })));
        assert_eq!(
            message("{\"type\":\"g\\u001bpu\"}"),
            r#"line 1: a record of the unknown kind "g\u{1b}pu""#
        );
        assert!(message(r#"{"type":"snap{"type":"snapshot"}"#).contains("unknown variant `snap{`"));
        assert!(message(r#"{"type":"note","t_ns":-1,"text":""}"#).starts_with("line 1, t_ns: expected"));
    }

    #[test]
    fn a_header_of_another_version_is_refused_in_any_form() {
        let old_form =
            r#"{"type":"header","version":9,"run_id":"r","started":"2026-01-01T00:00:00Z","config":{}}"#;
        for header in [old_form, r#"{"type":"header","version":9}"#] {
            assert!(message(header).starts_with("line 1: stream version 9 is not supported"), "{header}");
        }
    }
}
