//! The JSON that other programs rely on, repeated here with unknown fields denied: outputs must read
//! back as these types, and docs/schemas holds the JSON Schema of each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::process::Command;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use memtool_analyzer::{FindingKind, ReasonCode};

use crate::fixtures::root;

fn json<T: DeserializeOwned>(args: &[&str]) -> T {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    let output = command.args(args).args(["--format", "json"]).current_dir(root()).output();
    let text = String::from_utf8(output.expect("memtool starts").stdout).expect("text");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}\n{text}"))
}

macro_rules! shape {
    ($name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code, reason = "a field is read by being there")]
        struct $name { $($field: $kind),* }
    };
}

/// A field that may be null but must be there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "a value is read by being there")]
enum Nullable<T> {
    Value(T),
    Null(()),
}

shape!(Analysis { schema: String, profiles: Vec<Profile>, skipped: Vec<Skipped>, summary: Summary });
shape!(Profile {
    path: String, run: String, job: Nullable<String>, version: Option<String>, machine: Option<String>, format: String, origin: Nullable<Origin>, task: Nullable<Task>,
    started: String, samples: u64, duration_s: f64, peak_rss_mb: f64,
    peak_source: String, fate: Nullable<serde_json::Value>, peak_at_s: f64, limit_mb: Nullable<f64>,
    mean_rss_mb: f64, time_weighted_mean_rss_mb: f64, p50_rss_mb: f64, p95_rss_mb: f64,
    p99_rss_mb: f64, time_share: TimeShare, coverage: f64, thresholds_mb: Nullable<Thresholds>, batch_sizes: Vec<u32>,
    operations: Vec<Operation>, leak: Leak, findings: Vec<Finding>, assumed: Vec<String>, warnings: Vec<String>,
    warning_codes: Vec<String>,
});
shape!(Origin {
    format: String, tool: String, tool_version: Option<String>, measure: String, precision: String,
    time_base: String, part: Option<String>,
});
shape!(Task {
    group: Option<String>, input_bytes: Option<u64>, requested_mb: Option<f64>, runtime_s: Option<f64>,
    exit_code: Option<i32>, signal: Option<i32>, attempt: Option<u32>, state: Option<String>,
});
shape!(TimeShare { low: f64, moderate: f64, high: f64, critical: f64 });
shape!(Thresholds { moderate: f64, high: f64, critical: f64 });
shape!(Operation { operation: String, samples: u64, peak_rss_mb: f64, mean_rss_mb: f64 });
shape!(Leak {
    verdict: Verdict, tier: Nullable<Tier>, slope_mb_per_min: Nullable<Growth>,
    slope_mb_per_batch: Nullable<Growth>, slope_mb_per_1000_items: Nullable<Growth>, hours_to_limit: Nullable<Growth>,
    by_operation: Vec<OperationGrowth>, reason_code: Reason, reason: String,
});
/// A code of the analyzer's own list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Reason(
    #[allow(dead_code, reason = "a value is read by being there")]
    #[schemars(with = "String")]
    ReasonCode,
);

shape!(OperationGrowth {
    operation: String,
    batches: u64,
    items: u64,
    mb_per_1000_items: f64,
    growth_mb: f64,
});
shape!(Growth { estimate: f64, low: f64, high: f64 });
shape!(Finding {
    kind: Kind, severity: Severity, confidence: f64, evidence: Evidence, action: String,
    estimated_savings_mb: Nullable<Interval>, savings_withheld: Nullable<String>,
});
shape!(Evidence {
    rule: String, window_s: (f64, f64), samples: u64, statistic: String, value: f64,
    interval: Nullable<(f64, f64)>, operation: Nullable<String>, details: BTreeMap<String, f64>,
});
shape!(Interval { low: f64, median: f64, high: f64 });
shape!(Skipped { path: String, error: String });
shape!(Summary { profiles: u64, skipped: u64, ignored: u64, findings: Count, runs: Nullable<Spread> });
shape!(Count { high: u64, medium: u64, low: u64 });
shape!(Spread {
    samples: u64,
    peak_rss_mb_min: f64,
    peak_rss_mb_median: f64,
    peak_rss_mb_p95: f64,
    peak_rss_mb_max: f64,
    runs_with_findings: u64,
});

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Leak,
    Saturating,
    None,
    Inconclusive,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Tier {
    Confirmed,
    Suspected,
}

