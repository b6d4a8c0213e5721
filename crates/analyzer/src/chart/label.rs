//! Text of a chart: cleaned, shortened to fit, and numbers formatted for people.

use std::collections::BTreeMap;

use super::font::{self, Weight};

/// A text from a file without what could disturb the image: control and invisible characters go, blanks become one.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::new();
    for letter in text.chars().take(400).filter(|&letter| letter.is_whitespace() || !is_hidden(letter)) {
        if !letter.is_whitespace() {
            cleaned.push(letter);
        } else if !cleaned.is_empty() && !cleaned.ends_with(' ') {
            cleaned.push(' ');
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    drawable(&cleaned)
}

/// A text with letters that the font cannot draw as their codes: a box would say nothing, and a code can be
/// looked up. Neighbours share one pair of brackets: `工作` becomes `[5DE5 4F5C]`.
fn drawable(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        if font::draws(letter) {
            shown.push(letter);
            continue;
        }
        let goes_on = shown.ends_with(']');
        if goes_on {
            shown.pop();
        }
        shown.push_str(&format!("{}{:04X}]", if goes_on { " " } else { "[" }, u32::from(letter)));
    }
    shown
}

/// Characters that show nothing, change direction, or may not stand in XML.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..)
}

/// A cleaned text that is at most `width` pixels wide, ending in … where it was cut.
pub(super) fn fit(text: &str, width: i32, size: u32, weight: Weight) -> String {
    let shown = |letters: &[char], kept: usize| -> String {
        let start: String = letters[..kept].iter().collect();
        format!("{}…", start.trim_end())
    };
    fit_by(text, width, size, weight, shown)
}

/// The same with the … in the middle, for names that differ at their end.
pub(super) fn fit_middle(text: &str, width: i32, size: u32, weight: Weight) -> String {
    let shown = |letters: &[char], kept: usize| -> String {
        let (head, tail) = (&letters[..kept.div_ceil(2)], &letters[letters.len() - kept / 2..]);
        head.iter().chain(&['…']).chain(tail).collect()
    };
    fit_by(text, width, size, weight, shown)
}

/// The whole cleaned text, or what `shown` makes of the most letters that fit.
fn fit_by(
    text: &str,
    width: i32,
    size: u32,
    weight: Weight,
    shown: impl Fn(&[char], usize) -> String,
) -> String {
    let text = clean(text);
    if font::width(&text, size, weight) <= width {
        return text;
    }
    let letters: Vec<char> = text.chars().collect();
    let (mut fits, mut too_many) = (0, letters.len());
    while too_many - fits > 1 {
        let kept = fits.midpoint(too_many);
        if font::width(&shown(&letters, kept), size, weight) <= width {
            fits = kept;
        } else {
            too_many = kept;
        }
    }
    if fits == 0 { String::new() } else { shown(&letters, fits) }
}

/// Names cut to their width so that those which differ still do: where two would read the same, what they share goes.
pub(super) fn fit_apart(names: &[&str], width: i32, size: u32, weight: Weight) -> Vec<String> {
    let shown: Vec<String> = names.iter().map(|name| fit_middle(name, width, size, weight)).collect();
    let mut alike: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, shown) in names.iter().zip(&shown) {
        alike.entry(shown).or_default().push(name);
    }
    let apart = |(name, shown): (&&str, &String)| match alike.get(shown.as_str()) {
        Some(group) if group.iter().any(|other| other != name) => {
            fit(&without_shared(name, group), width, size, weight)
        }
        _ => shown.clone(),
    };
    names.iter().zip(&shown).map(apart).collect()
}

