//! The chart across runs: peaks as bars, with mean, 95th percentile, limit and trend.

use super::axis::Scale;
use super::error::ChartError;
use super::font::Weight;
use super::heading::{MARGIN, heading};
use super::label;
use super::legend::{self, Entry, Sample};
use super::palette::{BAR, FRAME, GRID, LIMIT, OVER_LIMIT, QUIET_TEXT, TEXT, TREND};
use super::render::Chart;
use super::scene::{Align, Area, Scene, Text};
use super::text_size::BODY;

/// More runs than this do not stay legible in one image: the highest peaks are shown, the rest counted.
const MOST_RUNS: usize = 40;
const WIDTH: i32 = 1600;
const ROW: i32 = 36;
const LABEL_WIDTH: i32 = 400;
const PEAK_LEFT: i32 = 444;
const PEAK_RIGHT: i32 = 1110;
const TREND_LEFT: i32 = 1220;
const TREND_RIGHT: i32 = 1464;
/// A limit further out than this many times the highest peak gets no room.
const LIMIT_WITHIN: f64 = 1.5;

/// One run's figures, in MiB; what is not finite is left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OverviewRun {
    /// What the run is called.
    pub label: String,
    /// The highest RSS.
    pub peak_mb: f64,
    /// The 95th percentile of RSS over time.
    pub p95_mb: f64,
    /// The mean RSS over time.
    pub mean_mb: f64,
    /// Low end, estimate and high end of the trend in MiB per minute.
    pub trend_mb_per_min: Option<(f64, f64, f64)>,
    /// The memory the run may use.
    pub limit_mb: Option<f64>,
}

/// What the chart across runs shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overview {
    /// The headline.
    pub title: String,
    /// A second, quieter line.
    pub subtitle: String,
    /// The runs, in any order: the highest peaks are shown first.
    pub runs: Vec<OverviewRun>,
}

impl Overview {
    /// Peaks of runs.
    #[must_use]
    pub fn of_peaks(runs: &[OverviewRun]) -> Self {
        let subtitle = format!("{} run{}", label::count(runs.len()), if runs.len() == 1 { "" } else { "s" });
        Self { title: "Peak memory by run".to_owned(), subtitle, runs: runs.to_vec() }
    }
}

impl Chart for Overview {
    fn layout(&self) -> Result<Scene, ChartError> {
        let mut runs: Vec<&OverviewRun> = self.runs.iter().filter(|run| run.peak_mb.is_finite()).collect();
        let readable = runs.len();
        runs.sort_by(|a, b| b.peak_mb.total_cmp(&a.peak_mb).then_with(|| a.label.cmp(&b.label)));
        runs.truncate(MOST_RUNS);
        let highest = runs.first().ok_or(ChartError::NoSamples)?.peak_mb;
        let mut scene = Scene::new(WIDTH as u32, 0);
        let top = heading(&mut scene, &self.title, &self.subtitle);
        let top = 50 + legend::draw(&mut scene, &entries(&runs), (MARGIN, top), WIDTH - MARGIN);
        let bottom = top + ROW * runs.len() as i32 + 12;
        let with_trend = runs.iter().any(|run| run.trend().is_some());
        let right = if with_trend { PEAK_RIGHT } else { TREND_RIGHT };
        let peaks = Panel::peaks(Area::new(PEAK_LEFT, top, right, bottom), &runs, highest);
        let trends =
            with_trend.then(|| Panel::trends(Area::new(TREND_LEFT, top, TREND_RIGHT, bottom), &runs));
        for panel in [Some(&peaks), trends.as_ref()].into_iter().flatten() {
            panel.axis(&mut scene);
        }
        let names: Vec<&str> = runs.iter().map(|run| run.label.as_str()).collect();
        let names = label::fit_apart(&names, LABEL_WIDTH, BODY, Weight::Regular);
        for (index, run) in runs.iter().enumerate() {
            let middle = top + 6 + ROW * index as i32 + ROW / 2;
            let name = names[index].as_str();
            scene.text(Text::new(name, (PEAK_LEFT - 14, middle), Align::Right, BODY, TEXT));
            peaks.bar(&mut scene, run, middle);
            if let Some(panel) = &trends {
                panel.whisker(&mut scene, run, middle);
            }
        }
        let text = self.note(runs.len(), readable, &peaks, &runs);
        let text = label::fit(&text, WIDTH - 2 * MARGIN, BODY, Weight::Regular);
        scene.height = (bottom + if text.is_empty() { 54 } else { 90 }) as u32;
        scene.text(Text::new(text, (MARGIN, bottom + 66), Align::Left, BODY, QUIET_TEXT));
        Ok(scene)
    }
}

