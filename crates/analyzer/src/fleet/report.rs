//! The report on a fleet.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::change::{Course, Step, course};
use super::facts::facts;
use super::group::{Change, FleetGroup, Growth, Peaks};
use crate::frame::{self, FleetBy, FleetFilter, FleetFrame, FrameError, GroupFigures, GroupRuns};
use crate::lake::{LakeError, RunFilter, RunsFound, read_runs};
use crate::stats::sum;
use crate::table::{LakeRun, Rows};

const MICROSECONDS_OF_A_DAY: f64 = 86_400e6;
/// Days that growth is told for.
const MONTH: f64 = 30.0;

/// The options of [`fleet`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetOptions {
    /// What runs are summed up by.
    pub by: FleetBy,
    /// Which runs count.
    pub filter: FleetFilter,
    /// Which days are read.
    pub days: RunFilter,
}

/// What is known of a fleet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FleetReport {
    /// `memtool.fleet/1`.
    pub schema: &'static str,
    /// What runs are summed up by.
    pub by: FleetBy,
    /// Figures over all runs.
    pub totals: FleetTotals,
    /// Figures by group, the worst first.
    pub groups: Vec<FleetGroup>,
    /// Files of the lake that cannot be read, and why.
    pub unreadable: Vec<String>,
    /// Files of the lake that were read.
    #[serde(skip)]
    pub files: usize,
}

/// Figures over all runs of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct FleetTotals {
    /// Runs.
    pub runs: u64,
    /// Runs that were killed for want of memory.
    pub killed: u64,
    /// Groups.
    pub groups: usize,
    /// GB (10^9 bytes) times hours held and not used.
    pub waste_gb_h: f64,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FleetError {
    /// The lake cannot be read.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A frame cannot be queried.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Reports on the runs of a lake. Memory grows with the number of runs, not with that of samples.
///
/// # Errors
/// Where there is no lake. Files that cannot be read are named in the report.
pub fn fleet(lake: &Path, options: &FleetOptions) -> Result<FleetReport, FleetError> {
    let mut unreadable = Vec::new();
    let columns = [&frame::COLUMNS[..], &[frame::HOURS]].concat();
    let RunsFound { rows, files } =
        read_runs(lake, options.days, &columns, |error| unreadable.push(error.to_string()))?;
    let groups = rows.map_or_else(|| Ok(Vec::new()), |rows| groups(rows, options))?;
    Ok(report(options.by, groups, unreadable, files))
}

/// Reports on runs that stand in no lake.
///
/// # Errors
/// Only where polars cannot run a query.
pub fn fleet_of_runs(mut runs: Vec<LakeRun>, options: &FleetOptions) -> Result<FleetReport, FrameError> {
    runs.retain(|run| options.days.takes(run.started.and_then(day)));
    Ok(report(options.by, groups(Rows::of_runs(&runs), options)?, Vec::new(), 0))
}

/// The day of a start, in UTC.
fn day(microseconds: i64) -> Option<Date> {
    Timestamp::from_microsecond(microseconds).ok().map(|time| time.to_zoned(TimeZone::UTC).date())
}

fn groups(rows: Rows, options: &FleetOptions) -> Result<Vec<FleetGroup>, FrameError> {
    let frame = FleetFrame::of(&rows, options.by, &options.filter)?;
    drop(rows);
    let (figures, runs) = (frame.figures()?, frame.runs_by_group()?);
    let count = figures.len();
    Ok(figures.into_iter().zip(runs).map(|(figures, runs)| group(figures, runs, count)).collect())
}

fn report(by: FleetBy, mut groups: Vec<FleetGroup>, unreadable: Vec<String>, files: usize) -> FleetReport {
    groups.sort_by(worse);
    let totals = FleetTotals {
        runs: groups.iter().map(|group| group.runs).sum(),
        killed: groups.iter().map(|group| group.killed).sum(),
        groups: groups.len(),
        waste_gb_h: sum(groups.iter().filter_map(|group| group.waste_gb_h)),
    };
    FleetReport { schema: "memtool.fleet/1", by, totals, groups, unreadable, files }
}

/// The worse of two groups first: by its worst fact, then by what that is about.
fn worse(a: &FleetGroup, b: &FleetGroup) -> Ordering {
    let kind = |group: &FleetGroup| group.facts.first().map_or(u8::MAX, |fact| fact.kind as u8);
    let killed = |group: &FleetGroup| group.killed as f64 / group.runs.max(1) as f64;
    let headroom = |group: &FleetGroup| group.headroom_share.unwrap_or(f64::INFINITY);
    kind(a)
        .cmp(&kind(b))
        .then_with(|| killed(b).total_cmp(&killed(a)))
        .then_with(|| b.leak_share.total_cmp(&a.leak_share).then_with(|| headroom(a).total_cmp(&headroom(b))))
        .then_with(|| a.group.cmp(&b.group))
}

fn group(figures: GroupFigures, points: GroupRuns, groups: usize) -> FleetGroup {
    let first = points.started.first().copied().unwrap_or_default();
    let days: Vec<f64> =
        points.started.iter().map(|at| (at - first) as f64 / MICROSECONDS_OF_A_DAY).collect();
    let course = course(&days, &points.peak_mb, &firsts(&points.version), groups);
    let [p50, p95, max] = figures.peak_mb;
    let mut group = FleetGroup {
        group: figures.group,
        runs: figures.runs,
        killed: figures.killed,
        last_killed: figures.last_killed.and_then(time),
        restarts: figures.restarts,
        peak_mb: Peaks { p50, p95, max },
        limit_mb: figures.limit_mb,
        headroom_share: figures.headroom_share,
        waste_gb_h: figures.waste_gb_h,
        leaks: figures.leaks,
        leak_share: figures.leaks as f64 / figures.runs.max(1) as f64,
        hours_to_limit: figures.hours_to_limit,
        first: figures.started.and_then(|started| time(started.0)),
        last: figures.started.and_then(|started| time(started.1)),
        growth_per_30_days: course.growth_per_day.map(over_a_month),
        grows_steadily: course.is_steady,
        changes: changes(&course, &points),
        facts: Vec::new(),
        points,
    };
    group.facts = facts(&group);
    group
}

fn over_a_month(per_day: [f64; 3]) -> Growth {
    let [estimate, low, high] = per_day.map(|growth| (growth.ln_1p() * MONTH).exp_m1());
    Growth { estimate, low, high }
}

fn changes(course: &Course, runs: &GroupRuns) -> Vec<Change> {
    let change = |step: &Step| Change {
        since: time(runs.started[step.at]).unwrap_or_default(),
        share: step.share,
        version: runs.version[step.at].clone().filter(|_| step.is_version),
        p: step.p,
    };
    course.steps.iter().map(change).collect()
}

/// The first run of each version.
fn firsts(versions: &[Option<String>]) -> Vec<usize> {
    let mut seen = HashSet::new();
    let named = versions.iter().enumerate().filter_map(|(at, version)| Some((at, version.as_deref()?)));
    named.filter(|(_, version)| seen.insert(*version)).map(|(at, _)| at).collect()
}

/// A time in RFC 3339.
fn time(microseconds: i64) -> Option<String> {
    Timestamp::from_microsecond(microseconds).ok().map(|time| time.to_string())
}
