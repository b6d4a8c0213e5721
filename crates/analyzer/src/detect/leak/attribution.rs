//! Whose growth it is: mapped files, declared memory, children, operations.

use super::components::Anonymous;
use super::operations::OperationGrowth;
use super::retained::Retained;

/// Share of growth from which it is called that of one part alone.
const MOSTLY: f64 = 0.75;

/// Whose growth it is.
pub(in crate::detect) struct Attribution {
    /// The part that was judged, where mapped files are known.
    pub(super) anonymous: Option<Anonymous>,
    /// What the job says it keeps on purpose, where it says so.
    pub(in crate::detect) declared: Option<Retained>,
    /// Share of the growth that is in child processes.
    pub(super) in_children: Option<f64>,
    /// What each operation leaves behind, the most first.
    pub(super) by_operation: Vec<OperationGrowth>,
}

impl Attribution {
    /// Memory at the run's end that is no part of the baseline.
    pub(in crate::detect) fn held_mb(&self) -> f64 {
        let mapped = self.anonymous.as_ref().map_or(0.0, |part| part.mapped_at_end_mb);
        mapped + self.declared.as_ref().map_or(0.0, |part| part.at_end_mb)
    }

    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub(in crate::detect) fn details(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let mapped = self.anonymous.as_ref().map(|part| ("mapped_growth_mb", part.mapped_growth_mb));
        let most = self.most().map(|most| {
            [
                ("operation_mb_per_1000_items", most.mb_per_1000_items),
                ("operation_growth_mb", most.growth_mb),
                ("operations_measured", self.by_operation.len() as f64),
            ]
        });
        let children = self.in_children.map(|share| ("in_children", share));
        let declared = self.declared.as_ref().map(|part| ("declared_growth_mb", part.growth_mb));
        mapped.into_iter().chain(declared).chain(children).chain(most.into_iter().flatten())
    }

    /// The operation that leaves the most behind.
    pub(in crate::detect) fn most(&self) -> Option<&OperationGrowth> {
        self.by_operation.first().filter(|most| most.growth_mb > 0.0)
    }

    /// Where to look, as a further sentence of the action.
    pub(in crate::detect) fn hint(&self) -> String {
        let children = match self.in_children {
            Some(share) if share >= MOSTLY => {
                format!(" It grows in child processes ({:.0} % of it): look there first.", share * 100.0)
            }
            Some(share) if share <= 1.0 - MOSTLY => {
                " It grows in the process itself, not in its children.".to_owned()
            }
            Some(share) => format!(" {:.0} % of the growth is in child processes.", share * 100.0),
            None => String::new(),
        };
        let operation = self.most().map(|most| {
            format!(
                " Batches of {} leave the most behind, {:.2} MiB per 1,000 items.",
                most.operation, most.mb_per_1000_items
            )
        });
        children + &operation.unwrap_or_default()
    }
}