impl Overview {
    fn note(&self, shown: usize, readable: usize, peaks: &Panel, runs: &[&OverviewRun]) -> String {
        let mut notes = Vec::new();
        if shown < readable {
            let left = label::count(readable - shown);
            notes.push(format!("the {shown} highest peaks; {left} more runs with lower peaks are left out"));
        }
        if readable < self.runs.len() {
            notes.push(format!("{} without a peak", label::count(self.runs.len() - readable)));
        }
        let beyond = runs.iter().filter_map(|run| run.limit()).filter(|&limit| limit > peaks.x.high).count();
        if beyond > 0 {
            notes.push(format!("limit beyond the axis: {beyond}"));
        }
        notes.join(" · ")
    }
}

impl OverviewRun {
    fn limit(&self) -> Option<f64> {
        self.limit_mb.filter(|limit| limit.is_finite() && *limit > 0.0)
    }

    fn trend(&self) -> Option<(f64, f64, f64)> {
        self.trend_mb_per_min.filter(|(low, estimate, high)| (low + estimate + high).is_finite())
    }

    fn over_limit(&self) -> bool {
        self.limit().is_some_and(|limit| self.peak_mb >= limit)
    }
}

fn entries(runs: &[&OverviewRun]) -> Vec<Entry> {
    let mut entries = Vec::new();
    if runs.iter().any(|run| !run.over_limit()) {
        entries.push(Entry::new(Sample::Bar(BAR), "peak"));
    }
    if runs.iter().any(|run| run.over_limit()) {
        entries.push(Entry::new(Sample::Bar(OVER_LIMIT), "peak at or over the limit"));
    }
    entries.push(Entry::new(Sample::Dot(TEXT), "mean"));
    entries.push(Entry::new(Sample::Tick(TEXT), "95th percentile"));
    if runs.iter().any(|run| run.limit().is_some()) {
        entries.push(Entry::new(Sample::Limit(LIMIT), "limit"));
    }
    if runs.iter().any(|run| run.trend().is_some()) {
        entries.push(Entry::new(Sample::Whisker(TREND), "trend and its interval"));
    }
    entries
}

/// One of the two panels, with its value axis.
struct Panel {
    title: &'static str,
    area: Area,
    x: Scale,
    /// Pixels between two ticks, about.
    tick_distance: i32,
}

impl Panel {
    fn peaks(area: Area, runs: &[&OverviewRun], highest: f64) -> Self {
        let limits =
            runs.iter().filter_map(|run| run.limit()).filter(|&limit| limit <= highest * LIMIT_WITHIN);
        let high = limits.fold(highest, f64::max).max(f64::MIN_POSITIVE);
        let x = Scale { low: 0.0, high: high * 1.02, from: area.left, to: area.right };
        Self { title: "peak RSS, MiB", area, x, tick_distance: 110 }
    }

    /// The axis holds zero and every estimate; an interval may be wider and then ends in an arrow.
    fn trends(area: Area, runs: &[&OverviewRun]) -> Self {
        let estimates = runs.iter().filter_map(|run| run.trend()).map(|trend| trend.1);
        let (low, high) =
            estimates.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let room = if high > low { (high - low) * 0.35 } else { 1.0 };
        let x = Scale { low: low - room, high: high + room, from: area.left, to: area.right };
        Self { title: "trend, MiB/min", area, x, tick_distance: 80 }
    }

    fn axis(&self, scene: &mut Scene) {
        let Area { left, top, right, bottom } = self.area;
        let ticks = self.x.ticks(self.tick_distance);
        for &value in &ticks.values {
            let at = self.x.at(value);
            scene.line(vec![(at, top), (at, bottom)], GRID, 1);
            let text =
                Text::new(label::stepped(value, ticks.step), (at, bottom + 20), Align::Centre, BODY, TEXT);
            scene.text(text);
        }
        if self.x.holds(0.0) {
            scene.line(vec![(self.x.at(0.0), top), (self.x.at(0.0), bottom)], FRAME, 2);
        }
        scene.line(vec![(left, bottom), (right, bottom)], FRAME, 1);
        scene.text(Text::new(self.title, (left, top - 18), Align::Left, BODY, TEXT).bold());
    }

