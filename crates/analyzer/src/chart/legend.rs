//! The legend: a row that names each line.

use super::font::Weight;
use super::label;
use super::palette::{HEAP, Ink, MEASURED, PREDICTED, TEXT, TREND};
use super::run::{HeapLine, Trend};
use super::scene::{Align, Area, Point, Scene, Text};
use super::text_size::BODY;
use crate::rate::unit_of;

const SAMPLE_WIDTH: i32 = 44;
const ROW: i32 = 30;
/// The widest a text may be: three fit in a row.
const WIDEST: i32 = 460;

/// How an entry is drawn in the chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sample {
    Line(Ink),
    Dashed(Ink),
    Banded(Ink),
    Bar(Ink),
    Tick(Ink),
    Dot(Ink),
    Limit(Ink),
    Whisker(Ink),
}

/// One entry: a sample of the drawing and its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) sample: Sample,
    pub(super) text: String,
}

impl Entry {
    pub(super) fn new(sample: Sample, text: &str) -> Self {
        Self { sample, text: text.to_owned() }
    }

    pub(super) fn measured(quantity: &str) -> Self {
        Self::new(Sample::Line(MEASURED), &format!("measured {quantity}"))
    }

    pub(super) fn predicted(name: &str) -> Self {
        let name = label::clean(name);
        let text = if name.is_empty() { "predicted".to_owned() } else { format!("predicted: {name}") };
        Self { sample: Sample::Dashed(PREDICTED), text }
    }

    pub(super) fn heap(heap: &HeapLine) -> Self {
        Self::new(Sample::Line(HEAP), &format!("heap committed: {}", label::clean(&heap.label)))
    }

    pub(super) fn trend(trend: &Trend) -> Self {
        let minutes = (trend.end_s - trend.start_s) / 60.0;
        let slope = (trend.end_mb - trend.start_mb) / minutes;
        let text = if slope.is_finite() {
            let (minutes, unit) = unit_of(slope);
            format!("trend {} MiB per {unit}, interval", label::change(slope * minutes))
        } else {
            "trend, interval".to_owned()
        };
        Self { sample: Sample::Banded(TREND), text }
    }
}

/// Draws the entries in rows from `at` to `right` and returns the pixel below them.
pub(super) fn draw(scene: &mut Scene, entries: &[Entry], at: Point, right: i32) -> i32 {
    let (mut x, mut y) = at;
    for entry in entries {
        let text = label::fit(&entry.text, WIDEST, BODY, Weight::Regular);
        let text = Text::new(text, (x + SAMPLE_WIDTH + 10, y), Align::Left, BODY, TEXT);
        let width = SAMPLE_WIDTH + 10 + text.width();
        let text = if x > at.0 && x + width > right {
            (x, y) = (at.0, y + ROW);
            Text { at: (x + SAMPLE_WIDTH + 10, y), ..text }
        } else {
            text
        };
        draw_sample(scene, entry.sample, (x, y));
        scene.text(text);
        x += width + 36;
    }
    y + ROW / 2
}

fn draw_sample(scene: &mut Scene, sample: Sample, (x, y): Point) {
    let (start, end, middle) = ((x, y), (x + SAMPLE_WIDTH, y), (x + SAMPLE_WIDTH / 2, y));
    match sample {
        Sample::Line(ink) => scene.line(vec![start, end], ink, 3),
        Sample::Dashed(ink) => scene.dashes(start, end, (12.0, 5.0), ink, 3),
        Sample::Banded(ink) => {
            scene.rect(Area::new(x, y - 9, x + SAMPLE_WIDTH, y + 10), ink.alpha(0.16));
            scene.dashes(start, end, (12.0, 5.0), ink, 2);
        }
        Sample::Bar(ink) => scene.rect(Area::new(x, y - 9, x + SAMPLE_WIDTH, y + 9), ink),
        Sample::Tick(ink) => scene.line(vec![(middle.0, y - 11), (middle.0, y + 11)], ink, 3),
        Sample::Dot(ink) => scene.dot(middle, 5, ink),
        Sample::Limit(ink) => scene.rect(Area::new(middle.0 - 2, y - 14, middle.0 + 3, y + 14), ink),
        Sample::Whisker(ink) => {
            scene.line(vec![start, end], ink, 2);
            scene.dot(middle, 6, ink);
        }
    }
}
