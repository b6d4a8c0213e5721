//! Dates and times as tools print them. What names no zone is taken for UTC.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::number::number;
use crate::trace::nanos;

/// Nanoseconds since 1970 of a date and time in one text.
///
/// Reads RFC 3339, Python's isoformat, a blank between date and time, a zone `UTC`, what `date`
/// prints, and seconds since 1970.
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
    printed_by_date(text)
}

/// Nanoseconds since 1970 of seconds, or of milliseconds where seconds would lie past the year 5000.
pub(crate) fn epoch(value: f64) -> Option<i64> {
    const LATEST_S: f64 = 1e11;
    if value.abs() < LATEST_S { nanos(value) } else { nanos(value / 1e3) }
}

/// `Sun Nov 29 18:17:04 UTC 2026`, the zone anywhere after the time or missing.
fn printed_by_date(text: &str) -> Option<i64> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [weekday, month, day, time, .., year] = words.as_slice() else { return None };
    let offset_s = match words.as_slice() {
        [_, _, _, _, zone, _] => zone_offset(zone)?,
        [_, _, _, _, _] => 0,
        _ => return None,
    };
    let plain = format!("{month} {day} {time} {year}");
    let at = strtime::parse("%b %d %H:%M:%S %Y", plain).and_then(|parsed| parsed.to_datetime()).ok()?;
    let known = weekday.len() == 3 && weekday.is_ascii();
    utc(at.checked_sub(SignedDuration::from_secs(offset_s)).ok()?).filter(|_| known)
}

/// Seconds east of Greenwich of the zones that `date` prints most; of another none is known.
fn zone_offset(zone: &str) -> Option<i64> {
    const HOUR: i64 = 3600;
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

fn utc(at: DateTime) -> Option<i64> {
    since_1970(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn since_1970(at: Timestamp) -> Option<i64> {
    i64::try_from(at.as_nanosecond()).ok()
}

/// A date as one word: `2026-11-29`, `11/29/26`, `11/29/2026` or `29.11.2026`.
pub(crate) fn date(text: &str) -> Option<Date> {
    let parts = |separator| -> Option<[i16; 3]> {
        let parts: Vec<i16> = text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok()
    };
    let of = |year: i16, month: i16, day: i16| {
        let year = if year < 100 { year + 2000 } else { year };
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    if let Some([month, day, year]) = parts('/') {
        return of(year, month, day);
    }
    if let Some([day, month, year]) = parts('.') {
        return of(year, month, day);
    }
    let [year, month, day] = parts('-')?;
    of(year, month, day)
}

/// A time of day: `18:13:43`, followed by `AM` or `PM` where the locale counts to twelve.
pub(crate) fn time_of_day(text: &str, half: Option<&str>) -> Option<Time> {
    let time: Time = text.contains(':').then(|| text.parse().ok())??;
    let hour = match half {
        None => time.hour(),
        Some("AM") => time.hour() % 12,
        Some("PM") => time.hour() % 12 + 12,
        Some(_) => return None,
    };
    Time::new(hour, time.minute(), time.second(), time.subsec_nanosecond()).ok()
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
    fn dates_of_every_locale() {
        let expected = Date::constant(2026, 11, 29);
        for text in ["2026-11-29", "11/29/26", "11/29/2026", "29.11.2026"] {
            assert_eq!(date(text), Some(expected), "{text}");
        }
        assert_eq!([date("29/11/26"), date("now"), date("1-2")], [None; 3]);
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
