//! A baseline as a person reads it.

use memtool_analyzer::gate::{Baseline, JobBaseline, MATTERS, MeasureSketch};

use crate::escape;
use crate::table::{self, Field, number, text};
use crate::text::{count, mib, wrapped};

const LONGEST_NAME: usize = 24;

const LEGEND: &str = "sizes in MiB; tells 5 %: runs of the baseline + runs of a check by which a change of 5 % is told 19 \
                      of 20 times; - where repeats differ too much";

/// A row for each measure.
pub(crate) fn page(baseline: &Baseline) -> String {
    let columns = [
        text("job"),
        text("operation"),
        text("what"),
        number("runs"),
        number("lowest"),
        number("median"),
        number("p95"),
        number("highest"),
        number("tells 5 %"),
    ];
    let rows = baseline.jobs.iter().flat_map(|job| job.measures.iter().map(|one| fields(job, one)));
    let mut page = table::render(&columns, rows.collect());
    page.push('\n');
    page.push_str(&wrapped("", LEGEND));
    page
}

fn fields(job: &JobBaseline, one: &MeasureSketch) -> Vec<Field> {
    let values = one.values.values();
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), mib);
    let name = |name: &Option<String>| {
        name.as_ref().map_or_else(|| "-".to_owned(), |n| escape::shortened(n, LONGEST_NAME))
    };
    let needed = job.runs_needed(one, MATTERS);
    vec![
        name(&job.identity.job).into(),
        name(&one.operation).into(),
        one.measure.as_str().into(),
        count(one.values.runs()).into(),
        shown(values.first().map(|(value, _)| *value)).into(),
        shown(one.values.quantile(0.5)).into(),
        shown(one.values.quantile(0.95)).into(),
        shown(values.last().map(|(value, _)| *value)).into(),
        needed.map_or_else(|| "-".to_owned(), |runs| format!("{}+{}", runs.base, runs.new)).into(),
    ]
}
