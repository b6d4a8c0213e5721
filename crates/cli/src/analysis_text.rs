//! An analysis as a person reads it: a table of runs, the findings, what to know before trusting them.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use memtool_analyzer::{Analysis, FindingKind, LeakVerdict, ProfileReport, Reports, ReportsError, Summary};
use memtool_profile_model::{Origin, Precision};

use crate::escape;
use crate::finding_ranks::{FindingRanks, RankedFinding};
use crate::finding_text::{explained, paragraph, run_of};
use crate::output;
use crate::run_summary::summary;
use crate::runs_table::RunsTable;
use crate::text::{counted, mib, percent, span, wrapped};

/// Runs whose answers are all printed.
const FEW_RUNS: usize = 3;
/// Runs named beside the one that is shown.
const MOST_NAMED: usize = 3;

/// The whole page. `all` prints every finding, `explain` every figure behind it.
///
/// # Errors
/// Where a report cannot be read.
pub(crate) fn page(analysis: &Analysis, all: bool, explain: bool) -> Result<String, ReportsError> {
    let mut shown = Shown::default();
    for profile in analysis.profiles.iter() {
        shown.add(&*profile?);
    }
    let (mut page, mut legends) = shown.table.page(usize::from(output::width()));
    legends.push("findings by severity: H high, M medium, L low");
    page.push('\n');
    page.push_str(&summaries(&analysis.profiles, &shown)?);
    let ranked = shown.ranks.ranked();
    page.push_str(&match &ranked[..] {
        [] => nothing_found(&analysis.profiles, &shown.undecided)?,
        ranked => findings(&analysis.profiles, ranked, all || explain, explain)?,
    });
    page.push_str(&notes(&analysis.summary, &legends.join("; "), &shown.doubts));
    Ok(page)
}

/// What the page says of runs that are taken one by one.
#[derive(Default)]
struct Shown {
    table: RunsTable,
    ranks: FindingRanks,
    extremes: Extremes,
    /// The places of runs whose leaks could not be judged.
    undecided: Vec<usize>,
    doubts: Doubts,
    runs: usize,
}

impl Shown {
    fn add(&mut self, profile: &ProfileReport) {
        self.table.add(profile);
        self.ranks.add(profile);
        self.extremes.add(self.runs, profile);
        if profile.leak.verdict == LeakVerdict::Inconclusive {
            self.undecided.push(self.runs);
        }
        self.doubts.add(profile);
        self.runs += 1;
    }
}

/// The run closest to its limit and the one that reaches it first: a figure and the run's place.
#[derive(Default)]
struct Extremes {
    closest: Option<(f64, usize)>,
    first: Option<(f64, usize)>,
}

impl Extremes {
    fn add(&mut self, run: usize, profile: &ProfileReport) {
        let closeness = profile.peak_rss_mb / profile.limit_mb.unwrap_or(f64::INFINITY);
        if self.closest.is_none_or(|(most, _)| closeness.total_cmp(&most).is_ge()) {
            self.closest = Some((closeness, run));
        }
        let hours = profile.leak.hours_to_limit.as_ref().map(|hours| hours.estimate);
        self.first = match (hours, self.first) {
            (Some(hours), Some((least, _))) if hours.total_cmp(&least).is_lt() => Some((hours, run)),
            (Some(hours), None) => Some((hours, run)),
            (_, first) => first,
        };
    }
}

/// The answers on few runs, or the run of many that is closest to its limit and the one that reaches it first.
fn summaries(profiles: &Reports, shown: &Shown) -> Result<String, ReportsError> {
    if profiles.len() <= FEW_RUNS {
        return profiles.iter().map(|profile| Ok(summary(&*profile?) + "\n")).collect();
    }
    let mut lines = String::new();
    if let Some((closeness, run)) = shown.extremes.closest.filter(|(closeness, _)| *closeness > 0.0) {
        let text = format!("{}, peak {} of it", run_of(&*profiles.get(run)?), percent(closeness));
        lines.push_str(&wrapped("closest to its limit: ", &text));
    }
    if let Some((hours, run)) = shown.extremes.first {
        let text = format!("{}, {}", run_of(&*profiles.get(run)?), after_end(hours));
        lines.push_str(&wrapped("first to reach its limit: ", &text));
    }
    Ok(if lines.is_empty() { lines } else { lines + "\n" })
}

/// A time counted from the end of a run.
fn after_end(hours: f64) -> String {
    let seconds = hours * 3600.0;
    if seconds < 1.0 { "at its end".to_owned() } else { format!("{} after its end", span(seconds)) }
}

/// What was checked without a finding, and what could not be judged.
fn nothing_found(profiles: &Reports, undecided: &[usize]) -> Result<String, ReportsError> {
    let mut text =
        format!("No findings: {} checked (docs/detectors.md)", counted(FindingKind::ALL.len(), "rule"));
    let undecided = undecided.iter().map(|run| {
        let profile = profiles.get(*run)?;
        Ok(format!("{}: {}", run_of(&profile), escape::control(profile.leak.words())))
    });
    let undecided: Vec<String> = undecided.collect::<Result<_, ReportsError>>()?;
    if !undecided.is_empty() {
        text.push_str(&format!("; leaks could not be judged in {}", undecided.join("; ")));
    }
    Ok(wrapped("", &text))
}

