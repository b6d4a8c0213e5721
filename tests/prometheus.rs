//! What Prometheus is given, and what reads it: rules and alerts, the dashboard, the table in the docs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use memtool_profile_model::metrics::{Metric, MetricKind};
use serde_json::{Value, json};

use crate::fixtures::root;
use crate::made_docs::{hold, with_lines};

/// The filter of these tests.
const TESTS: &str = "prometheus";

/// The rules that the dashboard shows above the metrics: name, title, unit.
const RULES: [(&str, &str, &str); 2] = [
    ("memtool:rss:limit_ratio", "Share of the memory limit in use.", "percentunit"),
    ("memtool:limit:seconds", "Time until the limit is reached, as memory grows now.", "s"),
];

/// A chart of the dashboard: two of them side by side.
fn panel(place: usize, expression: &str, title: &str, unit: &str) -> Value {
    let is_of = |metric: Metric| expression.contains(metric.name());
    let legend = if is_of(Metric::PressureLevel) {
        "{{job}} {{run}} {{level}}"
    } else if is_of(Metric::Advice) {
        "{{job}} {{run}} {{kind}}"
    } else {
        "{{job}} {{run}}"
    };
    json!({
        "id": place + 1,
        "type": "timeseries",
        "title": title,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "gridPos": {"x": place % 2 * 12, "y": place / 2 * 8, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "expr": expression, "legendFormat": legend}],
    })
}

/// What Grafana calls the unit of a metric.
fn unit(metric: Metric) -> &'static str {
    match metric.unit() {
        Some("bytes") => "bytes",
        Some("ratio") => "percentunit",
        Some("seconds") => "s",
        _ if metric.kind() == MetricKind::Counter => "cps",
        _ => "short",
    }
}

/// What a chart of the metric asks for.
fn expression(metric: Metric) -> String {
    let series = format!("{}{CHOSEN}", metric.name());
    match metric {
        Metric::LastSample => format!("time() - {series}"),
        _ if metric.kind() == MetricKind::Counter => format!("rate({series}[$__rate_interval])"),
        _ => series,
    }
}

/// The jobs and machines that the dashboard's reader chose.
const CHOSEN: &str = r#"{job=~"$job",machine=~"$machine"}"#;

fn choice(label: &str) -> Value {
    let query = format!("label_values({}, {label})", Metric::Rss.name());
    json!({
        "name": label,
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "query": {"query": query, "refId": "values"},
        "refresh": 2,
        "multi": true,
        "includeAll": true,
        "allValue": ".*",
    })
}

fn dashboard() -> String {
    let rules = RULES.map(|(name, title, unit)| (format!("{name}{CHOSEN}"), title, unit));
    let metrics = Metric::ALL.iter().map(|metric| (expression(*metric), metric.help(), unit(*metric)));
    let panels = rules.into_iter().chain(metrics).enumerate();
    let panels: Vec<Value> =
        panels.map(|(place, (expression, title, unit))| panel(place, &expression, title, unit)).collect();
    let dashboard = json!({
        "uid": "memtool",
        "title": "memtool",
        "schemaVersion": 39,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus"},
            choice("job"),
            choice("machine"),
        ]},
        "panels": panels,
    });
    format!("{}\n", serde_json::to_string_pretty(&dashboard).expect("JSON"))
}

fn file(name: &str) -> String {
    fs::read_to_string(root().join("docs/prometheus").join(name)).expect("a file")
}

/// Runs promtool, where it is installed (Debian: `apt-get install prometheus`).
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn promtool(args: &[&str], input: &Path) -> Option<Output> {
    let mut command = Command::new("promtool");
    command.args(args).current_dir(root()).stdin(fs::File::open(input).expect("a file"));
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("SKIPPED: promtool {}: {error}", args.join(" "));
            None
        }
    }
}

fn passes(args: &[&str], input: &Path) {
    let Some(output) = promtool(args, input) else { return };
    let told =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "promtool {}: {told}", args.join(" "));
}

/// The names of metrics in a text.
fn names(text: &str) -> Vec<&str> {
    let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':');
    text.split(part).filter(|word| word.starts_with("memtool_")).collect()
}

#[test]
fn the_dashboard_and_the_docs_hold_every_metric() {
    hold("docs/prometheus/dashboard.json", &dashboard(), TESTS);
    let mut rows = vec!["| metric | kind | what it is |".to_owned(), "|---|---|---|".to_owned()];
    rows.extend(
        Metric::ALL.iter().map(|metric| {
            format!("| `{}` | {} | {} |", metric.name(), metric.kind().as_str(), metric.help())
        }),
    );
    let page = "docs/prometheus.md";
    hold(page, &with_lines(page, "metrics: made from the list", &rows), TESTS);
}

#[test]
fn rules_name_metrics_that_exist() {
    let known = |name: &str| Metric::ALL.iter().any(|metric| metric.name() == name);
    for rules in ["rules.yml", "alerts.yml", "tests.yml"] {
        let text = file(rules);
        let unknown: Vec<&str> = names(&text).into_iter().filter(|name| !known(name)).collect();
        assert!(names(&text).len() >= 4 && unknown.is_empty(), "{rules}: {unknown:?}");
    }
    for (rule, ..) in RULES {
        assert!(file("rules.yml").contains(&format!("record: {rule}\n")), "{rule}");
    }
}

#[test]
fn promtool_passes_rules_and_alerts() {
    let folder = Path::new("docs/prometheus");
    for (check, file) in [("check", "rules.yml"), ("check", "alerts.yml"), ("test", "tests.yml")] {
        let path = folder.join(file);
        passes(&[check, "rules", path.to_str().expect("text")], &root().join(&path));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_recorded_job_leaves_figures_that_name_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let metrics = folder.path().join("job.prom");
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.args(["record", "--quiet", "--job", "etl", "--machine", "lab-1", "--metrics-file"]).arg(&metrics);
    command.args(["--", "sh", "-c", "sleep 0.3; exit 3"]).current_dir(folder.path());
    assert_eq!(command.status().expect("memtool starts").code(), Some(3));
    let text = fs::read_to_string(&metrics).expect("figures");
    let values: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for line in &values {
        assert!(line.contains("{job=\"etl\",run=\"") && line.contains("\",machine=\"lab-1\""), "{line}");
        let name = names(line)[0];
        assert!(Metric::ALL.iter().any(|metric| metric.name() == name), "{line}");
    }
    let has = |name: &str, value: &str| {
        values.iter().any(|line| line.starts_with(&format!("{name}{{")) && line.ends_with(value))
    };
    assert!(has("memtool_exit_code", " 3") && has("memtool_recording", " 0"), "{text}");
    assert!(has("memtool_last_sample_timestamp_seconds", ""), "{text}");
    passes(&["check", "metrics"], &metrics);
}

#[test]
fn a_converted_run_becomes_blocks() {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, blocks) = (folder.path().join("text"), folder.path().join("blocks"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.args([
        "convert",
        "--to",
        "prometheus",
        "fixtures/recorded/memory_stream_fixed_250.ndjson",
        "--output",
    ]);
    assert!(command.arg(&text).current_dir(root()).status().expect("memtool starts").success());
    let mut files = fs::read_dir(&text).expect("a folder").map(|entry| entry.expect("an entry").path());
    let file = files.next().expect("a file");
    let (file_text, blocks) = (file.to_str().expect("text"), blocks.to_str().expect("text"));
    passes(&["tsdb", "create-blocks-from", "openmetrics", file_text, blocks], &file);
}
