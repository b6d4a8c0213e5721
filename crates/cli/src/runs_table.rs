//! The table of analysed runs.

use memtool_analyzer::{LeakVerdict, ProfileReport, Severity};

use crate::run_label::{Start, called, label};
use crate::run_summary::ended_word;
use crate::table::{self, Column, Field, Tone, number, text};
use crate::text::{mib, percent, span};

/// Columns of a terminal from which every figure is shown.
const WIDE: usize = 100;
/// Characters of a label, at least and at most.
const LABEL: (usize, usize) = (20, 60);
/// Share of the limit from which a peak is marked.
const NEAR_LIMIT: f64 = 0.9;

/// A figure of a run, under its title.
struct Figure {
    title: Column,
    of: fn(&ProfileReport) -> Field,
    legend: &'static str,
}

/// The table for a width of the terminal, and the lines that explain its columns.
pub(crate) fn runs_table(profiles: &[ProfileReport], width: usize) -> (String, Vec<&'static str>) {
    let figures = figures(profiles, width >= WIDE);
    let others = |profile: &ProfileReport| -> Vec<Field> {
        let always: [Field; 2] = [span(profile.duration_s).into(), mib(profile.peak_rss_mb).into()];
        let shown = figures.iter().map(|figure| (figure.of)(profile));
        always.into_iter().chain(shown).chain([leak(profile), finding_counts(profile)]).collect()
    };
    let legends = figures.iter().map(|figure| figure.legend).filter(|legend| !legend.is_empty()).collect();
    let mut columns = vec![number("time"), number("peak")];
    columns.extend(figures.iter().map(|figure| figure.title.clone()));
    columns.extend([text("leak"), text("findings")]);
    // A label is as long as there is room.
    let room = width.saturating_sub(table::width_of(&columns, profiles.iter().map(others)) + 2);
    let longest = room.clamp(LABEL.0, LABEL.1);
    let start = Start::among(profiles.iter().map(|profile| profile.started.as_str()));
    let row = |profile: &ProfileReport| {
        let name = label(called(profile), &profile.path, &profile.started, start, longest);
        std::iter::once(name.into()).chain(others(profile)).collect()
    };
    columns.insert(0, text("run"));
    (table::render_each(&columns, profiles, row), legends)
}

/// The figures that have room: the share of the limit where limits are recorded, else the time at high pressure.
fn figures(profiles: &[ProfileReport], wide: bool) -> Vec<Figure> {
    let limits = profiles.iter().any(|profile| profile.limit_mb.is_some());
    let mut figures = Vec::new();
    if wide {
        figures.push(Figure {
            title: number("mean"),
            of: |profile| mib(profile.mean_rss_mb).into(),
            legend: "",
        });
    }
    if limits {
        let legend = "of limit: the peak's share of the limit, where one is recorded";
        figures.push(Figure { title: number("of limit"), of: of_limit, legend });
    }
    if profiles.iter().any(|profile| profile.fate.is_some()) {
        let of = |profile: &ProfileReport| ended_word(profile.fate.as_ref()).into();
        figures.push(Figure { title: text("ended"), of, legend: "" });
    }
    let judged = profiles.iter().any(|profile| profile.thresholds_mb.is_some());
    if judged && (wide || !limits) {
        let legend = "time high+: share of time at high or critical pressure";
        figures.push(Figure { title: number("time high+"), of: time_high, legend });
    }
    figures
}

fn of_limit(profile: &ProfileReport) -> Field {
    let limit = profile.limit_mb.filter(|limit| *limit > 0.0);
    let Some(share) = limit.map(|limit| profile.peak_rss_mb / limit) else { return "-".into() };
    Field(percent(share), if share >= NEAR_LIMIT { Tone::Bad } else { Tone::Plain })
}

fn time_high(profile: &ProfileReport) -> Field {
    percent(profile.time_share.high + profile.time_share.critical).into()
}

fn leak(profile: &ProfileReport) -> Field {
    let tone = match profile.leak.verdict {
        LeakVerdict::Leak => Tone::Bad,
        LeakVerdict::None => Tone::Good,
        LeakVerdict::Saturating | LeakVerdict::Inconclusive => Tone::Plain,
    };
    Field(leak_word(profile).to_owned(), tone)
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
pub(crate) fn finding_counts(profile: &ProfileReport) -> Field {
    let levels = [
        (Severity::High, 'H', Tone::Bad),
        (Severity::Medium, 'M', Tone::Warn),
        (Severity::Low, 'L', Tone::Plain),
    ];
    let mut counts = Vec::new();
    let mut worst = None;
    for (severity, letter, tone) in levels {
        let count = profile.findings.iter().filter(|finding| finding.severity == severity).count();
        if count > 0 {
            counts.push(format!("{count}{letter}"));
            worst = worst.or(Some(tone));
        }
    }
    worst.map_or_else(|| "-".into(), |tone| Field(counts.join(" "), tone))
}
