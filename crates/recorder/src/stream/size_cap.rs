//! A size cap without an end: the fuller the file, the fewer records.
//!
//! Up to half of the cap every record is written. With each further thirty-second of it records
//! become half as frequent. So the file stays below its cap, and a run of thousands of times
//! the cap's length is covered to its end.

/// Parts of the cap that each make records half as frequent; half of them are free.
const PARTS: u64 = 32;

/// Kinds of records, each counted apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordKind {
    Snapshot,
    Batch,
    Other,
}

/// Counts the bytes of a file and decides which further records are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SizeCap {
    cap: u64,
    written: u64,
    /// One in 2^halvings records is written.
    halvings: u32,
    /// The largest figure that was let through beside the turn.
    largest: f64,
    /// Records offered so far, each kind for itself: kinds that alternate must not all fall on
    /// the turns that are left out.
    turns: [u64; 3],
    /// Records left out.
    pub(crate) left_out: u64,
}

impl SizeCap {
    pub(crate) const fn new(cap: u64) -> Self {
        Self { cap, written: 0, halvings: 0, largest: 0.0, turns: [0; 3], left_out: 0 }
    }

    /// Counts bytes that go out; returns the new share if records become rarer by it.
    pub(crate) fn wrote(&mut self, bytes: usize) -> Option<u32> {
        self.written += bytes as u64;
        let before = self.halvings;
        let full = self.written.saturating_mul(PARTS) / self.cap.max(1);
        let halvings = (full + 1).saturating_sub(PARTS / 2).min(PARTS / 2) as u32;
        self.halvings = halvings;
        (self.halvings != before).then(|| self.every())
    }

    /// One in how many records is written.
    pub(crate) const fn every(&self) -> u32 {
        1 << self.halvings
    }

    /// Whether the next record is written; one that is left out is counted.
    pub(crate) fn admits(&mut self, turn: RecordKind) -> bool {
        let every = u64::from(self.every());
        let turn = &mut self.turns[turn as usize];
        let fits = self.written < self.cap && turn.is_multiple_of(every);
        *turn += 1;
        self.left_out += u64::from(!fits);
        fits
    }

    /// Whether a snapshot of this size is written: a new maximum is not left out while there is
    /// room.
    pub(crate) fn admits_size(&mut self, size: f64) -> bool {
        const NEWS: f64 = 1.01;
        let news = self.written < self.cap && size > self.largest * NEWS;
        let fits = self.admits(RecordKind::Snapshot);
        if fits || news {
            self.largest = self.largest.max(size);
        }
        self.left_out -= u64::from(news && !fits);
        fits || news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes records of a size until that many were offered; returns bytes and places written.
    fn written(cap: u64, offered: u64) -> (u64, Vec<u64>) {
        let mut size_cap = SizeCap::new(cap);
        let places = (0..offered)
            .filter(|_| {
                let fits = size_cap.admits(RecordKind::Batch);
                if fits {
                    size_cap.wrote(100);
                }
                fits
            })
            .collect::<Vec<_>>();
        assert_eq!(size_cap.left_out + places.len() as u64, offered);
        (size_cap.written, places)
    }

    #[test]
    fn nothing_is_left_out_of_the_first_half() {
        let (_, places) = written(100_000, 500);
        assert_eq!(places.len(), 500);
    }

    #[test]
    fn a_run_of_any_length_stays_below_the_cap_and_is_covered_to_its_end() {
        let (bytes, places) = written(100_000, 100_000);
        assert!(bytes <= 100_000, "{bytes}");
        let widest = places.windows(2).map(|pair| pair[1] - pair[0]).max().expect("some");
        assert!(widest <= 4_096, "a hole of {widest}");
        assert!(100_000 - places.last().expect("some") <= 4_096);
    }

    #[test]
    fn a_new_peak_is_written_out_of_turn() {
        let mut size_cap = SizeCap::new(1_000);
        size_cap.wrote(900);
        assert!(size_cap.every() > 4);
        let admitted: Vec<bool> = [5.0, 4.0, 5.01, 9.0].map(|size| size_cap.admits_size(size)).to_vec();
        assert_eq!(admitted, [true, false, false, true]);
        assert_eq!(size_cap.left_out, 2);
    }
}
