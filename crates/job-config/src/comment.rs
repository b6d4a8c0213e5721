//! Text from anywhere as comment lines that cannot become anything but comments.

use crate::literal::is_printable;

/// The widest line, with indentation.
const WIDTH: usize = 96;

/// Appends a text as comment lines: every kind of white space becomes one blank, every
/// character that is not printable is dropped, and lines are wrapped.
pub(super) fn push_comment(out: &mut String, indent: usize, text: &str) {
    let room = WIDTH.saturating_sub(indent + 2).max(20);
    let mut line = String::new();
    let mut length = 0;
    let mut flush = |line: &mut String, length: &mut usize| {
        if *length > 0 {
            out.push_str(&" ".repeat(indent));
            out.push_str("# ");
            out.push_str(line);
            out.push('\n');
        }
        line.clear();
        *length = 0;
    };
    for word in text.split_whitespace() {
        let word: Vec<char> = word.chars().filter(|&c| is_printable(c)).collect();
        for piece in word.chunks(room) {
            if length > 0 && length + 1 + piece.len() > room {
                flush(&mut line, &mut length);
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.extend(piece);
            length += piece.len();
        }
    }
    flush(&mut line, &mut length);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(indent: usize, text: &str) -> String {
        let mut out = String::new();
        push_comment(&mut out, indent, text);
        out
    }

    #[test]
    fn a_newline_cannot_leave_the_comment() {
        assert_eq!(comment(2, "a\nevil: true\r\u{85}b\u{2028}c"), "  # a evil: true b c\n");
    }

    #[test]
    fn control_and_reordering_characters_are_dropped() {
        assert_eq!(comment(0, "a\u{1b}[31m\u{202e}b\0"), "# a[31mb\n");
    }

    #[test]
    fn long_text_is_wrapped_and_long_words_are_cut() {
        let text = format!("{} {}", "word ".repeat(40), "x".repeat(300));
        let written = comment(8, &text);
        assert!(written.lines().all(|line| line.chars().count() <= WIDTH && line.starts_with("        # ")));
        assert!(written.lines().count() >= 6);
    }

    #[test]
    fn nothing_to_say() {
        assert_eq!(comment(0, " \n\u{7}"), "");
    }
}
