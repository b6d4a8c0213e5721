//! JSON of any size, token by token: what a document holds never lies in memory as a whole.

use std::io::{self, BufRead};

use memtool_profile_model::ReadError;

/// Bytes that are looked at together.
const CHUNK: usize = 128 << 10;
/// A text in it is kept so far, its rest passed over.
const LONGEST_TEXT: usize = 4 << 10;
/// Brackets within brackets.
const DEEPEST: usize = 64;

/// A JSON document that is being read.
pub(super) struct Scanner<'r> {
    reader: &'r mut dyn BufRead,
    buffer: Vec<u8>,
    from: usize,
    line: usize,
    /// Bytes of the file before the buffer, and of those where the line begins.
    passed: usize,
    line_start: usize,
}

impl<'r> Scanner<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { reader, buffer: Vec::with_capacity(2 * CHUNK), from: 0, line: 1, passed: 0, line_start: 0 }
    }

    /// The line that is being read, from 1.
    pub(super) const fn line(&self) -> usize {
        self.line
    }

    /// What lies ahead, as far as it is read.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.buffer[self.from..]
    }

    /// Steps over bytes ahead that hold no line break.
    pub(super) const fn pass(&mut self, bytes: usize) {
        self.from += bytes;
    }

    /// Reads on, so that at least half a chunk lies ahead if the file has it.
    pub(super) fn refill(&mut self) -> io::Result<()> {
        if self.buffer.len() - self.from >= CHUNK / 2 {
            return Ok(());
        }
        self.passed += self.from;
        self.buffer.drain(..self.from);
        self.from = 0;
        while self.buffer.len() < CHUNK {
            let read = match self.reader.fill_buf() {
                Ok(ahead) => {
                    let take = ahead.len().min(2 * CHUNK - self.buffer.len());
                    self.buffer.extend_from_slice(&ahead[..take]);
                    take
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if read == 0 {
                break;
            }
            self.reader.consume(read);
        }
        Ok(())
    }

    /// An error at this place.
    pub(super) fn fault(&self, expected: &str) -> ReadError {
        let found = self
            .ahead()
            .first()
            .map_or("the end of the file".to_owned(), |byte| format!("{:?}", char::from(*byte)));
        let column = (self.passed + self.from).saturating_sub(self.line_start) + 1;
        ReadError::Json { line: self.line, column, reason: format!("expected {expected}, found {found}") }
    }

    /// The next byte; `None` at the end.
    fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        if self.from >= self.buffer.len() {
            self.refill()?;
        }
        Ok(self.buffer.get(self.from).copied())
    }

    /// The first byte of the next token; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            match self.byte()? {
                Some(b'\n') => {
                    self.from += 1;
                    self.line += 1;
                    self.line_start = self.passed + self.from;
                }
                Some(b' ' | b'\t' | b'\r') => self.from += 1,
                other => return Ok(other),
            }
        }
    }

    /// Steps over a mark such as `{` or `:`.
    pub(super) fn expect(&mut self, mark: u8) -> Result<(), ReadError> {
        if self.take(mark)? { Ok(()) } else { Err(self.fault(&format!("{:?}", char::from(mark)))) }
    }

    /// Steps over a mark if it is the next token.
    pub(super) fn take(&mut self, mark: u8) -> Result<bool, ReadError> {
        let found = self.peek()? == Some(mark);
        self.from += usize::from(found);
        Ok(found)
    }

    /// Whether another element follows in a list or an object that ends with `end`; steps over what
    /// stands between.
    pub(super) fn another(&mut self, first: &mut bool, end: u8) -> Result<bool, ReadError> {
        if self.take(end)? {
            return Ok(false);
        }
        if !std::mem::take(first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// A text, its beginning where it is long.
    pub(super) fn text(&mut self) -> Result<String, ReadError> {
        self.expect(b'"')?;
        let mut bytes = vec![b'"'];
        loop {
            let byte = self.byte()?.ok_or_else(|| self.fault("the end of a text"))?;
            self.from += 1;
            match byte {
                b'"' => break,
                b'\\' => {
                    let escaped = self.byte()?.ok_or_else(|| self.fault("the end of a text"))?;
                    self.from += 1;
                    if bytes.len() < LONGEST_TEXT {
                        bytes.extend([byte, escaped]);
                    }
                }
                _ if bytes.len() < LONGEST_TEXT => bytes.push(byte),
                _ => {}
            }
        }
        bytes.push(b'"');
        let raw = String::from_utf8_lossy(&bytes);
        Ok(serde_json::from_str(&raw).unwrap_or_else(|_| raw.trim_matches('"').to_owned()))
    }

    /// The letters of a number.
    pub(super) fn number(&mut self) -> Result<f64, ReadError> {
        self.peek()?;
        let mut letters = String::new();
        while let Some(byte @ (b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) = self.byte()? {
            if letters.len() > 60 {
                break;
            }
            letters.push(char::from(byte));
            self.from += 1;
        }
        letters.parse().map_err(|_| self.fault("a number"))
    }

    /// Steps over any value.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        let mut open = Vec::new();
        loop {
            match self.peek()? {
                Some(mark @ (b'{' | b'[')) if open.len() < DEEPEST => {
                    self.from += 1;
                    open.push(mark);
                }
                Some(b'"') => drop(self.text()?),
                Some(b'}' | b']') if !open.is_empty() => {
                    self.from += 1;
                    open.pop();
                }
                Some(b',' | b':') if !open.is_empty() => self.from += 1,
                Some(byte) if byte.is_ascii_alphanumeric() || byte == b'-' => self.skip_word()?,
                _ => return Err(self.fault("a value")),
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn skip_word(&mut self) -> Result<(), ReadError> {
        while self
            .byte()?
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.'))
        {
            self.from += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned<T>(
        text: &str,
        read: impl FnOnce(&mut Scanner<'_>) -> Result<T, ReadError>,
    ) -> Result<T, String> {
        let mut reader = io::BufReader::with_capacity(3, text.as_bytes());
        read(&mut Scanner::new(&mut reader)).map_err(|error| error.to_string())
    }

    #[test]
    fn tokens_in_pieces() {
        let found = scanned(" { \"a\\\"b\" : -1.5e1 , [ {\"x\": null}, true ] }", |scanner| {
            scanner.expect(b'{')?;
            let text = scanner.text()?;
            scanner.expect(b':')?;
            let number = scanner.number()?;
            scanner.expect(b',')?;
            scanner.skip()?;
            scanner.expect(b'}')?;
            Ok((text, number))
        });
        assert_eq!(found, Ok(("a\"b".to_owned(), -15.0)));
    }

    #[test]
    fn faults_have_their_place() {
        let found = scanned("{\n  x", |scanner| scanner.expect(b'{').and_then(|()| scanner.text()));
        assert_eq!(found, Err("line 2, column 3: expected '\"', found 'x'".to_owned()));
        let found = scanned("\"abc", |scanner| scanner.text());
        assert_eq!(
            found,
            Err("line 1, column 5: expected the end of a text, found the end of the file".to_owned())
        );
    }

    #[test]
    fn nesting_and_texts_are_bounded() {
        assert!(scanned(&"[".repeat(100_000), |scanner| scanner.skip()).is_err());
        let long = format!("\"{}\"", "x".repeat(1 << 20));
        assert_eq!(scanned(&long, |scanner| scanner.text()).map(|text| text.len()), Ok(LONGEST_TEXT - 1));
    }
}
