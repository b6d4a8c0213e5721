//! Rules for the memory of the next run: one file per family, one line each here.

mod decayed;
mod input;
mod largest;
mod quantile;
mod recent;
mod spread;

use super::request_rule::RequestRule;

/// All rules. The first is taken where none has shown enough.
pub const RULES: &[RequestRule] = &[
    spread::WIDE,
    spread::USUAL,
    spread::NARROW,
    spread::TIGHT,
    largest::MAX,
    largest::MAX_2,
    largest::MAX_5,
    largest::KRR,
    recent::LAST_10,
    recent::LAST_10_WIDE,
    recent::LAST_30,
    recent::LAST_30_WIDE,
    quantile::P90,
    quantile::P90_WIDE,
    quantile::P95,
    quantile::P95_WIDE,
    quantile::P98,
    quantile::P98_WIDE,
    decayed::VPA,
    input::LINE,
    input::LINE_WIDE,
];

/// The rule that KRR uses, for comparison.
pub const KRR: &RequestRule = &largest::KRR;
/// The rule that VPA uses, for comparison.
pub const VPA: &RequestRule = &decayed::VPA;
/// The rules that answers are compared with, by their names in JSON and in the order of tables.
pub const COMPARED: [(&str, &RequestRule); 2] = [("krr", KRR), ("vpa", VPA)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{History, Next, TaskRecord};

    #[test]
    fn every_rule_has_its_own_name_and_gives_nothing_without_a_peak() {
        for (place, rule) in RULES.iter().enumerate() {
            assert!(RULES[..place].iter().all(|other| other.name != rule.name), "{}", rule.name);
            assert_eq!((rule.size_mb)(&History::default(), &Next::default()), None, "{}", rule.name);
        }
    }

    #[test]
    fn a_compared_rule_gives_more_than_a_steady_peak() {
        let mut history = History::default();
        for at_s in [0.0, 3600.0] {
            let days = vec![(at_s, 100.0)];
            history.learn(&TaskRecord { peak_mb: 100.0, at_s, days, ..TaskRecord::default() });
        }
        for (name, rule) in COMPARED {
            let size = (rule.size_mb)(&history, &Next::default());
            assert!(size.is_some_and(|mb| (mb - 115.0).abs() < 1e-9), "{name}: {size:?}");
        }
    }
}
