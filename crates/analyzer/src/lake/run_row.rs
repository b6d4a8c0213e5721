//! A run's row, from the run and the report on it.

use std::hash::Hasher;
use std::path::Path;

use memtool_profile_model::Run;
use twox_hash::XxHash64;

use super::error::LakeError;
use crate::detect::LeakTier;
use crate::report::{FindingCount, ProfileReport, profile, run_label};
use crate::request::{MemoryKill, RunEnd, allowed_mb, held_mb, unused_gb_h};
use crate::table::LakeRun;

/// The source of a limit that was requested from a framework.
const REQUESTED: &str = "request";

/// A hash of a run's names, samples and batches: the same for the same run, whatever its file is called and whatever
/// version of memtool read it.
fn content(run: &Run) -> u64 {
    let mut hasher = XxHash64::with_seed(0);
    let part = run.origin.as_ref().and_then(|origin| origin.part.as_deref());
    for name in [Some(run.format_name()), part, run.process.job.as_deref(), run.process.command.as_deref()] {
        hasher.write(name.unwrap_or_default().as_bytes());
        hasher.write(&[0]);
    }
    let mut add = |value: u64| hasher.write(&value.to_le_bytes());
    for snapshot in &run.snapshots {
        add(snapshot.at.nanos().cast_unsigned());
        add(snapshot.rss.map_or(u64::MAX, |rss| rss.get().to_bits()));
    }
    for batch in &run.batches {
        add(batch.start.nanos().cast_unsigned());
        add(batch.items);
    }
    hasher.finish()
}

/// A hash of all that was read of a run.
///
/// # Errors
/// Only where the run has no JSON form.
pub(super) fn digest(run: &Run) -> Result<String, LakeError> {
    let mut hasher = XxHash64::with_seed(content(run));
    hasher.write(&serde_json::to_vec(run)?);
    Ok(format!("{:016x}", hasher.finish()))
}

/// The name that no other run has: its writer's, else one of its start and content.
pub(super) fn id(run: &Run) -> String {
    let start = || run.known_start().map(|start| start.strftime("%Y%m%dT%H%M%SZ").to_string());
    let named = || format!("{}-{:016x}", start().as_deref().unwrap_or("undated"), content(run));
    run.id.clone().unwrap_or_else(named)
}

/// The job of a run, if its file has it; else a framework's kind of task.
pub(super) fn job(run: &Run, report: &ProfileReport) -> Option<String> {
    let task = || run.task.as_ref().and_then(|task| task.group.clone());
    run.process.job.clone().or_else(task).or_else(|| report.job.clone()).filter(|job| !job.is_empty())
}

/// A run's row, for a report without a lake.
///
/// # Errors
/// Only where the run has no JSON form.
pub fn lake_run(path: &Path, run: &Run) -> Result<LakeRun, LakeError> {
    row(path, run, &profile(path, run), digest(run)?)
}

/// A run's row.
pub(super) fn row(
    path: &Path,
    run: &Run,
    report: &ProfileReport,
    digest: String,
) -> Result<LakeRun, LakeError> {
    let process = &run.process;
    let task = run.task.clone().unwrap_or_default();
    let fate = run.fate.clone().unwrap_or_default();
    let end = RunEnd::of(run, report.peak_rss_mb, allowed_mb(run));
    let limit = limit(run);
    let parameters = (!process.parameters.is_empty()).then(|| serde_json::to_string(&process.parameters));
    let findings = FindingCount::of(&report.findings);
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let job = job(run, report);
    let container = run.container.as_ref();
    Ok(LakeRun {
        run: id(run),
        name: run_label(path, run),
        version: report.version.clone(),
        commit: process.commit.clone(),
        machine: report.machine.clone(),
        image: process.image.clone(),
        parameters: parameters.transpose()?,
        started: run.known_start().map(|start| start.as_microsecond()),
        duration_s: report.duration_s,
        format: report.format.clone().into_owned(),
        measure: run.measure().as_str().to_owned(),
        samples: count(report.samples),
        peak_rss_mb: report.peak_rss_mb,
        peak_source: report.peak_source.clone().into_owned(),
        peak_operation: report.operations.first().map(|operation| operation.operation.clone()),
        mean_rss_mb: report.time_weighted_mean_rss_mb,
        p95_rss_mb: report.p95_rss_mb,
        waste_gb_h: held_mb(run).map(|held| {
            let used = if killed(end.kill) == Some(true) { 0.0 } else { report.peak_rss_mb };
            unused_gb_h(held, used, report.duration_s)
        }),
        limit_mb: limit.as_ref().map(|limit| limit.0),
        limit_source: limit.map(|limit| limit.1),
        exit_code: fate.exit_code.or(task.exit_code),
        signal: fate.signal.or(task.signal),
        killed: killed(end.kill),
        kill_evidence: end.evidence.to_owned(),
        finished: end.finished,
        leak_verdict: report.leak.verdict.as_str().to_owned(),
        leak_tier: report.leak.tier.map(LeakTier::as_str).map(str::to_owned),
        leak_mb_per_min: report.leak.slope_mb_per_min.map(|growth| growth.estimate),
        hours_to_limit: report.leak.hours_to_limit.map(|hours| hours.estimate),
        high_share: report.time_share.high + report.time_share.critical,
        findings_high: count(findings.high),
        findings_medium: count(findings.medium),
        findings_low: count(findings.low),
        batches: count(run.batches.len()),
        items: run
            .batches
            .iter()
            .fold(0, |sum: i64, batch| sum.saturating_add(i64::try_from(batch.items).unwrap_or(i64::MAX))),
        job,
        namespace: container.map(|container| container.namespace.clone()),
        workload: container.map(|container| container.workload.name.clone()),
        container: container.map(|container| container.name.clone()),
        restarts: container.and_then(|container| i64::try_from(container.restarts?).ok()),
        digest,
    })
}

/// Whether memory killed it; `None` if a kill may have been the kernel's.
const fn killed(kill: MemoryKill) -> Option<bool> {
    match kill {
        MemoryKill::No => Some(false),
        MemoryKill::Possible => None,
        MemoryKill::Likely | MemoryKill::Known => Some(true),
    }
}

/// The memory a run was allowed, and its source: a configured limit, else the request, else all that
/// there is.
fn limit(run: &Run) -> Option<(f64, String)> {
    let own = run.host.limit_mb.map(memtool_profile_model::Mib::get);
    let source = || run.host.limit_source.clone().unwrap_or_default();
    let allowed = allowed_mb(run);
    let limit = match allowed {
        Some(allowed) if own != Some(allowed) => (allowed, REQUESTED.to_owned()),
        _ => (own?, source()),
    };
    Some(limit).filter(|(limit, _)| *limit > 0.0)
}
