//! The memory of a job that counts against its limit.
//!
//! Resident memory overstates it. Pages that several processes share are in the resident size of
//! each: a fork pool of five that reads one array of 600 MiB has 3 GiB of it and is charged for 650 MiB.
//! Proportional memory (PSS) counts them once, and so does the control group's own charge; a sum of
//! resident sizes above that charge proves double counting. And pages of mapped files can be dropped
//! by the kernel, so that they do not count against a limit that the job only plans with.

use memtool_profile_model::{Mib, SharedPages, deducted};

use crate::probe::Reading;

/// What is to be deducted from resident memory, by the latest readings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct JobMemory {
    /// Whether the job plans with a limit that no kernel enforces.
    has_planned_limit: bool,
    /// Whether proportional memory of a tree was read.
    has_counted_once: bool,
    shared: SharedPages,
    file_backed: f64,
}

impl JobMemory {
    pub(crate) fn new(has_planned_limit: bool) -> Self {
        Self { has_planned_limit, ..Self::default() }
    }

    /// Whether a resident size alone, without a full reading, does not tell what counts.
    pub(crate) const fn needs_readings(self) -> bool {
        self.has_planned_limit
    }

    /// Whether shared pages are known to be counted once, those of all processes that are there.
    pub(crate) fn has_counted_once(self) -> bool {
        self.has_counted_once && self.shared.is_settled()
    }

    /// Takes what a reading shows; `rss` is its resident memory, children included.
    pub(crate) fn update(&mut self, rss: Mib, reading: &Reading) {
        if let Some(children) = reading.children_rss {
            self.has_counted_once |= reading.pss.is_some();
            self.shared.update(rss, children, reading.pss);
            // Processes that began since share pages too, until PSS is read again.
            if let Some(charged) = reading.group {
                self.shared.update_charge(rss, charged);
            }
        }
        if self.has_planned_limit {
            self.file_backed = reading.file_backed.map_or(self.file_backed, Mib::get);
        }
    }

    /// What is deducted from a resident size, in MiB.
    pub(crate) fn deduction(self) -> f64 {
        self.shared.counted_twice_mb() + self.file_backed
    }

    /// The part of a resident size that counts.
    pub(crate) fn of(self, rss: Mib) -> Mib {
        deducted(rss, self.deduction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mib(size: f64) -> Option<Mib> {
        Some(Mib::new(size))
    }

    #[test]
    fn alone_and_without_a_plan_all_of_it_counts() {
        let mut memory = JobMemory::new(false);
        let reading =
            Reading { group: mib(10.0), pss: mib(10.0), file_backed: mib(5.0), ..Reading::default() };
        memory.update(Mib::new(100.0), &reading);
        assert_eq!(memory.of(Mib::new(100.0)), Mib::new(100.0));
    }

    #[test]
    fn shared_pages_count_once_as_pss_or_the_groups_charge_show() {
        let pool = Reading { children_rss: mib(3000.0), ..Reading::default() };
        let mut memory = JobMemory::new(false);
        memory.update(Mib::new(3110.0), &Reading { pss: mib(647.0), ..pool });
        assert_eq!(memory.of(Mib::new(3110.0)), Mib::new(647.0));
        memory.update(Mib::new(3210.0), &pool);
        assert_eq!(memory.of(Mib::new(3210.0)), Mib::new(747.0), "growth since is its own");
        memory.update(Mib::new(3710.0), &Reading { group: mib(800.0), ..pool });
        assert_eq!(memory.of(Mib::new(3710.0)), Mib::new(800.0), "above the charge it is counted twice");
    }

    #[test]
    fn mapped_files_do_not_count_against_a_planned_limit() {
        let mut memory = JobMemory::new(true);
        memory.update(Mib::new(950.0), &Reading { file_backed: mib(900.0), ..Reading::default() });
        assert_eq!(memory.of(Mib::new(960.0)), Mib::new(60.0));
    }
}
