//! The memory that a machine reserves for everything but the job.

/// What the rest of a machine needs: 25 % of the first 4 GiB, 20 % of the next 4, 10 % of the
/// next 8, 6 % of the next 112, 2 % of what is left, and 100 MiB (the rule of GKE's nodes).
#[must_use]
pub fn reserve_mb(total_mb: f64) -> f64 {
    const STEPS: [(f64, f64); 5] =
        [(4096.0, 0.25), (4096.0, 0.20), (8192.0, 0.10), (114_688.0, 0.06), (f64::MAX, 0.02)];
    let mut left = total_mb.max(0.0);
    let mut reserve = 100.0;
    for (width, share) in STEPS {
        let part = left.min(width);
        reserve += part * share;
        left -= part;
    }
    reserve
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_reserves() {
        let reserves = [4.0, 8.0, 16.0, 128.0, 256.0].map(|gib| reserve_mb(gib * 1024.0).round());
        assert_eq!(reserves, [1124.0, 1943.0, 2762.0, 9644.0, 12_265.0]);
    }

    #[test]
    fn no_memory_and_nonsense_keep_the_least() {
        assert_eq!([0.0, -1.0, f64::NAN].map(reserve_mb), [100.0; 3]);
    }
}
