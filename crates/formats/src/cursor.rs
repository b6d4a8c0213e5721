//! A line that is taken apart from its beginning.

use memchr::memmem;

/// What is left of a line. A step that fails leaves it as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor<'l>(&'l str);

impl<'l> Cursor<'l> {
    /// The beginning of a line.
    pub(crate) const fn new(line: &'l str) -> Self {
        Self(line)
    }

    /// What is left.
    pub(crate) const fn rest(self) -> &'l str {
        self.0
    }

    /// Steps over these letters; `None` where others stand there.
    pub(crate) fn literal(&mut self, letters: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(letters)?;
        Some(())
    }

    /// Steps over blanks, if there are any.
    pub(crate) fn blanks(&mut self) {
        self.0 = self.0.trim_start_matches(' ');
    }

    /// Steps over a whole number of at most 18 digits.
    pub(crate) fn whole(&mut self) -> Option<u64> {
        let digits = self.extent(|byte| byte.is_ascii_digit());
        let number = if digits.len() <= 18 { digits.parse().ok()? } else { return None };
        self.0 = &self.0[digits.len()..];
        Some(number)
    }

    /// Steps over a decimal number without a sign, such as `0.57` or `1.5e3`.
    pub(crate) fn decimal(&mut self) -> Option<f64> {
        let digits = self.extent(|byte| byte.is_ascii_digit() || byte == b'.');
        let number = digits.parse().ok().filter(|number: &f64| number.is_finite())?;
        self.0 = &self.0[digits.len()..];
        Some(number)
    }

    /// Steps over a text and what ends it, and gives the text.
    pub(crate) fn before(&mut self, end: &str) -> Option<&'l str> {
        let at = memmem::find(self.0.as_bytes(), end.as_bytes())?;
        let text = &self.0[..at];
        self.0 = &self.0[at + end.len()..];
        Some(text)
    }

    /// The letters at the beginning for which `is` holds.
    fn extent(self, is: impl Fn(u8) -> bool) -> &'l str {
        let end = self.0.bytes().position(|byte| !is(byte)).unwrap_or(self.0.len());
        &self.0[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let mut line = Cursor::new("gc 12 @0.5s ünd: rest");
        assert_eq!(line.literal("gc "), Some(()));
        assert_eq!((line.whole(), line.literal(" @"), line.decimal()), (Some(12), Some(()), Some(0.5)));
        assert_eq!((line.before(": "), line.rest()), (Some("s ünd"), "rest"));
    }

    #[test]
    fn a_step_that_fails_leaves_the_line() {
        let mut line = Cursor::new("x 1.2.3 1234567890123456789");
        assert_eq!(
            (line.whole(), line.decimal(), line.before("?"), line.literal("y")),
            (None, None, None, None)
        );
        assert_eq!(line.literal("x "), Some(()));
        assert_eq!((line.decimal(), line.before(" ").map(str::len), line.whole()), (None, Some(5), None));
    }
}
