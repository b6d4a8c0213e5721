//! Proportional memory (PSS), read within a budget.
//!
//! `/proc/PID/smaps_rollup` walks all pages of a process and holds up its page faults meanwhile: some
//! 25 ms per GiB of small pages. So it is read once per second at most, and so seldom that it takes
//! at most 1 % of the time; where processes were started meanwhile, which may share what was there
//! before, or memory grew as much as if some had been, 5 %.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use memtool_profile_model::{Mib, SharedPages};

use crate::procfs::text::{is_gone, number_after};

const INTERVAL: Duration = Duration::from_secs(1);
/// Times its own cost that a reading waits for the next one.
const PAUSE: u32 = 100;
/// The same where processes were started since.
const PAUSE_AFTER_STARTS: u32 = 20;
const INTERVAL_AFTER_STARTS: Duration = Duration::from_millis(100);

/// Reads proportional memory when it is due.
#[derive(Debug, Default)]
pub(super) struct PssReader {
    last: Option<Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    ended: Instant,
    cost: Duration,
    processes: usize,
    children: u64,
}

impl PssReader {
    /// Proportional bytes of the processes together, of which children hold this many resident bytes; `None`
    /// where it is not due, or one of the processes may not be read.
    pub(super) fn read(&mut self, proc: &Path, pids: &[u32], children: u64) -> Option<u64> {
        let began = Instant::now();
        if self.last.is_some_and(|last| began < last.due(pids.len(), children)) {
            return None;
        }
        let sum = pids.iter().try_fold(0_u64, |sum, pid| Some(sum + pss_of(proc, *pid)?));
        let ended = Instant::now();
        self.last = Some(Last { ended, cost: ended - began, processes: pids.len(), children });
        sum
    }
}

impl Last {
    fn due(self, processes: usize, children: u64) -> Instant {
        let grew = !SharedPages::may_trust(Mib::from_bytes(children), Mib::from_bytes(self.children));
        let pause = match processes > self.processes || grew {
            true => (self.cost * PAUSE_AFTER_STARTS).max(INTERVAL_AFTER_STARTS),
            false => (self.cost * PAUSE).max(INTERVAL),
        };
        self.ended + pause
    }
}

/// Proportional bytes of a process: 0 once it has ended, `None` where it may not be read.
pub(super) fn pss_of(proc: &Path, pid: u32) -> Option<u64> {
    match fs::read(proc.join(pid.to_string()).join("smaps_rollup")) {
        Ok(text) => number_after(&text, b"Pss:")?.checked_mul(1024),
        Err(error) if is_gone(&error) => Some(0),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearer_a_reading_the_longer_the_pause() {
        let last = |millis| Last {
            ended: Instant::now(),
            cost: Duration::from_millis(millis),
            processes: 3,
            children: 100 << 20,
        };
        let pause = |last: Last, processes| last.due(processes, 100 << 20) - last.ended;
        assert_eq!(pause(last(1), 3), Duration::from_secs(1));
        assert_eq!(pause(last(50), 3), Duration::from_secs(5));
        assert_eq!(pause(last(50), 4), Duration::from_secs(1), "one more process");
        assert_eq!(pause(last(1), 4), Duration::from_millis(100));
        let grown = last(1);
        assert_eq!(grown.due(3, 150 << 20) - grown.ended, Duration::from_secs(1));
        assert_eq!(grown.due(3, 160 << 20) - grown.ended, Duration::from_millis(100), "much more memory");
    }

    #[test]
    fn shared_pages_are_counted_once() {
        let folder = tempfile::tempdir().expect("a folder");
        for pid in [7, 8] {
            fs::create_dir(folder.path().join(pid.to_string())).expect("made");
            let text = "00400000-7fff0000 ---p 00000000 00:00 0 [rollup]\nRss: 1024 kB\nPss: 512 kB\n";
            fs::write(folder.path().join(format!("{pid}/smaps_rollup")), text).expect("written");
        }
        let mut reader = PssReader::default();
        assert_eq!(reader.read(folder.path(), &[7, 8, 9], 2 << 20), Some(1024 << 10), "one has ended");
        assert_eq!(reader.read(folder.path(), &[7, 8, 9], 2 << 20), None, "not due");
    }
}
