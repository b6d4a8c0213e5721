//! Dates and times of day as one word, in the order of any locale.

use jiff::civil::{Date, Time};

/// A date as one word: `2026-11-29`, `2026/11/29`, `11/29/26`, `29/11/2026`, `29.11.2026` or `2026年11月29日`.
pub(crate) fn date(text: &str) -> Option<Date> {
    let parts = |separators: &[char]| -> Option<[i16; 3]> {
        let text = text.trim_end_matches(separators);
        let parts: Vec<i16> = text.split(separators).map(|part| part.parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok()
    };
    let of = |year: i16, month: i16, day: i16| {
        let year = if year < 100 { year + 2000 } else { year };
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    match parts(&['/']) {
        Some([year, month, day]) if year > 31 => return of(year, month, day),
        // The order is the locale's: only a day can be above twelve.
        Some([day, month, year]) if day > 12 => return of(year, month, day),
        Some([month, day, year]) => return of(year, month, day),
        None => {}
    }
    if let Some([day, month, year]) = parts(&['.']) {
        return of(year, month, day);
    }
    let [year, month, day] = parts(&['-']).or_else(|| parts(&['年', '月', '日']))?;
    of(year, month, day)
}

/// Whether a word is a time of day, by its separators: `18:13:43` or `18時13分43秒`.
pub(crate) fn is_time_of_day(word: &str) -> bool {
    word.contains(':') || word.contains('分') && word.ends_with('秒')
}

/// A time of day: `18:13:43`, followed by `AM` or `PM` where the locale counts to twelve.
pub(crate) fn time_of_day(text: &str, half: Option<&str>) -> Option<Time> {
    let plain = text.replace(['時', '时', '分'], ":");
    let time: Time = is_time_of_day(text).then(|| plain.trim_end_matches('秒').parse().ok())??;
    let hour = match half {
        None => time.hour(),
        Some("AM") => time.hour() % 12,
        Some("PM") => time.hour() % 12 + 12,
        Some(_) => return None,
    };
    Time::new(hour, time.minute(), time.second(), time.subsec_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_locale() {
        let expected = Date::constant(2026, 11, 29);
        for text in ["2026-11-29", "11/29/26", "11/29/2026", "29.11.2026"] {
            assert_eq!(date(text), Some(expected), "{text}");
        }
        for text in ["2026/11/29", "29/11/26", "29/11/2026", "2026年11月29日"] {
            assert_eq!(date(text), Some(expected), "{text}");
        }
        assert_eq!([date("29/29/26"), date("now"), date("1-2")], [None; 3]);
    }

    #[test]
    fn times_of_day_of_every_locale() {
        let expected = Time::constant(18, 13, 43, 0);
        let cases = [("18:13:43", None), ("06:13:43", Some("PM")), ("18時13分43秒", None)];
        for (text, half) in cases {
            assert_eq!(time_of_day(text, half), Some(expected), "{text}");
        }
        assert_eq!([time_of_day("1813", None), time_of_day("18:13:43", Some("x"))], [None; 2]);
    }
}
