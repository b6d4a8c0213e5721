//! Rules that give a memory size from the peaks of past runs.
//!
//! A rule is one file with a [`SizeRule`], and one line in [`SIZE_RULES`]: it takes a history of peaks with their
//! times and gives the memory to request. A rule does not know batch sizes.

mod krr;
mod rule;
mod vpa;

pub use rule::{PastPeak, SizeRule};

/// All rules, in the order of tables.
pub const SIZE_RULES: [&SizeRule; 2] = [&krr::RULE, &vpa::RULE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_own_name_and_gives_nothing_without_a_peak() {
        for (place, rule) in SIZE_RULES.iter().enumerate() {
            assert!(SIZE_RULES[..place].iter().all(|other| other.name != rule.name));
            assert_eq!((rule.size_mb)(&[]), None, "{}", rule.name);
        }
    }

    #[test]
    fn a_rule_requests_more_than_a_steady_peak() {
        let history = [PastPeak { mb: 100.0, began: 0.0 }, PastPeak { mb: 100.0, began: 3600.0 }];
        for rule in SIZE_RULES {
            assert!((rule.size_mb)(&history).is_some_and(|mb| mb > 100.0 && mb < 200.0), "{}", rule.name);
        }
    }
}
