//! JSON objects one by one: one a line, or the elements of the array that the file is.

use std::io;

use memtool_profile_model::ReadError;

use crate::input::Input;
use crate::lines::{Line, Lines};

/// The objects of a file, each with the line that it begins on.
pub(crate) struct Records<'a, 'r> {
    lines: &'a mut Lines<'r>,
    array: Option<Elements>,
}

/// The elements of an array in memory.
struct Elements {
    bytes: Vec<u8>,
    at: usize,
    line: usize,
    text: String,
}

/// The objects of the file that `input` is at the beginning of.
///
/// # Errors
/// Where it cannot be read on, or is an array that is too large for memory.
pub(crate) fn array(input: &mut Input<'_>) -> Result<Option<Vec<u8>>, ReadError> {
    let is_array = input.peek()?.starts_with(b"[");
    is_array.then(|| input.document("write it as JSON lines, one object a line")).transpose()
}

impl<'a, 'r> Records<'a, 'r> {
    /// The objects of an array, where there is one, else of the lines.
    pub(crate) fn new(lines: &'a mut Lines<'r>, array: Option<Vec<u8>>) -> Self {
        let elements = |bytes| Elements { bytes, at: 0, line: 1, text: String::new() };
        Self { lines, array: array.map(elements) }
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
    fn lines_are_objects_as_they_are() {
        assert_eq!(records("{}\nx"), [(1, "{}".to_owned(), true), (2, "x".to_owned(), false)]);
    }
}
