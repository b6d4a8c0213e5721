//! The text output of `tune`: the machines, the reason for each value, the back-test.

use memtool_analyzer::memory_model::ModelWarning;
use memtool_analyzer::request::COMPARED;
use memtool_analyzer::tune::{Backtest, NeededMemory, OperationSize, Score};
use memtool_analyzer::{MachineRow, TuningReport};

use crate::escape;
use crate::table::{self, Field, Tone, number, text};
use crate::text::{count, counted, hundredths, mib, percent, wrapped};

/// The setting whose reason is printed whether it has an effect or not.
const ALWAYS_PRINTED: &str = "batch_sizes.high";

/// What a job without batches needs, in place of the configs.
fn needed_page(report: &TuningReport, needed: &NeededMemory) -> String {
    let columns = [text("machine"), number("usable"), number("needs"), text("fits")];
    let row = |row: &MachineRow| {
        let fits = needed.limit_mb <= row.usable_mb;
        let verdict = if fits { Field("yes".into(), Tone::Good) } else { Field("no".into(), Tone::Bad) };
        vec![row.machine.clone().into(), mib(row.usable_mb).into(), mib(needed.limit_mb).into(), verdict]
    };
    let mut page = table::render(&columns, report.machines.iter().map(row).collect());
    page.push('\n');
    page.push_str(&wrapped("needs: ", &need_in_words(needed)));
    page.push_str(&wrapped("batches: ", HOW_TO_RECORD));
    page
}

/// The limit, what it rests on and why.
fn need_in_words(needed: &NeededMemory) -> String {
    let peaked = if needed.exact { "peaked at" } else { "peaked at or above" };
    let leak = if needed.leak_mb >= 1.0 {
        format!(" and {} MiB for the growth of a leak", mib(needed.leak_mb))
    } else {
        String::new()
    };
    format!(
        "a limit of {} MiB, which at most {} of further runs reach. {} {peaked} {} MiB; the rule is \"{}\"{leak}: {} \
         (`memtool request` shows how it did on these runs)",
        mib(needed.limit_mb),
        percent(needed.risk),
        counted(needed.runs, "recorded run"),
        mib(needed.largest_mb),
        needed.rule,
        needed.reason
    )
}

/// How a job is recorded so that batch sizes can be chosen.
const HOW_TO_RECORD: &str = "no batch size was recorded, so there is no config. To have sizes chosen, mark each batch with the \
    recorder in the job (`with manager.batch(operation, items=n)` in Python, `recorder.batch(operation, n)` in Rust), run it \
    with two sizes, and tune both recordings";

/// The whole page. `pareto` adds the configs between the smallest peak and the fastest.
pub(crate) fn page(report: &TuningReport, warnings: &[ModelWarning], pareto: bool) -> String {
    let mut page = match &report.needed {
        Some(needed) => needed_page(report, needed),
        None => configs_page(report),
    };
    if let Some(leak) = &report.leak {
        page.push_str(&wrapped("leak: ", &escape::control(leak)));
    }
    let configs = report.machines.iter().filter(|_| report.needed.is_none());
    configs.for_each(|row| page.push_str(&machine(row, pareto)));
    let of_model = warnings.iter().filter(|_| report.needed.is_none()).map(ToString::to_string);
    for note in of_model.chain(report.notes.iter().cloned()) {
        page.push_str(&wrapped("note: ", &escape::control(&note)));
    }
    page
}

/// The configs as a table.
fn configs_page(report: &TuningReport) -> String {
    let bound = bound_title(report);
    let columns = [
        text("machine"),
        number("usable"),
        number("batch"),
        number("moderate"),
        number("high"),
        number("critical"),
        number("peak"),
        number(&bound),
        number("speed"),
    ];
    let mut page = table::render(&columns, report.machines.iter().map(fields).collect());
    page.push_str(&legend(report));
    page
}

/// The title of the column with the upper bounds: `peak ≤ (99 %)` for a risk of 1 %.
fn bound_title(report: &TuningReport) -> String {
    let risk = report.machines.iter().find_map(|row| row.expected).map_or(0.01, |expected| expected.risk);
    format!("peak ≤ ({} %)", hundredths(100.0 * (1.0 - risk)))
}

fn legend(report: &TuningReport) -> String {
    let text = format!(
        "sizes in MiB; batch: the largest size allowed; {}: upper bound of the peak, exceeded with probability --risk; \
         speed: relative to the fastest batch size that fits, in the slowest 25 % of runs",
        bound_title(report)
    );
    format!("\n{}", wrapped("", &text))
}

fn fields(row: &MachineRow) -> Vec<Field> {
    let mut fields: Vec<Field> = vec![row.machine.clone().into(), mib(row.usable_mb).into()];
    let (Some(config), Some(expected)) = (&row.chosen, &row.expected) else {
        fields.push(Field("refused".into(), Tone::Bad));
        fields.extend((0..6).map(|_| Field::from("-")));
        return fields;
    };
    let thresholds = &config.thresholds;
    fields.push(count(config.batch_sizes.high).into());
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
        Some(refused) => page.push_str(&wrapped("  refused: ", &escape::control(refused))),
        None => page.push_str(&reasons(row)),
    }
    if let Some(next_run) = &row.next_run {
        // On a line of its own, unbroken: to be copied.
        page.push_str(&format!("  before the next run: {}\n", next_run.command));
    }
    page.push_str(&proof(row));
    if pareto && !row.pareto.is_empty() {
        page.push_str(&front(row));
    }
    if let Some(path) = &row.config_path {
        page.push_str(&format!("  written to {path}, with the reason for every value\n"));
    }
    page
}

