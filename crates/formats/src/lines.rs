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

/// The lines of a file.
pub struct Lines<'r> {
    reader: &'r mut dyn BufRead,
    bytes: Vec<u8>,
    replaced: String,
    number: usize,
}

impl<'r> Lines<'r> {
    pub(crate) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { reader, bytes: Vec::new(), replaced: String::new(), number: 0 }
    }

    /// The next line; `None` at the file's end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.bytes.clear();
        let Some(whole) = self.fill()? else { return Ok(None) };
        self.number += 1;
        if self.number == 1 && self.bytes.starts_with(b"\xef\xbb\xbf") {
            self.bytes.drain(..3);
        }
        if self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        let text = match std::str::from_utf8(&self.bytes) {
            Ok(text) => text,
            Err(_) => {
                self.replaced = String::from_utf8_lossy(&self.bytes).into_owned();
                &self.replaced
            }
        };
        Ok(Some(Line { number: self.number, text, whole }))
    }

    /// The reader behind, for what is no text.
    pub(crate) fn reader(&mut self) -> &mut dyn BufRead {
        self.reader
    }

    /// Reads up to a line break, and tells whether there is one; `None` where nothing is left.
    fn fill(&mut self) -> io::Result<Option<bool>> {
        let mut any = false;
        loop {
            let ahead = match self.reader.fill_buf() {
                Ok(ahead) => ahead,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
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
    fn an_endless_line_takes_bounded_memory() {
        let found = lines(&vec![b'x'; LONGEST + 10]);
        assert_eq!(found[0].1.len(), LONGEST);
    }
}
