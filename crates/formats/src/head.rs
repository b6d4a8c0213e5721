//! The beginning of a file, by which its kind is known.

use std::borrow::Cow;

use crate::records::object_end;

/// The beginning of a file, unpacked.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    bytes: &'a [u8],
    text: Cow<'a, str>,
}

impl<'a> Head<'a> {
    /// How much of a file a reader is shown.
    pub const BYTES: usize = 64 << 10;

    /// The beginning of a file, a byte order mark left out.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let bytes = &bytes[..bytes.len().min(Self::BYTES)];
        Self { bytes, text: String::from_utf8_lossy(bytes) }
    }

    /// It as bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// It as text, what is no UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its lines; the last may be cut.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    /// The first line that is not blank, or an empty one.
    #[must_use]
    pub fn first_line(&self) -> &str {
        self.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
    }

    /// The first JSON object: of JSON lines the first line, of an array its first element.
    #[must_use]
    pub fn first_object(&self) -> Option<&str> {
        let text = self.text.trim_start();
        if text.starts_with('{') {
            return Some(self.first_line());
        }
        let element = text.strip_prefix('[')?.trim_start();
        let end = element.starts_with('{').then(|| object_end(element.as_bytes()))??;
        element.get(..end)
    }

    /// Whether a line begins with these letters.
    #[must_use]
    pub fn has_line(&self, start: &str) -> bool {
        self.lines().any(|line| line.starts_with(start))
    }

    /// Whether all of these words stand in it somewhere.
    #[must_use]
    pub fn has_all(&self, words: &[&str]) -> bool {
        words.iter().all(|word| self.text.contains(word))
    }

    /// Whether it begins as a JSON object or array does.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.text.trim_start().starts_with(['{', '['])
    }
}
