//! `memtool recommendations`: what to do next, with the evidence behind it.

use memtool_analyzer::{Finding, FindingKind, ProfileReport, Reading, Severity, Skipped, analyze};
use memtool_job_config::ConfigFile;
use serde::Serialize;

use super::{exit_for, mib, say_skipped, wrapped};
use crate::args::{Format, Recommendations};
use crate::exit::Exit;
use crate::memory;
use crate::output;
use crate::progress::Progress;
use crate::table;

/// One finding as a person reads it: what, where, the evidence, what to do.
pub(super) fn paragraph(run: &str, finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::High => "HIGH  ",
        Severity::Medium => "medium",
        Severity::Low => "low   ",
    };
    let evidence = &finding.evidence;
    let (from, to) = evidence.window_s;
    let (kind, confidence) = (finding.kind.as_str(), finding.confidence);
    // What the words around it leave of a line of 80.
    let room = (80 - "medium   in , confidence 0.95".len()).saturating_sub(kind.len());
    let run = table::shortened(&output::harmless(run), room.min(36));
    let mut page = format!("{severity}  {kind} in {run}, confidence {confidence:.2}\n");
    let interval = evidence
        .interval
        .map_or(String::new(), |(low, high)| format!(" [{} to {}]", figure(low), figure(high)));
    let seen = format!(
        "{} = {}{interval}, {} samples, {from:.1} to {to:.1} s (rule {})",
        evidence.statistic,
        figure(evidence.value),
        evidence.samples,
        evidence.rule
    );
    page.push_str(&wrapped("        ", &seen));
    page.push_str(&wrapped("        ", &format!("→ {}", output::harmless(&finding.action))));
    page
}

/// Every figure that a finding rests on, one a line, and where its rule is written down.
pub(super) fn explained(profile: &ProfileReport, finding: &Finding) -> String {
    let mut page = String::new();
    if let Some(operation) = &finding.evidence.operation {
        page.push_str(&format!("          {:<34} {}\n", "operation", output::harmless(operation)));
    }
    for (name, value) in finding.evidence.details.iter() {
        page.push_str(&format!("          {:<34} {}\n", name.replace('_', " "), figure(value)));
    }
    if finding.kind == FindingKind::MemoryLeak {
        page.push_str(&wrapped("          ", &output::harmless(&profile.leak.reason)));
    }
    if let Some(savings) = finding.estimated_savings_mb {
        let [low, middle, high] = [savings.low, savings.median, savings.high].map(figure);
        page.push_str(&format!("          would save {middle} MiB [{low} to {high}]\n"));
    }
    if let Some(reason) = &finding.savings_withheld {
        page.push_str(&wrapped("          ", &format!("no savings are named: {reason}")));
    }
    page.push_str(&format!("          the rule: docs/findings/{}.md\n", finding.kind.as_str()));
    page
}

/// A figure with as many places as its size needs.
fn figure(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 1.0 => 1,
        _ => 3,
    };
    let text = format!("{value:.places$}");
    if text == "-0.000" { "0.000".to_owned() } else { text }
}

/// The shape of `recommendations --format json`.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    /// What the config itself calls for.
    config: Vec<String>,
    /// What the runs call for, the most pressing first.
    recommendations: Vec<Recommendation<'a>>,
    skipped: &'a [Skipped],
}

#[derive(Serialize)]
struct Recommendation<'a> {
    path: &'a str,
    #[serde(flatten)]
    finding: &'a Finding,
}

pub(crate) fn run(args: &Recommendations) -> anyhow::Result<Exit> {
    let config = args.config.as_deref().map(super::check_config::read).transpose()?;
    let bar = Progress::files();
    let analysis = analyze(
        &args.paths,
        Reading { recompute: false, files: Some(memory::given(None)).into() },
        |done, of| bar.at(done, of),
    )?;
    drop(bar);
    say_skipped(&analysis.skipped);
    if !args.paths.is_empty() && analysis.profiles.is_empty() {
        return Ok(exit_for(0));
    }
    let advice = config.map(|file| config_advice(&file, &analysis.profiles)).unwrap_or_default();
    let ranked = ranked(&analysis.profiles);
    match args.format {
        Format::Json => output::print_json(&Report {
            schema: "memtool.recommendations/1",
            config: advice,
            recommendations: ranked
                .iter()
                .map(|(profile, finding)| Recommendation { path: &profile.path, finding })
                .collect(),
            skipped: &analysis.skipped,
        })?,
        Format::Text => output::print(&page(&advice, &ranked))?,
    }
    Ok(Exit::Done)
}

/// All findings, the most severe and surest first.
pub(super) fn ranked(profiles: &[ProfileReport]) -> Vec<(&ProfileReport, &Finding)> {
    let mut all: Vec<(&ProfileReport, &Finding)> = profiles
        .iter()
        .flat_map(|profile| profile.findings.iter().map(move |finding| (profile, finding)))
        .collect();
    all.sort_by(|(_, a), (_, b)| a.severity.cmp(&b.severity).then(b.confidence.total_cmp(&a.confidence)));
    all
}

/// What a config calls for in the light of the runs.
fn config_advice(file: &ConfigFile, profiles: &[ProfileReport]) -> Vec<String> {
    let mut advice: Vec<String> = file.notes.iter().map(ToString::to_string).collect();
    advice.extend(file.config.validate(file.memory_limit()).iter().map(ToString::to_string));
    let in_force = file.in_force();
    let moderate = in_force.thresholds.moderate_mb.get();
    let peak = profiles.iter().map(|p| p.peak_rss_mb).fold(0.0, f64::max);
    if !profiles.is_empty() && peak < moderate {
        advice.push(format!(
            "no run came near a threshold: the largest peak is {} MiB and moderate_mb is {}, so the policy never acted; \
             `memtool tune` says what the machine could carry",
            mib(peak),
            mib(moderate)
        ));
    }
    let differ =
        |p: &&ProfileReport| p.thresholds_mb.is_some_and(|own| (own.moderate - moderate).abs() > 0.5);
    let others = profiles.iter().filter(differ).count();
    if others > 0 {
        advice.push(format!(
            "{others} of {} runs were made with other thresholds than this config's",
            profiles.len()
        ));
    }
    advice
}

fn page(advice: &[String], ranked: &[(&ProfileReport, &Finding)]) -> String {
    let mut page = String::new();
    for line in advice {
        page.push_str("config\n");
        page.push_str(&wrapped("        ", &output::harmless(line)));
    }
    for (profile, finding) in ranked {
        page.push_str(&paragraph(&profile.run, finding));
    }
    if page.is_empty() {
        page.push_str("Nothing to recommend.\n");
    }
    page
}
