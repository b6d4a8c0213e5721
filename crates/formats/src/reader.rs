//! What a reader of one tool's files is.

use std::borrow::Cow;

use memtool_profile_model::{Measure, Origin, Precision, ReadError, Run, TimeBase, Warning, printable};

use crate::head::Head;
use crate::input::Input;

/// How sure a reader is that a file is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It is not.
    No,
    /// It may be: a reader that is surer goes first.
    Maybe,
    /// It is.
    Yes,
}

impl From<bool> for Certainty {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

/// Something to know before trusting files of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caution {
    /// A name for it that stays.
    pub code: &'static str,
    /// What to know, in a sentence without a full stop.
    pub text: &'static str,
    /// The versions it was seen with, and how.
    pub seen: &'static str,
}

impl Caution {
    /// It as a warning of a run.
    pub(crate) const fn warning(&self) -> Warning {
        Warning::Tool { code: Cow::Borrowed(self.code), text: Cow::Borrowed(self.text) }
    }

    /// It as a warning with figures of the run in its text.
    pub(crate) const fn saying(&self, text: String) -> Warning {
        Warning::Tool { code: Cow::Borrowed(self.code), text: Cow::Owned(text) }
    }
}

/// A reader of one tool's files.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Its name in output, such as `mprof`.
    pub name: &'static str,
    /// The tool.
    pub tool: &'static str,
    /// The versions whose files were read.
    pub versions: &'static str,
    /// A command that makes such a file.
    pub record: &'static str,
    /// What the file tells, in a few words.
    pub tells: &'static str,
    /// What it cannot tell, in a few words.
    pub cannot_tell: &'static str,
    /// What it warns of.
    pub cautions: &'static [Caution],
    /// Letters of which at least one stands in the beginning of every file of its kind; without any, every
    /// file may be.
    pub marks: &'static [&'static str],
    /// Whether the beginning of a file is of its kind.
    pub sniff: fn(&Head<'_>) -> Certainty,
    /// Reads a file of its kind.
    pub read: fn(&mut Input<'_>) -> Result<Vec<Run>, ReadError>,
}

impl Reader {
    /// Where a run that it read comes from.
    pub(crate) fn origin(&self, measure: Measure, precision: Precision, time_base: TimeBase) -> Origin {
        Origin {
            format: Cow::Borrowed(self.name),
            tool: Cow::Borrowed(self.tool),
            measure,
            precision,
            time_base,
            ..Origin::default()
        }
    }

    /// Where a run that is one of several in its file comes from.
    pub(crate) fn part(
        &self,
        measure: Measure,
        precision: Precision,
        time_base: TimeBase,
        part: String,
    ) -> Origin {
        Origin { part: Some(printable(&part)), ..self.origin(measure, precision, time_base) }
    }
}