/// One paragraph per kind of finding, on its clearest case, or all of them.
fn findings(
    profiles: &Reports,
    ranked: &[RankedFinding],
    all: bool,
    explain: bool,
) -> Result<String, ReportsError> {
    let mut page = String::new();
    let mut kinds: Vec<FindingKind> = Vec::new();
    for place in ranked {
        if !all && kinds.contains(&place.kind) {
            continue;
        }
        kinds.push(place.kind);
        let profile = profiles.get(place.run)?;
        let finding = &profile.findings[place.at];
        page.push_str(&paragraph(&profile, finding));
        if explain {
            page.push_str(&explained(&profile, finding));
        }
        if !all {
            page.push_str(&also_in(profiles, ranked, place)?);
        }
    }
    Ok(page)
}

/// The other runs with the same kind of finding.
fn also_in(
    profiles: &Reports,
    ranked: &[RankedFinding],
    shown: &RankedFinding,
) -> Result<String, ReportsError> {
    let mut seen = HashSet::from([shown.file]);
    let others = ranked.iter().filter(|place| place.kind == shown.kind && seen.insert(place.file));
    let others: Vec<usize> = others.map(|place| place.run).collect();
    let named = others.iter().take(MOST_NAMED).map(|run| Ok(run_of(&*profiles.get(*run)?)));
    let named: Vec<String> = named.collect::<Result<_, ReportsError>>()?;
    let text = match others.len() {
        0 => return Ok(String::new()),
        n if n <= MOST_NAMED => format!("also in {}", named.join(", ")),
        n => {
            let more = counted(n - MOST_NAMED, "more run");
            format!("also in {} and {more} (--all shows each)", named.join(", "))
        }
    };
    Ok(wrapped("        ", &text))
}

fn notes(summary: &Summary, legend: &str, doubts: &Doubts) -> String {
    let samples = summary.runs.as_ref().map_or(0, |runs| runs.samples);
    let mut page = format!(
        "\n{}, {} {}; sizes in MiB\n",
        counted(summary.profiles, "run"),
        mib(samples as f64),
        if samples == 1 { "sample" } else { "samples" }
    );
    page.push_str(&wrapped("", legend));
    if summary.skipped > 0 {
        page.push_str(&format!("{} skipped (named above)\n", counted(summary.skipped, "file")));
    }
    if summary.ignored > 0 {
        page.push_str(&format!("{} ignored: not memory files\n", counted(summary.ignored, "other file")));
    }
    page.push_str(&assumed(doubts.assumed));
    for Said { text, largest, run, runs } in &doubts.said {
        let others = match runs {
            1 => String::new(),
            n => format!(" and {}", counted(n - 1, "more run")),
        };
        let reached = match (largest, runs) {
            (None, _) => String::new(),
            (Some(mebibytes), 1) => format!("{REACHED}{mebibytes:.0}{MIB}"),
            (Some(mebibytes), _) => format!("{REACHED}up to {mebibytes:.0}{MIB}"),
        };
        page.push_str(&wrapped("note: ", &format!("{run}{others}: {}{reached}", escape::control(text))));
    }
    page
}

/// What is to be said of runs that are taken one by one.
#[derive(Default)]
struct Doubts {
    /// Runs of which some settings are assumed.
    assumed: usize,
    /// Whose figures they are, and the warnings, in order of appearance.
    said: Vec<Said>,
    places: HashMap<Rc<str>, usize>,
}

/// A note on one run or on several.
struct Said {
    text: Rc<str>,
    /// The largest of the sizes that end it.
    largest: Option<f64>,
    /// The first of them.
    run: String,
    runs: usize,
}

/// Between a sentence and the size that ends it: for many runs it is printed once, with the largest.
const REACHED: &str = " reached ";
const MIB: &str = " MiB";

/// A sentence without the size that ends it.
fn parted(text: &str) -> (&str, Option<f64>) {
    let size = |text: &str| text.strip_suffix(MIB)?.parse().ok();
    let found = text.rsplit_once(REACHED).and_then(|(before, after)| Some((before, Some(size(after)?))));
    found.unwrap_or((text, None))
}

impl Doubts {
    fn add(&mut self, profile: &ProfileReport) {
        self.assumed += usize::from(!profile.assumed.is_empty());
        let figures = profile.origin.iter().map(figures);
        for text in figures.chain(profile.warnings.iter().map(ToString::to_string)) {
            let (sentence, largest) = parted(&text);
            if let Some(place) = self.places.get(sentence) {
                let said = &mut self.said[*place];
                said.runs += 1;
                said.largest = said.largest.into_iter().chain(largest).reduce(f64::max);
                continue;
            }
            let text: Rc<str> = sentence.into();
            self.places.insert(Rc::clone(&text), self.said.len());
            self.said.push(Said { text, largest, run: run_of(profile), runs: 1 });
        }
    }
}

/// Whose figures they are, and how near the truth.
fn figures(origin: &Origin) -> String {
    let precision = match origin.precision {
        Precision::Exact => "exact",
        Precision::Sampled => "sampled: the true peak may be higher",
        Precision::LowerBound => "a lower bound of the peak",
        Precision::SingleFigure => "one figure for the whole run",
    };
    format!("figures are {} by {}, {precision}", origin.measure, origin.tool)
}

fn assumed(count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    let verb = if count == 1 { "does" } else { "do" };
    let text = format!(
        "{} {verb} not record the GC trigger, the fallback trigger and the available-memory limits: defaults are \
         assumed (--format json lists them)",
        counted(count, "run")
    );
    wrapped("note: ", &text)
}
