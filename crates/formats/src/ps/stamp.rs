//! Stamps that people put between or before the rows of `ps`.

use crate::calendar::{is_time_of_day, time_of_day};
use crate::clock::{DayClock, moment};
use crate::number::number;

/// What stands around a stamp: brackets, rules and marks of a heading.
const DECORATION: &[char] = &['[', ']', '=', '#', '-', '*', '<', '>', '|', ' ', '\t'];

/// Seconds since 1970 of the years that logs are of; smaller numbers are sizes.
const STAMPS_S: std::ops::Range<f64> = 1e9..1e14;

/// A stamp, and the words after it.
#[derive(Debug, PartialEq)]
pub(crate) struct Stamped<'a> {
    pub(crate) at: Stamp,
    pub(crate) rest: Vec<&'a str>,
}

/// A moment, or a time of day without a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stamp {
    /// Nanoseconds since 1970.
    Moment(i64),
    /// A time of day.
    Time(jiff::civil::Time),
}

impl Stamp {
    /// Nanoseconds since 1970, or since the first time of day.
    pub(crate) fn nanos(self, day: &mut DayClock) -> Option<i64> {
        match self {
            Self::Moment(at) => Some(at),
            Self::Time(time) => day.at(time),
        }
    }
}

/// The stamp that a line begins with.
pub(crate) fn stamp(line: &str) -> Option<Stamped<'_>> {
    let text = line.trim_matches(DECORATION);
    let words: Vec<&str> = words(text);
    let first = *words.first()?;
    if is_date_word(first) {
        return whole_date(&words);
    }
    // Seconds since 1970 or a date with its time; a date alone is followed by the time of day.
    let is_moment = number(first).map_or(first.contains('T'), |seconds| STAMPS_S.contains(&seconds));
    if let Some(at) = moment(first.trim_matches(DECORATION)).filter(|_| is_moment) {
        return Some(Stamped { at: Stamp::Moment(at), rest: words[1..].to_vec() });
    }
    let day_and_time = words.get(1).filter(|time| is_time_of_day(time));
    if let Some(at) =
        day_and_time.and_then(|time| moment(&format!("{first} {}", time.trim_matches(DECORATION))))
    {
        return Some(Stamped { at: Stamp::Moment(at), rest: words[2..].to_vec() });
    }
    let half = words.get(1).copied().filter(|word| ["AM", "PM"].contains(word));
    let at = time_of_day(first.trim_matches(DECORATION), half)?;
    Some(Stamped { at: Stamp::Time(at), rest: words[1 + usize::from(half.is_some())..].to_vec() })
}

/// Words between blanks; where a separator follows the stamp directly, between separators too.
fn words(text: &str) -> Vec<&str> {
    let blanks = || text.split_ascii_whitespace();
    let stamped = blanks().take(2).find(|word| is_time_of_day(word) || number_before_separator(word));
    let separator = stamped.and_then(separator_in);
    match separator {
        None => blanks().collect(),
        Some(separator) => text
            .split(|c: char| c == char::from(separator) || c.is_ascii_whitespace())
            .filter(|word| !word.is_empty())
            .collect(),
    }
}

/// What parts a stamp from what follows it in the same word; Python's milliseconds behind a comma are its own.
fn separator_in(word: &str) -> Option<u8> {
    let word = word.trim_end_matches(DECORATION);
    let at = word.find([',', ';', '|'])?;
    let is_fraction = is_time_of_day(word) && word.len() == at + 4 && word.as_bytes()[at] == b',';
    (!is_fraction).then(|| word.as_bytes()[at])
}

/// Whether a word is seconds since 1970 and more behind a separator.
fn number_before_separator(word: &str) -> bool {
    let first = word.split([',', ';', '|']).next().unwrap_or_default();
    first.len() < word.len() && number(first).is_some_and(|seconds| STAMPS_S.contains(&seconds))
}

/// Whether a word may begin what `date` prints: a weekday, or a year in Japanese.
fn is_date_word(word: &str) -> bool {
    let weekday = word.trim_end_matches(['.', ',']);
    word.ends_with('年')
        || (2..=10).contains(&weekday.chars().count()) && weekday.chars().all(char::is_alphabetic)
}

/// A date as `date` prints it, with the words that follow it.
fn whole_date<'a>(words: &[&'a str]) -> Option<Stamped<'a>> {
    (4..=words.len().min(8)).rev().find_map(|length| {
        let at = moment(&words[..length].join(" "))?;
        Some(Stamped { at: Stamp::Moment(at), rest: words[length..].to_vec() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_976_224_000_000_000;

    #[test]
    fn stamps_of_every_form() {
        for (line, rest) in [
            ("1795976224 16008", vec!["16008"]),
            ("1795976224.0 16008 244184", vec!["16008", "244184"]),
            ("1795976224,16008", vec!["16008"]),
            ("2026-11-29 18:17:04 16008", vec!["16008"]),
            ("2026-11-29 18:17:04,16008", vec!["16008"]),
            ("2026-11-29 18:17:04,000 16008", vec!["16008"]),
            ("2026-11-29T18:17:04+00:00", vec![]),
            ("[2026-11-29 18:17:04] 16008", vec!["16008"]),
            ("[2026-11-29 18:17:04,000] 16008", vec!["16008"]),
            ("Sun Nov 29 18:17:04 UTC 2026", vec![]),
            ("=== Sun Nov 29 06:17:04 PM UTC 2026 ===", vec![]),
            ("So 29. Nov 18:17:04 UTC 2026 16008", vec!["16008"]),
            ("2026年 11月 29日 日曜日 18:17:04 UTC", vec![]),
        ] {
            assert_eq!(stamp(line), Some(Stamped { at: Stamp::Moment(AT), rest }), "{line}");
        }
    }

    #[test]
    fn a_time_of_day_alone() {
        let stamped = stamp("18:17:04").expect("a time");
        assert_eq!(stamped.at, Stamp::Time(jiff::civil::Time::constant(18, 17, 4, 0)));
    }

    #[test]
    fn rows_are_no_stamps() {
        for line in ["16008", "25786 16008 python", "root 1 0.0 0.0 1 2 ? S 18:17 0:00 sh", "", "a b c d"] {
            assert_eq!(stamp(line), None, "{line}");
        }
    }
}
