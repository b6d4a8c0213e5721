//! A table of a report: the data behind a chart, for readers who cannot see it.

use memtool_analyzer::document::{BatchSpan, Course, DecisionMark, Line};
use serde::Serialize;

use crate::text::{count, mib};

/// Rows of a table of samples.
const STRETCHES: usize = 40;
/// Rows of a table of batches or decisions.
const MOST_ROWS: usize = 40;

/// A table with a caption.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct TableView {
    pub(super) caption: String,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

/// The tables behind the chart of a run; what was not recorded has none.
pub(super) fn tables(course: &Course) -> Vec<TableView> {
    let all = [samples(course), batches(course), operations(course), decisions(course)];
    all.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

/// The lowest and the highest memory of each stretch of the run.
fn samples(course: &Course) -> TableView {
    let length = course.end_s / STRETCHES as f64;
    let rows = (0..STRETCHES).filter_map(|stretch| {
        let from = length * stretch as f64;
        // The last sample ends the last stretch.
        let to = if stretch + 1 == STRETCHES { f64::INFINITY } else { from + length };
        let [low, high] = extremes(&course.memory, from, to)?;
        let children =
            extremes(&course.children, from, to).map_or_else(|| "-".to_owned(), |[_, high]| mib(high));
        Some(vec![seconds(from), mib(low), mib(high), children])
    });
    TableView {
        caption: format!("{} over time, MiB", course.quantity),
        columns: vec!["from (s)", "lowest", "highest", "highest in child processes"],
        rows: rows.collect(),
    }
}

fn extremes(line: &Line, from: f64, to: f64) -> Option<[f64; 2]> {
    let inside = || line.samples().filter(|(at, _)| *at >= from && *at < to).map(|(_, value)| value);
    Some([inside().reduce(f64::min)?, inside().reduce(f64::max)?])
}

fn batches(course: &Course) -> TableView {
    let mut largest: Vec<&BatchSpan> = course.batches.iter().collect();
    largest.sort_by(|a, b| b.peak_rss_mb.unwrap_or(0.0).total_cmp(&a.peak_rss_mb.unwrap_or(0.0)));
    let row = |batch: &&BatchSpan| {
        let peak = batch.peak_rss_mb.map_or("-".to_owned(), mib);
        vec![
            seconds(batch.start_s),
            seconds(batch.end_s - batch.start_s),
            batch.operation.clone().unwrap_or_else(|| "-".to_owned()),
            count(batch.items),
            if batch.exact || batch.peak_rss_mb.is_none() { peak } else { format!("at least {peak}") },
        ]
    };
    TableView {
        caption: format!("Batches with the largest peaks, of {}", course.batches_total),
        columns: vec!["start (s)", "took (s)", "operation", "items", "peak (MiB)"],
        rows: largest.iter().take(MOST_ROWS).map(row).collect(),
    }
}

fn operations(course: &Course) -> TableView {
    let row = |span: &memtool_analyzer::document::OperationSpan| {
        vec![seconds(span.start_s), seconds(span.end_s), span.operation.clone()]
    };
    TableView {
        caption: format!("Operations over time, of {}", course.operations_total),
        columns: vec!["from (s)", "to (s)", "operation"],
        rows: course.operations.iter().take(MOST_ROWS).map(row).collect(),
    }
}

fn decisions(course: &Course) -> TableView {
    let row = |decision: &DecisionMark| {
        vec![seconds(decision.at_s), decision.action.clone(), decision.cause.clone()]
    };
    TableView {
        caption: format!("First decisions, of {}", course.decisions_total),
        columns: vec!["at (s)", "decision", "because of"],
        rows: course.decisions.iter().take(MOST_ROWS).map(row).collect(),
    }
}

fn seconds(value: f64) -> String {
    format!("{value:.1}")
}
