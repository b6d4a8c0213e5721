//! The chart of predictions: the peak of each size or config with its interval, `?` where it is not known.

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

/// More rows than this do not stay legible in one image: the first ones are shown, the rest counted.
const MOST_ROWS: usize = 40;
const WIDTH: i32 = 1600;
const ROW: i32 = 36;
const LABEL_WIDTH: i32 = 440;
const LEFT: i32 = 484;
const RIGHT: i32 = 1100;
/// A limit further out than this many times the highest prediction gets no room.
const LIMIT_WITHIN: f64 = 1.5;

/// One prediction, in MiB.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PredictedRow {
    /// The run, and the size or config.
    pub label: String,
    /// Low end, median and high end of the peak; `None` where nothing is known of it.
    pub peak_mb: Option<(f64, f64, f64)>,
    /// Whether the effect of the size is known: otherwise the figure is marked with `?`.
    pub identifiable: bool,
    /// Whether only bounds are known: then no median is drawn.
    pub bounds_only: bool,
    /// Probability that the limit is reached, from 0 to 1.
    pub kill_probability: Option<f64>,
}

/// What the chart of predictions shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PredictionsChart {
    /// The headline.
    pub title: String,
    /// A second, quieter line.
    pub subtitle: String,
    /// The memory limit, where one was asked about, in MiB.
    pub limit_mb: Option<f64>,
    /// One row per prediction, in order.
    pub rows: Vec<PredictedRow>,
}

impl Chart for PredictionsChart {
    fn layout(&self) -> Result<Scene, ChartError> {
        let rows = &self.rows[..self.rows.len().min(MOST_ROWS)];
        let highest =
            rows.iter().filter_map(PredictedRow::known).map(|(_, _, high)| high).fold(0.0, f64::max);
        if rows.is_empty() {
            return Err(ChartError::NoSamples);
        }
        let mut scene = Scene::new(WIDTH as u32, 0);
        let top = heading(&mut scene, &self.title, &self.subtitle);
        let limit = self.limit_mb.filter(|limit| limit.is_finite() && *limit > 0.0);
        let top = 50 + legend::draw(&mut scene, &entries(rows, limit), (MARGIN, top), WIDTH - MARGIN);
        let bottom = top + ROW * rows.len() as i32 + 12;
        let near = limit.filter(|limit| *limit <= LIMIT_WITHIN * highest || highest <= 0.0);
        let high = near.map_or(highest, |limit| limit.max(highest)).max(f64::MIN_POSITIVE);
        let x = Scale { low: 0.0, high: 1.02 * high, from: LEFT, to: RIGHT };
        axis(&mut scene, x, Area::new(LEFT, top, RIGHT, bottom));
        let names: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
        let names = label::fit_apart(&names, LABEL_WIDTH, BODY, Weight::Regular);
        for (index, (row, name)) in rows.iter().zip(names).enumerate() {
            let middle = top + 6 + ROW * index as i32 + ROW / 2;
            scene.text(Text::new(name, (LEFT - 14, middle), Align::Right, BODY, TEXT));
            row.draw(&mut scene, x, limit, middle);
        }
        if let Some(limit) = near {
            let at = x.at(limit);
            scene.rect(Area::new(at - 1, top, at + 2, bottom), LIMIT);
        }
        let text = label::fit(&self.note(limit, near), WIDTH - 2 * MARGIN, BODY, Weight::Regular);
        scene.height = (bottom + if text.is_empty() { 54 } else { 90 }) as u32;
        scene.text(Text::new(text, (MARGIN, bottom + 66), Align::Left, BODY, QUIET_TEXT));
        Ok(scene)
    }
}

impl PredictionsChart {
    fn note(&self, limit: Option<f64>, near: Option<f64>) -> String {
        let mut notes = Vec::new();
        if self.rows.len() > MOST_ROWS {
            notes
                .push(format!("{} more predictions are left out", label::count(self.rows.len() - MOST_ROWS)));
        }
        if let Some(limit) = limit.filter(|_| near.is_none()) {
            notes.push(format!("limit beyond the axis: {} MiB", label::size(limit)));
        }
        notes.join(" · ")
    }
}

impl PredictedRow {
    /// The interval, where all of it is a number.
    fn known(&self) -> Option<(f64, f64, f64)> {
        self.peak_mb.filter(|(low, median, high)| (low + median + high).is_finite() && *low >= 0.0)
    }

    fn draw(&self, scene: &mut Scene, x: Scale, limit: Option<f64>, middle: i32) {
        let value = |text: String| Text::new(text, (WIDTH - MARGIN, middle), Align::Right, BODY, TEXT);
        let Some((low, median, high)) = self.known() else {
            scene.text(value("?".to_owned()));
            return;
        };
        let over = limit.is_some_and(|limit| median >= limit);
        if !self.bounds_only {
            let ink = if over { OVER_LIMIT } else { BAR };
            scene.rect(Area::new(x.from, middle - 10, x.at(median).max(x.from + 2), middle + 10), ink);
        }
        scene.line(vec![(x.at(low), middle), (x.at(high), middle)], TREND, 2);
        for end in [low, high] {
            scene.line(vec![(x.at(end), middle - 7), (x.at(end), middle + 7)], TREND, 2);
        }
        scene.text(value(self.words(low, median, high)));
    }

