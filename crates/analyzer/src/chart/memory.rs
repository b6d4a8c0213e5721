//! The memory panel: RSS over time on the bands of the thresholds.

use super::axis::{Scale, TimeUnit, round_step};
use super::decimate::{self, Column};
use super::font::Weight;
use super::label;
use super::lane::pixel_spans;
use super::level::{self, Level, Stroke};
use super::palette::{
    BANDS, FALLBACK, FRAME, GRID, HEAP, MEASURED, OPERATION, PREDICTED, QUIET_TEXT, TEXT, TREND, WHITE,
};
use super::run::{RunChart, Trend};
use super::samples::Samples;
use super::scene::{Align, Area, Point, Scene, Text};
use super::text_size::BODY;

/// Room above the highest value, for the peak's label.
const HEADROOM: i32 = 46;
/// Room above the highest level, when that is what is highest.
const LEVEL_HEADROOM: i32 = 16;
/// How far above its foot a broken axis is marked.
const BREAK_ABOVE: i32 = 14;
/// With fewer samples than this each is also drawn as a dot.
const DOTS_BELOW: usize = 120;
/// The widest an operation's label may be.
const OPERATION_WIDTH: i32 = 260;
/// A longer prediction, in pixels, is drawn as a solid line.
const DASHED_UP_TO: f64 = 20_000.0;
/// Into how many straight pieces the trend is cut, so that it ends where it leaves the panel.
const TREND_PIECES: u32 = 61;

/// What the panel shows, and its scales.
pub(super) struct MemoryPanel<'a> {
    chart: &'a RunChart<'a>,
    area: Area,
    x: Scale,
    y: Scale,
    levels: Vec<Level>,
    samples: &'a Samples<'a>,
    /// The same by the pixel that they fall on.
    columns: &'a [Column],
    predicted: &'a Samples<'a>,
    peak: (f64, f64),
}

