//! The highest memory of a whole run, and how well it is known.

use memtool_profile_model::{Mib, PeakSource};

use crate::peak::MARK_SLACK_MB;
use crate::probe::WatchedPeak;

/// The highest resident memory of a run so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunPeak {
    /// The highest resident memory, children included where they are counted.
    pub rss: Mib,
    /// Whether it is the kernel's own mark of the whole run; otherwise the peak was at least this.
    pub exact: bool,
    /// The highest memory with pages that processes share counted once, where proportional memory
    /// (PSS) was read: once per second, and estimated in between. No less than the mark of one process.
    pub counted_once: Option<Mib>,
    /// The most that one process held, where several were read: with shared pages counted once, all held no less.
    pub of_one: Option<Mib>,
}

impl RunPeak {
    /// The peak after the process ended; `max_rss` is the largest resident size by its account. Without
    /// that, what it held after the last sample is not known.
    #[must_use]
    pub fn ended(self, has_ended: bool, max_rss: Option<Mib>) -> Self {
        let rss = max_rss.filter(|rss| *rss > self.rss).unwrap_or(self.rss);
        // The account is of one process.
        let of_one = self.of_one.map(|one| max_rss.filter(|rss| *rss > one).unwrap_or(one));
        let counted_once = self.counted_once.map(|once| of_one.filter(|one| *one > once).unwrap_or(once));
        Self { rss, exact: self.exact && (!has_ended || max_rss.is_some()), counted_once, of_one }
    }

    pub(crate) const fn source(&self) -> PeakSource {
        if self.exact { PeakSource::HighWaterMark } else { PeakSource::Sampled }
    }
}

/// What is known of the peak so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PeakTotals {
    /// The largest sample or mark.
    pub(crate) largest: Option<Mib>,
    counted_once: Option<Mib>,
    watched: Option<WatchedPeak>,
    /// The largest resident size of the ended process, by the system's own account.
    max_rss: Option<Mib>,
    has_ended: bool,
}

impl PeakTotals {
    pub(crate) fn add(&mut self, rss: Mib) {
        self.largest = larger(self.largest, rss);
    }

    /// Takes a size with shared pages counted once.
    pub(crate) fn add_counted_once(&mut self, size: Mib) {
        self.counted_once = larger(self.counted_once, size);
    }

    /// Takes the peak of another process; returns its mark where it rose.
    pub(crate) fn add_watched(&mut self, watched: Option<WatchedPeak>) -> Option<Mib> {
        let watched = watched?;
        let before = self.watched.replace(watched);
        self.add(watched.rss);
        let rose = before.is_none_or(|before| watched.rss > before.rss);
        (rose && watched.exact).then_some(watched.rss)
    }

    /// Takes the end of another process: what it held after the last sample is known by `max_rss` alone.
    pub(crate) fn end(&mut self, max_rss: Option<Mib>) {
        self.has_ended = true;
        self.max_rss = max_rss;
    }

    /// The peak; `mark` is the kernel's mark of this process over the whole run, where there is one.
    pub(crate) fn peak(&self, mark: Option<Mib>) -> Option<RunPeak> {
        let largest = mark.map_or(self.largest, |mark| larger(self.largest, mark))?;
        let exact = match self.watched {
            Some(watched) => watched.exact,
            None => mark.is_some_and(|mark| mark.get() + MARK_SLACK_MB >= largest.get()),
        };
        let of_one = self.watched.map(|watched| watched.of_one).filter(|_| self.counted_once.is_some());
        let peak = RunPeak { rss: largest, exact, counted_once: self.counted_once, of_one };
        Some(peak.ended(self.has_ended, self.max_rss))
    }
}

fn larger(known: Option<Mib>, new: Mib) -> Option<Mib> {
    Some(known.map_or(new, |known| if new > known { new } else { known }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(totals: &PeakTotals, mark: Option<f64>) -> (f64, bool) {
        let peak = totals.peak(mark.map(Mib::new)).expect("a peak");
        (peak.rss.get(), peak.exact)
    }

    fn watched(rss: f64, exact: bool) -> Option<WatchedPeak> {
        Some(WatchedPeak { rss: Mib::new(rss), exact, of_one: Mib::new(rss.min(300.0)) })
    }

    #[test]
    fn a_mark_above_all_samples_is_exact_and_a_sample_above_it_is_not() {
        let mut totals = PeakTotals::default();
        totals.add(Mib::new(100.0));
        assert_eq!(peak(&totals, None), (100.0, false));
        assert_eq!(peak(&totals, Some(130.0)), (130.0, true));
        totals.add(Mib::new(140.0));
        assert_eq!(peak(&totals, Some(130.0)), (140.0, false), "something else reset the mark");
    }

    #[test]
    fn a_process_that_ended_is_known_to_its_end_only_by_its_account() {
        let mut totals = PeakTotals::default();
        assert_eq!(totals.add_watched(watched(119.0, true)), Some(Mib::new(119.0)));
        assert_eq!(totals.add_watched(watched(119.0, true)), None, "it did not rise");
        assert_eq!(peak(&totals, None), (119.0, true));
        let mut unknown = totals;
        unknown.end(None);
        assert_eq!(peak(&unknown, None), (119.0, false));
        totals.end(Some(Mib::new(128.5)));
        assert_eq!(peak(&totals, None), (128.5, true));
    }

    #[test]
    fn of_a_tree_it_is_at_least_that() {
        let mut totals = PeakTotals::default();
        assert_eq!(totals.add_watched(watched(3110.0, false)), None);
        totals.add_counted_once(Mib::new(647.0));
        totals.end(Some(Mib::new(640.0)));
        assert_eq!(peak(&totals, None), (3110.0, false));
        let once = |totals: &PeakTotals| totals.peak(None).and_then(|peak| peak.counted_once);
        assert_eq!(once(&totals), Some(Mib::new(647.0)));
        totals.end(Some(Mib::new(700.0)));
        assert_eq!(once(&totals), Some(Mib::new(700.0)), "one process held as much after the last sample");
    }

    #[test]
    fn counted_once_is_no_less_than_the_mark_of_one_process() {
        let mut totals = PeakTotals::default();
        totals.add_watched(watched(320.0, false));
        assert_eq!(
            totals.peak(None).and_then(|peak| peak.counted_once),
            None,
            "proportional memory was not read"
        );
        totals.add_counted_once(Mib::new(25.0));
        assert_eq!(totals.peak(None).and_then(|peak| peak.counted_once), Some(Mib::new(300.0)));
    }
}
