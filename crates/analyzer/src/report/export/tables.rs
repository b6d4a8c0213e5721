//! A run's files in the three tables.

use super::exporter::{ConversionError, Exported, ExportedFile, Exporter};
use crate::detect::Finding;
use crate::report::profile_report::profile;
use crate::report::rules_version::RULES_VERSION;
use crate::report::run_report::ProfileReport;
use crate::table::{FindingRow, Partition, batches_table, findings_table, snapshots_table};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "parquet",
    about: "Tables of snapshots, batches and findings",
    files: |run| tables(run, &profile(run.path, run.run)),
};

/// The tables' files, by day and job: snapshots first, then batches and findings where there are any.
fn tables(
    &Exported { name, run, folder, .. }: &Exported<'_>,
    report: &ProfileReport,
) -> Result<Vec<ExportedFile>, ConversionError> {
    let partition = Partition::of(run, name);
    let snapshots = snapshots_table(name, run, RULES_VERSION, serde_json::to_string(report)?)?;
    let mut files = vec![(partition.snapshots(folder), snapshots)];
    if !run.batches.is_empty() {
        files.push((partition.batches(folder), batches_table(name, run)?));
    }
    let findings: Vec<FindingRow> = report.findings.iter().map(finding_row).collect();
    if !findings.is_empty() {
        files.push((partition.findings(folder), findings_table(name, &findings)?));
    }
    Ok(files)
}

/// A finding as a row of the tables.
pub(crate) fn finding_row(finding: &Finding) -> FindingRow {
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
    use crate::report::report;
    use crate::table::stored_report;

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

        let other = snapshots_table("run", &run, "other", stale.clone()).expect("a table");
        std::fs::write(&path, other).expect("written");
        assert_eq!(stored_report(&path, RULES_VERSION), None);
        assert_eq!(report(&path, &run), now);

        let own = snapshots_table("run", &run, RULES_VERSION, stale.clone()).expect("a table");
        std::fs::write(&path, own).expect("written");
        assert_eq!(stored_report(&path, RULES_VERSION), Some(stale));
        assert_eq!(report(&path, &run).peak_rss_mb, 1.0, "what stands there is taken");
    }
}