impl<'a> MemoryPanel<'a> {
    pub(super) fn new(
        chart: &'a RunChart<'a>,
        area: Area,
        x: Scale,
        (samples, columns): (&'a Samples<'a>, &'a [Column]),
        predicted: &'a Samples<'a>,
        peak: (f64, f64),
    ) -> Self {
        let levels = level::levels(&chart.thresholds);
        let trend = chart.trend.iter().flat_map(|trend| [trend.start_mb, trend.end_mb]);
        let heap = chart.heap.iter().flat_map(|heap| heap.committed_mb.iter().copied());
        let extremes = columns.iter().flat_map(|column| [column.min, column.max]);
        let values = extremes.chain(predicted.iter()).map(|sample| sample.1).chain(trend).chain(heap);
        let (lowest, highest) = values
            .filter(|value| value.is_finite())
            .fold((peak.1, peak.1), |(low, high), value| (low.min(value), high.max(value)));
        let ceiling = level::ceiling(&levels, highest);
        let y = value_scale(area, lowest, highest, ceiling);
        Self { chart, area, x, y, levels, samples, columns, predicted, peak }
    }

    /// Draws the panel and returns how many operations found room for their label.
    pub(super) fn draw(&self, scene: &mut Scene) -> usize {
        self.bands(scene);
        for (from, to) in pixel_spans(&self.chart.fallback_spans, &self.x) {
            scene.rect(Area::new(from, self.area.top, to, self.area.bottom), FALLBACK.alpha(0.16));
        }
        self.axis(scene);
        let labelled = self.operations(scene);
        self.level_lines(scene);
        if let Some(trend) = &self.chart.trend {
            self.trend_band(scene, trend);
        }
        self.heap(scene);
        self.measured(scene);
        self.prediction(scene);
        if let Some(trend) = &self.chart.trend {
            self.trend_line(scene, trend);
        }
        scene.frame(self.area, FRAME);
        if self.y.low > 0.0 {
            self.break_mark(scene);
        }
        self.peak(scene);
        labelled
    }

    /// What had to be left out, and an axis that does not begin at zero.
    pub(super) fn notes(&self) -> Vec<String> {
        let names = |outside: &dyn Fn(f64) -> bool| -> String {
            let names: Vec<String> =
                self.levels.iter().filter(|level| outside(level.mb)).map(Level::label).collect();
            names.join(", ")
        };
        let mut notes = Vec::new();
        let (above, below) = (names(&|mb| mb > self.y.high), names(&|mb| mb < self.y.low));
        if !above.is_empty() {
            notes.push(format!("above the chart: {above} MiB"));
        }
        if !below.is_empty() {
            notes.push(format!("below the chart: {below} MiB"));
        }
        if self.y.low > 0.0 {
            notes.push(format!("axis begins at {} MiB", label::size(self.y.low)));
        }
        notes
    }

    fn bands(&self, scene: &mut Scene) {
        let Area { left, right, .. } = self.area;
        let thresholds = &self.chart.thresholds;
        let starts = [thresholds.moderate, thresholds.high, thresholds.critical];
        for (index, ink) in BANDS.into_iter().enumerate() {
            let Some(start) = starts[index].filter(|start| start.is_finite()) else {
                continue;
            };
            let end =
                starts[index + 1..].iter().flatten().copied().filter(|end| end.is_finite()).reduce(f64::min);
            let top = end.map_or(self.area.top, |end| self.pixel_or_edge(end));
            scene.rect(Area::new(left, top, right, self.pixel_or_edge(start)), ink);
        }
    }

    /// The pixel of a value; beyond the axis, the edge of the panel rather than the end of the axis.
    fn pixel_or_edge(&self, value: f64) -> i32 {
        if value < self.y.low { self.area.bottom } else { self.y.at(value) }
    }

    fn axis(&self, scene: &mut Scene) {
        let Area { left, right, top, .. } = self.area;
        let ticks = self.y.ticks(64);
        for &value in &ticks.values {
            let at = self.y.at(value);
            scene.line(vec![(left, at), (right, at)], GRID, 1);
            if at > top + 6 {
                scene.line(vec![(left - 6, at), (left, at)], FRAME, 1);
                let text = label::stepped(value, ticks.step);
                scene.text(Text::new(text, (left - 12, at), Align::Right, BODY, TEXT));
            }
        }
        let (title, align, x) = match self.chart.quantity {
            None => ("RSS, MiB".to_owned(), Align::Right, left - 12),
            // Longer than the numbers below it: from the picture's edge.
            Some(quantity) => (format!("{quantity}, MiB"), Align::Left, 16),
        };
        scene.text(Text::new(title, (x, top - 18), align, BODY, TEXT).bold());
    }

    /// Two strokes across the axis near its foot: it does not begin at zero.
    fn break_mark(&self, scene: &mut Scene) {
        let (x, y) = (self.area.left, self.area.bottom - BREAK_ABOVE);
        scene.rect(Area::new(x - 2, y - 5, x + 2, y + 5), WHITE);
        for offset in [-5, 5] {
            scene.line(vec![(x - 9, y + offset + 4), (x + 9, y + offset - 4)], FRAME, 2);
        }
    }

    fn level_lines(&self, scene: &mut Scene) {
        let Area { left, right, top, bottom } = self.area;
        let mut shown: Vec<&Level> = self.levels.iter().filter(|level| self.y.holds(level.mb)).collect();
        shown.reverse();
        let lines: Vec<i32> = shown.iter().map(|level| self.y.at(level.mb)).collect();
        let names = level::spread(&lines, BODY as i32 + 5, top, bottom);
        for ((level, line), name) in shown.into_iter().zip(lines).zip(names) {
            let (from, to) = ((left, line), (right, line));
            match level.stroke {
                Stroke::Solid => scene.line(vec![from, to], level.ink, 1),
                Stroke::Dashed => scene.dashes(from, to, (10.0, 6.0), level.ink, 2),
                Stroke::Heavy => scene.line(vec![from, to], level.ink, 3),
            }
            scene.line(vec![to, (right + 14, name)], level.ink, 1);
            let room = scene.width as i32 - right - 28;
            let text = label::fit(&level.label(), room, BODY, Weight::Regular);
            scene.text(Text::new(text, (right + 20, name), Align::Left, BODY, level.ink));
        }
    }

    fn measured(&self, scene: &mut Scene) {
        for line in decimate::lines(self.columns, |value| self.y.at(value)) {
            if let [alone] = line[..] {
                scene.dot(alone, 4, MEASURED);
            } else {
                scene.line(line, MEASURED, 2);
            }
        }
        if self.samples.len() < DOTS_BELOW {
            for (time, value) in self.samples.finite() {
                scene.dot((self.x.at(time), self.y.at(value)), 4, MEASURED);
            }
        }
    }

    /// What was committed holds until it changes: steps, inside the time of the samples.
    fn heap(&self, scene: &mut Scene) {
        let Some(heap) = &self.chart.heap else { return };
        let points = heap.seconds.iter().zip(&heap.committed_mb);
        let points = points.filter(|(time, value)| self.x.holds(**time) && value.is_finite());
        let mut line: Vec<Point> = Vec::new();
        for (time, value) in points {
            let at = (self.x.at(*time), self.y.at(*value));
            line.extend(line.last().map(|before| (at.0, before.1)));
            line.push(at);
        }
        line.dedup();
        scene.line(line, HEAP, 2);
    }

    /// The prediction is dashed, unless it is so dense that dashes would not be seen.
    fn prediction(&self, scene: &mut Scene) {
        let columns = decimate::columns(self.predicted.iter(), |time| self.x.at(time));
        for line in decimate::lines(&columns, |value| self.y.at(value)) {
            if let [alone] = line[..] {
                scene.dot(alone, 4, PREDICTED);
            } else if path_length(&line) > DASHED_UP_TO {
                scene.line(line, PREDICTED, 2);
            } else {
                scene.dashed_path(&line, (14.0, 5.0), PREDICTED, 2);
            }
        }
    }

    fn trend_band(&self, scene: &mut Scene, trend: &Trend) {
        let low = trend.pieces(trend.start_interval_mb.0, trend.end_interval_mb.0);
        let high = trend.pieces(trend.start_interval_mb.1, trend.end_interval_mb.1);
        let outline = low.chain(high.collect::<Vec<_>>().into_iter().rev());
        let points: Vec<_> =
            outline.map(|(time, value)| (self.x.at(time), self.pixel_or_edge(value))).collect();
        if trend.is_finite() {
            scene.polygon(points, TREND.alpha(0.14));
        }
    }

    fn trend_line(&self, scene: &mut Scene, trend: &Trend) {
        let points = trend.pieces(trend.start_mb, trend.end_mb).filter(|point| self.y.holds(point.1));
        let path: Vec<_> = points.map(|(time, value)| (self.x.at(time), self.y.at(value))).collect();
        scene.dashed_path(&path, (16.0, 8.0), TREND, 2);
    }

    fn peak(&self, scene: &mut Scene) {
        let at = (self.x.at(self.peak.0), self.y.at(self.peak.1));
        let unit = TimeUnit::for_span(self.x.high - self.x.low);
        let time = label::size(self.peak.0 / unit.seconds());
        let text = format!("peak {} MiB at {time} {}", label::size(self.peak.1), unit.symbol());
        let mut text = Text::new(text, (at.0, at.1 - 25), Align::Centre, BODY, TEXT).bold();
        let half = text.width() / 2 + 10;
        text.at.0 = text.at.0.clamp(self.area.left + half, self.area.right - half);
        let bounds = text.bounds();
        let backing = Area::new(bounds.left - 6, bounds.top - 2, bounds.right + 6, bounds.bottom + 2);
        scene.rect(backing, WHITE.alpha(0.94));
        scene.dot(at, 8, WHITE);
        scene.dot(at, 6, MEASURED);
        scene.text(text);
    }

    /// Labels operations from left to right where there is room, and marks all of them.
    fn operations(&self, scene: &mut Scene) -> usize {
        let Area { left, right, top, bottom } = self.area;
        let mut operations: Vec<&(f64, String)> = self.chart.operations.iter().collect();
        operations.retain(|operation| self.x.holds(operation.0));
        operations.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut free, mut marked, mut labelled) = (left, left, 0);
        for (time, name) in operations {
            let at = self.x.at(*time);
            if at > marked {
                scene.line(vec![(at, top - 6), (at, top)], OPERATION, 1);
                marked = at + 2;
            }
            if at - 2 < free {
                continue;
            }
            let name = label::fit_middle(name, OPERATION_WIDTH, BODY, Weight::Regular);
            let text = Text::new(name, (at - 2, top - 20), Align::Left, BODY, QUIET_TEXT);
            let end = text.left() + text.width();
            if end <= (right + 60).min(scene.width as i32 - 20) && !text.text.is_empty() {
                scene.line(vec![(at, top - 8), (at, bottom)], OPERATION.alpha(0.35), 1);
                scene.text(text);
                (free, labelled) = (end + 18, labelled + 1);
            }
        }
        labelled
    }
}

