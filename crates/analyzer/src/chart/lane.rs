//! Narrow lanes under the memory panel for what happens at moments: collections and fallback.

use super::axis::Scale;
use super::palette::{FALLBACK, FRAME, GC, Ink};
use super::scene::{Align, Area, Scene, Text};
use super::text_size::BODY;

/// How high a lane is.
pub(super) const HEIGHT: i32 = 24;
/// Marks closer than this are one mark.
const APART: i32 = 4;

/// One lane: its name and what is marked on it.
pub(super) struct Lane<'a> {
    name: &'static str,
    ink: Ink,
    marks: Marks<'a>,
}

enum Marks<'a> {
    Moments(&'a [f64]),
    Spans(&'a [(f64, f64)]),
}

impl<'a> Lane<'a> {
    pub(super) fn collections(moments: &'a [f64]) -> Self {
        Self { name: "GC", ink: GC, marks: Marks::Moments(moments) }
    }

    pub(super) fn fallback(spans: &'a [(f64, f64)]) -> Self {
        Self { name: "fallback", ink: FALLBACK, marks: Marks::Spans(spans) }
    }
}

/// Draws the lanes, each in its area.
pub(super) fn draw_all(scene: &mut Scene, lanes: &[(Area, Lane<'_>)], x: &Scale) {
    for (area, lane) in lanes {
        let middle = (area.top + area.bottom) / 2;
        scene.line(vec![(area.left, middle), (area.right, middle)], FRAME.alpha(0.35), 1);
        scene.text(Text::new(lane.name, (area.left - 12, middle), Align::Right, BODY, lane.ink));
        match lane.marks {
            Marks::Moments(moments) => {
                for at in thinned(moments, x) {
                    scene.rect(Area::new(at - 1, area.top + 3, at + 1, area.bottom - 3), lane.ink);
                }
            }
            Marks::Spans(spans) => {
                for (from, to) in pixel_spans(spans, x) {
                    scene.rect(Area::new(from, area.top + 4, to, area.bottom - 4), lane.ink);
                }
            }
        }
    }
}

/// The pixels of the moments on the axis, none closer than `APART` to the one before.
fn thinned(moments: &[f64], x: &Scale) -> Vec<i32> {
    let mut pixels: Vec<i32> =
        moments.iter().filter(|&&time| x.holds(time)).map(|&time| x.at(time)).collect();
    pixels.sort_unstable();
    let mut last = i32::MIN;
    pixels.retain(|&pixel| {
        let keep = last == i32::MIN || pixel - last >= APART;
        if keep {
            last = pixel;
        }
        keep
    });
    pixels
}

/// Spans as pixels, at least three wide, merged where they touch.
pub(super) fn pixel_spans(spans: &[(f64, f64)], x: &Scale) -> Vec<(i32, i32)> {
    let mut pixels: Vec<(i32, i32)> = spans
        .iter()
        .filter(|(from, to)| from <= to && *to >= x.low && *from <= x.high)
        .map(|&(from, to)| (x.at(from), x.at(to).max(x.at(from) + 3)))
        .collect();
    pixels.sort_unstable();
    let mut merged: Vec<(i32, i32)> = Vec::new();
    for (from, to) in pixels {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: Scale = Scale { low: 0.0, high: 100.0, from: 0, to: 1000 };

    #[test]
    fn dense_collections_are_thinned() {
        let moments: Vec<f64> = (0..100_000).map(|index| f64::from(index) / 1_000.0).collect();
        assert_eq!(thinned(&moments, &X).len(), 251);
    }

    #[test]
    fn touching_spans_are_merged_and_short_ones_seen() {
        let spans = [(1.0, 2.0), (1.5, 3.0), (50.0, 50.0), (200.0, 300.0), (f64::NAN, 1.0)];
        assert_eq!(pixel_spans(&spans, &X), [(10, 30), (500, 503)]);
    }
}
