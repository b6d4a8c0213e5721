//! The limit of a running job, for its policy and its predictions.

use memtool_profile_model::Mib;

/// The limits that a recorder's policy and predictions keep to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JobLimits {
    /// The least of all limits.
    pub(crate) limit: Option<Mib>,
    /// The planning limit where it is the least: only predictions keep to it.
    pub(crate) planned: Option<Mib>,
}

impl JobLimits {
    /// Memory that predictions may use: available memory, and what is left below a planning limit,
    /// of which the system knows nothing.
    pub(crate) fn available(self, rss: Mib, available: Option<Mib>) -> Option<Mib> {
        let below = self.planned.map(|limit| Mib::new((limit.get() - rss.get()).max(0.0)));
        match (below, available) {
            (Some(below), Some(available)) => Some(if below < available { below } else { available }),
            (below, available) => below.or(available),
        }
    }
}
