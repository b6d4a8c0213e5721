//! The keys of a budget file as they are written; a value keeps its place, so that a fault in it can be named.

use std::collections::BTreeMap;

use memtool_analyzer::gate::{Budget, Tolerances};
use serde::Deserialize;
use toml::Spanned;

use super::amount::{headroom, leak, most, tolerance};
use super::place::Place;

type Text = Option<Spanned<String>>;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileKeys {
    pub(super) baseline: Option<String>,
    pub(super) budget: Option<BudgetKeys>,
    #[serde(default)]
    pub(super) jobs: BTreeMap<String, JobKeys>,
}

/// A budget.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BudgetKeys {
    peak: Text,
    mean: Text,
    headroom: Text,
    leak: Text,
    tolerance: Option<ToleranceKeys>,
}

/// The budgets of a job.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobKeys {
    peak: Text,
    mean: Text,
    headroom: Text,
    leak: Text,
    tolerance: Option<ToleranceKeys>,
    #[serde(default)]
    operations: BTreeMap<String, OperationKeys>,
}

/// The budget of an operation: a limit and a leak are of the whole job.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationKeys {
    peak: Text,
    mean: Text,
    tolerance: Option<ToleranceKeys>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToleranceKeys {
    peak: Text,
    mean: Text,
    speed: Text,
}

impl JobKeys {
    /// The budget of the whole job, and those of its operations.
    pub(super) fn parts(self) -> (BudgetKeys, BTreeMap<String, OperationKeys>) {
        let Self { peak, mean, headroom, leak, tolerance, operations } = self;
        (BudgetKeys { peak, mean, headroom, leak, tolerance }, operations)
    }
}

impl OperationKeys {
    /// The budget, of a file with this text.
    pub(super) fn budget(self, text: &str) -> Result<Budget, String> {
        let Self { peak, mean, tolerance } = self;
        BudgetKeys { peak, mean, tolerance, ..BudgetKeys::default() }.budget(text)
    }
}

impl BudgetKeys {
    /// The budget, of a file with this text.
    pub(super) fn budget(self, text: &str) -> Result<Budget, String> {
        let tolerances = self.tolerance.unwrap_or_default();
        Ok(Budget {
            peak_mb: value(text, self.peak, |amount| most(amount, "peak"))?,
            mean_mb: value(text, self.mean, |amount| most(amount, "mean"))?,
            headroom: value(text, self.headroom, headroom)?,
            leak: value(text, self.leak, leak)?,
            tolerances: Tolerances {
                peak: value(text, tolerances.peak, tolerance)?,
                mean: value(text, tolerances.mean, tolerance)?,
                speed: value(text, tolerances.speed, tolerance)?,
            },
        })
    }
}

fn value<T>(
    text: &str,
    written: Text,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    let Some(written) = written else { return Ok(None) };
    let place = Place::of(text, written.span().start);
    read(written.get_ref()).map(Some).map_err(|fault| format!("{place}: {fault}"))
}
