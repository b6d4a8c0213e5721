//! The limits of a running job, for its predictions.

use memtool_profile_model::Mib;

use super::peers::Peers;

/// The limits that a job's predictions keep to.
#[derive(Debug)]
pub(crate) struct JobLimits {
    /// The least of all limits.
    pub(crate) limit: Option<Mib>,
    /// The planning limit where it is the least: only predictions keep to it.
    pub(crate) planned: Option<Mib>,
    /// The other recorders of the control group.
    pub(crate) peers: Option<Peers>,
}

impl JobLimits {
    /// Memory that predictions may use: this recorder's share of available memory, and what is left
    /// below a planning limit, of which the system knows nothing.
    pub(crate) fn available(&mut self, memory: Mib, available: Option<Mib>) -> Option<Mib> {
        let sharing = self.peers.as_mut().map_or(1, Peers::count);
        let share = available.map(|available| available.scaled(1.0 / f64::from(sharing)));
        let below = self.planned.map(|limit| Mib::new((limit.get() - memory.get()).max(0.0)));
        match (below, share) {
            (Some(below), Some(share)) => Some(if below < share { below } else { share }),
            (below, share) => below.or(share),
        }
    }
}
