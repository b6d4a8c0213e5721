//! Live bytes: what the allocators have handed out, beside resident memory.
//!
//! Resident memory holds on to pages that are free inside; live bytes do not. They stand in a
//! series of their own, since only few runs have them and not every sample does.

use serde::{Deserialize, Serialize};

use crate::units::{Mib, Offset};

/// Live bytes at one moment: at a sample, or at a batch's end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LiveSample {
    /// When.
    pub at: Offset,
    /// Whether it is the end of a batch, when the batch's own objects are freed.
    pub batch_end: bool,
    /// What the C allocator has handed out.
    pub heap_used: Option<Mib>,
    /// What the C allocator keeps free for later.
    pub heap_free: Option<Mib>,
    /// Blocks of small objects that CPython has handed out.
    pub py_blocks: Option<u64>,
}

/// A figure that the job gave a name: a library's own count of its memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meter {
    /// Its name.
    pub name: String,
    /// Moment and value, in order of the stream's lines.
    pub values: Vec<(Offset, Mib)>,
}

/// The live bytes of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Live {
    /// In order of the stream's lines.
    pub samples: Vec<LiveSample>,
    /// In the order in which they first appear.
    pub meters: Vec<Meter>,
}

impl Live {
    /// Whether the run has no live bytes at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.samples.is_empty() && self.meters.is_empty()
    }

    /// Adds a moment's figures, and keeps no more than `most` of a series: where there are more,
    /// every other one goes.
    pub(crate) fn push(&mut self, sample: LiveSample, most: usize) {
        push_bounded(&mut self.samples, sample, most);
    }

    /// Adds a moment's value of a meter, within the same bound. Names beyond [`MOST_METERS`] are
    /// left out.
    pub(crate) fn push_meter(&mut self, name: &str, at: Offset, value: Mib, most: usize) {
        let index = self.meters.iter().position(|meter| meter.name == name).unwrap_or_else(|| {
            self.meters.push(Meter { name: name.to_owned(), values: Vec::new() });
            self.meters.len() - 1
        });
        push_bounded(&mut self.meters[index].values, (at, value), most);
        self.meters.truncate(MOST_METERS);
    }
}

/// The meter that the recorder itself keeps: shared memory and tmpfs that the job fills.
pub const SHARED_MEMORY: &str = "shared_memory";

/// Meters that a run may have: a name for each object would fill memory.
pub const MOST_METERS: usize = 64;

fn push_bounded<T>(series: &mut Vec<T>, value: T, most: usize) {
    if series.len() >= most.max(2) {
        let mut index = 0;
        series.retain(|_| {
            index += 1;
            index % 2 == 1
        });
    }
    series.push(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: i64) -> LiveSample {
        let at = Offset::from_nanos(second);
        LiveSample { at, batch_end: false, heap_used: Some(Mib::new(1.0)), heap_free: None, py_blocks: None }
    }

    #[test]
    fn a_long_series_stays_within_its_bound_and_keeps_its_ends() {
        let mut live = Live::default();
        for second in 0..1000 {
            live.push(sample(second), 64);
            live.push_meter("duckdb", Offset::from_nanos(second), Mib::new(2.0), 64);
        }
        assert!((32..=64).contains(&live.samples.len()), "{}", live.samples.len());
        assert_eq!(live.samples[0].at, Offset::START);
        assert_eq!(live.samples.last().map(|s| s.at.nanos()), Some(999));
        assert!(live.samples.is_sorted_by_key(|s| s.at));
        assert!(live.meters[0].values.len() <= 64);
    }

    #[test]
    fn names_without_end_are_left_out() {
        let mut live = Live::default();
        for index in 0..1000 {
            live.push_meter(&format!("object {index}"), Offset::START, Mib::ZERO, 64);
        }
        assert_eq!(live.meters.len(), MOST_METERS);
        assert_eq!(live.meters[0].name, "object 0");
    }
}
