//! Changes settings in a hand-written config without changing anything else.
//!
//! `yaml-edit` finds the bytes of a value and only those are replaced; `serde_yaml` reads the
//! text before and after, and the edit is refused if more than the intended values differ.

use memtool_profile_model::{Scalar, Setting};
use serde_yaml::Mapping;

use crate::account::account;
use crate::change::{ChangedLine, ConfigChange, EditNote};
use crate::config_file::ConfigFile;
use crate::error::ConfigError;
use crate::insert::{Splice, insert, replace};
use crate::locate::Locator;
use crate::parse::{parse_mapping, without_bom};
use crate::placement::{Placement, find_blocks};
use crate::plan::{Planned, checked, plan};
use crate::read::read_config;
use crate::verify::verify;

/// An edited config.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// The whole text after the edit.
    pub text: String,
    /// The lines that were changed or added, from top to bottom.
    pub changed: Vec<ChangedLine>,
    /// What a reader should know.
    pub notes: Vec<EditNote>,
    /// The edited text as it reads now; whether it is sound is for the caller to ask.
    pub file: ConfigFile,
}

/// Sets settings in the block of a config, wherever it stands. Comments, order, line ends and
/// all other lines stay as they are; a setting that the block does not have is added at the
/// end of its mapping. Settings that have the value already are left alone; of two changes to
/// one setting the later counts.
///
/// # Errors
/// If the text is no readable config, if it has no block, if a path is no setting or its new
/// value of another kind, or if a change cannot be made without changing something else.
pub fn edit_config(text: &str, changes: &[ConfigChange]) -> Result<Edited, ConfigError> {
    let changes = checked(changes)?;
    let body = without_bom(text);
    let before = parse_mapping(body)?;
    let blocks = find_blocks(&before);
    if blocks.placement == Placement::Missing {
        return Err(ConfigError::NoBlock { add: lines_to_add(&changes)? });
    }
    let planned = plan(body, &before, &blocks.path, &changes);
    let edited = apply(body, &blocks.path, &planned)?;
    verify(&before, &edited, &blocks.path, &planned)?;
    let file = read_config(&edited)?;
    let (changed, mut notes) = account(&edited, &blocks.path, &planned);
    if !blocks.placement.is_read() {
        notes.insert(0, EditNote::IgnoredBlock { path: blocks.path.join(".") });
    }
    let mark = &text[..text.len() - body.len()];
    Ok(Edited { text: format!("{mark}{edited}"), changed, notes, file })
}

/// Replaces what exists, from the bottom up, then adds what does not.
fn apply(text: &str, block: &[&str], planned: &[Planned<'_>]) -> Result<String, ConfigError> {
    let refuse = |change: &Planned<'_>, line, reason| {
        let leaf = change.segments.last().copied().unwrap_or_default();
        let (path, add) = (change.segments.join("."), format!("{leaf}: {}", change.new));
        ConfigError::NotEditable { line, path, reason, add }
    };
    let locator = Locator::new(text);
    let mut splices = Vec::new();
    let mut missing = Vec::new();
    for change in planned {
        match locator.find(&change.segments) {
            Some(place) => {
                let line = Some(locator.line(place.key.start));
                splices
                    .push(replace(text, &place, &change.new).map_err(|reason| refuse(change, line, reason))?);
            }
            None => missing.push(change),
        }
    }
    splices.sort_by_key(|splice| splice.at.start);
    let mut edited = text.to_owned();
    for Splice { at, with } in splices.into_iter().rev() {
        edited.replace_range(at, &with);
    }
    for change in missing {
        let Splice { at, with } = insert(&edited, block, &change.segments[block.len()..], &change.new)
            .map_err(|blocker| refuse(change, blocker.line, blocker.reason))?;
        edited.replace_range(at, &with);
    }
    Ok(edited)
}

/// The block to add to a file that has none.
fn lines_to_add(changes: &[(&'static Setting, Scalar)]) -> Result<String, ConfigError> {
    let empty = "optimization:\n  adaptive_memory:\n";
    let block = ["optimization", crate::placement::BLOCK];
    let planned = plan(empty, &Mapping::new(), &block, changes);
    apply(empty, &block, &planned)
}

#[cfg(test)]
mod tests;
