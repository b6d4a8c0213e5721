//! Wall-clock times as files spell them.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// A time as a file spells it, and whether it named its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spelled {
    pub(crate) at: Timestamp,
    pub(crate) zoned: bool,
}

/// Reads RFC 3339 or Python's isoformat; a time without a zone is UTC.
pub(crate) fn parse(text: &str) -> Option<Spelled> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Spelled { at, zoned: true });
    }
    let civil: DateTime = text.parse().ok()?;
    let at = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Spelled { at, zoned: false })
}

/// Reads the times of neighbouring samples, which mostly share their minute.
///
/// The calendar is the library's: only seconds and microseconds are read here.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    minute: [u8; MINUTE],
    start: i64,
}

/// Letters of `2026-11-23T02:46`.
const MINUTE: usize = 16;

impl Clock {
    /// The lengths of the spellings that it reads, the usual ones first.
    pub(crate) const LENGTHS: [usize; 4] = [32, 26, 25, 19];

    /// Reads one time as [`parse`] does, in the spellings of the existing manager; `None` where
    /// it is another.
    #[inline]
    pub(crate) fn read(&mut self, text: &[u8]) -> Option<Spelled> {
        let (minute, rest) = text.split_first_chunk::<MINUTE>()?;
        if *minute != self.minute {
            *self = Self { minute: *minute, start: start_of(minute)? };
        }
        let ([b':', tens, ones], rest) = rest.split_first_chunk::<3>()? else { return None };
        let second = i64::from(two_digits(*tens, *ones)?);
        let (micros, rest) = match rest {
            [b'.', a, b, c, d, e, f, rest @ ..] => {
                let pairs = [two_digits(*a, *b)?, two_digits(*c, *d)?, two_digits(*e, *f)?];
                (pairs.iter().fold(0, |sum, pair| sum * 100 + i32::from(*pair)), rest)
            }
            _ => (0, rest),
        };
        let zoned = match rest {
            [] => false,
            b"+00:00" => true,
            _ => return None,
        };
        let at = Timestamp::new(self.start + second, micros * 1_000).ok()?;
        (second < 60).then_some(Spelled { at, zoned })
    }
}

/// The seconds since 1970 at which a minute begins, in the one spelling that the clock knows.
fn start_of(minute: &[u8; MINUTE]) -> Option<i64> {
    let shaped = minute.iter().enumerate().all(|(place, byte)| match place {
        4 | 7 => *byte == b'-',
        10 => *byte == b'T',
        13 => *byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let text = std::str::from_utf8(minute).ok().filter(|_| shaped)?;
    parse(&format!("{text}:00")).map(|spelled| spelled.at.as_second())
}

fn two_digits(tens: u8, ones: u8) -> Option<u8> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}

/// A time in JSON, to the nanosecond.
pub(crate) mod as_text {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Python's isoformat: microseconds, left out where they are 0.
pub(crate) fn format(at: Timestamp, zoned: bool) -> String {
    let civil = at.to_zoned(TimeZone::UTC).datetime();
    let micros = civil.subsec_nanosecond() / 1_000;
    let mut text = civil.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    if micros != 0 {
        text.push_str(&format!(".{micros:06}"));
    }
    if zoned {
        text.push_str("+00:00");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_eras_are_the_same_moment() {
        let naive = parse("2026-11-23T02:46:18.071548").expect("naive");
        let zoned = parse("2026-11-23T02:46:18.071548+00:00").expect("zoned");
        assert_eq!(naive.at, zoned.at);
        assert!(!naive.zoned && zoned.zoned);
    }

    #[test]
    fn the_clock_reads_what_the_library_reads() {
        let mut clock = Clock::default();
        let times = [
            "2026-11-23T02:46:18.071548",
            "2026-11-23T02:46:18.071548+00:00",
            "2026-11-23T02:46:59",
            "2026-11-23T02:47:00+00:00",
            "1969-12-31T23:59:59.999999+00:00",
            "0001-01-01T00:00:00",
            "2024-02-29T00:00:00.000001",
        ];
        for text in times {
            let found = clock.read(text.as_bytes());
            assert!(found.is_some() && found == parse(text), "{text}: {found:?}");
        }
        let others = [
            "2026-02-30T00:00:00",
            "2026-11-23T02:46:60",
            "2026-11-23T02:46:18.07",
            "2026-11-23T02:46:18Z",
            "2026-11-23T02:46",
            "+002026-11-23T02:46",
            "2026-11-23T02:46:1x",
            "2026-11-23T24:00:00",
        ];
        for text in others {
            assert_eq!(clock.read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_text_comes_back_as_it_was() {
        for text in ["2026-11-23T02:46:18", "2026-11-23T02:46:18.000100", "2026-11-23T02:46:18.071548+00:00"]
        {
            let spelled = parse(text).expect("a time");
            assert_eq!(format(spelled.at, spelled.zoned), text);
        }
    }

    #[test]
    fn other_zones_are_converted_and_nonsense_is_refused() {
        let east = parse("2026-01-01T02:00:00+02:00").expect("zoned");
        assert_eq!(east.at, parse("2026-01-01T00:00:00").expect("naive").at);
        assert_eq!(parse("yesterday"), None);
        assert_eq!(parse(""), None);
    }
}
