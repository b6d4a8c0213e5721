//! JSON objects one by one: one a line, the elements of the array that the file is, or the rows in a document.

use std::io;

use memchr::memchr;
use memtool_profile_model::ReadError;

use crate::input::Input;
use crate::json_rows::{Document, Rows, lines};
use crate::lines::{Line, Lines};

/// The objects of a file, each with the line that it begins on.
pub(crate) struct Records<'a, 'r> {
    lines: &'a mut Lines<'r>,
    array: Option<Elements>,
}

/// The elements of an array in memory.
#[derive(Debug, Default)]
pub(crate) struct Elements {
    bytes: Vec<u8>,
    at: usize,
    line: usize,
    text: String,
    /// The unit of memory that stands beside them.
    pub(crate) unit: Option<String>,
    /// Seconds between them that stand beside them.
    pub(crate) interval_s: Option<f64>,
}

/// The objects of the file that `input` is at the beginning of, where they do not stand one a line.
///
/// # Errors
/// Where it cannot be read on, or is too large for memory.
pub(crate) fn array(input: &mut Input<'_>) -> Result<Option<Elements>, ReadError> {
    let ahead = input.peek()?;
    let is_one_object = ahead.starts_with(b"{") && is_document(ahead);
    if !ahead.starts_with(b"[") && !is_one_object {
        return Ok(None);
    }
    let bytes = input.document("write it as JSON lines, one object a line")?;
    Ok(Some(Elements::of(bytes)))
}

/// Whether a text that begins with an object is one document, and not JSON lines; it may be cut.
pub(crate) fn is_document(text: &[u8]) -> bool {
    let line = memchr(b'\n', text).map_or(text, |end| &text[..end]).trim_ascii();
    object_end(line) != Some(line.len()) || text.trim_ascii() == line
}

impl<'a, 'r> Records<'a, 'r> {
    /// The objects of an array, where there is one, else of the lines.
    pub(crate) const fn new(lines: &'a mut Lines<'r>, array: Option<Elements>) -> Self {
        Self { lines, array }
    }

    /// The next object, or line; `None` at the end.
    ///
    /// # Errors
    /// Where it cannot be read on.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        match &mut self.array {
            Some(elements) => Ok(elements.next()),
            None => self.lines.next(),
        }
    }
}

impl Elements {
    /// The elements of an array, or the rows of a document.
    fn of(bytes: Vec<u8>) -> Self {
        let whole = |bytes| Self { bytes, line: 1, ..Self::default() };
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) if text.trim_start().starts_with('{') => text,
            _ => return whole(bytes),
        };
        let begin = text.len() - text.trim_start().len();
        let Document { rows, unit, interval_s, .. } = Document::of(&text[begin..]);
        let found = match &rows {
            Rows::Whole => whole(bytes),
            Rows::Objects(range) => {
                let (at, end) = (begin + range.start, begin + range.end);
                Self { line: 1 + breaks(&bytes[..at]), at, bytes: bytes[..end].to_vec(), ..Self::default() }
            }
            columns => whole(lines(&text[begin..], columns).unwrap_or_default()),
        };
        Self { unit, interval_s, ..found }
    }

    fn next(&mut self) -> Option<Line<'_>> {
        let ahead = &self.bytes[self.at..];
        let begin = ahead.iter().position(|byte| *byte == b'{')?;
        self.line += breaks(&ahead[..begin]);
        let object = &ahead[begin..];
        let end = object_end(object);
        let text = &object[..end.unwrap_or(object.len())];
        let number = self.line;
        self.line += breaks(text);
        self.at += begin + text.len();
        self.text = String::from_utf8_lossy(text).into_owned();
        Some(Line { number, text: &self.text, whole: end.is_some() })
    }
}

fn breaks(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// How long the object is that a text begins with; `None` where it does not end.
pub(crate) fn object_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn records(text: &str) -> Vec<(usize, String, bool)> {
        let mut bytes = text.as_bytes();
        let mut input = Input::new(&mut bytes, Limits::default());
        let array = array(&mut input).expect("in memory");
        let mut records = Records::new(&mut input.lines, array);
        let mut found = Vec::new();
        while let Some(line) = records.next().expect("bytes") {
            found.push((line.number, line.text.to_owned(), line.whole));
        }
        found
    }

    #[test]
    fn elements_of_an_array_stand_on_the_lines_they_begin_on() {
        let text = "[\n {\"a\": \"}\\\"{\"},\n {\n\"b\": {\"c\": 1}},{\"d\"";
        let expected =
            [(2, "{\"a\": \"}\\\"{\"}", true), (3, "{\n\"b\": {\"c\": 1}}", true), (4, "{\"d\"", false)];
        assert_eq!(records(text), expected.map(|(number, text, whole)| (number, text.to_owned(), whole)));
    }

    #[test]
    fn rows_of_a_document_stand_on_the_lines_they_begin_on() {
        let text = "{\n\"unit\": \"MB\",\n\"samples\": [\n{\"t\": 1, \"rss\": 2},\n{\"t\": 2}],\n\"end\": {\"t\": 9}\n}\n";
        let expected = [(4, "{\"t\": 1, \"rss\": 2}", true), (5, "{\"t\": 2}", true)];
        assert_eq!(records(text), expected.map(|(number, text, whole)| (number, text.to_owned(), whole)));
        let cut = &text[..text.len() - 19];
        assert_eq!(records(cut)[1], (5, "{\"t\": 2}".to_owned(), true), "{cut}");
        assert_eq!(records("{\"t\": 1,\n \"rss\": 2}"), [(1, "{\"t\": 1,\n \"rss\": 2}".to_owned(), true)]);
    }

    #[test]
    fn lines_are_objects_as_they_are() {
        assert_eq!(records("{}\nx"), [(1, "{}".to_owned(), true), (2, "x".to_owned(), false)]);
    }
}
