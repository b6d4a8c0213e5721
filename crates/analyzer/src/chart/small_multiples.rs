//! Small multiples: the peaks of each group over time, with limit and changes, all in the same form.

use super::axis::Scale;
use super::error::ChartError;
use super::font::Weight;
use super::heading::{MARGIN, heading};
use super::label;
use super::legend::{self, Entry, Sample};
use super::palette::{FRAME, GRID, LIMIT, MEASURED, PREDICTED, QUIET_TEXT, TEXT};
use super::render::Chart;
use super::scene::{Align, Area, Scene, Text};
use super::text_size::BODY;

/// Panels beside each other, and all of them: more are not legible in one image.
const COLUMNS: usize = 3;
const MOST_PANELS: usize = 12;
const WIDTH: i32 = 1600;
/// From one panel to the next.
const PITCH: (i32, i32) = (520, 320);
/// Room for the values at the left, the name above, the dates below.
const LEFT: i32 = 84;
const ABOVE: i32 = 44;
const SIZE: (i32, i32) = (412, 200);
/// A limit further out than this many times the highest peak gets no room.
const LIMIT_WITHIN: f64 = 1.5;

/// The peaks of one group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SmallPanel {
    /// The group.
    pub label: String,
    /// Time in seconds and peak in MiB of each run, in order of time.
    pub points: Vec<(f64, f64)>,
    /// The first and the last day, as they are written.
    pub dates: (String, String),
    /// The limit in MiB.
    pub limit_mb: Option<f64>,
    /// The time of a change, and what to write beside it.
    pub change: Option<(f64, String)>,
}

/// What the chart shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SmallMultiples {
    /// The headline.
    pub title: String,
    /// A second, quieter line.
    pub subtitle: String,
    /// The groups: the first twelve that have a run are drawn.
    pub panels: Vec<SmallPanel>,
}

impl Chart for SmallMultiples {
    fn layout(&self) -> Result<Scene, ChartError> {
        let panels: Vec<Drawn> = self.panels.iter().filter_map(Drawn::of).take(MOST_PANELS).collect();
        if panels.is_empty() {
            return Err(ChartError::NoSamples);
        }
        let mut scene = Scene::new(WIDTH as u32, 0);
        let top = heading(&mut scene, &self.title, &self.subtitle);
        let top = 12 + legend::draw(&mut scene, &entries(&panels), (MARGIN, top), WIDTH - MARGIN);
        for (index, panel) in panels.iter().enumerate() {
            let (column, row) = ((index % COLUMNS) as i32, (index / COLUMNS) as i32);
            panel.draw(&mut scene, (MARGIN + column * PITCH.0, top + row * PITCH.1));
        }
        scene.height = (top + panels.len().div_ceil(COLUMNS) as i32 * PITCH.1) as u32;
        Ok(scene)
    }
}

fn entries(panels: &[Drawn]) -> Vec<Entry> {
    let mut entries = vec![Entry::new(Sample::Dot(MEASURED), "peak of a run, MiB")];
    if panels.iter().any(|panel| panel.limit_mb.is_some()) {
        entries.push(Entry::new(Sample::Dashed(LIMIT), "limit"));
    }
    if panels.iter().any(|panel| panel.change.is_some()) {
        entries.push(Entry::new(Sample::Line(PREDICTED), "change"));
    }
    entries
}

/// A panel with its finite points.
struct Drawn<'a> {
    panel: &'a SmallPanel,
    points: Vec<(f64, f64)>,
    highest: f64,
    limit_mb: Option<f64>,
    change: Option<&'a (f64, String)>,
}

impl<'a> Drawn<'a> {
    fn of(panel: &'a SmallPanel) -> Option<Self> {
        let finite = |point: &&(f64, f64)| point.0.is_finite() && point.1.is_finite();
        let points: Vec<(f64, f64)> = panel.points.iter().filter(finite).copied().collect();
        let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
        let near = |limit: &f64| *limit > 0.0 && *limit <= highest * LIMIT_WITHIN;
        let limit_mb = panel.limit_mb.filter(near);
        (highest > 0.0).then_some(Self { panel, points, highest, limit_mb, change: panel.change.as_ref() })
    }

