//! What the batches of each operation leave behind.
//!
//! A batch leaves behind what memory holds at its end, or at the start of the next batch if
//! that is less, above what it held at its own start. Summed up over the batches of one
//! operation and set against their items, the Theil–Sen slope is the operation's growth: one
//! batch that loads a table moves it little. Limits: garbage of one operation that is always
//! collected inside batches of another counts for the one and against the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::detect::observed::ObservedBatch;
use crate::stats::trend;

/// Batches of an operation below which nothing is said of it.
const FEWEST: usize = 5;
/// Points that a slope is taken from: the sums keep what is between them.
const MOST_POINTS: usize = 64;

/// What one operation's batches leave behind.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct OperationGrowth {
    /// Its name.
    pub operation: String,
    /// Batches that were measured.
    pub batches: usize,
    /// Their items.
    pub items: u64,
    /// Growth a thousand items, in MiB.
    pub mb_per_1000_items: f64,
    /// The same over all of its items.
    pub growth_mb: f64,
}

/// Sums over one operation's batches: items in thousands, and MiB left behind.
struct Sums {
    batches: usize,
    items: u64,
    left_mb: f64,
    points: Vec<(f64, f64)>,
}

/// The operations with enough batches, the one that grew most first.
pub(super) fn by_operation(batches: &[ObservedBatch], names: &[String]) -> Vec<OperationGrowth> {
    let mut sums: BTreeMap<u32, Sums> = BTreeMap::new();
    for (index, batch) in batches.iter().enumerate() {
        let (Some(operation), Some(left)) = (batch.operation, left_behind(batch, batches.get(index + 1)))
        else {
            continue;
        };
        sums.entry(operation).or_insert_with(Sums::new).add(batch.items, left);
    }
    let growth = |(id, sums): (u32, Sums)| sums.growth(names.get(id as usize)?);
    let mut all: Vec<OperationGrowth> = sums.into_iter().filter_map(growth).collect();
    all.sort_by(|a, b| b.growth_mb.total_cmp(&a.growth_mb));
    all
}

/// The same growth as shares of the whole: between batches memory grows too, and one rate must not stand beside another.
pub(super) fn shared_out(mut operations: Vec<OperationGrowth>, whole_mb: f64) -> Vec<OperationGrowth> {
    let sum: f64 = operations.iter().map(|operation| operation.growth_mb.max(0.0)).sum();
    if sum > 0.0 && whole_mb > 0.0 {
        for operation in &mut operations {
            operation.growth_mb *= whole_mb / sum;
            operation.mb_per_1000_items *= whole_mb / sum;
        }
    }
    operations
}

/// `None` where it is not known, or not the batch's own.
fn left_behind(batch: &ObservedBatch, next: Option<&ObservedBatch>) -> Option<f64> {
    if batch.overlapping {
        return None;
    }
    let next = next.filter(|next| next.start_s >= batch.end_s).and_then(|next| next.before_mb);
    let after = batch.after_mb.into_iter().chain(next).reduce(f64::min)?;
    Some(after - batch.before_mb?)
}

impl Sums {
    fn new() -> Self {
        Self { batches: 0, items: 0, left_mb: 0.0, points: vec![(0.0, 0.0)] }
    }

    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 items")]
    fn add(&mut self, items: u64, left_mb: f64) {
        self.batches += 1;
        self.items += items;
        self.left_mb += left_mb;
        self.points.push((self.items as f64 / 1000.0, self.left_mb));
    }

