//! The tables of the simulator, as text.

use super::score::{
    Found, KILLS, PEAKS, Pair, SPEEDS, kills, peaks, reliability, speeds, worst, worst_speeds, wrong_kills,
};
use crate::figures::{mean, quantile};
use crate::markdown;

/// Kinds of source and target.
const KINDS: [&str; 4] = ["fixed -> fixed", "adaptive -> fixed", "fixed -> adaptive", "adaptive -> adaptive"];

/// Every table of one kind of source; with `shown`, also a row for each program and that many of the worst
/// predictions.
pub(super) fn page(title: &str, found: &Found, shown: usize) -> String {
    let pairs = Pairs::of(found, shown > 0);
    let mut page = format!("### simulation, {title}\n\n");
    for table in [pairs.peaks(), pairs.kills(), reliability(&pairs.whole), pairs.speeds(), ranks(found)] {
        page.push_str(&table);
        page.push('\n');
    }
    if shown > 0 {
        page.push_str(&worst(&pairs.whole, shown));
        page.push_str(&worst_speeds(&pairs.whole, shown));
        page.push_str(&wrong_kills(&pairs.whole));
    }
    page
}

/// Predictions, apart by whether their source ran to its end.
struct Pairs<'a> {
    whole: Vec<&'a Pair>,
    cut: Vec<&'a Pair>,
    programs: Vec<&'a str>,
}

impl<'a> Pairs<'a> {
    fn of(found: &'a Found, with_programs: bool) -> Self {
        let (cut, whole) = found.pairs.iter().partition(|pair| pair.cut);
        let named = found.pairs.iter().filter(|_| with_programs);
        let mut programs: Vec<&str> = named.map(|pair| pair.program.as_str()).collect();
        programs.dedup();
        Self { whole, cut, programs }
    }

    fn matching(&self, test: impl Fn(&Pair) -> bool) -> Vec<&'a Pair> {
        self.whole.iter().filter(|pair| test(pair)).copied().collect()
    }

    /// A row per kind of source and target, one of all, one of killed sources and one per program.
    fn rows(&self, row: fn(&str, &[&Pair]) -> Option<Vec<String>>) -> Vec<Vec<String>> {
        let of_kind = |kind: &&str| row(kind, &self.matching(|pair| pair.kind == *kind));
        let of_program = |name: &&str| row(name, &self.matching(|pair| pair.program == **name));
        let all = [row("all", &self.whole), row("from killed runs", &self.cut)];
        KINDS
            .iter()
            .filter_map(of_kind)
            .chain(all.into_iter().flatten())
            .chain(self.programs.iter().filter_map(of_program))
            .collect()
    }

    fn peaks(&self) -> String {
        format!("#### peak\n\n{}", markdown::table(&PEAKS, self.rows(peaks)))
    }

    fn kills(&self) -> String {
        format!("#### killed at the limit or not\n\n{}", markdown::table(&KILLS, self.rows(kills)))
    }

    fn speeds(&self) -> String {
        format!("#### throughput\n\n{}", markdown::table(&SPEEDS, self.rows(speeds)))
    }
}

/// Kendall's τ of the settings of a workload, over the runs that predict.
fn ranks(found: &Found) -> String {
    let row = |title: &str, values: Vec<f64>| {
        let mean = mean(values.iter().copied()).unwrap_or(f64::NAN);
        vec![title.to_owned(), format!("{mean:.2}"), format!("{:.2}", quantile(&values, 0.5))]
    };
    let rows = [
        row("peak", found.ranks.iter().filter_map(|rank| rank.0).collect()),
        row("throughput", found.ranks.iter().filter_map(|rank| rank.1).collect()),
    ];
    format!("#### order of the settings\n\n{}", markdown::table(&["by", "mean τ", "median τ"], rows))
}
