//! Dates and times as tools print them. What names no zone is taken for UTC.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::calendar::{date, time_of_day};
use crate::number::number;
use crate::printed_date::printed_date;
use crate::trace::nanos;

/// Nanoseconds since 1970 of a date and time in one text.
///
/// Reads RFC 3339, Python's isoformat, a blank between date and time, a zone `UTC`, dates of other
/// locales, what `date` prints, and seconds since 1970.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(seconds) = number(text) {
        return epoch(seconds);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return since_1970(at);
    }
    let bare = text.strip_suffix("UTC").or_else(|| text.strip_suffix('Z')).unwrap_or(text).trim_end();
    if let Ok(at) = bare.parse::<DateTime>() {
        return utc(at);
    }
    of_locale(bare).or_else(|| utc(printed_date(text)?))
}

/// A date and a time of day in a locale's order, such as `11/29/2026 11:26:07 PM`.
fn of_locale(text: &str) -> Option<i64> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (day, time, half) = match words[..] {
        [day, time] => (day, time, None),
        [day, time, half] => (day, time, Some(half)),
        _ => return None,
    };
    utc(date(day)?.to_datetime(time_of_day(time, half)?))
}

/// Nanoseconds since 1970 of seconds, or of milliseconds where seconds would lie past the year 5000.
pub(crate) fn epoch(value: f64) -> Option<i64> {
    const LATEST_S: f64 = 1e11;
    if value.abs() < LATEST_S { nanos(value) } else { nanos(value / 1e3) }
}

fn utc(at: DateTime) -> Option<i64> {
    since_1970(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn since_1970(at: Timestamp) -> Option<i64> {
    i64::try_from(at.as_nanosecond()).ok()
}

/// A clock that knows times of day after the date at the file's beginning: past midnight it goes on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DayClock {
    day: Option<Date>,
    last: Option<DateTime>,
    /// The first time, which others count from where no date is known.
    first: Option<i64>,
    dated: bool,
}

impl DayClock {
    /// Sets the date.
    pub(crate) const fn set(&mut self, day: Date) {
        *self = Self { day: Some(day), last: None, first: None, dated: true };
    }

    /// Whether a date is known.
    pub(crate) const fn has_date(&self) -> bool {
        self.dated
    }

    /// Nanoseconds since 1970, or since the first time where no date is known.
    pub(crate) fn at(&mut self, time: Time) -> Option<i64> {
        let day = self.day.unwrap_or(Date::constant(1970, 1, 1));
        let mut at = day.to_datetime(time);
        // A little backwards is another block of the same sample; by half a day it is the next day.
        let is_next_day = |last: DateTime| last.duration_since(at) > SignedDuration::from_hours(12);
        if self.last.is_some_and(is_next_day) {
            self.day = Some(day.tomorrow().ok()?);
            at = day.tomorrow().ok()?.to_datetime(time);
        }
        self.last = Some(at);
        let at = utc(at)?;
        if self.dated {
            return Some(at);
        }
        let first = *self.first.get_or_insert(at);
        Some(at.saturating_sub(first))
    }
}

/// Seconds of a duration: `0:20.72`, `1:02:03`, `2-03:04:05`, `12.5` or `1h 2m 3.5s`.
pub(crate) fn duration(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(seconds) = number(text) {
        return Some(seconds).filter(|seconds| *seconds >= 0.0);
    }
    if text.contains(':') {
        let (days, clock) = text.split_once('-').unwrap_or(("0", text));
        let days: u32 = days.parse().ok()?;
        let parts = clock.split(':').map(number).collect::<Option<Vec<f64>>>()?;
        let seconds = parts.iter().fold(0.0, |sum, part| sum * 60.0 + part);
        return (parts.len() <= 3 && seconds >= 0.0).then(|| f64::from(days) * 86_400.0 + seconds);
    }
    text.split_ascii_whitespace().try_fold(0.0, |sum, part| {
        let end = part.find(|c: char| c.is_ascii_alphabetic())?;
        let unit = match &part[end..] {
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        number(&part[..end]).filter(|value| *value >= 0.0).map(|value| sum + value * unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_976_224_000_000_000;

    #[test]
    fn one_moment_in_every_spelling() {
        for text in [
            "2026-11-29T18:17:04Z",
            "2026-11-29T18:17:04+00:00",
            "2026-11-29T19:17:04+01:00",
            "2026-11-29 18:17:04",
            "2026-11-29 18:17:04 UTC",
            "Sun Nov 29 18:17:04 UTC 2026",
            "Sun Nov 29 19:17:04 CET 2026",
            "Sun Nov 29 18:17:04 2026",
            "11/29/2026 06:17:04 PM",
            "29.11.2026 18:17:04",
            "1795976224",
            "1795976224000",
        ] {
            assert_eq!(moment(text), Some(AT), "{text}");
        }
        for text in ["", "yesterday", "2026-13-01 00:00:00", "Sun Nov 29 18:17:04 XYZ 2026", "1e300"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_goes_on_past_midnight() {
        let mut clock = DayClock::default();
        clock.set(Date::constant(2026, 11, 29));
        let mut at = |text, half| clock.at(time_of_day(text, half).expect("a time")).expect("a moment");
        let late = at("11:59:59", Some("PM"));
        assert_eq!(at("12:00:01", Some("AM")) - late, 2_000_000_000);
    }

    #[test]
    fn durations_of_every_spelling() {
        let cases = [
            ("0:20.72", 20.72),
            ("1:02:03", 3723.0),
            ("2-00:00:01", 172_801.0),
            ("12.5", 12.5),
            ("1m 3.5s", 63.5),
            ("870ms", 0.87),
        ];
        for (text, seconds) in cases {
            assert_eq!(duration(text), Some(seconds), "{text}");
        }
        assert_eq!([duration("-"), duration("-1"), duration("1:2:3:4"), duration("3 apples")], [None; 4]);
    }
}
