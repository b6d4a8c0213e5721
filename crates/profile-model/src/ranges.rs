//! The ranges that figures from a file must keep. What lies outside is damage, and would
//! overflow sums and differences further on.

use crate::error::ReadError;
use crate::units::{Mib, Offset};

/// No machine has more, a pebibyte.
const LARGEST_MB: f64 = 1e9;

/// The largest whole number up to which all are exact in JSON.
const MOST: u64 = 1 << 53;

/// No run is longer than a century, in seconds; settings in minutes stay far below.
const LONGEST_SPAN: f64 = 3.2e9;

/// No job samples less often than once a day.
const LONGEST_INTERVAL_SECONDS: f64 = 86_400.0;

/// Whether a size is one that needs no correction.
#[inline]
pub(crate) fn is_size(mebibytes: f64) -> bool {
    (0.0..=LARGEST_MB).contains(&mebibytes)
}

/// A size; the little below 0 that rounding leaves counts as 0.
#[inline]
pub(crate) fn size(mebibytes: f64, place: impl FnOnce() -> String) -> Result<Mib, ReadError> {
    if is_size(mebibytes) {
        return Ok(Mib::new(mebibytes + 0.0));
    }
    if mebibytes > -0.5 && mebibytes < 0.0 {
        return Ok(Mib::ZERO);
    }
    Err(ReadError::Value { place: place(), expected: "mebibytes from 0 to 1e9", found: number(mebibytes) })
}

/// A computed size as it may be written: within what a reader takes, and nothing where it is no number.
pub(crate) fn writable(size: Mib) -> Option<Mib> {
    let mebibytes = size.get();
    (!mebibytes.is_nan()).then(|| Mib::new(mebibytes.clamp(0.0, LARGEST_MB)))
}

/// The seconds between two samples.
pub(crate) fn interval(seconds: f64, place: impl FnOnce() -> String) -> Result<f64, ReadError> {
    if seconds > 0.0 && seconds <= LONGEST_INTERVAL_SECONDS {
        return Ok(seconds);
    }
    Err(ReadError::Value {
        place: place(),
        expected: "seconds above 0, at most a day",
        found: number(seconds),
    })
}

/// A moment, not before the run's start.
pub(crate) fn moment(at: Offset, place: impl FnOnce() -> String) -> Result<Offset, ReadError> {
    if at >= Offset::START {
        return Ok(at);
    }
    Err(ReadError::Value {
        place: place(),
        expected: "nanoseconds since the run's start, from 0",
        found: at.nanos().to_string(),
    })
}

/// Whether a count can be.
#[inline]
pub(crate) const fn is_count(count: u64) -> bool {
    count <= MOST
}

/// A count: no job has more, and a number of JSON is exact up to there.
#[inline]
pub(crate) fn count(count: u64, place: impl FnOnce() -> String) -> Result<u64, ReadError> {
    if is_count(count) {
        return Ok(count);
    }
    Err(ReadError::Value { place: place(), expected: "a count up to 2^53", found: count.to_string() })
}

/// A span of time in its unit, up to a century of seconds.
pub(crate) fn span(span: f64, place: impl FnOnce() -> String) -> Result<f64, ReadError> {
    if (0.0..=LONGEST_SPAN).contains(&span) {
        return Ok(span);
    }
    Err(ReadError::Value { place: place(), expected: "a span of time from 0 to 3.2e9", found: number(span) })
}

/// Whether a share of the machine in percent can be.
#[inline]
pub(crate) fn is_percent(percent: f64) -> bool {
    (0.0..=100.0).contains(&percent)
}

/// A share of the machine in percent.
#[inline]
pub(crate) fn percent(percent: f64, place: impl FnOnce() -> String) -> Result<f64, ReadError> {
    if is_percent(percent) {
        return Ok(percent);
    }
    Err(ReadError::Value { place: place(), expected: "percent from 0 to 100", found: number(percent) })
}

/// A number in full, or with an exponent where it would have more digits than anybody reads.
fn number(value: f64) -> String {
    if value.abs() < 1e15 { value.to_string() } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T: std::fmt::Debug>(result: Result<T, ReadError>) -> String {
        result.expect_err("out of range").to_string()
    }

    #[test]
    fn a_size_is_finite_and_not_negative() {
        assert_eq!(size(-0.2, String::new).expect("noise"), Mib::ZERO);
        assert!(size(-0.0, String::new).expect("zero").get().is_sign_positive());
        assert_eq!(message(size(-0.5, || "a".into())), "a: expected mebibytes from 0 to 1e9, found -0.5");
        assert_eq!(message(size(1e308, || "a".into())), "a: expected mebibytes from 0 to 1e9, found 1e308");
        assert!(size(f64::NAN, String::new).is_err() && size(f64::INFINITY, String::new).is_err());
    }

    #[test]
    fn counts_spans_and_shares_have_an_end() {
        assert_eq!(count(1 << 53, String::new).ok(), Some(1 << 53));
        assert!(message(count(u64::MAX, || "a".into())).starts_with("a: expected a count up to 2^53"));
        for impossible in [-1e300, f64::NAN, f64::INFINITY, 1e308] {
            assert!(span(impossible, String::new).is_err() && percent(impossible, String::new).is_err());
        }
        assert!(span(0.0, String::new).is_ok() && percent(100.0, String::new).is_ok());
    }

    #[test]
    fn an_interval_is_above_zero() {
        assert!(interval(0.0, String::new).is_err() && interval(f64::NAN, String::new).is_err());
        assert!(interval(86_400.0, String::new).is_ok() && interval(86_401.0, String::new).is_err());
    }

    #[test]
    fn no_moment_is_before_the_start() {
        let found = message(moment(Offset::from_nanos(i64::MIN), || "line 2".into()));
        assert!(found.starts_with("line 2: expected nanoseconds since the run's start"), "{found}");
        assert!(moment(Offset::START, String::new).is_ok());
    }
}
