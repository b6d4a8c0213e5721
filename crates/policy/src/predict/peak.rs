//! Predicts the peak of a batch by its size, from the batches so far.
//!
//! Two models, and the more pessimistic one counts. *Need*: the peak above the start is a line in
//! the items; it is too low where the allocator keeps memory that a batch can take without the
//! peak rising. *Absolute*: the peak itself is a level plus the same slope; it is right there, and
//! wrong where kept data come and go. How far the level follows the memory at the start of a batch
//! is learned, and so is the slope that the need may hide. Both are held to what the last batch left
//! behind (`carried`): without that, memory that is free but resident is counted twice. After memory has
//! fallen, neither knows the need of larger batches (`after_fall`).

use super::after_fall::AfterFall;
use super::carried::Carried;
use super::finished::Seen;
use super::line::Line;
use super::plane::Plane;

/// What is known of the peaks of one operation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Peaks {
    line: Line,
    batches: u32,
    largest: f64,
    /// The sizes of the last two batches.
    recent: [f64; 2],
    carried: Carried,
    after_fall: AfterFall,
    highest: f64,
    /// The highest observed need over the fitted one, falling back slowly.
    excess: f64,
    plane: Plane,
    /// The steepest slope that the plane told, falling back slowly: while all batches have one
    /// size, nothing else remembers it.
    steep: f64,
    /// How far the peak was above the plane, falling back slowly.
    surprise: f64,
}

impl Peaks {
    /// What an older batch keeps of its weight at each new one: about thirty count.
    const KEEP: f64 = 0.97;
    /// The weight of a batch that needed less than expected: its peak may have been hidden in
    /// memory that the allocator kept.
    const BELOW: f64 = 0.25;
    /// How much of an excess remains at each new batch.
    const EXCESS_KEPT: f64 = 0.98;
    /// Smallest need that counts as an observation, in MiB.
    const SMALLEST: f64 = 1.0;
    const SURPRISE_KEPT: f64 = 0.97;
    const STEEP_KEPT: f64 = 0.995;
    /// Batches until what the last one left behind is counted on.
    const TRUSTED: u32 = 5;
    /// Batches until a need above what was expected counts as such.
    const FORESEEN: u32 = 3;

    pub(super) fn learn(&mut self, seen: Seen) {
        self.carried.learn(seen, self.flattest(), self.margin(seen.items));
        self.after_fall.learn(seen);
        let need = (seen.peak - seen.start).max(0.0);
        let expected = self.line.fit().at(seen.items);
        let asymmetry = if self.batches > 0 && need < expected { Self::BELOW } else { 1.0 };
        self.line.add(seen.items, need, asymmetry / seen.items, Self::KEEP);
        let fit = self.line.fit();
        let foreseen = if self.batches < Self::FORESEEN { f64::INFINITY } else { expected };
        let over = (need + Self::SMALLEST) / (fit.at(seen.items).min(foreseen) + Self::SMALLEST);
        self.excess = over.max((self.excess - 1.0).mul_add(Self::EXCESS_KEPT, 1.0)).max(1.0);
        if self.batches > 0 {
            let above = seen.peak - self.plane.at(seen.items, seen.start, self.least_slope());
            self.surprise = above.max(self.surprise * Self::SURPRISE_KEPT);
        }
        self.plane.add(seen.items, seen.start, seen.peak);
        if let Some(slope) = self.plane.tilt().slope {
            self.steep = slope.max(self.steep * Self::STEEP_KEPT);
        }
        self.largest = self.largest.max(seen.items);
        self.recent = [seen.items, self.recent[0]];
        self.highest = self.highest.max(seen.peak);
        self.batches = self.batches.saturating_add(1);
    }

    /// What the plane's slope is at least.
    fn least_slope(&self) -> f64 {
        if self.plane.tilt().slope.is_some() { 0.8 * self.steep } else { self.steep.max(self.slope()) }
    }

    /// Batches seen.
    pub(super) fn batches(&self) -> u32 {
        self.batches
    }

    /// The larger of the last two batches.
    pub(super) fn recent(&self) -> f64 {
        self.recent.iter().copied().fold(0.0, f64::max)
    }

    /// The highest peak seen.
    pub(super) fn highest(&self) -> f64 {
        self.highest
    }

    /// Memory for each item, as fitted.
    pub(super) fn slope(&self) -> f64 {
        self.line.fit().slope
    }

    /// The upper estimate of what a batch needs above its start, by the first model.
    pub(super) fn need(&self, items: f64) -> f64 {
        let fit = self.line.fit();
        let margin = self.excess.max(1.0) * self.widening();
        let known = items.min(self.largest);
        let beyond = (items - self.largest).max(0.0);
        let proportional = if self.largest > 0.0 { fit.at(self.largest) / self.largest } else { 0.0 };
        let steep = fit.slope.max(0.5 * proportional) * 1.1;
        margin * (steep * beyond + fit.at(known)) + Self::SMALLEST
    }

    /// The upper estimate of the peak of a batch that starts at `rss`; it never falls with size.
    pub(super) fn peak(&self, rss: f64, items: f64) -> f64 {
        let least = self.least_slope();
        let slope = self.plane.tilt().slope.unwrap_or(0.0).max(least);
        let beyond = 0.1 * slope * (items - self.largest).max(0.0);
        let absolute = self.plane.at(items, rss, least) + beyond + self.surprise.max(0.0) + Self::SMALLEST;
        let pessimistic = (rss + self.need(items)).max(absolute);
        let known = match self.carried.peak(rss, items, self.flattest()) {
            Some(peak) if self.batches >= Self::TRUSTED => pessimistic.min(peak + self.margin(items)),
            _ => pessimistic,
        };
        self.after_fall.peak(rss, items).map_or(known, |peak| known.max(peak))
    }

    /// What an item needs at least.
    fn flattest(&self) -> f64 {
        0.7 * self.slope()
    }

    /// What batches of a size differ by among themselves.
    fn margin(&self, items: f64) -> f64 {
        (self.excess.max(1.0) * self.widening() - 1.0) * self.line.fit().at(items) + Self::SMALLEST
    }

    /// The share by which an estimate from few batches is raised.
    fn widening(&self) -> f64 {
        1.05 + 0.2 / f64::from(self.batches.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_need_of_a_size_is_expected_again() {
        let mut peaks = Peaks::default();
        for need in [20.0, 21.0, 34.0, 20.0, 19.0, 20.0, 21.0] {
            peaks.learn(Seen { items: 100.0, start: 100.0, peak: 100.0 + need, end: 100.0 });
        }
        assert!(peaks.need(100.0) > 31.0, "{}", peaks.need(100.0));
    }
}
