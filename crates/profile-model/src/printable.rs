//! Makes text from a file safe for a terminal.

/// Letters that a message shows of such a text, which may hold anything.
const LONGEST: usize = 200;

/// The text with every character escaped that a terminal acts on, or that reorders or hides others: `\n`, `\u{1b}`.
///
/// Letters of all scripts stay as they are, accents that are characters of their own included.
#[must_use]
pub fn escape_control(text: &str) -> String {
    escaped(text.chars())
}

/// The same for a message: shortened to 200 letters.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = escaped(text.chars().take(LONGEST));
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

fn escaped(text: impl Iterator<Item = char>) -> String {
    let mut shown = String::new();
    for c in text {
        match c {
            '\t' | '\n' | '\r' => shown.extend(c.escape_default()),
            c if is_active(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// Whether a terminal or a reader is led astray by a character.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_pass() {
        assert_eq!(escape_control("a\u{1b}[31mb\u{9b}c\td\n"), r"a\u{1b}[31mb\u{9b}c\td\n");
    }

    #[test]
    fn reordering_hidden_and_separating_characters_do_not_pass() {
        for c in
            ['\u{202e}', '\u{2066}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{85}', '\u{e0041}', '\u{200b}']
        {
            assert_eq!(escape_control(&format!("a{c}b")), format!("a{}b", c.escape_unicode()));
        }
        assert_eq!(escape_control("日本語 é e\u{301} — × \\ \"'"), "日本語 é e\u{301} — × \\ \"'");
    }

    #[test]
    fn a_long_text_is_shortened() {
        let shown = printable(&"x".repeat(1_000_000));
        assert!(shown.chars().count() == LONGEST + 1 && shown.ends_with("x…"), "{shown}");
        assert_eq!(printable("a\u{202e}"), r"a\u{202e}");
    }
}
