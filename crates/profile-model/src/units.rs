//! Sizes and moments with their unit in the type.

use serde::{Deserialize, Serialize};

/// A memory size in mebibytes (bytes / 1,048,576), the unit of every `_mb` field.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mib(f64);

impl Mib {
    /// No memory at all.
    pub const ZERO: Self = Self(0.0);

    /// A size given in mebibytes.
    #[must_use]
    pub const fn new(mebibytes: f64) -> Self {
        Self(mebibytes)
    }

    /// A size given in bytes.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 bytes, eight pebibytes")]
    pub fn from_bytes(bytes: u64) -> Self {
        Self(bytes as f64 / 1_048_576.0)
    }

    /// A size given in gibibytes.
    #[must_use]
    pub const fn from_gib(gibibytes: f64) -> Self {
        Self(gibibytes * 1024.0)
    }

    /// The size in mebibytes.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// This size times a plain factor.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

/// A moment: nanoseconds since the run's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(i64);

impl Offset {
    /// The run's start.
    pub const START: Self = Self(0);

    /// A moment so many nanoseconds after the run's start.
    #[must_use]
    pub const fn from_nanos(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// Nanoseconds since the run's start.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the run's start.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 ns, a hundred days")]
    pub fn seconds(self) -> f64 {
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
}