/// A name of the registry of findings.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Kind;

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = FindingKind::ALL.iter().any(|kind| kind.as_str() == name);
        if known { Ok(Self) } else { Err(format!("{name} is not in the registry")) }
    }
}

impl JsonSchema for Kind {
    fn schema_name() -> Cow<'static, str> {
        "Kind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = FindingKind::ALL.iter().map(|kind| kind.as_str()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Severity {
    High,
    Medium,
    Low,
}

shape!(Simulation { schema: String, predictions: Vec<Prediction>, notes: Vec<String>, skipped: Vec<Skipped> });
shape!(Prediction {
    run: String, config: String, identifiable: bool, peak_rss_mb: Nullable<Interval>,
    recorded_peak_mb: Nullable<f64>, kill_probability: Nullable<f64>, throughput_ratio: Nullable<Interval>,
    throughput_assumed: bool, level_changes: f64, gc_runs: f64, fallback_share: f64,
    level_share: Nullable<LevelShare>, replay_error: f64, bounds_only: bool, warnings: Vec<String>,
});
shape!(LevelShare { fallback: f64, low: f64, medium: f64, high: f64 });

shape!(Tuning {
    schema: String, leak: Nullable<String>, needed: Nullable<Needed>, machines: Vec<Machine>, notes: Vec<String>,
    skipped: Vec<Skipped>,
});
shape!(Needed {
    limit_mb: f64,
    risk: f64,
    largest_mb: f64,
    exact: bool,
    runs: u64,
    rule: String,
    reason: String,
    leak_mb: f64,
});
shape!(OperationSize {
    operation: String, batch_size: Nullable<u32>, peak_upper_mb: Nullable<f64>, peak_upper_at_chosen_mb: f64,
    binding: bool,
});
shape!(Machine {
    machine: String, limit_mb: f64, usable_mb: f64, feasible: bool, refused: Nullable<String>,
    next_run: Nullable<NextRun>,
    config_path: Nullable<String>, chosen: Nullable<serde_json::Value>, predicted: Nullable<Figures>,
    expected: Nullable<Expected>, backtest: Backtest, baselines: Baselines, reasons: BTreeMap<String, String>,
    provenance: Vec<Provenance>, operations: Vec<OperationSize>, pareto: Vec<Pareto>,
});
shape!(NextRun { batch_size: u32, command: String });
shape!(Expected {
    risk: f64, peak_upper_mb: f64, cvar_mb: f64, median_mb: f64, speed: f64, speed_measured: bool, leak_mb: f64,
    minutes_to_limit: Nullable<f64>, evaluations: u64, search_completed: bool,
});
shape!(Provenance {
    parameter: String, value: f64, default: Nullable<f64>, has_effect: bool, run: Nullable<String>,
    next_best: Nullable<NextBest>, reason: String,
});
shape!(NextBest { value: f64, cost: String });
shape!(Pareto {
    peak_upper_mb: f64,
    speed: f64,
    kill_share_excess: f64,
    knee: bool,
    config: serde_json::Value
});
shape!(Figures {
    identifiable: bool, peak_rss_mb: Nullable<Interval>, recorded_peak_mb: Nullable<f64>,
    kill_probability: Nullable<f64>, throughput_ratio: Nullable<Interval>, throughput_assumed: bool,
    level_changes: f64, gc_runs: f64, fallback_share: f64, level_share: Nullable<LevelShare>,
    replay_error: f64, bounds_only: bool, warnings: Vec<String>,
});
shape!(Backtest {
    runs: u64, violations: u64, slack_mb: Nullable<f64>, median_error: Nullable<f64>,
    violation_share_below: Nullable<f64>, kupiec_p: Nullable<f64>, by_config: Score, left_out: Vec<LeftOut>,
    note: Nullable<String>,
});
shape!(LeftOut {
    run: String,
    settings: String,
    predicted_mb: f64,
    peak_upper_mb: f64,
    actual_mb: f64,
    cut_off: bool,
});
shape!(Score { runs: u64, violations: u64, slack_mb: Nullable<f64> });
shape!(Baselines { existing_defaults: Nullable<Baseline>, krr: Nullable<Baseline>, vpa: Nullable<Baseline> });
shape!(Baseline { peak_mb: f64, limit_mb: f64, fits: bool, backtest: Score });

