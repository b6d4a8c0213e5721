//! A line of a unified log: what stands in brackets before its text.
//!
//! Any set of decorations, in their fixed order: time or utctime, uptime, timemillis, uptimemillis,
//! timenanos, uptimenanos, hostname, pid, tid, level, tags. Which is which is told by the form.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::cursor::Cursor;

const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;
/// Milliseconds from which a number counts from 1970 and not from the start: three years.
const EPOCH_FROM_MS: i64 = 100_000_000_000;

/// A line of a unified log, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LogLine<'l> {
    /// Nanoseconds since the virtual machine's start.
    pub(super) uptime: Option<i64>,
    /// The wall clock.
    pub(super) wall: Option<Wall<'l>>,
    /// The tags, such as `gc` or `gc,heap`.
    pub(super) tags: Option<&'l str>,
    /// What follows the decorations.
    pub(super) text: &'l str,
}

/// A wall-clock time as a line has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wall<'l> {
    /// As `2026-11-29T17:56:32.212+0000`.
    Date(&'l str),
    /// Nanoseconds since 1970.
    Nanos(i64),
}

impl Wall<'_> {
    /// Nanoseconds since 1970; `None` where it is no time.
    pub(super) fn nanos(self) -> Option<i64> {
        let text = match self {
            Self::Nanos(nanos) => return Some(nanos),
            Self::Date(text) => text,
        };
        let (date, zone) = text.split_at_checked(text.rfind(['+', '-'])?)?;
        let civil: DateTime = date.parse().ok()?;
        let utc = civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_nanosecond();
        let hours: i64 = zone.get(..3)?.parse().ok()?;
        let minutes: i64 = zone.get(3..5)?.parse().ok()?;
        let east = hours * 3600 + minutes * if zone.starts_with('-') { -60 } else { 60 };
        i64::try_from(utc).ok()?.checked_sub(east * SECOND)
    }
}

impl<'l> LogLine<'l> {
    /// Takes a line apart; one without decorations is all text.
    pub(super) fn of(line: &'l str) -> Self {
        let mut found = Self::default();
        let mut cursor = Cursor::new(line);
        while cursor.literal("[").is_some() {
            let Some(word) = cursor.before("]") else { return Self { text: line, ..Self::default() } };
            found.take(word.trim_ascii_end());
        }
        let _ = cursor.literal(" ");
        Self { text: cursor.rest(), ..found }
    }

    /// Whether its tags are `gc` alone, or it has none that tell.
    pub(super) fn may_be_event(&self) -> bool {
        !self.tags.is_some_and(|tags| tags.starts_with("gc,"))
    }

    fn take(&mut self, word: &'l str) {
        if !word.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            let is_level = matches!(word, "trace" | "debug" | "info" | "warning" | "error");
            self.tags = Some(word).filter(|_| !is_level).or(self.tags);
        } else if word.as_bytes().get(10) == Some(&b'T') {
            self.wall = Some(Wall::Date(word));
        } else if let Some(nanos) = word.strip_suffix("ns").and_then(|digits| digits.parse().ok()) {
            self.uptime = Some(nanos);
        } else if let Some(millis) = word.strip_suffix("ms").and_then(|digits| digits.parse().ok()) {
            self.take_millis(millis);
        } else if let Some(seconds) = word.strip_suffix('s') {
            self.uptime = decimal_seconds(seconds).or(self.uptime);
        }
    }

    fn take_millis(&mut self, millis: i64) {
        let Some(nanos) = millis.checked_mul(MILLISECOND) else { return };
        if millis >= EPOCH_FROM_MS {
            self.wall = self.wall.or(Some(Wall::Nanos(nanos)));
        } else {
            self.uptime = self.uptime.or(Some(nanos));
        }
    }
}

/// Nanoseconds of `12.345`, exact.
pub(super) fn decimal_seconds(text: &str) -> Option<i64> {
    let mut cursor = Cursor::new(text);
    let whole = i64::try_from(cursor.whole()?).ok()?;
    cursor.literal(".").or_else(|| cursor.literal(","))?;
    let digits = u32::try_from(cursor.rest().len()).ok().filter(|digits| (1..=9).contains(digits))?;
    let fraction = i64::try_from(cursor.whole()?).ok()?.checked_mul(10_i64.pow(9 - digits))?;
    whole.checked_mul(SECOND)?.checked_add(fraction).filter(|_| cursor.rest().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decoration_is_told_by_its_form() {
        let line =
            LogLine::of("[2026-11-29T17:56:32.212+0000][0.019s][18ms][host][4711][info ][gc,heap     ] Eden");
        assert_eq!(line.wall.and_then(Wall::nanos), Some(1_795_974_992_212_000_000));
        assert_eq!((line.uptime, line.tags, line.text), (Some(19 * MILLISECOND), Some("gc,heap"), "Eden"));
        assert!(!line.may_be_event());
    }

    #[test]
    fn clocks_in_milliseconds_and_nanoseconds() {
        let line = LogLine::of("[1795974992212ms][17ms][gc] Using G1");
        assert_eq!(
            (line.wall.and_then(Wall::nanos), line.uptime),
            (Some(1_795_974_992_212_000_000), Some(17_000_000))
        );
        assert_eq!(LogLine::of("[28364892ns][15416][info][gc] x").uptime, Some(28_364_892));
        assert_eq!(LogLine::of("[info] x").tags, None);
    }

    #[test]
    fn without_decorations_all_is_text() {
        for text in ["GC(0) Pause", "[no end", "", "a [b] c"] {
            assert_eq!(LogLine::of(text), LogLine { text, ..LogLine::default() });
        }
    }

    #[test]
    fn zones_are_taken_out_and_nonsense_is_no_time() {
        let nanos = |text| Wall::Date(text).nanos();
        let utc = nanos("2026-11-29T17:56:32.212+0000");
        assert_eq!(nanos("2026-11-29T23:26:32.212+0530"), utc);
        assert_eq!(nanos("2026-11-29T14:26:32.212-0330"), utc);
        assert_eq!(
            [nanos("2026-13-29T14:26:32.212-0330"), nanos("2026-11-29T17:56:32"), nanos("+0")],
            [None; 3]
        );
    }
}
