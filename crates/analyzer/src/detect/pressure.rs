//! The cause of the pressure: the job's own memory, or that of others.

use memtool_profile_model::PressureLevel;

use super::context::Context;
use crate::series::Series;

/// Share of the limit that counts as the job's own where nobody accounts for it: page tables, kernel
/// memory, mapped files of the job.
const UNACCOUNTED: f64 = 0.1;

/// The level that the job's RSS alone makes.
pub(super) fn level_of_rss(rss_mb: f64, context: &Context) -> PressureLevel {
    if rss_mb >= context.critical_mb {
        PressureLevel::Critical
    } else if rss_mb >= context.high_mb {
        PressureLevel::High
    } else if rss_mb >= context.moderate_mb {
        PressureLevel::Moderate
    } else {
        PressureLevel::Low
    }
}

/// What others hold of the limit at a sample; `None` where the limit or what was available is not known.
pub(super) fn others_mb(series: &Series, context: &Context, i: usize) -> Option<f64> {
    Some((context.limit_mb? - series.available_mb.get(i)? - series.rss_mb[i]).max(0.0))
}

/// Whether the level at a sample is higher than the job's RSS makes it, and others hold a real share.
pub(super) fn by_others(series: &Series, context: &Context, i: usize) -> bool {
    let level = series.level[i];
    level > PressureLevel::Low
        && level > level_of_rss(series.rss_mb[i], context)
        && others_mb(series, context, i)
            .zip(context.limit_mb)
            .is_none_or(|(others, limit)| others >= UNACCOUNTED * limit)
}

/// Whether memory is high at a sample by the job's own doing: its RSS is, or too little is left below the
/// limit and nobody else holds it.
pub(super) fn own_high(series: &Series, context: &Context, i: usize) -> bool {
    let known = || others_mb(series, context, i).is_some();
    series.rss_mb[i] >= context.high_mb
        || series.level[i] >= PressureLevel::High && known() && !by_others(series, context, i)
}