/// A file that cannot be read.
const BAD: &str = "fixtures/broken/memory_profile_nan.json";

#[test]
fn analysis_has_its_promised_shape() {
    let analysis: Analysis = json(&["analyze", "fixtures/runs", "fixtures/broken"]);
    assert_eq!(analysis.schema, "memtool.analysis/1");
    assert!(analysis.profiles.len() > 30 && !analysis.skipped.is_empty());
    for profile in &analysis.profiles {
        let share = &profile.time_share;
        assert!(
            (share.low + share.moderate + share.high + share.critical - 1.0).abs() < 1e-9,
            "{}",
            profile.path
        );
        let growing = matches!(profile.leak.slope_mb_per_min, Nullable::Value(_));
        assert_eq!(growing, profile.leak.verdict == Verdict::Leak, "{}", profile.path);
        assert!(profile.findings.iter().all(|f| (0.0..=1.0).contains(&f.confidence) && !f.action.is_empty()));
        assert_eq!(profile.assumed.is_empty(), profile.format == "stream/1", "{}", profile.path);
    }
}

#[test]
fn simulation_has_its_promised_shape() {
    let runs = "fixtures/runs/workforce";
    let simulation: Simulation =
        json(&["simulate", runs, "--same-job", "--fixed-batch", "500", "--memory-limit", "600MiB"]);
    assert_eq!(simulation.schema, "memtool.simulation/1");
    assert!(
        simulation
            .predictions
            .iter()
            .all(|p| p.identifiable && matches!(p.kill_probability, Nullable::Value(_)))
    );
    let [good, bad] = ["fixtures/runs/memory_profile_head_leak.json", BAD];
    let one: Simulation = json(&["simulate", good, bad, "--fixed-batch", "500"]);
    assert_eq!(one.skipped.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), [bad]);
    assert!(!one.predictions[0].identifiable, "one batch size was seen");
    assert!(one.predictions[0].warnings[0].starts_with("not identifiable: only batch size 1000"));
}

#[test]
fn tuning_has_its_promised_shape() {
    let tuning: Tuning =
        json(&["tune", "fixtures/runs/workforce", BAD, "--machine", "1", "--machine", "8gb"]);
    assert_eq!(tuning.skipped.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), [BAD]);
    assert_eq!(tuning.schema, "memtool.tuning/1");
    let feasible: Vec<bool> = tuning.machines.iter().map(|m| m.feasible).collect();
    assert_eq!(feasible, [false, true], "8 GB carries a config, 1 GB does not");
    assert!(tuning.machines[1].reasons.contains_key("batch_sizes.high"));
}

shape!(Comparison {
    schema: String, verdict: String, base: Vec<String>, new: Vec<String>, rows: Vec<Row>, missing: Vec<String>,
    notes: Vec<String>, skipped: Vec<Skipped>,
});
shape!(Row {
    measure: String, operation: Nullable<String>, base: Nullable<Side>, new: Nullable<Side>, change: Nullable<f64>,
    tolerance: Nullable<f64>, verdict: String, reason: Nullable<String>,
});
shape!(Side { runs: u64, mean: f64, low: f64, high: f64 });

