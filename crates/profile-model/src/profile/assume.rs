//! What a profile does not say: triggers and floors on available memory.
//!
//! The GC trigger shows where the samples hold forced collections: it lies above every sample
//! that no `post_gc` follows and at or below every sample that one follows. The floors show
//! in the levels: of the three sets in use (defaults, scaled to the machine, none) the first
//! that reproduces the most recorded levels is taken.

use crate::assumed::{Assumed, Basis};
use crate::config::{AdaptiveConfig, AvailableLimits};
use crate::pressure::{Observation, pressure};
use crate::run::Run;
use crate::snapshot::{Snapshot, SnapshotKind};
use crate::units::Mib;
use crate::warning::Warning;

/// Shares of the critical threshold in the existing factory: 60 % and 80 % of a limit of
/// which critical is 90 %.
const GC_PER_CRITICAL: f64 = 0.60 / 0.90;
const FALLBACK_PER_CRITICAL: f64 = 0.80 / 0.90;

/// Fills in what a profile does not say, and notes it.
pub(super) fn fill(run: &mut Run) {
    assume_gc_trigger(run);
    assume_fallback_trigger(run);
    assume_available_limits(run);
}

fn has_default_levels(config: &AdaptiveConfig) -> bool {
    let default = AdaptiveConfig::default().thresholds;
    let own = &config.thresholds;
    (own.moderate_mb, own.high_mb, own.critical_mb)
        == (default.moderate_mb, default.high_mb, default.critical_mb)
}

fn assume_gc_trigger(run: &mut Run) {
    let (value, basis) = if let Some((above, at_most)) = collection_bounds(&run.snapshots) {
        (at_most, Basis::Observed { above_mb: above.map(Mib::get), at_most_mb: at_most.get() })
    } else if has_default_levels(&run.config) {
        (run.config.thresholds.gc_trigger_mb, Basis::Default)
    } else {
        (run.config.thresholds.critical_mb.scaled(GC_PER_CRITICAL), Basis::FactoryRatio)
    };
    run.config.thresholds.gc_trigger_mb = value;
    note(run, "thresholds.gc_trigger_mb", value, basis);
}

/// The largest RSS that no collection followed (below the bound), and the smallest that one did.
fn collection_bounds(snapshots: &[Snapshot]) -> Option<(Option<Mib>, Mib)> {
    let mut with: Option<Mib> = None;
    for pair in snapshots.windows(2) {
        let (Some(rss), SnapshotKind::Regular, SnapshotKind::PostGc) =
            (pair[0].rss, pair[0].kind, pair[1].kind)
        else {
            continue;
        };
        with = Some(with.map_or(rss, |least| if rss < least { rss } else { least }));
    }
    let with = with?;
    let without = snapshots
        .iter()
        .filter(|s| s.kind == SnapshotKind::Regular)
        .filter_map(|s| s.rss)
        .filter(|rss| *rss < with)
        .fold(None, |most: Option<Mib>, rss| Some(most.map_or(rss, |m| if rss > m { rss } else { m })));
    Some((without, with))
}

fn assume_fallback_trigger(run: &mut Run) {
    let (value, basis) = if has_default_levels(&run.config) {
        (run.config.thresholds.fallback_trigger_mb, Basis::Default)
    } else {
        (run.config.thresholds.critical_mb.scaled(FALLBACK_PER_CRITICAL), Basis::FactoryRatio)
    };
    run.config.thresholds.fallback_trigger_mb = value;
    note(run, "thresholds.fallback_trigger_mb", value, basis);
}

fn assume_available_limits(run: &mut Run) {
    let mut best = AvailableLimits::default();
    let Reproduced { agree: mut most, of: recorded } = reproduced(run, best);
    // None is better than one that reproduces all, and the total takes a median over all samples.
    if most < recorded {
        let scaled = total_memory(&run.snapshots).map(AvailableLimits::scaled_to);
        for candidate in scaled.into_iter().chain([AvailableLimits::NONE]) {
            let Reproduced { agree, .. } = reproduced(run, candidate);
            if agree > most {
                (best, most) = (candidate, agree);
            }
        }
    }
    run.config.available_limits = best;
    let basis = if recorded == 0 { Basis::Default } else { Basis::Reproduces { agree: most, of: recorded } };
    note(run, "available_limits.critical_mb", best.critical_mb, basis.clone());
    note(run, "available_limits.high_mb", best.high_mb, basis.clone());
    note(run, "available_limits.moderate_mb", best.moderate_mb, basis);
    if most < recorded {
        run.warnings.push(Warning::LevelsNotReproduced { differ: recorded - most, of: recorded });
    }
}

/// How many recorded levels some limits give.
struct Reproduced {
    agree: usize,
    of: usize,
}

fn reproduced(run: &Run, limits: AvailableLimits) -> Reproduced {
    let config = AdaptiveConfig { available_limits: limits, ..run.config.clone() };
    let mut found = Reproduced { agree: 0, of: 0 };
    for snapshot in &run.snapshots {
        if let (Some(level), Some(rss)) = (snapshot.level, snapshot.rss) {
            let seen = Observation { at: snapshot.at, rss, available: snapshot.available };
            found.agree += usize::from(pressure(&config, seen).level == level);
            found.of += 1;
        }
    }
    found
}

/// The machine's memory from psutil's identity percent = (total − available) / total: the
/// median over the samples, since percent has one decimal only.
fn total_memory(snapshots: &[Snapshot]) -> Option<Mib> {
    let mut totals: Vec<f64> = snapshots
        .iter()
        .filter_map(|s| Some((s.system_percent?, s.available?.get())))
        .filter(|(percent, available)| (0.0..95.0).contains(percent) && *available > 0.0)
        .map(|(percent, available)| available / (1.0 - percent / 100.0))
        .collect();
    if totals.is_empty() {
        return None;
    }
    let middle = totals.len() / 2;
    let (_, median, _) = totals.select_nth_unstable_by(middle, f64::total_cmp);
    Some(Mib::new(*median))
}

fn note(run: &mut Run, setting: &'static str, value: Mib, basis: Basis) {
    let value = format!("{:.2}", value.get());
    run.assumed.push(Assumed { setting: setting.into(), value, basis });
}
