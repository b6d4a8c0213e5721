//! A run's files in the three tables.

use std::path::{Path, PathBuf};

use memtool_profile_model::Run;

use super::analysis::ProfileReport;
use crate::detect::Finding;
use crate::table::{FindingRow, Partition, TableError, batches_table, findings_table, snapshots_table};

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
    let partition = Partition::of(run, name);
    let mut files =
        vec![(partition.snapshots(folder), snapshots_table(name, run, serde_json::to_string(report)?)?)];
    if !run.batches.is_empty() {
        files.push((partition.batches(folder), batches_table(name, run)?));
    }
    let findings: Vec<FindingRow> = report.findings.iter().map(row).collect();
    if !findings.is_empty() {
        files.push((partition.findings(folder), findings_table(name, &findings)?));
    }
    Ok(files)
}

fn row(finding: &Finding) -> FindingRow {
    let evidence = &finding.evidence;
    FindingRow {
        kind: finding.kind.as_str().to_owned(),
        severity: finding.severity.as_str().to_owned(),
        confidence: finding.confidence,
        rule: evidence.rule.to_string(),
        window_s: evidence.window_s,
        statistic: evidence.statistic.to_string(),
        value: evidence.value,
        interval: evidence.interval,
        action: finding.action.clone(),
    }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::read_run;

    use super::*;
    use crate::report::{profile, report};
    use crate::table::{judged_by, stored_report};

    #[test]
    fn a_report_that_other_rules_made_is_made_again() {
        let profiles =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/runs/memory_profile_head_leak.json");
        let run = read_run(&std::fs::read(profiles).expect("a fixture")).expect("a run");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.parquet");
        let now = profile(&path, &run);
        let stale = ProfileReport { peak_rss_mb: 1.0, ..now.clone() };
        let stale = serde_json::to_string(&stale).expect("JSON");

        let other = judged_by("0.1.0-00000000", "run", &run, stale.clone()).expect("a table");
        std::fs::write(&path, other).expect("written");
        assert_eq!(stored_report(&path), None);
        assert_eq!(report(&path, &run), now);

        let own = snapshots_table("run", &run, stale.clone()).expect("a table");
        std::fs::write(&path, own).expect("written");
        assert_eq!(stored_report(&path), Some(stale));
        assert_eq!(report(&path, &run).peak_rss_mb, 1.0, "what stands there is taken");
    }
}
