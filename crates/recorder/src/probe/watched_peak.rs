//! The peak of a process that is watched from outside, and of its children.
//!
//! The kernel's high-water mark of another process cannot be reset without changing what others
//! read, but it can be read: it is the highest of the process's life so far. Of a process without
//! children that is the peak, exactly. Of a tree only a lower bound is known: the largest sum that
//! was sampled, or the mark of one process with the others as small as they were around it.

use std::collections::HashMap;

/// The memory of one process now, and the mark of its life; bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marked {
    pub(super) pid: u32,
    pub(super) resident: u64,
    pub(super) mark: u64,
    pub(super) swapped: u64,
}

/// The peak so far.
#[derive(Debug, Default)]
pub(super) struct WatchedPeak {
    before: HashMap<u32, Marked>,
    highest: u64,
    of_one: u64,
    inexact: bool,
}

impl WatchedPeak {
    /// Takes the processes of a sample; returns the peak so far, in bytes, and whether it is exact.
    pub(super) fn update(&mut self, now: &[Marked]) -> (u64, bool) {
        let sum: u64 = now.iter().map(|process| process.resident).sum();
        self.highest = self.highest.max(sum);
        let least: u64 = now.iter().map(|process| self.least(process)).sum();
        for process in now {
            let known = self.before.get(&process.pid).map_or(0, |before| before.mark);
            if process.mark > known {
                self.highest = self.highest.max(process.mark + least - self.least(process));
            }
        }
        self.of_one = now.iter().map(|process| process.mark).fold(self.of_one, u64::max);
        self.inexact |= now.len() > 1 || now.iter().any(|process| process.swapped > 0);
        self.before = now.iter().map(|process| (process.pid, *process)).collect();
        (self.highest, !self.inexact)
    }

    /// The highest mark of one process, in bytes.
    pub(super) const fn of_one(&self) -> u64 {
        self.of_one
    }

    /// What a process held at least since the sample before.
    fn least(&self, process: &Marked) -> u64 {
        self.before.get(&process.pid).map_or(0, |before| before.resident.min(process.resident))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(pid: u32, resident: u64, mark: u64) -> Marked {
        Marked { pid, resident, mark, swapped: 0 }
    }

    #[test]
    fn of_one_process_the_mark_is_the_peak() {
        let mut peak = WatchedPeak::default();
        assert_eq!(peak.update(&[at(1, 100, 100)]), (100, true));
        assert_eq!(peak.update(&[at(1, 110, 700)]), (700, true));
        assert_eq!(peak.update(&[at(1, 90, 700)]), (700, true));
    }

    #[test]
    fn of_a_tree_a_rise_of_one_mark_counts_with_the_least_of_the_others() {
        let mut peak = WatchedPeak::default();
        peak.update(&[at(1, 100, 100), at(2, 50, 50)]);
        assert_eq!(peak.update(&[at(1, 100, 100), at(2, 60, 400)]), (500, false));
        assert_eq!(peak.update(&[at(1, 30, 100), at(2, 60, 400)]), (500, false), "no mark rose");
        assert_eq!(peak.update(&[at(1, 30, 600), at(2, 60, 400)]), (660, false));
        assert_eq!(peak.of_one(), 600);
    }

    #[test]
    fn with_memory_swapped_out_the_mark_is_a_lower_bound() {
        let mut peak = WatchedPeak::default();
        assert_eq!(peak.update(&[Marked { swapped: 1, ..at(1, 100, 100) }]), (100, false));
    }

    #[test]
    fn a_child_that_began_since_counts_from_nothing() {
        let mut peak = WatchedPeak::default();
        peak.update(&[at(1, 100, 100)]);
        assert_eq!(
            peak.update(&[at(1, 100, 100), at(3, 10, 300)]),
            (400, false),
            "its own mark with the parent"
        );
    }
}