/// A name without the beginning and the end that all of a group share, but for a few letters that say what it is.
fn without_shared(name: &str, group: &[&str]) -> String {
    const KEPT: usize = 8;
    let letters: Vec<char> = name.chars().collect();
    let shared = |backward: bool| {
        let same = |other: &&str| {
            let count = |pair: &(char, char)| pair.0 == pair.1;
            if backward {
                name.chars().rev().zip(other.chars().rev()).take_while(count).count()
            } else {
                name.chars().zip(other.chars()).take_while(count).count()
            }
        };
        group.iter().filter(|other| **other != name).map(same).min().unwrap_or(0)
    };
    let head = shared(false);
    let tail = shared(true).min(letters.len() - head);
    let core: String = letters[head..letters.len() - tail].iter().collect();
    let start: String = letters[..head.min(KEPT)].iter().collect();
    let (dots, end) = (if head > KEPT { "…" } else { "" }, if tail > 0 { "…" } else { "" });
    format!("{start}{dots}{core}{end}")
}

/// A number with a thousands separator and as many decimals as it takes to tell it from its neighbours `step` away.
pub(super) fn stepped(value: f64, step: f64) -> String {
    let decimals = (-step.log10() - 1e-9).ceil().clamp(0.0, 6.0);
    with_decimals(value, decimals as usize)
}

/// A measured size: about three figures, whole from a hundred on.
pub(super) fn size(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 => 0,
        small if small < 10.0 => 2,
        medium if medium < 100.0 => 1,
        _ => 0,
    };
    with_decimals(value, decimals)
}

/// A whole number with a thousands separator.
pub(super) fn count(value: usize) -> String {
    with_decimals(value as f64, 0)
}

/// A size with its sign in front, for changes.
pub(super) fn change(value: f64) -> String {
    let text = size(value);
    if value > 0.0 { format!("+{text}") } else { text }
}

fn with_decimals(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.2e}").replace('-', "−");
    }
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::new();
    if value < 0.0 && digits.contains(|digit| matches!(digit, '1'..='9')) {
        text.push('−');
    }
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_go() {
        assert_eq!(clean(" a\u{7}b\n\tc\u{202e}d\u{1b}[31m\u{ffff} "), "ab cd[31m");
    }

    #[test]
    fn long_text_is_cut_to_its_width() {
        let shown = fit(&"year_2025 ".repeat(50), 200, 20, Weight::Regular);
        assert!(shown.ends_with('…') && font::width(&shown, 20, Weight::Regular) <= 200, "{shown}");
        assert_eq!(fit("short", 200, 20, Weight::Regular), "short");
        assert_eq!(fit("anything", 0, 20, Weight::Regular), "");
        let named = fit_middle(&format!("memory{}_17.json", "x".repeat(90)), 200, 20, Weight::Regular);
        assert!(named.starts_with("memory") && named.contains('…') && named.ends_with("17.json"), "{named}");
        assert_eq!(fit_middle("any", 0, 20, Weight::Regular), "");
    }

    #[test]
    fn names_that_differ_still_do_when_cut() {
        let long = |middle: &str| format!("memory_profile_2025{middle}_of_a_job_with_a_long_name.json");
        let (one, two) = (long("1123"), long("1207"));
        let shown = fit_apart(&[&one, &two, "nav", &one], 200, 20, Weight::Regular);
        assert_eq!(shown, ["memory_p…123…", "memory_p…207…", "nav", "memory_p…123…"]);
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(size(1_234_567.8), "1,234,568");
        assert_eq!(size(12.34), "12.3");
        assert_eq!(size(-0.001), "0.00");
        assert_eq!(change(5.0), "+5.00");
        assert_eq!(change(-5000.0), "−5,000");
        assert_eq!(stepped(0.25, 0.05), "0.25");
        assert_eq!(stepped(1500.0, 500.0), "1,500");
        assert_eq!(stepped(2.0, 1.0), "2");
    }

    #[test]
    fn letters_without_a_glyph_are_shown_by_their_codes() {
        assert_eq!(clean("job 工作 2"), "job [5DE5 4F5C] 2");
        assert_eq!(clean("büro Ж"), "büro [0416]");
    }
}
