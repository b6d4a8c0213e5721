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
    /// below a planning limit, which the system does not enforce. `mapped` is the part of `memory` that files
    /// back: with what is left it may not come to more than the limit. It would where an allocator lets the
    /// kernel take free pages only when it must: they are resident and available, and used again without
    /// that the resident size rises.
    pub(crate) fn available(
        &mut self,
        memory: Mib,
        available: Option<Mib>,
        mapped: Option<Mib>,
    ) -> Option<Mib> {
        let sharing = self.peers.as_mut().map_or(1, Peers::count);
        let below = |limit: Mib, counted: Mib| Mib::new((limit.get() - counted.get()).max(0.0));
        let planned = self.planned.map(|limit| below(limit, memory));
        let most = self
            .limit
            .zip(mapped)
            .map(|(limit, mapped)| below(limit, Mib::new((memory.get() - mapped.get()).max(0.0))).get());
        let share = available.map(|available| {
            let share = available.scaled(1.0 / f64::from(sharing)).get();
            Mib::new(most.map_or(share, |most| share.min(most)))
        });
        match (planned, share) {
            (Some(planned), Some(share)) => Some(if planned < share { planned } else { share }),
            (planned, share) => planned.or(share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn available(memory: f64, available: f64, mapped: Option<f64>) -> Option<f64> {
        let mut limits = JobLimits { limit: Some(Mib::new(200.0)), planned: None, peers: None };
        limits.available(Mib::new(memory), Some(Mib::new(available)), mapped.map(Mib::new)).map(Mib::get)
    }

    #[test]
    fn free_pages_that_are_still_resident_are_not_counted_twice() {
        assert_eq!(available(135.0, 126.0, Some(31.0)), Some(96.0));
        assert_eq!(available(135.0, 80.0, Some(31.0)), Some(80.0));
        assert_eq!(available(135.0, 126.0, None), Some(126.0));
    }
}
