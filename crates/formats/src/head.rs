//! The beginning of a file, by which its kind is known.

use std::borrow::Cow;

use crate::json_rows::Document;
use crate::records::{is_document, object_end};

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

    /// The first JSON object: of JSON lines the first line, of an array its first element, of a document that holds rows
    /// the first of them.
    #[must_use]
    pub fn first_object(&self) -> Option<Cow<'_, str>> {
        let text = self.text.trim_start();
        if text.starts_with('{') {
            return Some(self.document().first.map_or(Cow::Borrowed(self.first_line()), Cow::Owned));
        }
        let element = text.strip_prefix('[')?.trim_start();
        let end = element.starts_with('{').then(|| object_end(element.as_bytes()))??;
        element.get(..end).map(Cow::Borrowed)
    }

    /// What it says of rows and of what stands beside them, where it is a JSON document.
    #[must_use]
    pub(crate) fn document(&self) -> Document {
        let text = self.text.trim_start();
        let is_one = text.starts_with('{') && is_document(text.as_bytes());
        if is_one { Document::of(text) } else { Document::default() }
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
