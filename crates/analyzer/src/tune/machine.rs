//! The machines that a config is made for.

use memtool_policy::reserve_mb;
use memtool_profile_model::Mib;

/// Others are taken to need so much more than was seen of them.
const OTHERS_MARGIN: f64 = 256.0;

/// A machine, by its memory or by the limit set there.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name in output, such as `8gb`.
    pub name: String,
    /// Physical memory.
    pub total_mb: Option<f64>,
    /// The memory the job may use.
    pub limit_mb: f64,
}

impl Machine {
    /// A machine with so many GiB: its limit is what the reserve leaves.
    #[must_use]
    pub fn with_gib(gib: f64) -> Self {
        let total = Mib::from_gib(gib).get();
        Self {
            name: format!("{gib}gb"),
            total_mb: Some(total),
            limit_mb: (total - reserve_mb(total)).max(0.0),
        }
    }

    /// A job with an explicit limit.
    #[must_use]
    pub fn with_limit(limit_mb: f64) -> Self {
        Self { name: format!("limit-{limit_mb:.0}mb"), total_mb: None, limit_mb }
    }

    /// What the job may use where others were seen to take so much: the reserve covers them
    /// up to 256 MiB below itself; under a limit of its own they count in full.
    #[must_use]
    pub fn usable_mb(&self, others_mb: f64) -> f64 {
        let usable = self
            .total_mb
            .map_or(self.limit_mb - others_mb, |total| self.limit_mb.min(total - others_mb - OTHERS_MARGIN));
        usable.max(0.0)
    }

    /// The three usual laptops.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        [4.0, 8.0, 16.0].map(Self::with_gib).to_vec()
    }

    /// Reads `8gb`, `7.5gb`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.trim().to_ascii_lowercase();
        let gib: f64 = number.strip_suffix("gb")?.trim().parse().ok()?;
        (gib > 0.0 && gib <= 65_536.0).then(|| Self::with_gib(gib))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_machines_keep_the_published_reserve() {
        let limits = Machine::usual().iter().map(|m| m.limit_mb.round()).collect::<Vec<_>>();
        assert_eq!(limits, [2972.0, 6249.0, 13_622.0]);
    }

    #[test]
    fn names_are_read_and_nonsense_is_refused() {
        assert_eq!(Machine::parse("8GB"), Some(Machine::with_gib(8.0)));
        assert_eq!(Machine::parse("8gb").map(|m| m.name), Some("8gb".to_owned()));
        for text in ["", "gb", "-4gb", "0gb", "nangb", "infgb", "8", "8 mb"] {
            assert_eq!(Machine::parse(text), None, "{text}");
        }
    }
}
