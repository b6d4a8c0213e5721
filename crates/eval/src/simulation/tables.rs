//! The tables of the simulator, as text.

use super::score::{Found, Pair, kills, peaks, reliability, speeds, worst, worst_speeds, wrong_kills};
use crate::figures::{mean, quantile};

/// Kinds of source and target.
const KINDS: [&str; 4] = ["fixed -> fixed", "adaptive -> fixed", "fixed -> adaptive", "adaptive -> adaptive"];

/// Every table of one kind of source; `shown` of the worst predictions are listed.
pub(super) fn page(title: &str, found: &Found, shown: usize) -> String {
    let pairs = Pairs::of(found);
    let mut page = format!("== simulation, {title}\n");
    page.push_str(&pairs.peaks());
    page.push_str(&pairs.kills());
    page.push_str(&pairs.speeds());
    page.push_str(&ranks(found));
    page.push_str(&worst(&pairs.whole, shown));
    if shown > 0 {
        page.push_str(&worst_speeds(&pairs.whole, shown));
        page.push_str(&wrong_kills(&pairs.whole));
    }
    page + "\n"
}

/// Predictions, apart by whether their source ran to its end.
struct Pairs<'a> {
    whole: Vec<&'a Pair>,
    cut: Vec<&'a Pair>,
    programs: Vec<&'a str>,
}

impl<'a> Pairs<'a> {
    fn of(found: &'a Found) -> Self {
        let (cut, whole) = found.pairs.iter().partition(|pair| pair.cut);
        let mut programs: Vec<&str> = found.pairs.iter().map(|pair| pair.program.as_str()).collect();
        programs.dedup();
        Self { whole, cut, programs }
    }

    fn matching(&self, test: impl Fn(&Pair) -> bool) -> Vec<&'a Pair> {
        self.whole.iter().filter(|pair| test(pair)).copied().collect()
    }

    /// A line per kind of source and target.
    fn by_kind(&self, line: fn(&str, &[&Pair]) -> String) -> String {
        KINDS.iter().map(|kind| line(kind, &self.matching(|pair| pair.kind == *kind))).collect()
    }

    /// A line per program.
    fn by_program(&self, line: fn(&str, &[&Pair]) -> String) -> String {
        let row = |name: &&str| line(&format!("  {name}"), &self.matching(|pair| pair.program == **name));
        self.programs.iter().map(row).collect()
    }

    fn peaks(&self) -> String {
        let mut text = format!(
            "{:44} {:>5} {:>6} {:>6} {:>6} {:>7} {:>6} {:>6} {:>7}\n",
            "peak", "pairs", "med %", "p90 %", "bias %", "cover %", "below", "above", "half %"
        );
        text.push_str(&self.by_kind(peaks));
        text.push_str(&peaks("all", &self.whole));
        text.push_str(&peaks("from killed runs", &self.cut));
        for name in &self.programs {
            let to_fixed = self.matching(|pair| pair.program == *name && pair.kind == "adaptive -> fixed");
            let to_adaptive =
                self.matching(|pair| pair.program == *name && pair.kind.ends_with("-> adaptive"));
            text.push_str(&peaks(&format!("  {name} adaptive -> fixed"), &to_fixed));
            text.push_str(&peaks(&format!("  {name} any -> adaptive"), &to_adaptive));
        }
        text
    }

    fn kills(&self) -> String {
        let head = format!(
            "{:44} {:>5} {:>6} {:>6} {:>6} {:>9}\n",
            "killed at the limit", "pairs", "right%", "missed", "false", "confident"
        );
        let all = kills("all", &self.whole) + &kills("from killed runs", &self.cut);
        head + &self.by_kind(kills) + &all + &reliability(&self.whole) + &self.by_program(kills)
    }

    fn speeds(&self) -> String {
        let head = format!(
            "{:44} {:>5} {:>6} {:>6} {:>6} {:>7} {:>10}\n",
            "throughput", "pairs", "med %", "p90 %", "bias %", "cover %", "of 'same'"
        );
        head + &self.by_kind(speeds) + &speeds("all", &self.whole) + &self.by_program(speeds)
    }
}

fn ranks(found: &Found) -> String {
    let middle = |values: Vec<f64>| {
        let mean = mean(values.iter().copied()).unwrap_or(f64::NAN);
        (mean, quantile(&values, 0.5))
    };
    let peak = middle(found.ranks.iter().filter_map(|r| r.0).collect());
    let speed = middle(found.ranks.iter().filter_map(|r| r.1).collect());
    format!(
        "Kendall tau, mean and median over sources: peak {:.2}, {:.2}; throughput {:.2}, {:.2}\n",
        peak.0, peak.1, speed.0, speed.1
    )
}
