//! The chart of one run: its data, and how the panels share the image.

use super::ChartError;
use super::axis::{Scale, TimeUnit, time_ticks};
use super::batch;
use super::label;
use super::lane::{self, Lane};
use super::legend;
use super::memory::MemoryPanel;
use super::font::Weight;
use super::palette::{FRAME, GRID, QUIET_TEXT, TEXT};
use super::scene::{Align, Area, Scene, Text};

/// The text sizes of all charts: legible when the image is shown at half its size.
pub(super) const TITLE: u32 = 30;
pub(super) const BODY: u32 = 21;

const WIDTH: i32 = 1600;
const HEIGHT: i32 = 900;
const MARGIN: i32 = 24;
/// Where the panels begin: room for tick labels.
const PANEL_LEFT: i32 = 130;
/// Where the panels end: room for the names of the thresholds.
const PANEL_RIGHT: i32 = 1340;
/// Air between a panel's frame and its first and last sample.
const INSET: i32 = 10;
const BATCH_HEIGHT: i32 = 140;

/// Levels of memory that are drawn across the chart, in MiB; what is `None` or not finite is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Thresholds {
    /// Where moderate pressure begins.
    pub moderate: Option<f64>,
    /// Where high pressure begins.
    pub high: Option<f64>,
    /// Where critical pressure begins.
    pub critical: Option<f64>,
    /// Where the recorder starts collections.
    pub gc_trigger: Option<f64>,
    /// The memory the job may use.
    pub limit: Option<f64>,
}

/// A straight line fitted to the samples, with its interval at both ends. Times in seconds, the rest in MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Where the fitted stretch begins.
    pub start_s: f64,
    /// Where the fitted stretch ends.
    pub end_s: f64,
    /// The line at its start.
    pub start_mb: f64,
    /// The line at its end.
    pub end_mb: f64,
    /// The interval's lower and upper end at the start.
    pub start_interval_mb: (f64, f64),
    /// The interval's lower and upper end at the end.
    pub end_interval_mb: (f64, f64),
}

/// Memory as it would have been with another configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predicted {
    /// What the configuration is called.
    pub label: String,
    /// Times in seconds, as those of the samples.
    pub seconds: Vec<f64>,
    /// Predicted RSS in MiB.
    pub rss_mb: Vec<f64>,
}

/// What the chart of one run shows. Times are seconds since the run's start.
///
/// With [`predicted`](Self::predicted) it is the before-and-after chart of a simulated configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunChart<'a> {
    /// The headline.
    pub title: String,
    /// A second, quieter line: file, machine, length.
    pub subtitle: String,
    /// When the samples were taken.
    pub seconds: &'a [f64],
    /// RSS in MiB; a value that is not finite is a gap.
    pub rss_mb: &'a [f64],
    /// Levels drawn across the chart.
    pub thresholds: Thresholds,
    /// From when on which batch size was allowed.
    pub batch_sizes: Vec<(f64, u32)>,
    /// When garbage was collected.
    pub gc_marks: Vec<f64>,
    /// From when to when fallback was on.
    pub fallback_spans: Vec<(f64, f64)>,
    /// When which operation began.
    pub operations: Vec<(f64, String)>,
    /// The fitted trend.
    pub trend: Option<Trend>,
    /// Memory with another configuration.
    pub predicted: Option<Predicted>,
}

impl<'a> RunChart<'a> {
    /// A chart of samples alone; the other fields are public.
    #[must_use]
    pub fn new(title: impl Into<String>, seconds: &'a [f64], rss_mb: &'a [f64]) -> Self {
        Self { title: title.into(), seconds, rss_mb, ..Self::default() }
    }

    /// The chart as marks in pixels.
    pub(super) fn layout(&self) -> Result<Scene, ChartError> {
        self.check()?;
        let samples = sorted(self.seconds, self.rss_mb);
        let predicted = self.predicted.as_ref().map(|line| sorted(&line.seconds, &line.rss_mb)).unwrap_or_default();
        let peak = samples
            .iter()
            .copied()
            .filter(|sample| sample.0.is_finite() && sample.1.is_finite())
            .reduce(|best, sample| if sample.1 > best.1 { sample } else { best })
            .ok_or(ChartError::NoSamples)?;
        let mut scene = Scene::new(WIDTH as u32, HEIGHT as u32);
        heading(&mut scene, &self.title, &self.subtitle);
        let top = legend::draw(&mut scene, &self.legend(), (MARGIN, 108), WIDTH - MARGIN);
        let panels = self.panels(top);
        let x = self.time_scale(&samples, &predicted);
        let memory = MemoryPanel::new(self, panels.memory, x, &samples, &predicted, peak);
        panels.grid(&mut scene, &x, self.time_unit(&x));
        let labelled = memory.draw(&mut scene);
        lane::draw_all(&mut scene, &panels.lanes, &x);
        if let Some(area) = panels.batch {
            batch::draw(&mut scene, area, &x, self);
        }
        self.notes(&mut scene, &memory, labelled);
        Ok(scene)
    }

    fn check(&self) -> Result<(), ChartError> {
        let equal = |name, times: usize, values: usize| {
            if times == values { Ok(()) } else { Err(ChartError::UnequalLengths { name, times, values }) }
        };
        equal("the samples", self.seconds.len(), self.rss_mb.len())?;
        self.predicted
            .as_ref()
            .map_or(Ok(()), |line| equal("the prediction", line.seconds.len(), line.rss_mb.len()))
    }

