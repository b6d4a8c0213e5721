//! What a reader of one tool's files is.

use std::borrow::Cow;

use memtool_profile_model::{Measure, Origin, Precision, ReadError, Run, TimeBase, Warning, printable};
#[cfg(test)]
use memtool_profile_model::{Mib, Task};

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

#[cfg(test)]
impl Reader {
    /// What it reads from a text, which it must take for its own with this certainty.
    pub(crate) fn read_text(&self, certainty: Certainty, text: &str) -> Result<Vec<Run>, ReadError> {
        assert_eq!((self.sniff)(&Head::new(text.as_bytes())), certainty, "{text}");
        let mut bytes = text.as_bytes();
        (self.read)(&mut Input::new(&mut bytes, crate::Limits::default()))
    }

    /// The runs in a text that is surely its own.
    pub(crate) fn runs(&self, text: &str) -> Vec<Run> {
        self.read_text(Certainty::Yes, text).expect(text)
    }

    /// The part (empty where it is the whole), the MiB and the task of each run in a text that is surely its own.
    pub(crate) fn tasks(&self, text: &str) -> Vec<(String, f64, Task)> {
        let of = |run: Run| {
            let part = run.origin.and_then(|origin| origin.part).unwrap_or_default();
            (part, run.snapshots[0].rss.map_or(0.0, Mib::get), run.task.unwrap_or_default())
        };
        self.runs(text).into_iter().map(of).collect()
    }
}
