//! `memtool recommendations`: what to do next, with the evidence.

use memtool_analyzer::{Finding, ProfileReport, Reading, Reports, ReportsError, Skipped, analyze};
use memtool_job_config::ConfigFile;
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use super::{exit_for, mib, report_skipped, wrapped};
use crate::args::{Format, Recommendations};
use crate::config_file;
use crate::escape;
use crate::exit::Exit;
use crate::finding_ranks::{FindingRanks, RankedFinding};
use crate::finding_text::paragraph;
use crate::output;
use crate::progress::Progress;

/// The shape of `recommendations --format json`.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    /// What to change in the config.
    config: Vec<String>,
    /// The findings of the runs, the most severe first.
    recommendations: Ranked<'a>,
    skipped: &'a [Skipped],
}

/// Findings by rank, in JSON a list.
struct Ranked<'a> {
    profiles: &'a Reports,
    findings: &'a [RankedFinding],
}

#[derive(Serialize)]
struct Recommendation<'a> {
    path: &'a str,
    #[serde(flatten)]
    finding: &'a Finding,
}

impl Serialize for Ranked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.findings.len()))?;
        for place in self.findings {
            let profile = self.profiles.get(place.run).map_err(S::Error::custom)?;
            let finding = &profile.findings[place.at];
            list.serialize_element(&Recommendation { path: &profile.path, finding })?;
        }
        list.end()
    }
}

pub(crate) fn run(args: &Recommendations) -> anyhow::Result<Exit> {
    let config = args.config.as_deref().map(config_file::read).transpose()?;
    let bar = Progress::files();
    let analysis = analyze(
        &args.paths,
        Reading { recompute: false, files: Some(args.budget.bytes()).into() },
        |done, of| bar.at(done, of),
    )?;
    drop(bar);
    report_skipped(&analysis.skipped);
    if !args.paths.is_empty() && analysis.profiles.is_empty() {
        return Ok(exit_for(0));
    }
    let profiles = &analysis.profiles;
    let (mut ranks, mut runs) = (FindingRanks::default(), RunsBesideConfig::default());
    for profile in profiles.iter() {
        let profile = profile?;
        ranks.add(&profile);
        if let Some(file) = &config {
            runs.add(&profile, file);
        }
    }
    let advice = config.map(|file| config_advice(&file, &runs)).unwrap_or_default();
    let findings = &ranks.ranked()[..];
    match args.format {
        Format::Json => output::print_json(&Report {
            schema: "memtool.recommendations/1",
            config: advice,
            recommendations: Ranked { profiles, findings },
            skipped: &analysis.skipped,
        })?,
        Format::Text => output::print(&page(&advice, profiles, findings)?)?,
    }
    Ok(Exit::Done)
}

/// What runs that are taken one by one say of a config.
#[derive(Default)]
struct RunsBesideConfig {
    runs: usize,
    largest_peak_mb: f64,
    /// Runs that had other thresholds.
    others: usize,
}

impl RunsBesideConfig {
    fn add(&mut self, profile: &ProfileReport, file: &ConfigFile) {
        let moderate = file.in_force().thresholds.moderate_mb.get();
        let differs = profile.thresholds_mb.is_some_and(|own| (own.moderate - moderate).abs() > 0.5);
        self.runs += 1;
        self.largest_peak_mb = self.largest_peak_mb.max(profile.peak_rss_mb);
        self.others += usize::from(differs);
    }
}

/// What to change in a config, given the runs.
fn config_advice(file: &ConfigFile, runs: &RunsBesideConfig) -> Vec<String> {
    let mut advice: Vec<String> = file.notes.iter().map(ToString::to_string).collect();
    advice.extend(file.config.validate(file.memory_limit()).iter().map(ToString::to_string));
    let moderate = file.in_force().thresholds.moderate_mb.get();
    if runs.runs > 0 && runs.largest_peak_mb < moderate {
        advice.push(format!(
            "no run came near a threshold: the largest peak is {} MiB and moderate_mb is {}, so the policy never acted; \
             `memtool tune` finds larger settings that fit",
            mib(runs.largest_peak_mb),
            mib(moderate)
        ));
    }
    if runs.others > 0 {
        advice.push(format!("{} of {} runs had other thresholds than this config", runs.others, runs.runs));
    }
    advice
}

fn page(advice: &[String], profiles: &Reports, findings: &[RankedFinding]) -> Result<String, ReportsError> {
    let mut page = String::new();
    for line in advice {
        page.push_str("config\n");
        page.push_str(&wrapped("        ", &escape::control(line)));
    }
    for place in findings {
        let profile = profiles.get(place.run)?;
        page.push_str(&paragraph(&profile, &profile.findings[place.at]));
    }
    if page.is_empty() {
        page.push_str("Nothing to recommend.\n");
    }
    Ok(page)
}
