//! The page of one run.

use memtool_analyzer::document::RunPage;
use serde::Serialize;

use super::chart_view::ChartView;
use super::finding_view::{FindingView, findings, unknowns};
use super::table_view::{TableView, tables};
use crate::finding_text::run_of;
use crate::run_summary::answers;

/// The page of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct RunView {
    /// Its place in the report, by which links lead to it.
    index: usize,
    name: String,
    path: String,
    format: String,
    /// What people ask first, and the answers.
    answers: Vec<(&'static str, String)>,
    /// None where no sample could be read.
    chart: Option<ChartView>,
    findings: Vec<FindingView>,
    tables: Vec<TableView>,
    assumed: Vec<String>,
    unknowns: Vec<String>,
}

impl RunView {
    pub(super) fn new(index: usize, page: &RunPage) -> Self {
        let profile = &page.profile;
        let findings = findings(index, profile);
        Self {
            index,
            name: run_of(profile),
            path: profile.path.clone(),
            format: profile.format.to_string(),
            answers: answers(profile),
            chart: (!page.course.memory.is_empty()).then(|| ChartView::new(page, &findings)),
            findings,
            tables: tables(&page.course),
            assumed: profile.assumed.clone(),
            unknowns: unknowns(profile),
        }
    }
}
