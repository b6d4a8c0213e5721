//! The chart of a run: memory, and the lanes below it that share its time axis.

use memtool_analyzer::chart::{Scale, Ticks, TimeUnit, thinned, time_ticks};
use memtool_analyzer::document::{Course, Line, RunPage};
use serde::Serialize;

use super::finding_view::FindingView;
use super::levels_view::{LevelView, levels, top};
use super::panel::{MOST_POINTS, Panel};
use crate::text::mib;

/// Colours that operations take in turn.
const COLOURS: usize = 6;

/// A label of an axis and where it is, in percent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct TickView {
    at: String,
    text: String,
}

/// A line, or marks of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct PathView {
    /// Its name in the data, and its style.
    name: &'static str,
    label: String,
    d: String,
}

/// A stretch of time that is shaded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct BandView {
    class: String,
    label: String,
    x: f64,
    width: f64,
}

/// The chart of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ChartView {
    quantity: &'static str,
    end_s: f64,
    top_mb: f64,
    unit: &'static str,
    time_ticks: Vec<TickView>,
    memory_ticks: Vec<TickView>,
    size_ticks: Vec<TickView>,
    lines: Vec<PathView>,
    levels: Vec<LevelView>,
    windows: Vec<BandView>,
    fallback: Vec<BandView>,
    peak_x: String,
    peak_y: String,
    peak_label: String,
    operations: Vec<BandView>,
    batches: Option<PathView>,
    sizes: Option<PathView>,
    events: Vec<PathView>,
    samples: usize,
}

impl ChartView {
    pub(super) fn new(page: &RunPage, findings: &[FindingView]) -> Self {
        let course = &page.course;
        let peak = page.profile.peak_rss_mb;
        let panel = Panel { end_s: course.end_s.max(1e-3), top: top(course, peak) };
        let unit = TimeUnit::for_span(panel.end_s);
        let sizes = Panel { top: course.batch_size.largest().max(1.0) * 1.1, ..panel };
        Self {
            quantity: course.quantity,
            end_s: panel.end_s,
            top_mb: panel.top,
            unit: unit.symbol(),
            time_ticks: along(panel, unit),
            memory_ticks: up(panel, 5),
            size_ticks: if course.batch_size.is_empty() { Vec::new() } else { up(sizes, 2) },
            lines: lines(course, panel),
            levels: levels(course, panel),
            windows: findings.iter().map(|finding| window(panel, finding)).collect(),
            fallback: course
                .fallback
                .iter()
                .map(|span| band(panel, "fallback", "fallback", span.start_s, span.end_s))
                .collect(),
            peak_x: panel.right(page.profile.peak_at_s),
            peak_y: panel.down(peak),
            peak_label: format!("peak {} MiB", mib(peak)),
            operations: operations(course, panel),
            batches: batches(course, panel),
            sizes: steps(course, sizes),
            events: events(course, panel),
            samples: page.profile.samples,
        }
    }
}

fn along(panel: Panel, unit: TimeUnit) -> Vec<TickView> {
    // As many ticks as fit on a page of 700 pixels.
    let scale = Scale { low: 0.0, high: panel.end_s, from: 0, to: 700 };
    let ticks = time_ticks(&scale, unit);
    let tick =
        |value: &f64| TickView { at: panel.right(value * unit.seconds()), text: stepped(*value, ticks.step) };
    ticks.values.iter().map(tick).collect()
}

fn up(panel: Panel, count: i32) -> Vec<TickView> {
    let ticks = Ticks::new(0.0, panel.top, count);
    let tick = |value: &f64| TickView { at: panel.down(*value), text: stepped(*value, ticks.step) };
    ticks.values.iter().map(tick).collect()
}

/// A tick's value with the places that its step needs.
fn stepped(value: f64, step: f64) -> String {
    if step >= 1.0 {
        return mib(value);
    }
    let places = (-step.log10().floor()).clamp(1.0, 6.0) as usize;
    format!("{value:.places$}")
}

fn lines(course: &Course, panel: Panel) -> Vec<PathView> {
    let named = [
        ("memory", course.quantity.to_owned(), &course.memory),
        ("children", "in child processes".to_owned(), &course.children),
        ("heap", "handed out by the allocator".to_owned(), &course.heap),
    ];
    let drawn = named.into_iter().filter(|(_, _, line)| !line.is_empty());
    drawn.map(|(name, label, line)| PathView { name, label, d: path(line, panel) }).collect()
}

fn path(line: &Line, panel: Panel) -> String {
    let samples: Vec<(f64, f64)> = line.samples().collect();
    panel.line(&thinned(&samples, MOST_POINTS))
}

fn window(panel: Panel, finding: &FindingView) -> BandView {
    let class = format!("window {}", finding.id);
    band(panel, &class, finding.kind, finding.from_s, finding.to_s)
}

fn band(panel: Panel, class: &str, label: &str, from_s: f64, to_s: f64) -> BandView {
    let x = panel.x(from_s);
    let width = (panel.x(to_s) - x).max(1.0);
    BandView { class: class.to_owned(), label: label.to_owned(), x, width }
}

fn operations(course: &Course, panel: Panel) -> Vec<BandView> {
    let mut names: Vec<&str> = Vec::new();
    let mut bands = Vec::new();
    for span in &course.operations {
        let place = names.iter().position(|name| *name == span.operation).unwrap_or_else(|| {
            names.push(&span.operation);
            names.len() - 1
        });
        let class = format!("operation c{}", place % COLOURS);
        bands.push(band(panel, &class, &span.operation, span.start_s, span.end_s));
    }
    bands
}

fn batches(course: &Course, panel: Panel) -> Option<PathView> {
    let d: String = course.batches.iter().map(|batch| panel.stroke(batch.start_s, batch.end_s)).collect();
    let label = match course.batches.len() {
        shown if shown == course.batches_total => "batches".to_owned(),
        shown => format!("batches ({shown} with the largest peaks, of {})", course.batches_total),
    };
    (!d.is_empty()).then_some(PathView { name: "batches", label, d })
}

fn steps(course: &Course, panel: Panel) -> Option<PathView> {
    let samples: Vec<(f64, f64)> = course.batch_size.samples().collect();
    let label = "allowed batch size (items)".to_owned();
    (!samples.is_empty()).then(|| PathView { name: "sizes", label, d: panel.steps(&samples) })
}

/// Collections and decisions, a stroke each.
fn events(course: &Course, panel: Panel) -> Vec<PathView> {
    let strokes =
        |moments: &mut dyn Iterator<Item = f64>| moments.map(|at| panel.tick(at)).collect::<String>();
    let collections = strokes(&mut course.collections.iter().copied());
    let decisions = strokes(&mut course.decisions.iter().map(|decision| decision.at_s));
    let all = [
        PathView { name: "collections", label: "garbage collections".to_owned(), d: collections },
        PathView { name: "decisions", label: "decisions of the policy".to_owned(), d: decisions },
    ];
    all.into_iter().filter(|path| !path.d.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_have_the_places_that_they_need() {
        let panel = Panel { end_s: 100.0, top: 1.0 };
        let texts: Vec<String> = up(panel, 5).into_iter().map(|tick| tick.text).collect();
        assert_eq!(texts, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(stepped(2000.0, 500.0), "2,000");
    }
}
