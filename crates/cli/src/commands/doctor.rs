//! `memtool doctor`: whether recording and verdicts work on this machine.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use memtool_analyzer::{load, profile};
use memtool_profile_model::{Mib, Run};
use serde::Serialize;

use super::wrapped;
use crate::args::{Doctor, Format, Plant};
use crate::doctor::{Field, Found, Machine, Outcome, grow, judge};
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::signals::EndWish;
use crate::table::{self, Tone, text};
use crate::text::{hundredths, took};

/// The check-up as other programs read it.
#[derive(Debug, Serialize)]
struct CheckUp {
    schema: &'static str,
    outcome: Outcome,
    seconds: f64,
    machine: Machine,
    plants: Vec<Harvest>,
}

/// What came of one plant.
#[derive(Debug, Serialize)]
struct Harvest {
    plant: &'static str,
    planted: String,
    outcome: Outcome,
    /// Null where it could not be recorded.
    found: Option<Found>,
    note: Option<String>,
    /// Null unless it was kept.
    stream: Option<String>,
    #[serde(skip)]
    words: String,
}

pub(crate) fn run(args: &Doctor) -> anyhow::Result<Exit> {
    if let (Some(plant), Some(stream)) = (args.plant, &args.stream) {
        grow(plant, stream)?;
        return Ok(Exit::Done);
    }
    let wish = EndWish::listen().context("cannot listen for signals")?;
    let began = Instant::now();
    let field = Field::new(args.keep.as_deref())?;
    let machine = Machine::look(&args.reports);
    if args.format == Format::Text {
        output::print(&facts(&machine))?;
    }
    let bar = Progress::of("growing a leak, a plateau, a sawtooth and a spike");
    let failures = field.grow(machine.available_mb.map(Mib::new), &wish)?;
    drop(bar);
    let plants: Vec<Harvest> = Plant::ALL
        .into_iter()
        .zip(failures)
        .map(|(plant, failure)| harvest(plant, &field.stream(plant), failure, args.keep.is_some()))
        .collect();
    let outcome = plants.iter().map(|plant| plant.outcome).max().unwrap_or(Outcome::Unsure);
    let seconds = hundredths(began.elapsed().as_secs_f64());
    let check_up = CheckUp { schema: "memtool.doctor/1", outcome, seconds, machine, plants };
    match args.format {
        Format::Json => output::print_json(&check_up)?,
        Format::Text => output::print(&page(&check_up, args.keep.as_deref()))?,
    }
    Ok(match outcome {
        Outcome::Right => Exit::Done,
        Outcome::Unsure => Exit::Inconclusive,
        Outcome::Wrong => Exit::Findings,
    })
}

fn harvest(plant: Plant, stream: &Path, failure: Option<String>, keep: bool) -> Harvest {
    let found = failure.map_or_else(|| found(stream).map_err(|error| format!("{error:#}")), Err);
    let (outcome, note) = match &found {
        Ok(found) => judge(plant, found),
        Err(failure) => (Outcome::Wrong, Some(failure.clone())),
    };
    Harvest {
        plant: plant.as_str(),
        planted: plant.planted(),
        outcome,
        words: found.as_ref().map_or_else(|_| "not recorded".to_owned(), |found| found.words(plant)),
        found: found.ok(),
        note,
        stream: keep.then(|| stream.display().to_string()),
    }
}

/// Reads a recording as `analyze` does.
fn found(stream: &Path) -> anyhow::Result<Found> {
    let paths: [PathBuf; 1] = [stream.to_owned()];
    let report = |path: &Path, run: Run| {
        let report = profile(path, &run);
        Found::new(&report.leak, report.samples, report.peak_rss_mb, &run.batches)
    };
    let loaded = load(&paths, None, |_, _| {}, report);
    if let Some(bad) = loaded.skipped.first() {
        anyhow::bail!("{}", bad.error);
    }
    loaded.values.into_iter().next().context("the recording is not there")
}

fn facts(machine: &Machine) -> String {
    let row = |(name, what, good): (&'static str, String, bool)| {
        let tone = if good { Tone::Plain } else { Tone::Warn };
        vec![name.into(), table::Field(what, tone)]
    };
    table::render(&[text("this machine"), text("")], machine.lines().into_iter().map(row).collect()) + "\n"
}

fn page(check_up: &CheckUp, keep: Option<&Path>) -> String {
    let columns = [text("plant"), text("planted"), text("found"), text("right?")];
    let row = |harvest: &Harvest| {
        let (word, tone) = match harvest.outcome {
            Outcome::Right => ("yes", Tone::Good),
            Outcome::Unsure => ("not sure", Tone::Warn),
            Outcome::Wrong => ("NO", Tone::Bad),
        };
        let right = table::Field(word.to_owned(), tone);
        vec![harvest.plant.into(), harvest.planted.clone().into(), harvest.words.clone().into(), right]
    };
    let mut page = table::render(&columns, check_up.plants.iter().map(row).collect());
    page.push('\n');
    for harvest in &check_up.plants {
        if let Some(note) = &harvest.note {
            page.push_str(&wrapped(&format!("{}: ", harvest.plant), &output::harmless(note)));
        }
    }
    let verdict = match check_up.outcome {
        Outcome::Right => "Recording and verdicts work on this machine",
        Outcome::Unsure => "Nothing is wrong, but not all could be told on this machine",
        Outcome::Wrong => "Something is wrong on this machine",
    };
    page.push_str(&format!("{verdict} ({}).\n", took(check_up.seconds)));
    if let Some(folder) = keep {
        page.push_str(&output::harmless(&format!("The recordings are in {}.", folder.display())));
        page.push('\n');
    }
    page
}
