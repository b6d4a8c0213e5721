//! The chart of one run: how its panels share the image.

use super::axis::{Scale, TimeUnit, time_ticks};
use super::batch;
use super::decimate;
use super::error::ChartError;
use super::font::Weight;
use super::heading::{MARGIN, heading};
use super::label;
use super::lane::{self, Lane};
use super::legend;
use super::level;
use super::memory::MemoryPanel;
use super::palette::{FRAME, GRID, QUIET_TEXT, TEXT};
use super::render::Chart;
use super::run::RunChart;
use super::samples::Samples;
use super::scene::{Align, Area, Scene, Text};
use super::text_size::BODY;

const WIDTH: i32 = 1600;
const HEIGHT: i32 = 900;
/// Where the panels begin: room for tick labels.
const PANEL_LEFT: i32 = 130;
/// Where the panels end: room for the names of the thresholds, if there are any.
const PANEL_RIGHT: i32 = 1340;
const WIDE_PANEL_RIGHT: i32 = 1552;
/// Air between a panel's frame and its first and last sample.
const INSET: i32 = 10;
const BATCH_HEIGHT: i32 = 140;

impl Chart for RunChart<'_> {
    fn layout(&self) -> Result<Scene, ChartError> {
        self.check()?;
        let samples = Samples::sorted(self.seconds, self.rss_mb);
        let predicted = self.predicted.as_ref();
        let predicted =
            predicted.map(|line| Samples::sorted(&line.seconds, &line.rss_mb)).unwrap_or_default();
        let x = self.time_scale(&samples, &predicted);
        let columns = decimate::columns(samples.iter(), |time| x.at(time));
        let highest = columns.iter().map(|column| column.max);
        let peak = highest.reduce(|best, sample| if sample.1 > best.1 { sample } else { best });
        let peak = peak.ok_or(ChartError::NoSamples)?;
        let above = |mark: &(f64, f64)| mark.0.is_finite() && mark.1.is_finite() && mark.1 > peak.1;
        let peak = self.mark.filter(above).unwrap_or(peak);
        let mut scene = Scene::new(WIDTH as u32, HEIGHT as u32);
        let top = heading(&mut scene, &self.title, &self.subtitle);
        let top = legend::draw(&mut scene, &self.legend(), (MARGIN, top), WIDTH - MARGIN);
        let panels = self.panels(top);
        let memory = MemoryPanel::new(self, panels.memory, x, (&samples, &columns), &predicted, peak);
        panels.grid(&mut scene, &x, self.time_unit(&x));
        let labelled = memory.draw(&mut scene);
        lane::draw_all(&mut scene, &panels.lanes, &x);
        if let Some(area) = panels.batch {
            batch::draw(&mut scene, area, &x, self);
        }
        self.notes(&mut scene, &memory, labelled);
        Ok(scene)
    }
}

