//! What an edit changed, line by line, and comments that may have become untrue.

use memtool_profile_model::Setting;

use crate::change::{ChangedLine, EditNote};
use crate::locate::Locator;
use crate::plan::Planned;

/// Lists the changed lines as they stand in the edited text, and the comments at them that
/// speak of numbers.
pub(crate) fn account(
    edited: &str,
    block: &[&str],
    planned: &[Planned<'_>],
) -> (Vec<ChangedLine>, Vec<EditNote>) {
    let locator = Locator::new(edited);
    let lines: Vec<&str> = edited.lines().collect();
    let (mut changed, mut notes) = (Vec::new(), Vec::new());
    for change in planned {
        let Some(place) = locator.find(&change.segments) else { continue };
        let (line, path) = (locator.line(place.key.start), full_path(block, change.setting));
        if let Some(old) = &change.old {
            let rest = edited.get(place.value.end..).and_then(|rest| rest.lines().next()).unwrap_or("");
            for (line, comment) in stale_comments(&lines, line, rest, old) {
                notes.push(EditNote::StaleComment { line, path: path.clone(), comment });
            }
        }
        changed.push(ChangedLine { line, path, old: change.old.clone(), new: change.new.clone() });
    }
    changed.sort_by_key(|change| change.line);
    (changed, notes)
}

fn full_path(block: &[&str], setting: &Setting) -> String {
    format!("{}.{}", block.join("."), setting.path)
}

/// A comment behind the value with any number in it, and comment lines directly above that
/// name the old value.
fn stale_comments(lines: &[&str], line: usize, rest: &str, old: &str) -> Vec<(usize, String)> {
    let mut stale = Vec::new();
    let above = lines[..(line - 1).min(lines.len())].iter().enumerate().rev();
    for (index, text) in
        above.map(|(index, text)| (index, text.trim())).take_while(|(_, text)| text.starts_with('#'))
    {
        if names_number(text, old.trim_end_matches(".0")) {
            stale.push((index + 1, text.to_owned()));
        }
    }
    stale.reverse();
    if let Some((_, comment)) = rest.split_once('#')
        && comment.chars().any(|c| c.is_ascii_digit())
    {
        stale.push((line, format!("#{}", comment.trim_end())));
    }
    stale
}

/// Whether a comment has a number, written with or without separators.
fn names_number(comment: &str, number: &str) -> bool {
    let plain: String = comment.chars().filter(|c| !matches!(c, ',' | '_')).collect();
    let is_number = number.starts_with(|c: char| c.is_ascii_digit());
    is_number
        && plain
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .any(|word| word.trim_end_matches('.') == number)
}
