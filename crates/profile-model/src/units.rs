//! Sizes and moments with their unit in the type.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

/// A memory size in mebibytes (bytes / 1,048,576), the unit of every `_mb` field.
///
/// One bit pattern that no computation gives stands for nothing, so that an `Option<Mib>` is no
/// larger than a `Mib`: a run of millions of snapshots has six of them in each.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Mib(NonZeroU64);

/// The pattern that is left out: one of the many that are not a number.
const LEFT_OUT: u64 = u64::MAX;

impl Mib {
    /// No memory at all.
    pub const ZERO: Self = Self::new(0.0);

    /// The bytes of one mebibyte.
    pub const BYTES: f64 = 1_048_576.0;

    /// A size given in mebibytes.
    #[inline]
    #[must_use]
    pub const fn new(mebibytes: f64) -> Self {
        match NonZeroU64::new(mebibytes.to_bits() ^ LEFT_OUT) {
            Some(bits) => Self(bits),
            None => Self::new(f64::NAN),
        }
    }

    /// A size given in bytes.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 bytes, eight pebibytes")]
    pub fn from_bytes(bytes: u64) -> Self {
        Self::new(bytes as f64 / Self::BYTES)
    }

    /// A size given in gibibytes.
    #[must_use]
    pub const fn from_gib(gibibytes: f64) -> Self {
        Self::new(gibibytes * 1024.0)
    }

    /// The size in mebibytes.
    #[inline]
    #[must_use]
    pub const fn get(self) -> f64 {
        f64::from_bits(self.0.get() ^ LEFT_OUT)
    }

    /// This size to a hundredth of a mebibyte, as the recorder writes it: enough for any
    /// purpose, and short in a file.
    #[inline]
    #[must_use]
    pub fn rounded(self) -> Self {
        Self::new((self.get() * 100.0).round() / 100.0)
    }

    /// This size times a plain factor.
    #[inline]
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self::new(self.get() * factor)
    }
}

impl From<f64> for Mib {
    #[inline]
    fn from(mebibytes: f64) -> Self {
        Self::new(mebibytes)
    }
}

impl From<Mib> for f64 {
    #[inline]
    fn from(size: Mib) -> Self {
        size.get()
    }
}

impl Default for Mib {
    fn default() -> Self {
        Self::ZERO
    }
}

impl PartialEq for Mib {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl PartialOrd for Mib {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.get().partial_cmp(&other.get())
    }
}

impl fmt::Debug for Mib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mib").field(&self.get()).finish()
    }
}

/// A moment: nanoseconds since the run's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(i64);

impl Offset {
    /// The run's start.
    pub const START: Self = Self(0);

    /// A moment this many nanoseconds after the run's start.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// A moment this many seconds after the run's start, as far as 292 years reach.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a cast saturates, and takes NaN for 0")]
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1e9) as i64)
    }

    /// This moment to a microsecond, as the recorder writes it.
    #[must_use]
    pub const fn rounded_to_micros(self) -> Self {
        Self(self.0.saturating_add(500).div_euclid(1_000).saturating_mul(1_000))
    }

    /// Seconds from an earlier moment to this one.
    #[inline]
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> f64 {
        Self(self.0.saturating_sub(earlier.0)).seconds()
    }

    /// Nanoseconds since the run's start.
    #[inline]
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the run's start.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 ns, a hundred days")]
    pub const fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mebibyte_is_two_to_the_twentieth_bytes() {
        assert_eq!(Mib::from_bytes(3 << 20), Mib::new(3.0));
        assert_eq!(Mib::from_gib(4.0), Mib::new(4096.0));
    }

    #[test]
    fn nothing_takes_no_room_and_no_number_is_lost() {
        assert_eq!(size_of::<Option<Mib>>(), size_of::<f64>());
        let numbers = [0.0, -0.0, 1.5, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NEG_INFINITY];
        assert!(numbers.iter().all(|n| Mib::new(*n).get().to_bits() == n.to_bits()));
        assert!(Mib::new(f64::from_bits(u64::MAX)).get().is_nan() && Mib::new(f64::NAN).get().is_nan());
        assert!(Mib::new(1.0) < Mib::new(2.0) && Mib::new(f64::NAN) != Mib::new(f64::NAN));
    }

    #[test]
    fn a_rounded_size_is_short_in_a_file() {
        let text = |bytes| serde_json::to_string(&Mib::from_bytes(bytes).rounded()).expect("JSON");
        assert_eq!(text(129_456_789), "123.46");
        assert_eq!(text(123 << 20), "123.0");
        assert!((0..10_000).all(|n| text(n * 7_654_321).split('.').nth(1).is_some_and(|d| d.len() <= 2)));
    }

    #[test]
    fn a_moment_is_rounded_to_the_nearest_microsecond() {
        let rounded = |nanos| Offset::from_nanos(nanos).rounded_to_micros().nanos();
        assert_eq!([rounded(1_499), rounded(1_500), rounded(-400), rounded(-600)], [1_000, 2_000, 0, -1_000]);
        assert_eq!([rounded(i64::MAX), rounded(i64::MIN)].map(i64::signum), [1, -1]);
    }

    #[test]
    fn seconds_and_nanoseconds_are_the_same_moment() {
        assert_eq!(Offset::from_seconds(1.5), Offset::from_nanos(1_500_000_000));
        assert_eq!(Offset::from_seconds(f64::NAN), Offset::START);
        assert_eq!(Offset::from_seconds(2.0).seconds_since(Offset::from_seconds(0.5)), 1.5);
        assert!(Offset::from_nanos(i64::MAX).seconds_since(Offset::from_nanos(i64::MIN)) > 9e9);
    }
}