    fn draw(&self, scene: &mut Scene, (left, top): (i32, i32)) {
        let area = Area::new(left + LEFT, top + ABOVE, left + LEFT + SIZE.0, top + ABOVE + SIZE.1);
        let high = self.limit_mb.unwrap_or(0.0).max(self.highest) * 1.05;
        let y = Scale { low: 0.0, high, from: area.bottom, to: area.top };
        let (first, last) = (self.points[0].0, self.points[self.points.len() - 1].0);
        let x = Scale { low: first, high: last.max(first + 1.0), from: area.left, to: area.right };
        self.axes(scene, area, &y);
        if let Some(limit) = self.limit_mb {
            scene.dashes((area.left, y.at(limit)), (area.right, y.at(limit)), (8.0, 5.0), LIMIT, 2);
        }
        let mut last = None;
        for (time, peak) in &self.points {
            let at = (x.at(*time), y.at(*peak));
            if last.replace(at) != Some(at) {
                scene.dot(at, 3, MEASURED);
            }
        }
        if let Some((time, text)) = self.change {
            let at = x.at(*time);
            scene.line(vec![(at, area.top), (at, area.bottom)], PREDICTED, 2);
            // On the side where there is more room, at the foot: peaks are above it.
            let right = at - area.left < area.width() / 2;
            let (align, beside) = if right { (Align::Left, at + 8) } else { (Align::Right, at - 8) };
            let room = if right { area.right - beside } else { beside - area.left };
            let text = label::fit(text, room, BODY, Weight::Regular);
            scene.text(Text::new(text, (beside, area.bottom - 16), align, BODY, PREDICTED));
        }
        scene.frame(area, FRAME);
    }

    fn axes(&self, scene: &mut Scene, area: Area, y: &Scale) {
        let name = label::fit(&self.panel.label, area.width(), BODY, Weight::Bold);
        scene.text(Text::new(name, (area.left, area.top - 20), Align::Left, BODY, TEXT).bold());
        let ticks = y.ticks(60);
        for value in &ticks.values {
            let at = y.at(*value);
            scene.line(vec![(area.left, at), (area.right, at)], GRID, 1);
            let text = label::stepped(*value, ticks.step);
            scene.text(Text::new(text, (area.left - 8, at), Align::Right, BODY, TEXT));
        }
        let (first, last) = &self.panel.dates;
        let below = area.bottom + 30;
        scene.text(Text::new(first, (area.left, below), Align::Left, BODY, QUIET_TEXT));
        if first != last {
            scene.text(Text::new(last, (area.right, below), Align::Right, BODY, QUIET_TEXT));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::scene::faults;

    fn panel(index: usize) -> SmallPanel {
        SmallPanel {
            label: format!("a job with a rather long name that does not fit its panel, number {index}"),
            points: (0..60).map(|run| (f64::from(run) * 1e4, 900.0 + f64::from(run % 7) * 30.0)).collect(),
            dates: ("2026-10-01".into(), "2026-11-30".into()),
            limit_mb: Some(if index.is_multiple_of(2) { 1200.0 } else { 65_536.0 }),
            change: (index.is_multiple_of(3))
                .then(|| (f64::from(index as u32) * 1e4, "+12 % · version 3f2c".into())),
        }
    }

    #[test]
    fn one_group_and_many_are_legible() {
        for count in [1, 3, 4, 12, 40] {
            let chart =
                SmallMultiples { panels: (0..count).map(panel).collect(), ..SmallMultiples::default() };
            assert_eq!(faults(&chart.layout().expect("has runs")), [""; 0], "{count} groups");
        }
    }

    #[test]
    fn groups_without_a_figure_are_left_out() {
        let blank = SmallPanel { points: vec![(0.0, f64::NAN)], ..SmallPanel::default() };
        let single = SmallPanel { points: vec![(0.0, 5.0)], limit_mb: Some(0.0), ..SmallPanel::default() };
        let chart = |panels| SmallMultiples { panels, ..SmallMultiples::default() };
        assert_eq!(chart(vec![blank.clone()]).layout(), Err(ChartError::NoSamples));
        chart(vec![blank, single]).layout().expect("has a run");
    }
}
