//! The inputs of a rule.

use std::cell::OnceCell;

use memtool_profile_model::PressureLevel;

use super::context::Context;
use super::gc::falls::{Fall, falls_at_collections};
use super::gc::forced::{self, Forced};
use super::leak::Leak;
use crate::series::Series;
use crate::stats::largest;

/// One run, as every rule sees it.
pub(super) struct Case<'a> {
    /// Its samples as columns.
    pub(super) series: &'a Series,
    /// What is known beside the samples.
    pub(super) context: &'a Context,
    /// What its memory says of leaks: judged once, before the rules.
    pub(super) leak: Leak,
    /// The largest RSS of a sample, and the highest level, which many rules ask for.
    pub(super) largest_mb: f64,
    pub(super) highest_level: PressureLevel,
    /// Falls of memory that come with collections, and forced collections, once a rule asked for them.
    pub(super) falls: OnceCell<Vec<Fall>>,
    pub(super) forced: OnceCell<Vec<Forced>>,
}

impl<'a> Case<'a> {
    /// Judges the run's leak and holds it beside the rest.
    pub(super) fn new(series: &'a Series, context: &'a Context) -> Self {
        Self {
            series,
            context,
            leak: Leak::of(series, context),
            largest_mb: largest(&series.rss_mb),
            highest_level: series.level.iter().copied().max().unwrap_or(PressureLevel::Low),
            falls: OnceCell::new(),
            forced: OnceCell::new(),
        }
    }

    /// Falls of memory that come with collections, which two rules ask for.
    pub(super) fn falls_at_collections(&self) -> &[Fall] {
        self.falls.get_or_init(|| falls_at_collections(self.series, self.context))
    }

    /// Forced collections, which two rules ask for.
    pub(super) fn forced_collections(&self) -> &[Forced] {
        self.forced.get_or_init(|| forced::collections(self.series, self.context))
    }

    /// Whether the job works in batches: some are recorded, or a size was in force.
    pub(super) fn has_batches(&self) -> bool {
        !self.context.batches.is_empty() || self.series.batch_size.values().iter().any(Option::is_some)
    }

    /// The advice for a job that works in batches, or the one for any other.
    pub(super) fn smaller_or(&self, batches: &'static str, otherwise: &'static str) -> &'static str {
        if self.has_batches() { batches } else { otherwise }
    }

    /// How often RSS rises over the high threshold.
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub(super) fn crossings_of_high(&self) -> f64 {
        let high = self.context.high_mb;
        self.series.rss_mb.windows(2).filter(|pair| pair[0] < high && pair[1] >= high).count() as f64
    }
}
