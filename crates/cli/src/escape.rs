//! Text from files, made inert where it is printed: in a terminal and in Markdown.

pub(crate) use memtool_profile_model::escape_control as control;

/// Letters of a name that a message shows.
const LONGEST_NAME: usize = 200;

/// Keeps Markdown from reading a mention, a reference or an address: it has no width.
const BREAK: char = '\u{200b}';

/// Several lines with their control characters escaped; their line feeds stay.
pub(crate) fn lines(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| line.trim_end_matches(['\r', '\n']))
        .map(|line| control(line) + "\n")
        .collect()
}

/// A path, label or operation in a message: escaped, and cut in its middle where it is long.
pub(crate) fn name(text: &str) -> String {
    shortened(&control(text), LONGEST_NAME)
}

/// A name cut in its middle: its two ends tell files apart.
pub(crate) fn shortened(name: &str, longest: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= longest {
        return name.to_owned();
    }
    let head = (longest - 1) / 2;
    let tail = longest - 1 - head;
    letters[..head].iter().chain(&['…']).chain(&letters[letters.len() - tail..]).collect()
}

/// Text for Markdown, in running text or a table cell: no markup, mention, link or new line of its own.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    for c in control(text).chars() {
        if breaks_reference(before, c) {
            escaped.push(BREAK);
        }
        if "\\`*_{}[]<>#|!&~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

/// Whether two characters begin what GitHub and GitLab make a mention (`@user`), a reference
/// (`#1`) or a link (`://`, `www.`).
fn breaks_reference(before: char, c: char) -> bool {
    match before {
        '@' => c.is_alphanumeric(),
        '#' | '!' | '~' | '$' | '%' => c.is_ascii_digit(),
        ':' => c == '/',
        'w' | 'W' => c == '.',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_ends() {
        assert_eq!(shortened("abcdefghij", 5), "ab…ij");
        assert_eq!(shortened("abcde", 5), "abcde");
        let long = name(&format!("first{}last", "x".repeat(5000)));
        assert!(long.chars().count() == LONGEST_NAME && long.starts_with("first") && long.ends_with("last"));
    }

    #[test]
    fn a_label_cannot_leave_its_cell() {
        assert_eq!(markdown("a|b\n<img>"), "a\\|b\\\\n\\<img\\>");
    }

    #[test]
    fn markdown_reads_no_mention_reference_or_link() {
        let escaped = markdown("@user #12 https://example.org www.example.org !7");
        for active in ["@user", "#12", "://", "www.", "!7"] {
            assert!(!escaped.contains(active), "{escaped}");
        }
    }
}