#[test]
fn a_comparison_has_its_promised_shape() {
    let runs = "fixtures/runs/workforce";
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    let output = command.args(["compare", "--format", "json", runs, "--", runs]).current_dir(root()).output();
    let text = String::from_utf8(output.expect("memtool starts").stdout).expect("text");
    let comparison: Comparison =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(comparison.schema, "memtool.comparison/1");
    assert!(["no_worse", "regression", "inconclusive"].contains(&comparison.verdict.as_str()));
    assert!(
        comparison
            .rows
            .iter()
            .any(|row| row.measure == "peak" && matches!(row.operation, Nullable::Null(())))
    );
}

shape!(Recommendations {
    schema: String, config: Vec<String>, recommendations: Vec<Recommendation>, skipped: Vec<Skipped>,
});
shape!(Recommendation {
    path: String, kind: Kind, severity: Severity, confidence: f64, evidence: Evidence, action: String,
    estimated_savings_mb: Nullable<Interval>, savings_withheld: Nullable<String>,
});

#[test]
fn recommendations_have_their_promised_shape() {
    let config = "fixtures/configs/ignored_place.yaml";
    let report: Recommendations = json(&["recommendations", "--config", config, "fixtures/runs"]);
    assert_eq!(report.schema, "memtool.recommendations/1");
    assert!(!report.config.is_empty() && !report.recommendations.is_empty());
}

shape!(ConfigCheck {
    schema: String, path: String, placement: Place, valid: bool, problems: Vec<String>, notes: Vec<String>,
    defaulted: Vec<String>,
});

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Place {
    Optimization,
    Root,
    Ignored,
    Missing,
}

#[test]
fn a_config_check_has_its_promised_shape() {
    for (file, place, valid) in
        [("simulation", Place::Optimization, true), ("ignored_place", Place::Ignored, false)]
    {
        let check: ConfigCheck = json(&["check-config", &format!("fixtures/configs/{file}.yaml")]);
        assert_eq!(
            (check.schema.as_str(), check.placement, check.valid),
            ("memtool.config-check/1", place, valid)
        );
    }
}

shape!(CheckUp { schema: String, can_record: bool, machine: CheckedMachine });
shape!(CheckedMachine {
    cores: Nullable<u64>, total_mb: Nullable<f64>, rss_source: String, rss_fault: Nullable<String>,
    available_mb: Nullable<f64>, limit_mb: Nullable<f64>, limit_source: Nullable<String>, cgroup: String,
    cgroup_limit_mb: Nullable<f64>, exact_peaks: bool, exact_peaks_fault: Nullable<String>,
    memory_pressure_percent: Nullable<f64>, children: bool, reports: String, reports_fault: Nullable<String>,
    sample_us: Nullable<f64>, late_ms: f64,
});

#[test]
fn a_check_up_has_its_promised_shape() {
    let check_up: CheckUp = json(&["doctor"]);
    assert_eq!((check_up.schema.as_str(), check_up.can_record), ("memtool.doctor/1", true));
}

shape!(MemoryRequest {
    schema: String,
    risk: f64,
    groups: Vec<GroupRequest>,
    schedules: Option<Vec<ScheduledGroup>>,
});
shape!(ScheduledGroup {
    group: String,
    runs: u64,
    schedule: Nullable<Schedule>,
    reason: String,
    backtest: Nullable<ScheduleBacktest>,
});
shape!(Schedule { steps: Vec<Step> });
shape!(Step { from_s: f64, memory_mb: f64 });
shape!(ScheduleBacktest {
    runs: u64,
    waste_gb_h: f64,
    failed: u64,
    krr_waste_gb_h: f64,
    exact_constant_gb_h: f64,
});
shape!(GroupRequest {
    group: String, runs: u64, killed: u64, unfinished: u64, memory_mb: Nullable<f64>, rule: Nullable<String>, reason: String, largest_mb: f64,
    measures: Vec<String>, alternatives: Vec<Alternative>, backtest: Nullable<SizeBacktest>, containers: Option<Containers>,
});
shape!(Containers { namespace: String, workload: Workload, name: String, restarts: Nullable<u64> });
shape!(Workload { kind: Option<String>, name: String });
shape!(Alternative { rule: String, memory_mb: f64, would_fail: u64 });
shape!(SizeBacktest { runs: u64, own: Outcome, krr: Outcome, vpa: Outcome, requested: Nullable<Outcome> });
shape!(Outcome { waste_gb_h: f64, failed: u64, failures: u64 });

