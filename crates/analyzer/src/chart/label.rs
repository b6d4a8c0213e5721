//! Text as it may be shown: cleaned, shortened to fit, and numbers written for people.

use super::font::{self, Weight};

/// A text from a file without what could disturb the image: control and invisible characters go, blanks become one.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::new();
    for letter in text
        .chars()
        .take(400)
        .filter(|&letter| letter.is_whitespace() || !is_hidden(letter))
    {
        if !letter.is_whitespace() {
            cleaned.push(letter);
        } else if !cleaned.is_empty() && !cleaned.ends_with(' ') {
            cleaned.push(' ');
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// Characters that show nothing, change direction, or may not stand in XML.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..)
}

/// A cleaned text that is at most `width` pixels wide, ending in … where it was cut.
pub(super) fn fit(text: &str, width: i32, size: u32, weight: Weight) -> String {
    let mut text = clean(text);
    if font::width(&text, size, weight) <= width {
        return text;
    }
    while text.pop().is_some() {
        let shown = format!("{}…", text.trim_end());
        if font::width(&shown, size, weight) <= width {
            return shown;
        }
    }
    text
}

/// The same with the … in the middle, for names that differ at their end.
pub(super) fn fit_middle(text: &str, width: i32, size: u32, weight: Weight) -> String {
    let letters: Vec<char> = clean(text).chars().collect();
    let shown = |kept: usize| -> String {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        letters[..head]
            .iter()
            .chain(&['…'])
            .chain(&letters[letters.len() - tail..])
            .collect()
    };
    let whole: String = letters.iter().collect();
    if font::width(&whole, size, weight) <= width {
        return whole;
    }
    let fits = (1..letters.len())
        .rev()
        .map(shown)
        .find(|text| font::width(text, size, weight) <= width);
    fits.unwrap_or_default()
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
    if value > 0.0 {
        format!("+{text}")
    } else {
        text
    }
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
        assert_eq!(
            clean(" a\u{7}b\n\tc\u{202e}d\u{1b}[31m\u{ffff} "),
            "ab cd[31m"
        );
    }

    #[test]
    fn long_text_is_cut_to_its_width() {
        let shown = fit(&"year_2025 ".repeat(50), 200, 20, Weight::Regular);
        assert!(
            shown.ends_with('…') && font::width(&shown, 20, Weight::Regular) <= 200,
            "{shown}"
        );
        assert_eq!(fit("short", 200, 20, Weight::Regular), "short");
        assert_eq!(fit("anything", 0, 20, Weight::Regular), "");
        let named = fit_middle(
            &format!("memory{}_17.json", "x".repeat(90)),
            200,
            20,
            Weight::Regular,
        );
        assert!(
            named.starts_with("memory") && named.contains('…') && named.ends_with("17.json"),
            "{named}"
        );
        assert_eq!(fit_middle("any", 0, 20, Weight::Regular), "");
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
}
