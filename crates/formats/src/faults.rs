//! Lines that could not be read: how many, and the first of them.

use memtool_profile_model::{Warning, printable};

use crate::lines::Line;

/// Lines of a file that could not be read.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    count: usize,
    first: usize,
    reason: String,
    torn: Option<usize>,
}

impl Faults {
    /// Counts a line; the reason of the first is kept.
    pub(crate) fn add(&mut self, line: usize, reason: impl FnOnce() -> String) {
        if self.count == 0 {
            (self.first, self.reason) = (line, printable(&reason()));
        }
        self.count += 1;
    }

    /// Counts a line where something else was expected.
    pub(crate) fn expected(&mut self, line: usize, what: &str, found: &str) {
        self.add(line, || format!("expected {what}, found {:?}", short(found)));
    }

    /// Counts a line that could not be read: as torn where nothing ends it.
    pub(crate) fn unread(&mut self, line: Line<'_>, what: &str) {
        if line.whole { self.expected(line.number, what, line.text) } else { self.torn(line.number) }
    }

    /// Counts the last line, where its writer was cut off.
    pub(crate) const fn torn(&mut self, line: usize) {
        self.torn = Some(line);
    }

    /// What to tell of them, if there are any.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = Warning> + use<> {
        let damaged =
            Warning::DamagedLines { count: self.count, first: self.first, reason: self.reason.clone() };
        (self.count > 0).then_some(damaged).into_iter().chain(self.torn.map(Warning::TornLastLine))
    }
}

/// The beginning of a text that is quoted in a message.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
