//! Sizes and shares as probes return them.

use memtool_profile_model::Mib;

use crate::limits::{Limit, LimitSource};

/// A size rounded to 0.01 MiB.
pub(crate) fn rounded(bytes: u64) -> Mib {
    Mib::new((Mib::from_bytes(bytes).get() * 100.0).round() / 100.0)
}

/// The used share of physical memory in percent with one decimal, as psutil computes it.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 bytes, eight pebibytes")]
pub(crate) fn used_percent(total: u64, available: u64) -> Option<f64> {
    let used = total.checked_sub(available)?;
    (total > 0).then(|| (used as f64 / total as f64 * 1000.0).round() / 10.0)
}

/// What is left below a limit, in bytes: under an address space limit by what is mapped, under
/// the config's by what is resident. What physical memory and groups leave depends on other
/// processes too and is `None` here.
pub(crate) fn left_below(limit: Limit, resident: u64, mapped: u64) -> Option<u64> {
    let used = match limit.source {
        LimitSource::AddressSpace => mapped,
        LimitSource::Config => resident,
        LimitSource::Physical | LimitSource::CgroupV1 | LimitSource::CgroupV2 => return None,
    };
    Some(bytes(limit.limit).saturating_sub(used))
}

/// A size in whole bytes; what is not a size is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast keeps to the range of u64"
)]
fn bytes(size: Mib) -> u64 {
    (size.get() * Mib::BYTES) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_as_the_stream_writes_them() {
        assert_eq!(rounded(1_048_576 + 5_300), Mib::new(1.01));
        assert_eq!(rounded(0), Mib::ZERO);
        assert_eq!(rounded(u64::MAX).get(), (u64::MAX as f64 / 1_048_576.0).round());
    }

    #[test]
    fn the_share_has_one_decimal_and_needs_a_total() {
        assert_eq!(used_percent(1000, 333), Some(66.7));
        assert_eq!(used_percent(0, 0), None);
        assert_eq!(used_percent(1, 2), None);
    }

    #[test]
    fn only_the_processs_own_limits_follow_from_its_own_use() {
        let left = |source| left_below(Limit { limit: Mib::new(3.0), source }, 1 << 20, 2 << 20);
        assert_eq!(left(LimitSource::Config), Some(2 << 20));
        assert_eq!(left(LimitSource::AddressSpace), Some(1 << 20));
        assert_eq!(left(LimitSource::CgroupV2), None);
        assert_eq!(
            left_below(Limit { limit: Mib::new(3.0), source: LimitSource::Config }, 9 << 20, 0),
            Some(0)
        );
    }
}