impl RunChart<'_> {
    fn check(&self) -> Result<(), ChartError> {
        let equal = |name, times: usize, values: usize| {
            if times == values { Ok(()) } else { Err(ChartError::UnequalLengths { name, times, values }) }
        };
        equal("the samples", self.seconds.len(), self.rss_mb.len())?;
        if let Some(heap) = &self.heap {
            equal("the heap", heap.seconds.len(), heap.committed_mb.len())?;
        }
        self.predicted
            .as_ref()
            .map_or(Ok(()), |line| equal("the prediction", line.seconds.len(), line.rss_mb.len()))
    }

    fn panels(&self, top: i32) -> Panels<'_> {
        let mut lanes = Vec::new();
        let panel = |top, bottom| Area::new(PANEL_LEFT, top, self.panel_right(), bottom);
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
        let strip = if self.operations.is_empty() { 40 } else { 44 };
        Panels { memory: panel(top + strip, bottom), lanes, batch }
    }

    fn panel_right(&self) -> i32 {
        if level::levels(&self.thresholds).is_empty() { WIDE_PANEL_RIGHT } else { PANEL_RIGHT }
    }

    fn time_scale(&self, samples: &Samples<'_>, predicted: &Samples<'_>) -> Scale {
        let trend = self.trend.iter().flat_map(|trend| [trend.start_s, trend.end_s]);
        // They are in order.
        let ends = |samples: &Samples<'_>| [samples.finite().next(), samples.finite().next_back()];
        let times = [samples, predicted].into_iter().flat_map(ends).flatten().map(|sample| sample.0);
        let (low, high) = times
            .chain(trend.filter(|time| time.is_finite()))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), time| (low.min(time), high.max(time)));
        let high = if high > low { high } else { low + 1.0 };
        Scale { low, high, from: PANEL_LEFT + INSET, to: self.panel_right() - INSET }
    }

    fn time_unit(&self, x: &Scale) -> TimeUnit {
        TimeUnit::for_span(x.high - x.low)
    }

    fn legend(&self) -> Vec<legend::Entry> {
        let mut entries = vec![legend::Entry::measured(self.quantity.unwrap_or("RSS"))];
        entries.extend(self.predicted.as_ref().map(|line| legend::Entry::predicted(&line.label)));
        entries.extend(self.heap.as_ref().map(legend::Entry::heap));
        entries.extend(self.trend.as_ref().map(legend::Entry::trend));
        entries
    }

    fn notes(&self, scene: &mut Scene, memory: &MemoryPanel<'_>, labelled: usize) {
        let mut notes = memory.notes();
        if labelled < self.operations.len() {
            let total = label::count(self.operations.len());
            notes.push(format!("{} of {total} operations labelled", label::count(labelled)));
        }
        let text = label::fit(&notes.join(" · "), WIDTH - 2 * MARGIN, BODY, Weight::Regular);
        scene.text(Text::new(text, (MARGIN, HEIGHT - 20), Align::Left, BODY, QUIET_TEXT));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::palette::MEASURED;
    use crate::chart::run::{Predicted, Thresholds, Trend};
    use crate::chart::scene::{Mark, faults};
    use crate::chart::{Format, render};

    /// A chart with everything in it, on `count` samples.
    fn full(count: usize, high: f64, draw: impl Fn(&RunChart<'_>)) {
        let seconds: Vec<f64> = (0..count).map(|index| index as f64 * 0.5).collect();
        let rss: Vec<f64> =
            (0..count).map(|index| 0.6 * high + (index * 37 % 100) as f64 / 250.0 * high).collect();
        let end = seconds.last().copied().unwrap_or(0.0);
        draw(&RunChart {
            subtitle: "a subtitle that goes on ".repeat(20),
            thresholds: Thresholds {
                moderate: Some(500.0),
                high: Some(750.0),
                critical: Some(900.0),
                gc_trigger: Some(745.0),
                limit: Some(901.0),
            },
            batch_sizes: (0..count)
                .map(|index| (index as f64 * 0.5, [100, 250, 500, 1000][index % 4]))
                .collect(),
            gc_marks: seconds.clone(),
            fallback_spans: vec![(0.0, end / 4.0)],
            operations: seconds.iter().map(|&time| (time, format!("operation at {time}"))).collect(),
            trend: Some(Trend {
                start_s: 0.0,
                end_s: end,
                start_mb: 0.7 * high,
                end_mb: 0.8 * high,
                start_interval_mb: (0.0, high),
                end_interval_mb: (0.1 * high, 9.0 * high),
            }),
            predicted: Some(Predicted {
                label: "other.yaml".repeat(30),
                seconds: seconds.clone(),
                rss_mb: rss.clone(),
            }),
            ..RunChart::new("a title that goes on ".repeat(20), &seconds, &rss)
        });
    }

    #[test]
    fn no_text_is_clipped_or_covered() {
        for count in [1, 2, 10, 300, 2_000] {
            for high in [0.001, 3.0, 100.0, 480.0, 900.0, 5_000.0, 8e6] {
                full(count, high, |chart| {
                    let scene = chart.layout().expect("has samples");
                    assert_eq!(faults(&scene), [""; 0], "{count} samples up to {high} MiB");
                });
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        full(300, 900.0, |chart| {
            for format in [Format::Png, Format::Svg] {
                assert_eq!(render(chart, format), render(chart, format));
            }
        });
    }

    #[test]
    fn all_equal_values_are_one_level_line() {
        let (seconds, rss) = ([0.0, 1.0, 2.0], [700.0; 3]);
        let scene = RunChart::new("flat", &seconds, &rss).layout().expect("has samples");
        assert_eq!(faults(&scene), [""; 0]);
        let level = scene.marks.iter().any(|mark| match mark {
            Mark::Line { points, ink, .. } => {
                *ink == MEASURED && points.len() == 3 && points.iter().all(|point| point.1 == points[0].1)
            }
            _ => false,
        });
        assert!(level, "{:?}", scene.marks);
    }

    #[test]
    fn strange_numbers_do_not_panic() {
        let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300, f64::MAX, f64::MIN];
        for time in values {
            for value in values {
                let (seconds, rss) = ([0.0, time, 1.0], [1.0, value, value]);
                let chart = RunChart {
                    thresholds: Thresholds {
                        moderate: Some(value),
                        high: Some(time),
                        ..Thresholds::default()
                    },
                    batch_sizes: vec![(time, 0), (value, u32::MAX)],
                    gc_marks: vec![time, value],
                    fallback_spans: vec![(time, value), (value, time)],
                    operations: vec![(time, String::new()), (value, "\u{0}".to_owned())],
                    trend: Some(Trend {
                        start_s: time,
                        end_s: value,
                        start_mb: value,
                        end_mb: time,
                        start_interval_mb: (time, value),
                        end_interval_mb: (value, time),
                    }),
                    ..RunChart::new("", &seconds, &rss)
                };
                render(&chart, Format::Svg).expect("has a finite sample");
            }
        }
    }

    #[test]
    fn nothing_to_draw_is_an_error() {
        assert_eq!(render(&RunChart::new("", &[], &[]), Format::Png), Err(ChartError::NoSamples));
        let missing = RunChart::new("", &[1.0], &[f64::NAN]);
        assert_eq!(render(&missing, Format::Png), Err(ChartError::NoSamples));
        let unequal = render(&RunChart::new("", &[1.0], &[]), Format::Png).expect_err("lengths differ");
        assert_eq!(unequal.to_string(), "cannot draw the samples: 1 times but 0 values");
    }

    #[test]
    fn unsorted_samples_are_put_in_order() {
        let draw =
            |seconds: &[f64], rss: &[f64]| RunChart::new("", seconds, rss).layout().expect("has samples");
        assert_eq!(draw(&[2.0, 0.0, 1.0], &[30.0, 10.0, 20.0]), draw(&[0.0, 1.0, 2.0], &[10.0, 20.0, 30.0]));
    }
}