#[test]
fn a_memory_request_has_its_promised_shape() {
    let report: MemoryRequest = json(&["request", "fixtures/runs/workforce"]);
    assert_eq!(report.schema, "memtool.request/1");
    assert!(report.groups.iter().all(|group| !group.reason.is_empty()), "{report:?}");
}

shape!(Check {
    schema: String, answer: String, runs: u64, rows: Vec<CheckRow>, skipped: Vec<Skipped>,
});
shape!(CheckRow {
    job: Nullable<String>, operation: Nullable<String>, rule: String, verdict: String, asked: String,
    found: Nullable<f64>, path: String, change: Nullable<Change>, reason: String,
});
shape!(Change {
    measure: String, base: Side, new: Side, change: f64, tolerance: f64, matters: f64,
    runs_needed: Nullable<RunsNeeded>,
});
shape!(RunsNeeded { base: u64, new: u64 });
shape!(SavedBaseline { schema: String, jobs: Vec<JobBaseline> });
shape!(JobBaseline {
    job: Nullable<String>, machine: MachineKind, measure: String, runs: u64, adaptive: bool, items: Vec<(f64, u64)>,
    measures: Vec<MeasureSketch>,
});
shape!(MachineKind { cores: Nullable<u64>, total_mb: Nullable<f64>, limit_mb: Nullable<f64> });
shape!(MeasureSketch { measure: String, operation: Nullable<String>, values: Vec<(f64, u64)> });

#[test]
fn a_check_and_its_baseline_have_their_promised_shape() {
    let folder = tempfile::tempdir().expect("a folder");
    let baseline = folder.path().join("baseline.json").to_string_lossy().into_owned();
    let runs = "fixtures/runs/workforce";
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    let saved =
        command.args(["baseline", "save", runs, "--baseline", &baseline]).current_dir(root()).output();
    assert!(saved.expect("memtool starts").status.success());
    let shown: SavedBaseline = json(&["baseline", "show", "--baseline", &baseline]);
    assert_eq!(shown.schema, "memtool.baseline/1");
    assert!(shown.jobs.iter().all(|job| !job.measures.is_empty()));
    let check: Check = json(&["check", runs, "--baseline", &baseline]);
    assert_eq!(check.schema, "memtool.check/1");
    assert!(check.rows.iter().any(|row| row.rule == "peak_change"), "{:?}", check.rows);
}

shape!(ReportData {
    schema: String, jobs: Vec<JobSummary>, runs: Vec<RunPage>, predictions: Vec<Prediction>,
    tuning: Nullable<Tuning>, skipped: Vec<Skipped>,
});
shape!(JobSummary { job: Nullable<String>, runs: Vec<u64>, change: Nullable<JobChange> });
shape!(JobChange { run: u64, comparison: ComparedRuns });
shape!(ComparedRuns {
    verdict: String, base: Vec<String>, new: Vec<String>, rows: Vec<Row>, missing: Vec<String>, notes: Vec<String>,
});
shape!(RunPage {
    path: String, run: String, job: Nullable<String>, format: String, origin: Nullable<Origin>, task: Nullable<Task>,
    started: String, samples: u64, duration_s: f64, peak_rss_mb: f64,
    peak_source: String, fate: Nullable<serde_json::Value>, peak_at_s: f64, limit_mb: Nullable<f64>,
    mean_rss_mb: f64, time_weighted_mean_rss_mb: f64, p50_rss_mb: f64, p95_rss_mb: f64,
    p99_rss_mb: f64, time_share: TimeShare, coverage: f64, thresholds_mb: Nullable<Thresholds>, batch_sizes: Vec<u32>,
    operations: Vec<Operation>, leak: Leak, findings: Vec<Finding>, assumed: Vec<String>, warnings: Vec<String>,
    warning_codes: Vec<String>, course: Course,
});
shape!(Course {
    end_s: f64, quantity: String, levels: Levels, memory: Line, children: Line, heap: Line, batch_size: Line,
    fallback: Vec<Span>, operations: Vec<OperationSpan>, operations_total: u64, batches: Vec<BatchSpan>,
    batches_total: u64, collections: Vec<f64>, collections_total: u64, decisions: Vec<DecisionMark>,
    decisions_total: u64,
});
shape!(Levels {
    moderate: Nullable<f64>, high: Nullable<f64>, critical: Nullable<f64>, gc_trigger: Nullable<f64>,
    limit: Nullable<f64>,
});
shape!(Line { seconds: Vec<f64>, values: Vec<f64> });
shape!(Span { start_s: f64, end_s: f64 });
shape!(OperationSpan { start_s: f64, end_s: f64, operation: String });
shape!(BatchSpan {
    start_s: f64, end_s: f64, items: u64, operation: Nullable<String>, peak_rss_mb: Nullable<f64>, exact: bool,
});
shape!(DecisionMark { at_s: f64, action: String, cause: String });

