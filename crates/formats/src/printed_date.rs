//! What the command `date` prints, in the order and the words of its locale.
//!
//! Every locale begins with a weekday or the year and has the same parts: `Sun Nov 29 18:17:04 UTC 2026`,
//! `Sun 29 Nov 2026 06:17:04 PM CET`, `So 29. Nov 18:17:04 UTC 2026`, `2026年 11月 29日 日曜日 18:17:04 UTC`.
//! Which word is which part is known by its form.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use crate::calendar::{is_time_of_day, time_of_day};

/// The first letters of each month's names in English, German, French, Spanish, Italian, Dutch and Portuguese.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fev", "fév"],
    &["mar", "mär", "mrt", "mrz"],
    &["apr", "avr", "abr"],
    &["mai", "may", "mag", "mei"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott", "out"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

/// The parts that were found so far.
#[derive(Default)]
struct Parts<'a> {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    time: Option<&'a str>,
    half: Option<&'a str>,
    offset_s: Option<i64>,
}

/// The date and time that a line of `date` is, in UTC; of a zone that is not known there is none.
pub(crate) fn printed_date(text: &str) -> Option<DateTime> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    if !(4..=8).contains(&words.len()) {
        return None;
    }
    let mut parts = Parts::default();
    for (place, word) in words.iter().enumerate() {
        // The weekday: of no use, and in some languages short for a month too.
        let is_weekday = place == 0 && !word.starts_with(|c: char| c.is_ascii_digit());
        if !is_weekday {
            parts.take(word)?;
        }
    }
    let time: Time = time_of_day(parts.time?, parts.half)?;
    let date = Date::new(parts.year?, parts.month?, parts.day?).ok()?;
    date.to_datetime(time).checked_sub(SignedDuration::from_secs(parts.offset_s.unwrap_or(0))).ok()
}

impl<'a> Parts<'a> {
    /// Takes a word; `None` where it is no part of a date.
    fn take(&mut self, word: &'a str) -> Option<()> {
        if is_time_of_day(word) {
            return set(&mut self.time, word);
        }
        match word {
            "AM" | "PM" => return set(&mut self.half, word),
            _ if word.ends_with("曜日") => return Some(()),
            _ if word.starts_with(['+', '-']) => return set(&mut self.offset_s, zone_offset(word)?),
            _ => {}
        }
        let digits = word.trim_end_matches(['.', ',', '年', '月', '日']);
        match digits.parse::<i16>() {
            Ok(year) if digits.len() == 4 => set(&mut self.year, year),
            Ok(number) => {
                let part = if word.ends_with('月') { &mut self.month } else { &mut self.day };
                set(part, i8::try_from(number).ok()?)
            }
            Err(_) => match month(word) {
                Some(month) => set(&mut self.month, month),
                None => set(&mut self.offset_s, zone_offset(word)?),
            },
        }
    }
}

/// Sets what was not set yet.
fn set<T>(part: &mut Option<T>, value: T) -> Option<()> {
    part.is_none().then(|| *part = Some(value))
}

fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let place = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    i8::try_from(place + 1).ok()
}

/// Seconds east of Greenwich of `+0530`, `-03`, and of the zones that `date` prints most.
fn zone_offset(zone: &str) -> Option<i64> {
    const HOUR: i64 = 3600;
    if let Some(digits) = zone.strip_prefix(['+', '-']) {
        let hours: i64 = digits.get(..2)?.parse().ok()?;
        let minutes: i64 =
            digits.get(2..).filter(|minutes| !minutes.is_empty()).map_or(Some(0), |m| m.parse().ok())?;
        let east = hours * HOUR + minutes * 60;
        return Some(if zone.starts_with('-') { -east } else { east });
    }
    Some(match zone {
        "UTC" | "GMT" | "WET" => 0,
        "BST" | "CET" | "WEST" => HOUR,
        "CEST" | "EET" => 2 * HOUR,
        "EEST" | "MSK" => 3 * HOUR,
        "JST" | "KST" => 9 * HOUR,
        "EDT" => -4 * HOUR,
        "EST" | "CDT" => -5 * HOUR,
        "CST" | "MDT" => -6 * HOUR,
        "MST" | "PDT" => -7 * HOUR,
        "PST" => -8 * HOUR,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_in_many_locales() {
        let expected = Date::constant(2026, 11, 29).at(18, 17, 4, 0);
        for text in [
            "Sun Nov 29 18:17:04 UTC 2026",
            "Sun Nov 29 19:17:04 CET 2026",
            "Sun Nov 29 18:17:04 2026",
            "Sun Nov 29 06:17:04 PM UTC 2026",
            "Sun 29 Nov 2026 06:17:04 PM UTC",
            "Sun 29 Nov 18:17:04 UTC 2026",
            "Sun 29 Nov 2026 23:47:04 +0530",
            "So 29. Nov 18:17:04 UTC 2026",
            "dim. 29 nov. 2026 18:17:04 UTC",
            "domingo, 29 noviembre 2026, 18:17:04 UTC",
            "2026年 11月 29日 日曜日 18:17:04 UTC",
        ] {
            assert_eq!(printed_date(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_weekday_may_look_like_a_month() {
        let tuesday = Date::constant(2026, 11, 24).at(18, 17, 4, 0);
        assert_eq!(printed_date("mar. 24 nov. 2026 18:17:04 UTC"), Some(tuesday));
    }

    #[test]
    fn other_lines_are_no_dates() {
        for text in
            ["", "yesterday", "Sun Nov 29 18:17:04 XYZ 2026", "a 12 jan 2026 7", "Sun 31 Feb 18:17:04 2026"]
        {
            assert_eq!(printed_date(text), None, "{text}");
        }
    }
}
