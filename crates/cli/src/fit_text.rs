//! How many can run at once, as tables for people.

use memtool_analyzer::fit::{FitReport, Mix, UnitFit};

use crate::escape;
use crate::table::{Field, number, render, text};
use crate::text::{count, hundredths, mib, wrapped};

/// Letters of a unit's name in a table.
const LONGEST_NAME: usize = 30;
/// More at once than this are shown as at least this many.
const MOST: usize = 1000;

/// The answer for each unit, how it depends on the risk, and what to know about it.
pub(crate) fn page(report: &FitReport) -> String {
    let columns = [
        text("unit"),
        number("runs"),
        number("median"),
        number("largest"),
        number("at once"),
        number("started together"),
        number("limit / largest"),
    ];
    let mut page = render(&columns, report.units.iter().map(row).collect());
    page.push_str(&legend(report));
    page.push_str(&by_risk(report));
    if let Some(mix) = &report.mix {
        page.push_str(&mixed(mix));
    }
    for unit in &report.units {
        let lead = format!("{}: ", name(&unit.unit));
        unit.warnings.iter().for_each(|warning| page.push_str(&wrapped(&lead, warning)));
    }
    report.left_out.iter().for_each(|why| page.push_str(&wrapped("", &escape::control(why))));
    page
}

fn name(unit: &str) -> String {
    escape::shortened(&escape::control(unit), LONGEST_NAME)
}

fn row(unit: &UnitFit) -> Vec<Field> {
    vec![
        name(&unit.unit).into(),
        count(unit.runs).into(),
        mib(unit.median_mb).into(),
        mib(unit.largest_mb).into(),
        many(unit.count.independent).into(),
        many(unit.count.together).into(),
        count(unit.by_largest).into(),
    ]
}

fn many(units: usize) -> String {
    if units >= MOST { format!("{MOST} or more") } else { count(units) }
}

fn legend(report: &FitReport) -> String {
    let words = format!(
        "{} MiB for all together, passed with a probability of at most {} %. at once: with start times that have nothing to \
         do with each other; started together: all at the same moment; sizes in MiB",
        mib(report.limit_mb),
        hundredths(report.risk * 100.0)
    );
    format!("\n{}\n", wrapped("", &words))
}

/// How many at each risk: at once, and started together behind a slash.
fn by_risk(report: &FitReport) -> String {
    let Some(first) = report.units.first() else { return String::new() };
    let titles: Vec<String> =
        first.by_risk.iter().map(|row| format!("{} %", hundredths(row.risk * 100.0))).collect();
    let columns = [text("risk")].into_iter().chain(titles.iter().map(|title| number(title)));
    let row = |unit: &UnitFit| {
        let counts = unit.by_risk.iter().map(|row| {
            Field::from(format!("{} / {}", many(row.count.independent), many(row.count.together)))
        });
        [Field::from(name(&unit.unit))].into_iter().chain(counts).collect()
    };
    render(&columns.collect::<Vec<_>>(), report.units.iter().map(row).collect())
}

fn mixed(mix: &Mix) -> String {
    let names: Vec<String> = mix.units.iter().map(|unit| name(unit)).collect();
    let mut page = format!(
        "\n{}",
        wrapped("", &format!("one of each ({}) at once: {} times", names.join(", "), mix.sets))
    );
    if !mix.points.is_empty() {
        let columns: Vec<_> = names.iter().map(|name| number(name)).collect();
        let rows =
            mix.points.iter().map(|point| point.counts.iter().map(|units| count(*units).into()).collect());
        page.push_str(&format!("\n{}", render(&columns, rows.collect())));
    }
    page + "\n"
}
