//! How far the work for one machine has come, and what share of its time is left.
//!
//! Each part of the work leaves time to those after it: a config that was looked at again, and a
//! back-test of it, are worth more than a longer search.

/// What is left of the time, as a share, where each part ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// Looking at sizes as if they were fixed.
    Scan,
    Search,
    /// A second look at the best, and what has no effect back to its default.
    Settle,
    /// Whether the promise would have held.
    Proof,
}

impl Part {
    const fn leaves(self) -> f64 {
        match self {
            Self::Scan => 0.6,
            Self::Search => 0.4,
            Self::Settle => 0.25,
            Self::Proof => 0.0,
        }
    }
}

/// Counts steps, tells of each, and knows when a part has to end.
pub(super) struct Watch<'a> {
    /// Hears of steps done and of how many; answers the share of the time that is left.
    hear: &'a mut dyn FnMut(usize, usize) -> f64,
    done: usize,
    of: usize,
    left: f64,
    cut: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(of: usize, hear: &'a mut dyn FnMut(usize, usize) -> f64) -> Self {
        let left = hear(0, of);
        Self { hear, done: 0, of, left, cut: false }
    }

    /// Begins one step of a part; whether there is time for it.
    pub(super) fn step(&mut self, part: Part) -> bool {
        if self.left > part.leaves() {
            self.done = (self.done + 1).min(self.of);
            self.left = (self.hear)(self.done, self.of);
        }
        let goes_on = self.left > part.leaves();
        self.cut |= !goes_on;
        goes_on
    }

    /// What was done so far counts as so many steps: a part may come to its own end early.
    pub(super) fn reach(&mut self, done: usize) {
        self.done = self.done.max(done).min(self.of);
    }

    /// Whether any part was cut short.
    pub(super) fn cut(&self) -> bool {
        self.cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_leaves_time_to_those_after_it() {
        let mut heard = Vec::new();
        let mut hear = |done: usize, of: usize| {
            heard.push((done, of));
            [1.0, 0.7, 0.5, 0.3][done.min(3)]
        };
        let mut watch = Watch::new(10, &mut hear);
        assert!(watch.step(Part::Scan) && !watch.cut());
        assert!(!watch.step(Part::Scan) && watch.cut());
        assert!(!watch.step(Part::Search) && watch.step(Part::Settle) && watch.step(Part::Proof));
        assert_eq!(heard[..3], [(0, 10), (1, 10), (2, 10)]);
    }
}