#[test]
fn the_data_in_a_report_has_its_promised_shape() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    let tuned = ["--simulate", "fixtures/configs/simulation.yaml", "--tune", "8gb"];
    let output = command.args(["report", "fixtures/runs/workforce", BAD, "--output", "-"]).args(tuned);
    let html =
        String::from_utf8(output.current_dir(root()).output().expect("memtool starts").stdout).expect("text");
    let data = html.split_once("id=\"data\">").and_then(|(_, rest)| rest.split_once("</script>"));
    let data: ReportData = serde_json::from_str(data.expect("data").0).expect("the shape");
    assert_eq!(data.schema, "memtool.report/1");
    assert!(matches!(data.tuning, Nullable::Value(_)) && data.predictions.len() == data.runs.len());
    assert_eq!(data.skipped.len(), 1);
    for run in &data.runs {
        let line = &run.course.memory;
        assert!(line.seconds.len() == line.values.len() && line.seconds.is_sorted(), "{}", run.path);
        assert!(line.values.iter().all(|mb| *mb <= run.peak_rss_mb + 0.01), "{}", run.path);
    }
}

shape!(Retry { schema: String, risk: f64, runs: u64, retries: Vec<RetrySize> });
shape!(RetrySize {
    group: String, attempt: Nullable<u32>, kill: MemoryKill, evidence: String, reached_mb: f64, limit_mb: Nullable<f64>,
    memory_mb: Nullable<f64>, reason: String, finished: u64,
});

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "snake_case")]
enum MemoryKill {
    No,
    Possible,
    Likely,
    Known,
}

#[test]
fn a_retry_has_its_promised_shape() {
    let report: Retry = json(&["retry-size", "fixtures/runs"]);
    assert_eq!(report.schema, "memtool.retry/1");
    assert!(report.retries.iter().any(|retry| retry.kill == MemoryKill::Likely), "{report:?}");
}

shape!(MemoryFit {
    schema: String, limit_mb: f64, risk: f64, units: Vec<UnitFit>, mix: Nullable<Mix>, left_out: Vec<String>,
});
shape!(UnitFit {
    unit: String, runs: u64, unfinished: u64, largest_mb: f64, median_mb: f64, measure: String, count: FitCount,
    by_largest: u64, by_risk: Vec<RiskCount>, curve: Vec<FitPoint>, warnings: Vec<String>,
});
shape!(FitCount { independent: u64, together: u64 });
shape!(RiskCount { risk: f64, count: FitCount });
shape!(FitPoint { count: u64, independent: f64, together: f64 });
shape!(Mix { units: Vec<String>, sets: u64, points: Vec<MixPoint> });
shape!(MixPoint { counts: [u64; 2] });

#[test]
fn a_fit_has_its_promised_shape() {
    let report: MemoryFit = json(&["fit", "--unit", "a=fixtures/runs/workforce", "--machine", "4gb"]);
    assert_eq!(report.schema, "memtool.fit/1");
    assert!(report.units[0].count.independent >= report.units[0].count.together, "{report:?}");
    let two: MemoryFit = json(&[
        "fit",
        "--unit",
        "a=fixtures/runs/workforce",
        "--unit",
        "b=fixtures/runs/workforce",
        "--machine",
        "4gb",
    ]);
    assert!(matches!(two.mix, Nullable::Value(_)));
}

