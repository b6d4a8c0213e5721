//! What `tune` says to people: the machines, the proof beside them, the reason for each number.

use memtool_analyzer::size_rules::SIZE_RULES;
use memtool_analyzer::tune::{Backtest, Score};
use memtool_analyzer::{MachineRow, TuningReport};

use crate::output;
use crate::table::{self, Field, Tone, number, text};
use crate::text::{mib, percent, wrapped};

/// Numbers whose reasons are told whether they have an effect or not.
const ALWAYS_TOLD: &str = "batch_sizes.high";

pub(crate) fn page(report: &TuningReport, warnings: &[String], pareto: bool) -> String {
    let columns = [
        text("machine"),
        number("usable"),
        number("batch"),
        number("moderate"),
        number("high"),
        number("critical"),
        number("peak"),
        number("at most"),
        number("speed"),
    ];
    let mut page = table::render(&columns, report.machines.iter().map(fields).collect());
    page.push_str("\nsizes in MiB; batch: the largest size allowed; at most: passed with the stated\n");
    page.push_str("risk only; speed: of the fastest size that fits, in the slowest quarter of runs\n");
    if let Some(leak) = &report.leak {
        page.push_str(&wrapped("leak: ", &output::harmless(leak)));
    }
    for row in &report.machines {
        page.push_str(&machine(row, pareto));
    }
    for warning in warnings.iter().chain(&report.notes) {
        page.push_str(&wrapped("note: ", &output::harmless(warning)));
    }
    page
}

fn fields(row: &MachineRow) -> Vec<Field> {
    let mut fields: Vec<Field> = vec![row.machine.clone().into(), mib(row.usable_mb).into()];
    let (Some(config), Some(expected)) = (&row.chosen, &row.expected) else {
        fields.push(Field("refused".into(), Tone::Bad));
        fields.extend((0..6).map(|_| Field::from("-")));
        return fields;
    };
    let thresholds = &config.thresholds;
    fields.push(config.batch_sizes.high.to_string().into());
    fields.push(mib(thresholds.moderate_mb.get()).into());
    fields.push(mib(thresholds.high_mb.get()).into());
    fields.push(mib(thresholds.critical_mb.get()).into());
    fields.push(mib(expected.median_mb).into());
    fields.push(mib(expected.peak_upper_mb).into());
    let mark = if expected.speed_measured { "" } else { " ?" };
    fields.push(format!("{}{mark}", percent(expected.speed)).into());
    fields
}

fn machine(row: &MachineRow, pareto: bool) -> String {
    let mut page = format!("\n{}\n", row.machine);
    match &row.refused {
        Some(refused) => page.push_str(&wrapped("  refused: ", &output::harmless(refused))),
        None => page.push_str(&reasons(row)),
    }
    page.push_str(&proof(row));
    if pareto && !row.pareto.is_empty() {
        page.push_str(&front(row));
    }
    if let Some(path) = &row.config_path {
        page.push_str(&format!("  written to {path}, with the reason for every number\n"));
    }
    page
}

fn reasons(row: &MachineRow) -> String {
    let mut page = String::new();
    for p in row.provenance.iter().filter(|p| p.has_effect || p.parameter == ALWAYS_TOLD) {
        let lead = format!("  {} {}: ", p.parameter, mib(p.value));
        page.push_str(&wrapped(&lead, &output::harmless(&p.reason)));
    }
    let inert: Vec<String> = row
        .provenance
        .iter()
        .filter(|p| !p.has_effect && p.parameter != ALWAYS_TOLD)
        .map(|p| format!("{} {}", p.parameter.rsplit('.').next().unwrap_or(p.parameter), mib(p.value)))
        .collect();
    if !inert.is_empty() {
        page.push_str(&wrapped("  no effect on these runs: ", &inert.join(", ")));
    }
    for setting in
        ["auto_gc_enabled", "available_limits", "memtool.hysteresis.margin_mb", "memtool.gc_cooldown_share"]
    {
        if let Some(reason) = row.reasons.get(setting) {
            page.push_str(&wrapped(&format!("  {setting}: "), &output::harmless(reason)));
        }
    }
    if let Some(minutes) = row.expected.and_then(|e| e.minutes_to_limit) {
        page.push_str(&format!("  with this leak a run reaches the limit after {minutes:.0} minutes\n"));
    }
    if row.expected.is_some_and(|e| !e.search_completed) {
        page.push_str("  the time budget ended before the search: the best so far\n");
    }
    page
}

/// The back-test, and what simpler rules would have come to.
fn proof(row: &MachineRow) -> String {
    let columns = [
        text("  backtest"),
        number("gives"),
        number("left out"),
        number("violated"),
        number("slack"),
        text(""),
    ];
    let b = &row.backtest;
    let own = Score { runs: b.runs, violations: b.violations, slack_mb: b.slack_mb };
    let bound = row.expected.map(|expected| expected.peak_upper_mb);
    let mut rows = vec![
        score("  tuned, run by run", bound, &own, ""),
        score("  tuned, by config", bound, &b.by_config, ""),
    ];
    let defaults = [("existing defaults", row.baselines.existing_defaults)];
    let rules =
        SIZE_RULES.iter().map(|rule| (rule.title, row.baselines.rules.get(rule.name).copied().flatten()));
    for (title, rule) in defaults.into_iter().chain(rules) {
        let Some(rule) = rule else { continue };
        let remark = if rule.fits { "" } else { "does not fit" };
        rows.push(score(&format!("  {title}"), Some(rule.limit_mb), &rule.backtest, remark));
    }
    let mut page = table::render(&columns, rows);
    page.push_str(&wrapped("  ", &said(b)));
    page
}

fn score(name: &str, gives: Option<f64>, score: &Score, remark: &str) -> Vec<Field> {
    let tone = if score.violations > 0 { Tone::Bad } else { Tone::Plain };
    vec![
        name.into(),
        gives.map_or("-".into(), mib).into(),
        score.runs.to_string().into(),
        Field(score.violations.to_string(), tone),
        score.slack_mb.map_or("-".into(), mib).into(),
        remark.into(),
    ]
}

fn said(backtest: &Backtest) -> String {
    let mut parts = Vec::new();
    if let Some(error) = backtest.median_error {
        parts.push(format!("median error of a left-out peak {:.1} %", 100.0 * error));
    }
    if let Some(below) = backtest.violation_share_below {
        parts.push(format!("the true share of violations is below {} with 95 % confidence", percent(below)));
    }
    if let Some(p) = backtest.kupiec_p.filter(|p| *p < 0.05) {
        parts.push(format!("so many violations do not agree with the stated risk (p = {p:.3})"));
    }
    parts.extend(backtest.note.as_ref().map(|note| output::harmless(note)));
    parts.join("; ")
}

fn front(row: &MachineRow) -> String {
    let columns =
        [text("  speed against memory"), number("batch"), number("at most"), number("speed"), text("")];
    let rows = row.pareto.iter().map(|point| {
        let b = &point.config.batch_sizes;
        vec![
            format!("  {}/{}/{}/{}", b.fallback, b.low, b.medium, b.high).into(),
            b.high.to_string().into(),
            mib(point.peak_upper_mb).into(),
            format!("{:.1} %", 100.0 * point.speed).into(),
            if point.knee { "knee" } else { "" }.into(),
        ]
    });
    table::render(&columns, rows.collect())
}
