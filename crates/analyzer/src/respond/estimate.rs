//! The three estimators of a response, and the bounds where none applies.

use std::collections::BTreeSet;

use super::interval::{Interval, quantile_of};
use super::line::{self, Line, Prior};
use super::plane;
use super::trace::{Piece, Trace, sizes_of};
use super::{Method, Response, Status};

/// Repeats of a fixed size differ by about 2 % of the peak: median of measured repeats, taken
/// as the spread before the data, worth four runs.
const REPEAT_SPREAD: f64 = 0.02;
const REPEAT_WEIGHT: f64 = 4.0;
/// The rise between snapshots is .6 (allocator retains) to 1.0 of the true need: measured bias.
const SNAPSHOT_BIAS: Interval = Interval { low: 1.0, median: 0.8, high: 0.6 };
/// Bounds closer than this ratio count as one value.
const AGREEMENT: f64 = 2.0;
/// Sizes closer than this ratio are one size.
const APART: f64 = 1.25;

pub(super) fn estimate(traces: &[Trace]) -> Response {
    let mut sizes: Vec<f64> = traces.iter().flat_map(Trace::sizes).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let several = matches!((sizes.first(), sizes.last()), (Some(a), Some(b)) if *b >= a * APART);
    let found = if several {
        fixed_runs(traces).or_else(|| batches(traces)).or_else(|| snapshots(traces))
    } else {
        one_size(traces)
    };
    let mut response = found.unwrap_or_else(|| nothing(traces));
    response.per_item_mb = response.per_item_mb.at_least(0.0);
    response.base_mb = response.base_mb.at_least(0.0);
    response.sizes_seen = sizes;
    response
}

fn fixed_runs(traces: &[Trace]) -> Option<Response> {
    let fixed: Vec<(f64, f64)> = traces.iter().filter_map(|t| Some((t.fixed?, t.peak))).collect();
    let smallest = fixed.iter().map(|p| p.0).reduce(f64::min)?;
    let largest = fixed.iter().map(|p| p.0).reduce(f64::max)?;
    if largest < smallest * APART {
        return None;
    }
    let mean = fixed.iter().map(|p| p.1).sum::<f64>() / as_f64(fixed.len());
    let prior = Prior { deviation: mean * REPEAT_SPREAD, weight: REPEAT_WEIGHT };
    let line = line::fit(&fixed, prior)?;
    let mut warnings = Vec::new();
    if line.slope.median < 0.0 {
        warnings.push("a smaller batch raised the peak in these runs: taken as no effect".to_owned());
    }
    Some(Response {
        status: Status::Identified,
        per_item_mb: line.slope,
        base_mb: line.intercept,
        residual_mb: Interval::exactly(0.0).widened(1.645 * line.deviation),
        sizes_seen: Vec::new(),
        samples: fixed.len(),
        method: Method::FixedRuns,
        warnings,
    })
}

/// What an item costs in the operation where it costs most: that one sets the peak of a size. From
/// the plane where that determines it, else from the line of peak less start, bounded above by all
/// the memory over the base.
fn batches(traces: &[Trace]) -> Option<Response> {
    let recorded: Vec<&Trace> = traces.iter().filter(|t| t.recorded).collect();
    let base = recorded.iter().map(|t| t.base).reduce(f64::min)?;
    let labels: BTreeSet<Option<&str>> =
        recorded.iter().flat_map(|t| t.pieces.iter().map(|p| t.label(p))).collect();
    let found = labels.into_iter().filter_map(|label| {
        let runs: Vec<(f64, Vec<Piece>)> = recorded.iter().map(|t| (t.base, pieces_of(t, label))).collect();
        plane_of(&runs, base).or_else(|| line_of(&runs, base))
    });
    found.reduce(|a, b| if b.per_item_mb.median > a.per_item_mb.median { b } else { a })
}

/// A half width of the need of an item beyond this share of it does not identify it.
const SHARP: f64 = 0.2;

fn plane_of(runs: &[(f64, Vec<Piece>)], base: f64) -> Option<Response> {
    let points: Vec<plane::Point> = runs
        .iter()
        .flat_map(|(_, pieces)| pieces)
        .map(|p| plane::Point { items: p.items, start: p.start, peak: p.peak })
        .collect();
    let plane = plane::fit(&points)?;
    let per_item = plane.per_item;
    let sharp = per_item.median > 0.0 && per_item.high - per_item.median <= SHARP * per_item.median;
    let residuals: Vec<f64> = points.iter().map(|point| plane.residual(point)).collect();
    of_batches(Status::Identified, per_item, base, &residuals).filter(|_| sharp)
}

fn of_batches(status: Status, per_item: Interval, base: f64, residuals: &[f64]) -> Option<Response> {
    let blunt = "memory stays after a batch: what one more item costs is known only within bounds; \
              runs of two fixed sizes would tell";
    Some(Response {
        status,
        per_item_mb: per_item,
        base_mb: Interval::exactly(base),
        residual_mb: Interval::of(residuals)?,
        sizes_seen: Vec::new(),
        samples: residuals.len(),
        method: Method::Batches,
        warnings: if status == Status::Bounded { vec![blunt.to_owned()] } else { Vec::new() },
    })
}

