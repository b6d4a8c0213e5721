//! `memtool check`: runs against budgets and a stored baseline.

use std::path::Path;

use memtool_analyzer::gate::{Answer, GateReport, MATTERS, Tolerances, check};
use serde::Serialize;

use super::baseline::read_baseline;
use super::{figures, file_options, report_skipped};
use crate::args::Check;
use crate::budget_file::{self, BudgetFile};
use crate::ci::CheckReport;
use crate::exit::Exit;
use crate::publish::{Forms, publish};
use crate::{gate_checks, gate_markdown, gate_text, output};

pub(crate) fn run(args: &Check) -> anyhow::Result<Exit> {
    let file = budgets(args)?;
    let path = args.baseline.clone().or(file.baseline);
    let baseline = path.map(|path| read_baseline(&path)).transpose()?;
    let mut budgets = file.budgets;
    let usual = Tolerances { peak: Some(MATTERS), ..Tolerances::default() };
    budgets.every.tolerances = budgets.every.tolerances.or(usual);
    let (runs, skipped) = figures(&args.paths, &file_options(&args.budget, &args.mapping));
    report_skipped(&skipped);
    if runs.is_empty() {
        return Ok(super::exit_for(0));
    }
    let report = check(&runs, skipped, &budgets, baseline.as_ref());
    if report.rows.is_empty() {
        output::message(
            "nothing is asked of these runs: the budgets name none of their jobs, and there is no baseline",
        );
        return Ok(Exit::Inconclusive);
    }
    publish(&report, &args.publish)?;
    Ok(match report.answer {
        Answer::Passed => Exit::Done,
        Answer::Failed => Exit::Findings,
        Answer::CannotTell => Exit::Inconclusive,
    })
}

/// The budgets that are named, or those in this folder; none where only a baseline is given.
fn budgets(args: &Check) -> anyhow::Result<BudgetFile> {
    match &args.config {
        Some(path) => budget_file::read(path),
        None if Path::new(budget_file::NAME).exists() => budget_file::read(Path::new(budget_file::NAME)),
        None if args.baseline.is_some() => Ok(BudgetFile::default()),
        None => anyhow::bail!(
            "there is no {} in this folder: give the budgets with --config FILE, or a baseline with --baseline FILE",
            budget_file::NAME
        ),
    }
}

impl Forms for GateReport {
    fn json(&self) -> impl Serialize {
        self
    }

    fn text(&self) -> anyhow::Result<String> {
        Ok(gate_text::page(self))
    }

    fn markdown(&self) -> anyhow::Result<String> {
        Ok(gate_markdown::page(self))
    }

    fn checks(&self) -> anyhow::Result<CheckReport<'_>> {
        Ok(gate_checks::checks(self))
    }
}
