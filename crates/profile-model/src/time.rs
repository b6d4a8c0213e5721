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
