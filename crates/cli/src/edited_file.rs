//! A file of the user's that a command edits: read before the long work, shown as a difference, replaced with a backup.

use std::path::{Path, PathBuf};

use anyhow::Context;
use similar::TextDiff;

use crate::escape;
use crate::output;
use crate::replace::replace;
use crate::text::counted;

/// A file that is to be edited, as it was read.
pub(crate) struct EditedFile {
    /// As the user calls it, safe to print.
    pub(crate) name: String,
    /// Where it lies: a link to it stays a link.
    path: PathBuf,
    pub(crate) text: String,
}

impl EditedFile {
    /// Reads the file.
    ///
    /// # Errors
    /// Where it cannot be read or is no text.
    pub(crate) fn read(name: &Path) -> anyhow::Result<Self> {
        let unreadable = || format!("cannot read {}", name.display());
        let path = std::fs::canonicalize(name).with_context(unreadable)?;
        let text = std::fs::read_to_string(&path).with_context(unreadable)?;
        Ok(Self { name: escape::control(&name.display().to_string()), path, text })
    }

    /// Prints the difference to the new text, then the notes.
    pub(crate) fn show(&self, edited: &str, notes: impl Iterator<Item = String>) -> anyhow::Result<()> {
        let diff = TextDiff::from_lines(self.text.as_str(), edited);
        output::print(&escape::lines(&diff.unified_diff().header(&self.name, &self.name).to_string()))?;
        notes.for_each(|note| output::message(&format!("{}: {note}", self.name)));
        Ok(())
    }

    /// Puts the new text in the file's place and keeps the old file, unless nothing changed or this is a dry run.
    ///
    /// # Errors
    /// Where the file has changed since it was read, or cannot be written; it is then as it was.
    pub(crate) fn put(&self, edited: &str, changes: usize, dry_run: bool) -> anyhow::Result<()> {
        if dry_run || changes == 0 {
            output::message(&format!("{} is unchanged", self.name));
            return Ok(());
        }
        let backup = replace(&self.path, self.text.as_bytes(), edited.as_bytes())?;
        output::message(&format!(
            "{} changed in {}, the old file is {}",
            counted(changes, "setting"),
            self.name,
            backup.display()
        ));
        Ok(())
    }
}
