//! The panel of allowed batch sizes under the memory panel.

use super::axis::Scale;
use super::decimate;
use super::label;
use super::lane::pixel_spans;
use super::palette::{FALLBACK, FRAME, GRID, TEXT};
use super::run::RunChart;
use super::scene::{Align, Area, Scene, Text};
use super::text_size::BODY;

/// Up to this many different sizes each get their own tick.
const OWN_TICKS: usize = 8;

/// Draws the steps, their axis and the fallback spans.
pub(super) fn draw(scene: &mut Scene, area: Area, x: &Scale, chart: &RunChart<'_>) {
    let mut steps = chart.batch_sizes.clone();
    steps.retain(|step| step.0.is_finite());
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let largest = steps.iter().map(|step| step.1).max().unwrap_or(0).max(1);
    let y = Scale { low: 0.0, high: f64::from(largest), from: area.bottom, to: area.top + 16 };
    for (from, to) in pixel_spans(&chart.fallback_spans, x) {
        scene.rect(Area::new(from, area.top, to, area.bottom), FALLBACK.alpha(0.14));
    }
    axis(scene, area, &y, &steps);
    let columns = decimate::columns(corners(&steps, x), |time| x.at(time));
    for line in decimate::lines(&columns, |value| y.at(value)) {
        scene.line(line, TEXT, 2);
    }
    scene.frame(area, FRAME);
}

/// The steps as the corners of a line: each size holds until the next, the last to the end.
fn corners(steps: &[(f64, u32)], x: &Scale) -> Vec<(f64, f64)> {
    let ends = steps.iter().skip(1).map(|step| step.0).chain([f64::INFINITY]);
    steps
        .iter()
        .zip(ends)
        .filter(|(step, end)| *end >= x.low && step.0 <= x.high)
        .flat_map(|(step, end)| {
            let size = f64::from(step.1);
            [(step.0.max(x.low), size), (end.min(x.high), size)]
        })
        .collect()
}

fn axis(scene: &mut Scene, area: Area, y: &Scale, steps: &[(f64, u32)]) {
    let mut sizes: Vec<u32> = steps.iter().map(|step| step.1).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut values: Vec<f64> = sizes.iter().rev().map(|&size| f64::from(size)).collect();
    if values.len() > OWN_TICKS {
        values = y.ticks(44).values;
    } else {
        values.push(0.0);
    }
    let mut taken: Vec<i32> = Vec::new();
    for value in values {
        let at = y.at(value);
        scene.line(vec![(area.left, at), (area.right, at)], GRID, 1);
        if taken.iter().all(|other| (at - other).abs() >= BODY as i32) {
            taken.push(at);
            let text = label::stepped(value, 1.0);
            scene.text(Text::new(text, (area.left - 12, at), Align::Right, BODY, TEXT));
        }
    }
    let title = Text::new("allowed batch size, items", (area.left, area.top - 15), Align::Left, BODY, TEXT);
    scene.text(title.bold());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_hold_until_the_next_and_to_the_end() {
        let x = Scale { low: 0.0, high: 10.0, from: 0, to: 100 };
        let steps = [(-5.0, 100), (2.0, 500), (12.0, 1000)];
        assert_eq!(corners(&steps, &x), [(0.0, 100.0), (2.0, 100.0), (2.0, 500.0), (10.0, 500.0)]);
    }
}