shape!(Fleet { schema: String, by: String, totals: FleetTotals, groups: Vec<FleetGroup>, unreadable: Vec<String> });
shape!(FleetTotals { runs: u64, killed: u64, groups: u64, waste_gb_h: f64 });
shape!(FleetGroup {
    group: Nullable<String>, runs: u64, killed: u64, last_killed: Nullable<String>, restarts: Nullable<u64>, peak_mb: FleetPeaks,
    limit_mb: Nullable<f64>, headroom_share: Nullable<f64>, waste_gb_h: Nullable<f64>, leaks: u64, leak_share: f64,
    hours_to_limit: Nullable<f64>, first: Nullable<String>, last: Nullable<String>,
    growth_per_30_days: Nullable<Growth>, grows_steadily: bool, changes: Vec<FleetChange>, facts: Vec<FleetFact>,
});
shape!(FleetPeaks { p50: f64, p95: f64, max: f64 });
shape!(FleetChange { since: String, share: f64, version: Nullable<String>, p: f64 });
shape!(FleetFact { kind: String, text: String });

#[test]
fn a_fleet_has_its_promised_shape() {
    let report: Fleet = json(&["fleet", "fixtures/lake"]);
    assert_eq!(report.schema, "memtool.fleet/1");
    assert!(report.groups.iter().any(|group| !group.facts.is_empty()), "{report:?}");
}

/// The schema of a type as it is published: fields may be added, so that unknown ones are no fault.
fn schema<T: JsonSchema>(name: &str) -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    let mut schema = serde_json::to_value(schema).expect("JSON");
    allow_more_fields(&mut schema);
    schema["$id"] = format!("memtool.{name}/1").into();
    schema["title"] = format!("memtool.{name}/1").into();
    schema["properties"]["schema"] = serde_json::json!({ "const": format!("memtool.{name}/1") });
    serde_json::to_string_pretty(&schema).expect("JSON") + "\n"
}

fn allow_more_fields(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            if fields.get("additionalProperties") == Some(&serde_json::Value::Bool(false)) {
                fields.remove("additionalProperties");
            }
            fields.values_mut().for_each(allow_more_fields);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(allow_more_fields),
        _ => {}
    }
}

/// `MEMTOOL_SCHEMAS=overwrite` writes the files anew.
#[test]
fn the_published_schemas_are_those_of_the_types() {
    let folder = root().join("docs/schemas");
    let schemas = [
        ("analysis", schema::<Analysis>("analysis")),
        ("simulation", schema::<Simulation>("simulation")),
        ("tuning", schema::<Tuning>("tuning")),
        ("comparison", schema::<Comparison>("comparison")),
        ("request", schema::<MemoryRequest>("request")),
        ("retry", schema::<Retry>("retry")),
        ("fit", schema::<MemoryFit>("fit")),
        ("recommendations", schema::<Recommendations>("recommendations")),
        ("config-check", schema::<ConfigCheck>("config-check")),
        ("doctor", schema::<CheckUp>("doctor")),
        ("check", schema::<Check>("check")),
        ("baseline", schema::<SavedBaseline>("baseline")),
        ("report", schema::<ReportData>("report")),
        ("fleet", schema::<Fleet>("fleet")),
    ];
    for (name, text) in &schemas {
        let path = folder.join(format!("{name}.schema.json"));
        if std::env::var("MEMTOOL_SCHEMAS").is_ok_and(|value| value == "overwrite") {
            std::fs::create_dir_all(&folder).expect("made");
            std::fs::write(&path, text).expect("written");
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(&there, text, "{}: MEMTOOL_SCHEMAS=overwrite writes it anew", path.display());
    }
    let files = std::fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(files, schemas.len(), "a schema without an output");
}
