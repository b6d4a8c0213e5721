//! A line that is taken apart from its beginning.

use memchr::memchr;
use memtool_profile_model::number::float;

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
        let (mut number, mut length) = (0_u64, 0);
        for digit in self.0.bytes().map(|byte| byte.wrapping_sub(b'0')).take_while(|digit| *digit <= 9) {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
            length += 1;
        }
        let fits = (1..=18).contains(&length);
        self.0 = if fits { &self.0[length..] } else { return None };
        Some(number)
    }

    /// Steps over a decimal number without a sign, such as `0.57` or `1.5e3`.
    pub(crate) fn decimal(&mut self) -> Option<f64> {
        let (number, rest) = float(self.0.as_bytes()).filter(|_| !self.0.starts_with('-'))?;
        self.0 = &self.0[self.0.len() - rest.len()..];
        Some(number)
    }

    /// Steps over a text and what ends it, and gives the text.
    pub(crate) fn before(&mut self, end: &str) -> Option<&'l str> {
        let at = find(self.0, end)?;
        let text = &self.0[..at];
        self.0 = &self.0[at + end.len()..];
        Some(text)
    }
}

/// Where letters first stand in a text, if they do. A searcher made for each line would take longer
/// than the search.
pub(crate) fn find(text: &str, letters: &str) -> Option<usize> {
    let (bytes, letters) = (text.as_bytes(), letters.as_bytes());
    let first = *letters.first()?;
    let mut from = 0;
    while let Some(at) = memchr(first, &bytes[from..]).map(|at| from + at) {
        if bytes[at..].starts_with(letters) {
            return Some(at);
        }
        from = at + 1;
    }
    None
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
        let mut line = Cursor::new("x -1.2 1234567890123456789");
        assert_eq!(
            (line.whole(), line.decimal(), line.before("?"), line.literal("y")),
            (None, None, None, None)
        );
        assert_eq!(line.literal("x "), Some(()));
        assert_eq!((line.decimal(), line.before(" ").map(str::len), line.whole()), (None, Some(4), None));
    }
}