impl Trend {
    fn is_finite(&self) -> bool {
        let (start, end) = (self.start_interval_mb, self.end_interval_mb);
        [self.start_s, self.end_s, self.start_mb, self.end_mb, start.0, start.1, end.0, end.1]
            .iter()
            .all(|value| value.is_finite())
    }

    /// Points along the straight line from `start` to `end` over the trend's time.
    fn pieces(&self, start: f64, end: f64) -> impl Iterator<Item = (f64, f64)> + use<> {
        let (from, to) = (self.start_s, self.end_s);
        (0..=TREND_PIECES).map(move |piece| {
            let share = f64::from(piece) / f64::from(TREND_PIECES);
            (from + (to - from) * share, start + (end - start) * share)
        })
    }
}

fn path_length(path: &[Point]) -> f64 {
    let piece = |pair: &[Point]| f64::from(pair[1].0 - pair[0].0).hypot(f64::from(pair[1].1 - pair[0].1));
    path.windows(2).map(piece).sum()
}

/// The value axis: from zero, unless all values lie in the upper half and would lose their shape.
fn value_scale(area: Area, lowest: f64, highest: f64, ceiling: f64) -> Scale {
    let spread = ceiling - lowest;
    let all_high = lowest > 0.5 * ceiling && highest - lowest > 0.005 * highest;
    let low = if all_high {
        let step = round_step(spread / 5.0);
        ((lowest - 0.1 * spread) / step).floor() * step
    } else {
        lowest.min(0.0)
    };
    let high = if ceiling > low { ceiling } else { low + 1.0 };
    let height = f64::from(area.height());
    let per_pixel = |room: i32| f64::from(room) / (height - f64::from(room));
    let for_level = high + (high - low) * per_pixel(LEVEL_HEADROOM);
    let for_peak = highest + (highest - low) * per_pixel(HEADROOM);
    Scale { low, high: for_level.max(for_peak), from: area.bottom, to: area.top }
}
