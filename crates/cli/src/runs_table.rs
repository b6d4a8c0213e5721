//! The table of analysed runs.

use memtool_analyzer::{FindingCount, LeakVerdict, ProfileReport};

use crate::run_label::{Start, label, name};
use crate::run_summary::ended_word;
use crate::table::{self, Column, Field, Tone, number, text};
use crate::text::{mib, percent, span};

/// Columns of a terminal from which every figure is shown.
const WIDE: usize = 100;
/// Characters of a label, at least and at most.
const LABEL: (usize, usize) = (20, 60);
/// Share of the limit from which a peak is marked.
const NEAR_LIMIT: f64 = 0.9;

/// What the table says of a run.
struct RunRow {
    name: Box<str>,
    started: Box<str>,
    duration_s: f64,
    peak_rss_mb: f64,
    mean_rss_mb: f64,
    limit_mb: Option<f64>,
    /// How it ended, where that is recorded.
    ended: Option<Box<str>>,
    /// The share of time at high or critical pressure.
    time_high: f64,
    has_thresholds: bool,
    leak: (&'static str, Tone),
    findings: FindingCount,
}

/// A figure of a run, under its title.
struct Figure {
    title: Column,
    of: fn(&RunRow) -> Field,
    legend: &'static str,
}

/// The table of runs that are taken one by one.
#[derive(Default)]
pub(crate) struct RunsTable {
    rows: Vec<RunRow>,
}

impl RunsTable {
    /// Takes the next run.
    pub(crate) fn add(&mut self, profile: &ProfileReport) {
        let shares = &profile.time_share;
        self.rows.push(RunRow {
            name: name(profile).into(),
            started: profile.started.as_str().into(),
            duration_s: profile.duration_s,
            peak_rss_mb: profile.peak_rss_mb,
            mean_rss_mb: profile.mean_rss_mb,
            limit_mb: profile.limit_mb,
            ended: profile.fate.as_ref().map(|fate| ended_word(Some(fate)).into()),
            time_high: shares.high + shares.critical,
            has_thresholds: profile.thresholds_mb.is_some(),
            leak: (leak_word(profile), leak_tone(profile.leak.verdict)),
            findings: FindingCount::of(&profile.findings),
        });
    }

    /// The table for a width of the terminal, and the lines that explain its columns.
    pub(crate) fn page(&self, width: usize) -> (String, Vec<&'static str>) {
        let figures = self.figures(width >= WIDE);
        let others = |row: &RunRow| -> Vec<Field> {
            let always: [Field; 2] = [span(row.duration_s).into(), mib(row.peak_rss_mb).into()];
            let shown = figures.iter().map(|figure| (figure.of)(row));
            let leak = Field(row.leak.0.to_owned(), row.leak.1);
            always.into_iter().chain(shown).chain([leak, finding_counts(row.findings)]).collect()
        };
        let legends =
            figures.iter().map(|figure| figure.legend).filter(|legend| !legend.is_empty()).collect();
        let mut columns = vec![number("time"), number("peak")];
        columns.extend(figures.iter().map(|figure| figure.title.clone()));
        columns.extend([text("leak"), text("findings")]);
        // A label is as long as there is room.
        let room = width.saturating_sub(table::width_of(&columns, self.rows.iter().map(others)) + 2);
        let longest = room.clamp(LABEL.0, LABEL.1);
        let start = Start::among(self.rows.iter().map(|row| &*row.started));
        let row = |row: &RunRow| {
            let name = label(&row.name, &row.started, start, longest);
            std::iter::once(name.into()).chain(others(row)).collect()
        };
        columns.insert(0, text("run"));
        (table::render_each(&columns, &self.rows, row), legends)
    }

    /// The figures that have room: the share of the limit where limits are recorded, else the time at high pressure.
    fn figures(&self, wide: bool) -> Vec<Figure> {
        let limits = self.rows.iter().any(|row| row.limit_mb.is_some());
        let mut figures = Vec::new();
        if wide {
            figures.push(Figure { title: number("mean"), of: |row| mib(row.mean_rss_mb).into(), legend: "" });
        }
        if limits {
            let legend = "of limit: the peak's share of the limit, where one is recorded";
            figures.push(Figure { title: number("of limit"), of: of_limit, legend });
        }
        if self.rows.iter().any(|row| row.ended.is_some()) {
            let of = |row: &RunRow| row.ended.as_deref().unwrap_or("-").into();
            figures.push(Figure { title: text("ended"), of, legend: "" });
        }
        let judged = self.rows.iter().any(|row| row.has_thresholds);
        if judged && (wide || !limits) {
            let legend = "time high+: share of time at high or critical pressure";
            figures.push(Figure { title: number("time high+"), of: time_high, legend });
        }
        figures
    }
}

fn of_limit(row: &RunRow) -> Field {
    let limit = row.limit_mb.filter(|limit| *limit > 0.0);
    let Some(share) = limit.map(|limit| row.peak_rss_mb / limit) else { return "-".into() };
    Field(percent(share), if share >= NEAR_LIMIT { Tone::Bad } else { Tone::Plain })
}

fn time_high(row: &RunRow) -> Field {
    percent(row.time_high).into()
}

const fn leak_tone(verdict: LeakVerdict) -> Tone {
    match verdict {
        LeakVerdict::Leak => Tone::Bad,
        LeakVerdict::None => Tone::Good,
        LeakVerdict::Saturating | LeakVerdict::Inconclusive => Tone::Plain,
    }
}

/// The leak verdict in a word.
pub(crate) fn leak_word(profile: &ProfileReport) -> &'static str {
    let leak = &profile.leak;
    match leak.verdict {
        LeakVerdict::Leak => leak.tier.map_or("leak", |tier| tier.as_str()),
        LeakVerdict::Saturating => "saturating",
        LeakVerdict::None => "none",
        LeakVerdict::Inconclusive => "unknown",
    }
}

/// How many findings of each severity, such as `1H 2L`.
pub(crate) fn finding_counts(count: FindingCount) -> Field {
    let levels =
        [(count.high, 'H', Tone::Bad), (count.medium, 'M', Tone::Warn), (count.low, 'L', Tone::Plain)];
    let found: Vec<_> = levels.into_iter().filter(|(count, ..)| *count > 0).collect();
    let counts: Vec<String> = found.iter().map(|(count, letter, _)| format!("{count}{letter}")).collect();
    found.first().map_or_else(|| "-".into(), |(.., worst)| Field(counts.join(" "), *worst))
}
