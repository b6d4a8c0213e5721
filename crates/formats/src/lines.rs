//! A file line by line, in one buffer of bounded size.

use std::io::{self, BufRead};

use memchr::memchr;

/// Real lines are far shorter; a longer one is cut here, its rest passed over.
const LONGEST: usize = 1 << 20;

/// One line of a file.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// Its text without the line break; what is no UTF-8 is replaced.
    pub(crate) text: &'a str,
    /// Whether it ends with a line break: the last line of a file whose writer was killed does not.
    pub(crate) whole: bool,
}

impl<'a> Line<'a> {
    /// Its text up to where it is certain: a number at the end of a line that nothing ends may go on.
    pub(crate) fn certain(self) -> &'a str {
        if self.whole {
            return self.text;
        }
        let is_part = |c: char| c.is_ascii_digit() || ['.', ',', ':', '-'].contains(&c);
        self.text.trim_end_matches(is_part)
    }
}

/// The lines of a file.
pub struct Lines<'r> {
    reader: &'r mut dyn BufRead,
    /// Bytes of the reader's buffer that the last line lies in.
    passed: usize,
    /// A line that does not lie in the reader's buffer as a whole.
    bytes: Vec<u8>,
    replaced: String,
    number: usize,
}

/// Where a line lies.
enum Place {
    /// At the beginning of the reader's buffer, so many bytes long.
    Ahead(usize),
    /// In the bytes that were put together; and whether it ends with a line break.
    Joined(bool),
}

impl<'r> Lines<'r> {
    pub(crate) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { reader, passed: 0, bytes: Vec::new(), replaced: String::new(), number: 0 }
    }

    /// The next line; `None` at the file's end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let Some(place) = self.place()? else { return Ok(None) };
        self.number += 1;
        let (bytes, whole) = match place {
            Place::Ahead(length) => (&self.reader.fill_buf()?[..length], true),
            Place::Joined(whole) => (&self.bytes[..], whole),
        };
        let bytes =
            if self.number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                self.replaced = String::from_utf8_lossy(bytes).into_owned();
                &self.replaced
            }
        };
        Ok(Some(Line { number: self.number, text, whole }))
    }

    /// The reader behind, for what is no text.
    pub(crate) fn reader(&mut self) -> &mut dyn BufRead {
        self.pass();
        self.reader
    }

    /// Steps over the last line.
    fn pass(&mut self) {
        self.reader.consume(std::mem::take(&mut self.passed));
    }

    /// Where the next line lies; `None` where nothing is left. Most lie in the reader's buffer and are not copied.
    fn place(&mut self) -> io::Result<Option<Place>> {
        self.pass();
        if let Some(length) = memchr(b'\n', ahead(self.reader)?).filter(|length| *length <= LONGEST) {
            self.passed = length + 1;
            return Ok(Some(Place::Ahead(length)));
        }
        self.bytes.clear();
        Ok(self.join()?.map(Place::Joined))
    }

    /// Reads up to a line break, and tells whether there is one; `None` where nothing is left.
    fn join(&mut self) -> io::Result<Option<bool>> {
        let mut any = false;
        loop {
            let ahead = ahead(self.reader)?;
            if ahead.is_empty() {
                return Ok(any.then_some(false));
            }
            any = true;
            let end = memchr(b'\n', ahead);
            let text = &ahead[..end.unwrap_or(ahead.len())];
            let room = LONGEST.saturating_sub(self.bytes.len());
            self.bytes.extend_from_slice(&text[..text.len().min(room)]);
            let passed = text.len() + usize::from(end.is_some());
            self.reader.consume(passed);
            if end.is_some() {
                return Ok(Some(true));
            }
        }
    }
}

/// What lies ahead, read on where a signal broke off.
fn ahead(reader: &mut dyn BufRead) -> io::Result<&[u8]> {
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    reader.fill_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(usize, String, bool)> {
        let mut reader = io::BufReader::with_capacity(3, text);
        let mut lines = Lines::new(&mut reader);
        let mut found = Vec::new();
        while let Some(line) = lines.next().expect("bytes") {
            found.push((line.number, line.text.to_owned(), line.whole));
        }
        found
    }

    #[test]
    fn marks_and_breaks_are_left_out_and_a_torn_line_is_told() {
        let found = lines(b"\xef\xbb\xbfone\r\n\n\xff two\nthr");
        let expected = [(1, "one", true), (2, "", true), (3, "\u{fffd} two", true), (4, "thr", false)];
        assert_eq!(found, expected.map(|(number, text, whole)| (number, text.to_owned(), whole)));
    }

    #[test]
    fn a_number_that_may_go_on_is_not_certain() {
        let certain = |text, whole| Line { number: 1, text, whole }.certain();
        assert_eq!(certain("7 58.5", true), "7 58.5");
        assert_eq!(
            [certain("7 58.5", false), certain("7 58.5 ", false), certain("7 5M", false)],
            ["7 ", "7 58.5 ", "7 5M"]
        );
    }

    #[test]
    fn an_endless_line_takes_bounded_memory() {
        let found = lines(&vec![b'x'; LONGEST + 10]);
        assert_eq!(found[0].1.len(), LONGEST);
    }
}
