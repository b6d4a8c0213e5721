//! `memtool recommendations`: what to do next, with the evidence.

use memtool_analyzer::{Finding, ProfileReport, Reading, Skipped, analyze};
use memtool_job_config::ConfigFile;
use serde::Serialize;

use super::{exit_for, mib, report_skipped, wrapped};
use crate::args::{Format, Recommendations};
use crate::config_file;
use crate::escape;
use crate::exit::Exit;
use crate::finding_text::{paragraph, ranked};
use crate::output;
use crate::progress::Progress;

/// The shape of `recommendations --format json`.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    /// What to change in the config.
    config: Vec<String>,
    /// The findings of the runs, the most severe first.
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
    let config = args.config.as_deref().map(config_file::read).transpose()?;
    let bar = Progress::files();
    let analysis = analyze(
        &args.paths,
        Reading { recompute: false, files: Some(args.budget.bytes()).into() },
        |done, of| bar.at(done, of),
    );
    drop(bar);
    report_skipped(&analysis.skipped);
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

/// What to change in a config, given the runs.
fn config_advice(file: &ConfigFile, profiles: &[ProfileReport]) -> Vec<String> {
    let mut advice: Vec<String> = file.notes.iter().map(ToString::to_string).collect();
    advice.extend(file.config.validate(file.memory_limit()).iter().map(ToString::to_string));
    let in_force = file.in_force();
    let moderate = in_force.thresholds.moderate_mb.get();
    let peak = profiles.iter().map(|p| p.peak_rss_mb).fold(0.0, f64::max);
    if !profiles.is_empty() && peak < moderate {
        advice.push(format!(
            "no run came near a threshold: the largest peak is {} MiB and moderate_mb is {}, so the policy never acted; \
             `memtool tune` finds larger settings that fit",
            mib(peak),
            mib(moderate)
        ));
    }
    let differ =
        |p: &&ProfileReport| p.thresholds_mb.is_some_and(|own| (own.moderate - moderate).abs() > 0.5);
    let others = profiles.iter().filter(differ).count();
    if others > 0 {
        advice.push(format!("{others} of {} runs had other thresholds than this config", profiles.len()));
    }
    advice
}

fn page(advice: &[String], ranked: &[(&ProfileReport, &Finding)]) -> String {
    let mut page = String::new();
    for line in advice {
        page.push_str("config\n");
        page.push_str(&wrapped("        ", &escape::control(line)));
    }
    for (profile, finding) in ranked {
        page.push_str(&paragraph(profile, finding));
    }
    if page.is_empty() {
        page.push_str("Nothing to recommend.\n");
    }
    page
}
