//! How memory moves inside a batch, as shares of the way from its start to its peak.
//!
//! From the samples inside recorded batches, by tenths of the batch's time. Where there are none, memory
//! rises evenly and is given back at the end.

use super::trace::TraceSample;
use super::workload::PlacedBatch;

/// Parts of a batch's time.
pub(crate) const PARTS: usize = 10;
/// A batch that rises by less, in MiB, is ignored.
const LEAST_RISE: f64 = 2.0;

/// Observed shares in each part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    parts: [Vec<f64>; PARTS],
}

impl Shape {
    pub(super) fn of(batches: &[PlacedBatch], samples: &[TraceSample]) -> Self {
        let mut parts: [Vec<f64>; PARTS] = Default::default();
        for batch in batches {
            let batch = batch.batch;
            let (Some(seconds), rise) = (batch.seconds, batch.peak - batch.start) else { continue };
            if rise < LEAST_RISE {
                continue;
            }
            let first = samples.partition_point(|sample| sample.seconds < batch.begin);
            for sample in samples[first..].iter().take_while(|sample| sample.seconds < batch.begin + seconds)
            {
                let part = part_of((sample.seconds - batch.begin) / seconds);
                parts[part].push(((sample.rss - batch.start) / rise).clamp(-1.0, 1.0));
            }
        }
        Self { parts }
    }

    /// One observed share for each part, by a random number for each.
    pub(crate) fn draw(&self, mut share: impl FnMut() -> f64) -> [f64; PARTS] {
        let mut drawn = [0.0; PARTS];
        for (place, part) in self.parts.iter().enumerate() {
            drawn[place] = pick(part, share()).unwrap_or_else(|| even(place));
        }
        drawn
    }
}

/// The part of a batch that a share of its time lies in.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index from 0 to 9"
)]
pub(crate) fn part_of(share: f64) -> usize {
    ((share.clamp(0.0, 1.0) * PARTS as f64) as usize).min(PARTS - 1)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of a slice"
)]
fn pick(values: &[f64], share: f64) -> Option<f64> {
    values.get((share * values.len() as f64) as usize).copied()
}

#[expect(clippy::cast_precision_loss, reason = "a count up to 10")]
fn even(part: usize) -> f64 {
    (part as f64 + 0.5) / PARTS as f64
}