    fn panels(&self, top: i32) -> Panels {
        let mut lanes = Vec::new();
        let floor = HEIGHT - 96;
        let batch = (!self.batch_sizes.is_empty()).then(|| panel(floor - BATCH_HEIGHT, floor));
        let mut bottom = batch.map_or(floor, |area| area.top - 36);
        let wanted = [
            (!self.fallback_spans.is_empty()).then(|| Lane::fallback(&self.fallback_spans)),
            (!self.gc_marks.is_empty()).then(|| Lane::collections(&self.gc_marks)),
        ];
        for lane in wanted.into_iter().flatten() {
            lanes.push((panel(bottom - lane::HEIGHT, bottom), lane));
            bottom -= lane::HEIGHT + 4;
        }
        if !lanes.is_empty() {
            bottom -= 6;
        }
        let strip = if self.operations.is_empty() { 30 } else { 44 };
        Panels { memory: panel(top + strip, bottom), lanes, batch }
    }

    fn time_scale(&self, samples: &[(f64, f64)], predicted: &[(f64, f64)]) -> Scale {
        let trend = self.trend.iter().flat_map(|trend| [trend.start_s, trend.end_s]);
        let times = samples.iter().chain(predicted).filter(|sample| sample.1.is_finite()).map(|sample| sample.0);
        let (low, high) = times
            .chain(trend)
            .filter(|time| time.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), time| (low.min(time), high.max(time)));
        let high = if high > low { high } else { low + 1.0 };
        Scale { low, high, from: PANEL_LEFT + INSET, to: PANEL_RIGHT - INSET }
    }

    fn time_unit(&self, x: &Scale) -> TimeUnit {
        TimeUnit::for_span(x.high - x.low)
    }

    fn legend(&self) -> Vec<legend::Entry> {
        let mut entries = vec![legend::Entry::measured()];
        entries.extend(self.predicted.as_ref().map(|line| legend::Entry::predicted(&line.label)));
        entries.extend(self.trend.as_ref().map(legend::Entry::trend));
        entries
    }

    fn notes(&self, scene: &mut Scene, memory: &MemoryPanel<'_>, labelled: usize) {
        let mut notes = memory.notes();
        if labelled < self.operations.len() {
            let total = label::count(self.operations.len());
            notes.push(format!("{} of {total} operation labels fit", label::count(labelled)));
        }
        let text = label::fit(&notes.join(" · "), WIDTH - PANEL_LEFT - MARGIN, BODY, Weight::Regular);
        scene.text(Text::new(text, (PANEL_LEFT, HEIGHT - 20), Align::Left, BODY, QUIET_TEXT));
    }
}

/// Title and subtitle, which every chart has.
pub(super) fn heading(scene: &mut Scene, title: &str, subtitle: &str) {
    let room = scene.width as i32 - 2 * MARGIN;
    let title = label::fit(title, room, TITLE, Weight::Bold);
    scene.text(Text::new(title, (MARGIN, 34), Align::Left, TITLE, TEXT).bold());
    let subtitle = label::fit(subtitle, room, BODY, Weight::Regular);
    scene.text(Text::new(subtitle, (MARGIN, 72), Align::Left, BODY, QUIET_TEXT));
}

fn panel(top: i32, bottom: i32) -> Area {
    Area::new(PANEL_LEFT, top, PANEL_RIGHT, bottom)
}

/// Pairs in the order of their times; what has no time stays in place as a gap.
fn sorted(seconds: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    let mut pairs: Vec<(f64, f64)> = seconds.iter().copied().zip(values.iter().copied()).collect();
    if !pairs.is_sorted_by(|a, b| a.0 <= b.0) {
        pairs.retain(|pair| pair.0.is_finite());
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    pairs
}

/// The areas that share the time axis.
struct Panels<'a> {
    memory: Area,
    lanes: Vec<(Area, Lane<'a>)>,
    batch: Option<Area>,
}

impl Panels<'_> {
    fn lowest(&self) -> Area {
        self.batch.or(self.lanes.first().map(|lane| lane.0)).unwrap_or(self.memory)
    }

    /// Vertical lines through memory and batch sizes, and the time axis under the lowest panel.
    fn grid(&self, scene: &mut Scene, x: &Scale, unit: TimeUnit) {
        let ticks = time_ticks(x, unit);
        let floor = self.lowest().bottom;
        for &value in &ticks.values {
            let at = x.at(value * unit.seconds());
            for area in [Some(self.memory), self.batch].into_iter().flatten() {
                scene.line(vec![(at, area.top), (at, area.bottom)], GRID, 1);
            }
            scene.line(vec![(at, floor), (at, floor + 6)], FRAME, 1);
            let text = label::stepped(value, ticks.step);
            scene.text(Text::new(text, (at, floor + 21), Align::Centre, BODY, TEXT));
        }
        let title = format!("time since start, {}", unit.symbol());
        let middle = (self.memory.left + self.memory.right) / 2;
        scene.text(Text::new(title, (middle, floor + 48), Align::Centre, BODY, TEXT));
    }
}
