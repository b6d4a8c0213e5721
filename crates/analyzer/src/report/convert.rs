//! A run's files in the three tables.

use std::path::{Path, PathBuf};

use memtool_profile_model::Run;

use super::analysis::ProfileReport;
use crate::detect::{Finding, Severity};
use crate::table::{FindingRow, Place, TableError, batches_table, findings_table, snapshots_table};

/// Where a run's files belong in a folder of tables, and their bytes: snapshots first, then
/// batches and findings where there are any.
///
/// # Errors
/// Only where a table cannot be built.
pub fn tables(
    name: &str,
    run: &Run,
    report: &ProfileReport,
    folder: &Path,
) -> Result<Vec<(PathBuf, Vec<u8>)>, TableError> {
    let place = Place::of(run, name);
    let mut files =
        vec![(place.snapshots(folder), snapshots_table(name, run, serde_json::to_string(report)?)?)];
    if !run.batches.is_empty() {
        files.push((place.batches(folder), batches_table(name, run)?));
    }
    let findings: Vec<FindingRow> = report.findings.iter().map(row).collect();
    if !findings.is_empty() {
        files.push((place.findings(folder), findings_table(name, &findings)?));
    }
    Ok(files)
}

fn row(finding: &Finding) -> FindingRow {
    let evidence = &finding.evidence;
    FindingRow {
        kind: finding.kind.as_str().to_owned(),
        severity: severity(finding.severity).to_owned(),
        confidence: finding.confidence,
        rule: evidence.rule.to_owned(),
        window_s: evidence.window_s,
        statistic: evidence.statistic.to_owned(),
        value: evidence.value,
        interval: evidence.interval,
        action: finding.action.clone(),
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}
