//! JSON values in their plain spelling, read without serde; what is spelt in another way is left to it.

use crate::level::PressureLevel;

/// Reads a value that may be null, and tells what follows it.
#[inline(always)]
pub(crate) fn or_null<'a, T>(
    text: &'a [u8],
    read: impl FnOnce(&'a [u8]) -> Option<(T, &'a [u8])>,
) -> Option<(Option<T>, &'a [u8])> {
    match text {
        [b'n', b'u', b'l', b'l', rest @ ..] => Some((None, rest)),
        _ => read(text).map(|(value, rest)| (Some(value), rest)),
    }
}

/// A text without escapes and control characters, its quotes taken off.
#[inline]
pub(crate) fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let end = text.iter().position(|byte| *byte == b'"' || *byte == b'\\' || *byte < 0x20)?;
    (text[end] == b'"').then(|| (&text[..end], &text[end + 1..]))
}

/// A pressure level between its quotes.
pub(crate) fn level(text: &[u8]) -> Option<(PressureLevel, &[u8])> {
    let (word, rest) = string(text)?;
    let level = PressureLevel::ALL.into_iter().find(|level| level.as_str().as_bytes() == word)?;
    Some((level, rest))
}
