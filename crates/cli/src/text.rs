//! Numbers and running text, formatted for people.
//!
//! Numbers in tables have their thousands apart. Sentences that JSON has too, such as reasons, are printed as they are, and the
//! figures of evidence like those beside them; JSON and CSV have plain numbers.

use crate::output;

/// Whole mebibytes with thousands apart.
pub(crate) fn mib(value: f64) -> String {
    let digits = format!("{value:.0}");
    digits.strip_prefix('-').map_or_else(|| grouped(&digits), |digits| format!("-{}", grouped(digits)))
}

/// A count with thousands apart.
pub(crate) fn count(count: impl TryInto<u64>) -> String {
    grouped(&count.try_into().unwrap_or(u64::MAX).to_string())
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count and its thing, in words that agree.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A share as whole percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A time span in the unit that suits it.
pub(crate) fn span(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}

/// A figure rounded to hundredths.
pub(crate) fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// How long something took: short times in tenths of a second.
pub(crate) fn took(seconds: f64) -> String {
    if seconds < 60.0 { format!("{seconds:.1} s") } else { span(seconds) }
}

/// Columns that running text takes at most: longer lines are hard to read.
const WIDEST_TEXT: usize = 118;

/// Running text in lines that fit a terminal, the first after a lead and the others as far in.
pub(crate) fn wrapped(lead: &str, text: &str) -> String {
    let widest = usize::from(output::width() - 2).min(WIDEST_TEXT);
    let indent = " ".repeat(lead.chars().count());
    let mut page = String::new();
    let mut line = lead.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > widest {
            page.push_str(line.trim_end());
            page.push('\n');
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    page + line.trim_end() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_a_person_writes_them() {
        assert_eq!(mib(1_234_567.4), "1,234,567");
        assert_eq!(mib(-12.6), "-13");
        assert_eq!(mib(999.0), "999");
        assert_eq!((count(999_u32), count(12_345_usize)), ("999".to_owned(), "12,345".to_owned()));
        assert_eq!(percent(0.123), "12 %");
        assert_eq!(span(90.0), "90 s");
        assert_eq!((counted(1, "run"), counted(2, "run")), ("1 run".to_owned(), "2 runs".to_owned()));
        assert_eq!(span(600.0), "10 min");
        assert_eq!([span(100_000.0), span(864_000.0)], ["27.8 h", "10.0 days"]);
    }
}
