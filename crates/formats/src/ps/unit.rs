//! The unit of sizes that nothing names: memory is handed out in whole pages.

/// What sizes without a name are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// As `ps` prints them.
    Kib,
    /// As control groups and psutil have them.
    Bytes,
}

/// A page, in KiB.
const PAGE_KIB: u64 = 4;

/// A page, in bytes.
const PAGE_BYTES: u64 = 4096;

/// Sizes in bytes reach this: as KiB it would be 16 GiB, and all sizes multiples of 4 MiB.
const LARGE: u64 = 1 << 24;

/// Whether a size is a whole number of pages, if it is counted in KiB (or in bytes).
pub(super) const fn is_whole_pages_in_kib(size: u64) -> bool {
    size.is_multiple_of(PAGE_KIB)
}

impl Unit {
    /// The unit of sizes, by the pages they are multiples of; `None` where they are no whole pages.
    pub(super) fn of(sizes: impl Iterator<Item = u64> + Clone) -> Option<Self> {
        let in_bytes = sizes.clone().all(|size| size.is_multiple_of(PAGE_BYTES));
        if in_bytes && sizes.clone().any(|size| size >= LARGE) {
            return Some(Self::Bytes);
        }
        sizes.clone().all(is_whole_pages_in_kib).then_some(Self::Kib)
    }

    /// Sizes in KiB for one of this unit.
    pub(super) const fn in_kib(self) -> f64 {
        match self {
            Self::Kib => 1.0,
            Self::Bytes => 1.0 / 1024.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(sizes: &[u64]) -> Option<Unit> {
        Unit::of(sizes.iter().copied())
    }

    #[test]
    fn whole_pages_tell_the_unit() {
        assert_eq!(unit(&[16_008, 9_876, 24_440]), Some(Unit::Kib));
        assert_eq!(unit(&[104_857_600, 0, 104_861_696]), Some(Unit::Bytes));
        assert_eq!(unit(&[8192, 4096]), Some(Unit::Kib), "small multiples of 4096 are KiB");
        assert_eq!(unit(&[31_457_280, 31_457_284]), Some(Unit::Kib), "30 GiB in KiB");
        assert_eq!(unit(&[2528, 2531]), None, "what free -m prints");
        assert_eq!(unit(&[]), Some(Unit::Kib), "no row without a name");
    }
}