fn reasons(row: &MachineRow) -> String {
    let mut page = operations(row);
    for p in row.provenance.iter().filter(|p| p.has_effect || p.parameter == ALWAYS_PRINTED) {
        let lead = format!("  {} {}: ", p.parameter, mib(p.value));
        page.push_str(&wrapped(&lead, &escape::control(&p.reason)));
    }
    let inert: Vec<String> = row
        .provenance
        .iter()
        .filter(|p| !p.has_effect && p.parameter != ALWAYS_PRINTED)
        .map(|p| format!("{} {}", p.parameter.rsplit('.').next().unwrap_or(p.parameter), mib(p.value)))
        .collect();
    if !inert.is_empty() {
        page.push_str(&wrapped("  no effect on these runs: ", &inert.join(", ")));
    }
    for setting in
        ["auto_gc_enabled", "available_limits", "memtool.hysteresis.margin_mb", "memtool.gc_cooldown_share"]
    {
        if let Some(reason) = row.reasons.get(setting) {
            page.push_str(&wrapped(&format!("  {setting}: "), &escape::control(reason)));
        }
    }
    if let Some(minutes) = row.expected.and_then(|e| e.minutes_to_limit) {
        page.push_str(&format!("  with this leak a run reaches the limit after {minutes:.0} minutes\n"));
    }
    if row.expected.is_some_and(|e| !e.search_completed) {
        page.push_str("  --budget ended the search: this is the best config found by then\n");
    }
    page
}

/// Which operation limits the size for all, and the size of each where they differ.
fn operations(row: &MachineRow) -> String {
    let Some(binding) = row.operations.iter().find(|operation| operation.binding) else {
        return String::new();
    };
    let first = row.operations.first().and_then(|operation| operation.batch_size);
    let apart = row.operations.iter().any(|operation| operation.batch_size != first);
    let size = |operation: &OperationSize| {
        let size = operation.batch_size.map_or_else(|| "none that is known to fit".to_owned(), count);
        let bound =
            operation.peak_upper_mb.map_or_else(String::new, |mb| format!(" (peak at most {})", mib(mb)));
        format!("{} {size}{bound}", operation.operation)
    };
    let mut text = format!(
        "{} needs the most and limits the size for all (peak at most {} MiB there)",
        binding.operation,
        mib(binding.peak_upper_at_chosen_mb)
    );
    if apart {
        let sizes: Vec<String> = row.operations.iter().map(size).collect();
        text.push_str(&format!(
            "; each by itself: {}. One config holds one size for all: give `batch` the size of its operation, or let the \
             recorder predict it (`predictive`)",
            sizes.join(", ")
        ));
    }
    wrapped("  operations: ", &escape::control(&text))
}

/// The back-test, and what simpler rules would have come to.
fn proof(row: &MachineRow) -> String {
    let columns = [
        text("  backtest"),
        number("request"),
        number("left out"),
        number("violated"),
        number("unused"),
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
    let rules = COMPARED.map(|(key, rule)| (rule.name, row.baselines.rules.get(key).copied().flatten()));
    for (title, rule) in defaults.into_iter().chain(rules) {
        let Some(rule) = rule else { continue };
        let remark = if rule.fits { "" } else { "does not fit" };
        rows.push(score(&format!("  {title}"), Some(rule.limit_mb), &rule.backtest, remark));
    }
    let mut page = table::render(&columns, rows);
    page.push_str(&wrapped("  ", &summary(b)));
    page
}

fn score(name: &str, request: Option<f64>, score: &Score, remark: &str) -> Vec<Field> {
    let tone = if score.violations > 0 { Tone::Bad } else { Tone::Plain };
    vec![
        name.into(),
        request.map_or("-".into(), mib).into(),
        count(score.runs).into(),
        Field(count(score.violations), tone),
        score.slack_mb.map_or("-".into(), mib).into(),
        remark.into(),
    ]
}

fn summary(backtest: &Backtest) -> String {
    let mut parts = Vec::new();
    if let Some(error) = backtest.median_error {
        parts.push(format!("median error of a left-out peak {:.1} %", 100.0 * error));
    }
    if let Some(below) = backtest.violation_share_below {
        parts.push(format!("the true share of violations is below {} with 95 % confidence", percent(below)));
    }
    if let Some(p) = backtest.kupiec_p.filter(|p| *p < 0.05) {
        parts.push(format!("the count of violations does not agree with the stated risk (p = {p:.3})"));
    }
    parts.extend(backtest.note.as_ref().map(|note| escape::control(note)));
    parts.join("; ")
}

fn front(row: &MachineRow) -> String {
    let columns =
        [text("  speed against memory"), number("batch"), number("peak ≤"), number("speed"), text("")];
    let rows = row.pareto.iter().map(|point| {
        let b = &point.config.batch_sizes;
        vec![
            format!("  {}/{}/{}/{}", b.fallback, b.low, b.medium, b.high).into(),
            count(b.high).into(),
            mib(point.peak_upper_mb).into(),
            format!("{:.1} %", 100.0 * point.speed).into(),
            if point.knee { "knee" } else { "" }.into(),
        ]
    });
    table::render(&columns, rows.collect())
}
