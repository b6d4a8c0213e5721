//! Times of blocks that a loop writes: by the stamp before each, or counted.

use std::collections::HashSet;
use std::hash::Hash;

use memtool_profile_model::TimeBase;

use crate::clock::DayClock;
use crate::ps::stamp::Stamp;

/// The clock of a log of blocks. `K` names what stands once in each.
#[derive(Debug, Clone)]
pub(crate) struct StampClock<K> {
    day: DayClock,
    stamped: Option<(i64, TimeBase)>,
    blocks: i64,
    in_block: HashSet<K>,
}

impl<K> Default for StampClock<K> {
    fn default() -> Self {
        Self { day: DayClock::default(), stamped: None, blocks: 0, in_block: HashSet::new() }
    }
}

impl<K: Hash + Eq> StampClock<K> {
    /// Takes a stamp.
    pub(crate) fn stamp(&mut self, stamp: Stamp) {
        let base = match stamp {
            Stamp::Moment(_) => TimeBase::Absolute,
            Stamp::Time(_) => TimeBase::Relative,
        };
        self.stamped = stamp.nanos(&mut self.day).map(|at| (at, base));
    }

    /// Whether a stamp stood somewhere before.
    pub(crate) const fn is_stamped(&self) -> bool {
        self.stamped.is_some()
    }

    /// The time of what has this name: without stamps, one that comes again begins the next second.
    pub(crate) fn at(&mut self, name: K) -> (i64, TimeBase) {
        if self.blocks == 0 || self.in_block.contains(&name) {
            self.blocks += 1;
            self.in_block.clear();
        }
        self.in_block.insert(name);
        self.stamped.unwrap_or((self.blocks * 1_000_000_000, TimeBase::None))
    }
}