    /// `391 (331–421) ? · killed 80 %`
    fn words(&self, low: f64, median: f64, high: f64) -> String {
        let (low, high) = (label::size(low), label::size(high));
        let figure = if self.bounds_only {
            format!("{low}–{high}")
        } else {
            format!("{} ({low}–{high})", label::size(median))
        };
        let mark = if self.identifiable { "" } else { " ?" };
        let killed = self
            .kill_probability
            .map_or_else(String::new, |share| format!(" · killed {:.0} %", 100.0 * share));
        format!("{figure}{mark}{killed}")
    }
}

fn entries(rows: &[PredictedRow], limit: Option<f64>) -> Vec<Entry> {
    let over = |row: &&PredictedRow| {
        row.known().zip(limit).is_some_and(|((_, median, _), limit)| median >= limit) && !row.bounds_only
    };
    let mut entries = Vec::new();
    if rows.iter().any(|row| !over(&row) && !row.bounds_only && row.known().is_some()) {
        entries.push(Entry::new(Sample::Bar(BAR), "predicted peak, MiB"));
    }
    if rows.iter().any(|row| over(&row)) {
        entries.push(Entry::new(Sample::Bar(OVER_LIMIT), "predicted peak over the limit"));
    }
    if rows.iter().any(|row| row.known().is_some()) {
        entries.push(Entry::new(Sample::Whisker(TREND), "90 % interval, or bounds"));
    }
    if limit.is_some() {
        entries.push(Entry::new(Sample::Limit(LIMIT), "limit"));
    }
    if rows.iter().any(|row| !row.identifiable) {
        entries.push(Entry::new(Sample::Tick(TEXT), "?: the effect of the size is not known"));
    }
    entries
}

fn axis(scene: &mut Scene, x: Scale, area: Area) {
    let Area { left, top, right, bottom } = area;
    let ticks = x.ticks(110);
    for &value in &ticks.values {
        let at = x.at(value);
        scene.line(vec![(at, top), (at, bottom)], GRID, 1);
        scene.text(Text::new(
            label::stepped(value, ticks.step),
            (at, bottom + 20),
            Align::Centre,
            BODY,
            TEXT,
        ));
    }
    scene.line(vec![(left, top), (left, bottom)], FRAME, 2);
    scene.line(vec![(left, bottom), (right, bottom)], FRAME, 1);
    scene.text(Text::new("peak RSS, MiB", (left, top - 18), Align::Left, BODY, TEXT).bold());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::scene::{Mark, faults};

    fn chart(count: usize) -> PredictionsChart {
        let row = |index: usize| PredictedRow {
            label: format!("a_run_with_a_long_name_{index} · fixed-batch-{}", 100 * index),
            peak_mb: (index != 3).then_some((300.0 + index as f64, 400.0 + 9.0 * index as f64, 900.0)),
            identifiable: !index.is_multiple_of(4),
            bounds_only: index.is_multiple_of(5),
            kill_probability: Some(0.4),
        };
        let rows = (0..count).map(row).collect();
        PredictionsChart {
            title: "Predicted peaks".into(),
            subtitle: String::new(),
            limit_mb: Some(420.0),
            rows,
        }
    }

    fn texts(scene: &Scene) -> Vec<&str> {
        let text = |mark: &'_ Mark| matches!(mark, Mark::Text(_));
        let marks = scene.marks.iter().filter(|mark| text(mark));
        marks.filter_map(|mark| if let Mark::Text(text) = mark { Some(&*text.text) } else { None }).collect()
    }

    #[test]
    fn one_row_and_many_are_legible() {
        for count in [1, 2, 7, 40, 55] {
            assert_eq!(faults(&chart(count).layout().expect("has rows")), [""; 0], "{count} rows");
        }
    }

    #[test]
    fn intervals_and_what_is_not_known_are_shown() {
        let scene = chart(5).layout().expect("has rows");
        let found = texts(&scene);
        assert!(found.contains(&"409 (301–900) · killed 40 %"), "{found:?}");
        assert!(
            found.contains(&"?") && found.iter().any(|text| text.ends_with("? · killed 40 %")),
            "{found:?}"
        );
        assert!(texts(&chart(55).layout().expect("has rows")).iter().any(|text| text.contains("15 more")));
    }

    #[test]
    fn rows_without_any_figure() {
        let odd = PredictedRow { peak_mb: Some((f64::NAN, 1.0, f64::MAX)), ..PredictedRow::default() };
        let none =
            PredictionsChart { rows: vec![PredictedRow::default(), odd], ..PredictionsChart::default() };
        assert_eq!(texts(&none.layout().expect("has rows")).iter().filter(|text| **text == "?").count(), 2);
        assert_eq!(PredictionsChart::default().layout(), Err(ChartError::NoSamples));
    }
}
