//! The rows of a lake's tables that the tables of one run do not have.

use super::column::Column;
use super::rows::{self, FindingRow};

/// A run's row in a lake. Sizes are MiB; what is not known is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LakeRun {
    /// The name that no other run has.
    pub run: String,
    /// `job · start`.
    pub name: String,
    /// The job.
    pub job: Option<String>,
    /// Its version: the owner's word for it, else the commit.
    pub version: Option<String>,
    /// The commit of the repository that it was started in.
    pub commit: Option<String>,
    /// The machine's label.
    pub machine: Option<String>,
    /// The container image.
    pub image: Option<String>,
    /// Its parameters, as a JSON object.
    pub parameters: Option<String>,
    /// Microseconds since 1970, UTC.
    pub started: Option<i64>,
    /// First to last sample, in seconds.
    pub duration_s: f64,
    /// The format of its file.
    pub format: String,
    /// What its figures measure.
    pub measure: String,
    /// Samples with a figure.
    pub samples: i64,
    /// The largest memory.
    pub peak_rss_mb: f64,
    /// Where that was read.
    pub peak_source: String,
    /// The operation that it fell into.
    pub peak_operation: Option<String>,
    /// The mean over time.
    pub mean_rss_mb: f64,
    /// The 95th percentile over the samples.
    pub p95_rss_mb: f64,
    /// The memory it was allowed: the request, else the limit.
    pub limit_mb: Option<f64>,
    /// Where that came from.
    pub limit_source: Option<String>,
    /// GB (10^9 bytes) times hours held and not used under a configured limit: all of a killed run.
    pub waste_gb_h: Option<f64>,
    /// The exit code.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was killed for want of memory.
    pub killed: Option<bool>,
    /// How that is known.
    pub kill_evidence: String,
    /// Whether it did its work to the end.
    pub finished: bool,
    /// `leak`, `saturating`, `none` or `inconclusive`.
    pub leak_verdict: String,
    /// `confirmed` or `suspected`.
    pub leak_tier: Option<String>,
    /// Growth, in MiB a minute.
    pub leak_mb_per_min: Option<f64>,
    /// Hours until the limit at that growth.
    pub hours_to_limit: Option<f64>,
    /// Share of the time at high or critical pressure.
    pub high_share: f64,
    /// Findings of high severity.
    pub findings_high: i64,
    /// Findings of medium severity.
    pub findings_medium: i64,
    /// Findings of low severity.
    pub findings_low: i64,
    /// Batches.
    pub batches: i64,
    /// Items of all batches.
    pub items: i64,
    /// The namespace of a container of Kubernetes.
    pub namespace: Option<String>,
    /// What its pod belongs to.
    pub workload: Option<String>,
    /// Its name in the pod.
    pub container: Option<String>,
    /// How often it was started again.
    pub restarts: Option<i64>,
    /// A hash of all that was read of it.
    pub digest: String,
}

pub(super) fn runs(runs: &[LakeRun]) -> Vec<Column> {
    type Text = fn(&LakeRun) -> Option<&str>;
    let texts = |name, of: Text| Column::texts(name, runs.iter().map(of));
    let doubles = |name, of: fn(&LakeRun) -> Option<f64>| Column::doubles(name, runs.iter().map(of));
    let longs = |name, of: fn(&LakeRun) -> Option<i64>| Column::longs(name, runs.iter().map(of));
    let ints = |name, of: fn(&LakeRun) -> Option<i32>| Column::ints(name, runs.iter().map(of));
    let flags = |name, of: fn(&LakeRun) -> Option<bool>| Column::flags(name, runs.iter().map(of));
    vec![
        texts("run", |r| Some(&r.run)),
        texts("name", |r| Some(&r.name)),
        texts("job", |r| r.job.as_deref()),
        texts("version", |r| r.version.as_deref()),
        texts("commit", |r| r.commit.as_deref()),
        texts("machine", |r| r.machine.as_deref()),
        texts("image", |r| r.image.as_deref()),
        texts("parameters", |r| r.parameters.as_deref()),
        Column::moments("started", runs.iter().map(|r| r.started)),
        doubles("duration_s", |r| Some(r.duration_s)),
        texts("format", |r| Some(&r.format)),
        texts("measure", |r| Some(&r.measure)),
        longs("samples", |r| Some(r.samples)),
        doubles("peak_rss_mb", |r| Some(r.peak_rss_mb)),
        texts("peak_source", |r| Some(&r.peak_source)),
        texts("peak_operation", |r| r.peak_operation.as_deref()),
        doubles("mean_rss_mb", |r| Some(r.mean_rss_mb)),
        doubles("p95_rss_mb", |r| Some(r.p95_rss_mb)),
        doubles("limit_mb", |r| r.limit_mb),
        texts("limit_source", |r| r.limit_source.as_deref()),
        doubles("waste_gb_h", |r| r.waste_gb_h),
        ints("exit_code", |r| r.exit_code),
        ints("signal", |r| r.signal),
        flags("killed", |r| r.killed),
        texts("kill_evidence", |r| Some(&r.kill_evidence)),
        flags("finished", |r| Some(r.finished)),
        texts("leak_verdict", |r| Some(&r.leak_verdict)),
        texts("leak_tier", |r| r.leak_tier.as_deref()),
        doubles("leak_mb_per_min", |r| r.leak_mb_per_min),
        doubles("hours_to_limit", |r| r.hours_to_limit),
        doubles("high_share", |r| Some(r.high_share)),
        longs("findings_high", |r| Some(r.findings_high)),
        longs("findings_medium", |r| Some(r.findings_medium)),
        longs("findings_low", |r| Some(r.findings_low)),
        longs("batches", |r| Some(r.batches)),
        longs("items", |r| Some(r.items)),
        texts("namespace", |r| r.namespace.as_deref()),
        texts("workload", |r| r.workload.as_deref()),
        texts("container", |r| r.container.as_deref()),
        longs("restarts", |r| r.restarts),
        texts("digest", |r| Some(&r.digest)),
    ]
}

/// Findings with their job, which no folder of their table names.
pub(super) fn findings(id: &str, job: Option<&str>, findings: &[FindingRow]) -> Vec<Column> {
    let mut columns = vec![Column::texts("job", findings.iter().map(|_| job))];
    columns.extend(rows::findings(id, findings));
    columns
}