fn line_of(runs: &[(f64, Vec<Piece>)], base: f64) -> Option<Response> {
    let points: Vec<(f64, f64)> =
        runs.iter().flat_map(|(_, pieces)| pieces).map(|p| (p.items, p.peak - p.start)).collect();
    let line = line::fit(&points, Prior::NONE)?;
    let upper = all_over_base(runs)?;
    let middle = middle_slope(&line, &points);
    let high = line.slope.high.max(upper).max(middle);
    let per_item = Interval { low: line.slope.low.min(middle), median: middle, high };
    let residuals = points.iter().map(|p| p.1 - line.intercept.median - line.slope.median * p.0);
    let residuals: Vec<f64> = residuals.collect();
    let agree = per_item.low > 0.0 && high <= AGREEMENT * middle;
    let status = if agree { Status::Identified } else { Status::Bounded };
    of_batches(status, per_item, base, &residuals)
}

/// The fitted slope, or where retention flattens it, the upper quartile of need per item.
fn middle_slope(line: &Line, points: &[(f64, f64)]) -> f64 {
    let per_item = points.iter().filter(|p| p.0 > 0.0).map(|p| p.1 / p.0);
    let typical = quantile_of(per_item, 0.5).unwrap_or(0.0);
    line.slope.median.max(typical).max(0.0)
}

fn pieces_of(trace: &Trace, label: Option<&str>) -> Vec<Piece> {
    trace.pieces.iter().filter(|p| trace.label(p) == label).copied().collect()
}

/// The least, over sizes, of (largest peak at the size − base) / size: what an item costs if
/// everything over the base is the batch's. Of several runs the largest bound, as one may have
/// met only light work.
fn all_over_base(runs: &[(f64, Vec<Piece>)]) -> Option<f64> {
    let of_run = |(base, pieces): &(f64, Vec<Piece>)| {
        let bounds = sizes_of(pieces).into_iter().filter_map(|size| {
            let peak = pieces.iter().filter(|p| p.items == size).map(|p| p.peak).reduce(f64::max)?;
            Some((peak - base) / size)
        });
        bounds.reduce(f64::min)
    };
    runs.iter().filter_map(of_run).reduce(f64::max)
}

fn whole(traces: &[Trace]) -> Vec<(f64, Vec<Piece>)> {
    traces.iter().map(|t| (t.base, t.pieces.clone())).collect()
}

fn snapshots(traces: &[Trace]) -> Option<Response> {
    let sized = || traces.iter().flat_map(|t| &t.pieces).filter(|p| p.items > 0.0);
    let rise = quantile_of(sized().map(|p| (p.peak - p.start) / p.items), 0.5)?;
    let upper = all_over_base(&whole(traces))?;
    let per_item = Interval {
        low: rise / SNAPSHOT_BIAS.low,
        median: rise / SNAPSHOT_BIAS.median,
        high: (rise / SNAPSHOT_BIAS.high).max(upper),
    };
    let residuals: Vec<f64> = sized().map(|p| p.peak - p.start - rise * p.items).collect();
    Some(Response {
        status: Status::Bounded,
        per_item_mb: per_item,
        base_mb: Interval::exactly(traces.iter().map(|t| t.base).reduce(f64::min)?),
        residual_mb: Interval::of(&residuals)?,
        sizes_seen: Vec::new(),
        samples: sized().count(),
        method: Method::Snapshots,
        warnings: vec![
            "snapshots only: the rise between two samples is a blunt measure of what an item costs; \
             its known bias is in the bounds"
                .to_owned(),
        ],
    })
}

/// Bounds from one size: at least what a batch adds over its start, at most all over the base.
fn one_size(traces: &[Trace]) -> Option<Response> {
    let sized = || traces.iter().flat_map(|t| &t.pieces).filter(|p| p.items > 0.0);
    let low = quantile_of(sized().map(|p| (p.peak - p.start) / p.items), 0.5)?;
    let high = all_over_base(&whole(traces))?.max(low);
    Some(Response {
        status: Status::NotIdentifiable,
        per_item_mb: Interval { low, median: f64::midpoint(low, high), high },
        base_mb: Interval::exactly(traces.iter().map(|t| t.base).reduce(f64::min)?),
        residual_mb: Interval::exactly(0.0),
        sizes_seen: Vec::new(),
        samples: sized().count(),
        method: if traces.iter().any(|t| t.recorded) { Method::Batches } else { Method::Snapshots },
        warnings: Vec::new(),
    })
}

fn nothing(traces: &[Trace]) -> Response {
    let base = traces.iter().map(|t| t.base).reduce(f64::min).unwrap_or(0.0);
    Response {
        status: Status::NotIdentifiable,
        per_item_mb: Interval::exactly(0.0),
        base_mb: Interval::exactly(base),
        residual_mb: Interval::exactly(0.0),
        sizes_seen: Vec::new(),
        samples: 0,
        method: Method::None,
        warnings: Vec::new(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of runs")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