    fn growth(self, name: &str) -> Option<OperationGrowth> {
        if self.batches < FEWEST {
            return None;
        }
        let every = self.points.len().div_ceil(MOST_POINTS);
        let (thousands, left): (Vec<f64>, Vec<f64>) = self.points.iter().step_by(every).copied().unzip();
        let slope = trend(&thousands, &left)?.slope;
        Some(OperationGrowth {
            operation: name.to_owned(),
            batches: self.batches,
            items: self.items,
            mb_per_1000_items: slope,
            growth_mb: slope * self.points.last()?.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context, leak_of};
    use crate::detect::leak::LeakVerdict;
    use crate::detect::observed::ObservedBatch;
    use crate::series::shapes::series;

    fn names() -> Vec<String> {
        ["load", "report"].map(str::to_owned).to_vec()
    }

    /// Batches in turn of two operations, 500 items a second, that leave so much behind each.
    fn in_turn(count: usize, left_mb: [f64; 2]) -> Vec<ObservedBatch> {
        let mut level = 400.0;
        let next = |i: usize| {
            let before = level;
            level += left_mb[i % 2];
            ObservedBatch {
                operation: Some((i % 2) as u32),
                before_mb: Some(before),
                after_mb: Some(level),
                ..batch(i as f64, i as f64 + 0.9, level + 90.0, false)
            }
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn each_operation_has_its_own_growth() {
        let found = by_operation(&in_turn(40, [0.25, 2.0]), &names());
        let told: Vec<(&str, usize, u64)> =
            found.iter().map(|o| (o.operation.as_str(), o.batches, o.items)).collect();
        assert_eq!(told, [("report", 20, 10_000), ("load", 20, 10_000)]);
        let figures: Vec<(f64, f64)> = found.iter().map(|o| (o.mb_per_1000_items, o.growth_mb)).collect();
        assert_eq!(figures, [(4.0, 40.0), (0.5, 5.0)]);
    }

    #[test]
    fn the_slope_of_many_batches_is_the_same() {
        let found = by_operation(&in_turn(4000, [0.25, 2.0]), &names());
        assert!((found[0].mb_per_1000_items - 4.0).abs() < 1e-9 && found[0].batches == 2000, "{found:?}");
        assert!((found[0].growth_mb - 4000.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn one_batch_that_loads_a_table_is_no_growth() {
        let mut batches = in_turn(60, [0.0, 1.0]);
        for later in &mut batches[10..] {
            later.before_mb = later.before_mb.map(|mb| mb + 500.0);
            later.after_mb = later.after_mb.map(|mb| mb + 500.0);
        }
        batches[8].after_mb = batches[8].after_mb.map(|mb| mb + 500.0);
        batches[9].before_mb = batches[9].before_mb.map(|mb| mb + 500.0);
        batches[9].after_mb = batches[9].after_mb.map(|mb| mb + 500.0);
        let found = by_operation(&batches, &names());
        assert_eq!((found[0].operation.as_str(), found[0].mb_per_1000_items), ("report", 2.0));
        assert_eq!(found[1].mb_per_1000_items, 0.0, "load");
    }

    #[test]
    fn what_the_next_batch_no_longer_sees_was_not_kept() {
        let kept = |after: Option<f64>, next: Option<f64>, start_s: f64| {
            let this = ObservedBatch { after_mb: after, ..batch(0.0, 1.0, 0.0, false) };
            let next = ObservedBatch { before_mb: next, ..batch(start_s, 2.0, 0.0, false) };
            left_behind(&this, Some(&next))
        };
        assert_eq!(kept(Some(160.0), Some(110.0), 1.0), Some(10.0));
        assert_eq!(kept(Some(160.0), Some(190.0), 1.0), Some(60.0));
        assert_eq!(kept(None, Some(190.0), 1.0), Some(90.0));
        assert_eq!(kept(Some(160.0), Some(110.0), 0.5), Some(60.0), "it began inside");
        assert_eq!(kept(None, None, 1.0), None);
        let shared = ObservedBatch { overlapping: true, ..batch(0.0, 1.0, 0.0, false) };
        assert_eq!(left_behind(&shared, None), None);
    }

    #[test]
    fn a_few_batches_and_batches_without_a_name_say_nothing() {
        assert_eq!(
            by_operation(&in_turn(9, [1.0, 1.0]), &names()).len(),
            1,
            "five of one, four of the other"
        );
        let nameless: Vec<ObservedBatch> =
            in_turn(40, [1.0, 1.0]).iter().map(|b| ObservedBatch { operation: None, ..*b }).collect();
        assert_eq!(by_operation(&nameless, &names()), []);
        let empty: Vec<ObservedBatch> =
            in_turn(40, [1.0, 1.0]).iter().map(|b| ObservedBatch { items: 0, ..*b }).collect();
        assert_eq!(by_operation(&empty, &names()), []);
    }

    #[test]
    fn a_leak_names_the_operation_that_leaves_the_most() {
        let of = |left: [f64; 2]| {
            let batches = in_turn(400, left);
            let rss: Vec<f64> = batches.iter().map(|b| b.before_mb.unwrap_or_default() + 60.0).collect();
            leak_of(&series(1.0, &rss), &Context { batches, operations: names(), ..context() })
        };
        let (report, finding) = of([0.2, 1.0]);
        let finding = finding.expect("a leak");
        assert_eq!(finding.evidence.operation.as_deref(), Some("report"));
        assert!((finding.evidence.details["operation_mb_per_1000_items"] - 2.0).abs() < 0.02);
        assert!((finding.evidence.details["operation_growth_mb"] - 200.0).abs() < 2.0);
        let whole = report.slope_mb_per_1000_items.expect("items").estimate;
        let parts: f64 = report.by_operation.iter().map(|o| o.growth_mb).sum();
        assert!(
            (parts / 200.0 - whole).abs() < 0.01,
            "one rate: {parts} over 200,000 items, {whole} per 1,000"
        );
        assert_eq!(finding.evidence.details["operations_measured"], 2.0);
        assert!(
            finding.action.contains("Batches of report leave the most behind, 2.0"),
            "{}",
            finding.action
        );
        let told: Vec<&str> = report.by_operation.iter().map(|o| o.operation.as_str()).collect();
        assert_eq!(told, ["report", "load"]);
        let (report, finding) = of([0.0, 0.0]);
        assert_eq!((report.verdict, report.by_operation, finding), (LeakVerdict::None, Vec::new(), None));
    }

    #[test]
    fn growth_between_batches_is_no_operations() {
        let batches: Vec<ObservedBatch> = (0..400)
            .map(|i| ObservedBatch {
                operation: Some(0),
                before_mb: Some(400.0 + f64::from(i)),
                after_mb: Some(400.0 + f64::from(i)),
                ..batch(f64::from(i), f64::from(i) + 0.9, 0.0, false)
            })
            .collect();
        let rss: Vec<f64> = (0..400).map(|i| 460.0 + f64::from(i)).collect();
        let (_, finding) =
            leak_of(&series(1.0, &rss), &Context { batches, operations: names(), ..context() });
        let evidence = finding.expect("a leak").evidence;
        assert_eq!(evidence.operation, None);
        assert!(evidence.details.get("operation_growth_mb").is_none());
    }
}
