//! The probability of passing a limit against how many run at once.

use super::axis::Scale;
use super::error::ChartError;
use super::font::Weight;
use super::heading::{MARGIN, heading};
use super::label;
use super::legend::{self, Entry, Sample};
use super::palette::{FRAME, GC, GRID, Ink, LIMIT, MEASURED, OVER_LIMIT, PREDICTED, TEXT};
use super::render::Chart;
use super::scene::{Align, Area, Point, Scene, Text};
use super::text_size::BODY;

const WIDTH: i32 = 1600;
const HEIGHT: i32 = 900;
/// The lowest probability on the axis, as a power of ten.
const LOWEST: f64 = -3.0;
/// Units that are drawn: more would not be told apart.
const INKS: [Ink; 4] = [MEASURED, OVER_LIMIT, GC, PREDICTED];

/// What the chart shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FitChart {
    /// The headline.
    pub title: String,
    /// A second, quieter line.
    pub subtitle: String,
    /// The probability that is accepted.
    pub risk: f64,
    /// A curve for each unit; the first four are drawn.
    pub curves: Vec<FitCurve>,
}

/// The curve of one unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FitCurve {
    /// The unit.
    pub label: String,
    /// How many run at once, and the probability with independent start times and all started together.
    pub points: Vec<(usize, f64, f64)>,
}

impl Chart for FitChart {
    /// Probabilities on a logarithmic axis, those below 0.1 % at its foot.
    fn layout(&self) -> Result<Scene, ChartError> {
        let curves: Vec<&FitCurve> = self.curves.iter().filter(|curve| !curve.points.is_empty()).collect();
        let most = curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).max();
        let most = most.ok_or(ChartError::NoSamples)?;
        let curves = &curves[..curves.len().min(INKS.len())];
        let mut scene = Scene::new(WIDTH as u32, HEIGHT as u32);
        let top = heading(&mut scene, &self.title, &self.subtitle);
        let top = 24 + legend::draw(&mut scene, &entries(curves), (MARGIN, top), WIDTH - MARGIN);
        let area = Area::new(110, top, WIDTH - 40, HEIGHT - 84);
        let x = Scale { low: 0.0, high: most as f64 * 1.02, from: area.left, to: area.right };
        let y = Scale { low: LOWEST, high: 0.0, from: area.bottom, to: area.top };
        axes(&mut scene, area, &x, &y);
        scene.dashes(
            (area.left, y.at(self.risk.log10())),
            (area.right, y.at(self.risk.log10())),
            (4.0, 6.0),
            LIMIT,
            2,
        );
        for (curve, ink) in curves.iter().zip(INKS) {
            let path = |value: fn(&(usize, f64, f64)) -> f64| -> Vec<Point> {
                curve.points.iter().map(|point| (x.at(point.0 as f64), y.at(value(point).log10()))).collect()
            };
            scene.line(path(|point| point.1), ink, 3);
            scene.dashed_path(&path(|point| point.2), (12.0, 5.0), ink, 3);
        }
        scene.frame(area, FRAME);
        Ok(scene)
    }
}

fn entries(curves: &[&FitCurve]) -> Vec<Entry> {
    let of = |(curve, ink): (&&FitCurve, Ink)| {
        let name = label::fit(&curve.label, 260, BODY, Weight::Regular);
        [
            Entry::new(Sample::Line(ink), &format!("{name}, at once")),
            Entry::new(Sample::Dashed(ink), &format!("{name}, started together")),
        ]
    };
    let risk = Entry::new(Sample::Dashed(LIMIT), "accepted");
    curves.iter().zip(INKS).flat_map(of).chain([risk]).collect()
}

fn axes(scene: &mut Scene, area: Area, x: &Scale, y: &Scale) {
    let ticks = x.ticks(110);
    for value in ticks.values.iter().filter(|value| value.fract().abs() < 1e-9) {
        let at = x.at(*value);
        scene.line(vec![(at, area.top), (at, area.bottom)], GRID, 1);
        scene.text(Text::new(
            label::stepped(*value, ticks.step.max(1.0)),
            (at, area.bottom + 22),
            Align::Centre,
            BODY,
            TEXT,
        ));
    }
    for (power, name) in [(-3.0, "≤ 0.1 %"), (-2.0, "1 %"), (-1.0, "10 %"), (0.0, "100 %")] {
        let at = y.at(power);
        scene.line(vec![(area.left, at), (area.right, at)], GRID, 1);
        scene.text(Text::new(name, (area.left - 10, at), Align::Right, BODY, TEXT));
    }
    let middle = (area.left + area.right) / 2;
    scene.text(Text::new("run at once", (middle, area.bottom + 58), Align::Centre, BODY, TEXT));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::scene::faults;

    #[test]
    fn one_unit_and_many_are_legible() {
        let curve = |index: usize| FitCurve {
            label: format!("a unit with a rather long name, number {index}"),
            points: (1..=40)
                .map(|count| (count, (count as f64 / 40.0).powi(5), count as f64 / 40.0))
                .collect(),
        };
        for count in [1, 2, 9] {
            let curves = (0..count).map(curve).collect();
            let chart = FitChart { title: "Fit".into(), subtitle: "x".into(), risk: 0.01, curves };
            assert_eq!(faults(&chart.layout().expect("has points")), [""; 0], "{count} units");
        }
    }

    #[test]
    fn nothing_to_draw_is_said() {
        assert_eq!(FitChart::default().layout(), Err(ChartError::NoSamples));
    }
}
