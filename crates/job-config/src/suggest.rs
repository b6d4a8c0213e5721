//! "Did you mean …?" for keys that nothing reads.

use memtool_profile_model::{SECTIONS, SETTINGS};

/// Keys longer than this are no misspelling of ours.
const LONGEST: usize = 64;

/// The known path that an unknown dotted path was probably meant to be: a near miss of the
/// whole path, or the right name in the wrong mapping.
pub(super) fn suggest(path: &str) -> Option<&'static str> {
    if path.len() > LONGEST {
        return None;
    }
    let known = || SETTINGS.iter().map(|setting| setting.path).chain(SECTIONS);
    let near = known()
        .map(|candidate| (distance(path, candidate), candidate))
        .filter(|&(edits, candidate)| edits <= allowed(candidate.len().min(path.len())))
        .min();
    if let Some((_, candidate)) = near {
        return Some(candidate);
    }
    let name = leaf(path);
    let mut same_name =
        known().filter(|candidate| leaf(candidate) == name && !candidate.starts_with("memtool"));
    same_name.next().filter(|_| same_name.next().is_none()).or_else(|| {
        let misplaced = known()
            .filter(|candidate| !candidate.starts_with("memtool"))
            .map(|candidate| (distance(name, leaf(candidate)), candidate))
            .filter(|&(edits, candidate)| edits <= allowed(leaf(candidate).len().min(name.len())));
        misplaced.min().map(|(_, candidate)| candidate)
    })
}

fn leaf(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// How many edits a name of a length may be off.
const fn allowed(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        8..=15 => 2,
        _ => 3,
    }
}

/// The Levenshtein distance of two short texts.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling() {
        assert_eq!(suggest("thresholds.hihg_mb"), Some("thresholds.high_mb"));
        assert_eq!(suggest("treshold"), Some("thresholds"));
        assert_eq!(suggest("auto_gc_enable"), Some("auto_gc_enabled"));
    }

    #[test]
    fn the_right_name_in_the_wrong_mapping() {
        assert_eq!(suggest("gc_trigger_mb"), Some("thresholds.gc_trigger_mb"));
        assert_eq!(suggest("batch_sizes.moderate_mb"), Some("thresholds.moderate_mb"));
        assert_eq!(suggest("critical"), None);
    }

    #[test]
    fn nothing_near() {
        assert_eq!(suggest("owner"), None);
        assert_eq!(suggest(&"x".repeat(100_000)), None);
        assert_eq!(suggest(""), None);
    }

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