    fn bar(&self, scene: &mut Scene, run: &OverviewRun, middle: i32) {
        let end = self.x.at(run.peak_mb);
        let ink = if run.over_limit() { OVER_LIMIT } else { BAR };
        scene.rect(Area::new(self.area.left, middle - 12, end.max(self.area.left + 2), middle + 12), ink);
        if run.p95_mb.is_finite() {
            let at = self.x.at(run.p95_mb);
            scene.rect(Area::new(at - 1, middle - 12, at + 2, middle + 12), TEXT);
        }
        if run.mean_mb.is_finite() {
            scene.dot((self.x.at(run.mean_mb), middle), 5, TEXT);
        }
        if let Some(limit) = run.limit().filter(|&limit| self.x.holds(limit)) {
            let at = self.x.at(limit);
            scene.rect(Area::new(at - 2, middle - 17, at + 3, middle + 17), LIMIT);
        }
        let value = label::size(run.peak_mb);
        scene.text(Text::new(value, (self.area.right + 84, middle), Align::Right, BODY, TEXT));
    }

    fn whisker(&self, scene: &mut Scene, run: &OverviewRun, middle: i32) {
        let value = |text: &str| Text::new(text, (WIDTH - MARGIN, middle), Align::Right, BODY, QUIET_TEXT);
        let Some((low, estimate, high)) = run.trend() else {
            scene.text(value("–"));
            return;
        };
        scene.text(Text { ink: TEXT, ..value(&label::change(estimate)) });
        let (from, to) = (self.x.at(low), self.x.at(high));
        scene.line(vec![(from, middle), (to, middle)], TREND, 2);
        for (at, value, inward) in [(from, low, 9), (to, high, -9)] {
            if self.x.holds(value) {
                scene.line(vec![(at, middle - 6), (at, middle + 6)], TREND, 2);
            } else {
                scene
                    .polygon(vec![(at, middle), (at + inward, middle - 7), (at + inward, middle + 7)], TREND);
            }
        }
        scene.dot((self.x.at(estimate), middle), 6, TREND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::scene::{Mark, faults};

    fn overview(count: usize) -> Overview {
        let run = |index: usize| OverviewRun {
            label: format!("a_long_folder_name/with_a_long_file_name_{index}.json"),
            peak_mb: 1_000.0 + (index * 7_919 % 3_000) as f64,
            p95_mb: 900.0,
            mean_mb: 500.0,
            trend_mb_per_min: (!index.is_multiple_of(3)).then_some((-9e6, index as f64 - 5.0, 9e6)),
            limit_mb: Some(if index.is_multiple_of(2) { 3_500.0 } else { 16_384.0 }),
        };
        Overview { title: "Runs".into(), subtitle: "all".into(), runs: (0..count).map(run).collect() }
    }

    fn texts(scene: &Scene) -> Vec<&str> {
        scene
            .marks
            .iter()
            .filter_map(|mark| if let Mark::Text(text) = mark { Some(&*text.text) } else { None })
            .collect()
    }

    #[test]
    fn one_run_and_many_are_legible() {
        for count in [1, 2, 40, 41, 124] {
            assert_eq!(faults(&overview(count).layout().expect("has runs")), [""; 0], "{count} runs");
        }
    }

    #[test]
    fn what_is_left_out_is_said() {
        let scene = overview(124).layout().expect("has runs");
        assert!(texts(&scene).iter().any(|text| text.contains("84 more runs")), "{:?}", texts(&scene));
    }

    #[test]
    fn runs_without_figures() {
        let blank = OverviewRun { peak_mb: f64::NAN, ..OverviewRun::default() };
        let zero = OverviewRun { p95_mb: f64::NAN, limit_mb: Some(0.0), ..OverviewRun::default() };
        let odd = OverviewRun {
            peak_mb: 1e300,
            trend_mb_per_min: Some((f64::MIN, 0.0, f64::MAX)),
            limit_mb: Some(f64::MAX),
            ..OverviewRun::default()
        };
        assert_eq!(
            Overview { runs: vec![blank.clone()], ..Overview::default() }.layout(),
            Err(ChartError::NoSamples)
        );
        for run in [zero, odd] {
            let overview = Overview { runs: vec![blank.clone(), run], ..Overview::default() };
            overview.layout().expect("has a run with a peak");
        }
    }
}
