//! The report as one HTML file: figures become views of plain text and numbers, which templates lay out.
//!
//! Nothing in the file is fetched from elsewhere, and its content policy (`content_policy`) admits its own script and style only.
//! The file is complete without the script, which adds zoom, values under the cursor and the download of the data.

mod chart_view;
mod content_policy;
mod finding_view;
mod forecast_view;
mod levels_view;
mod overview_view;
mod panel;
mod run_view;
mod table_view;
mod templates;
#[cfg(test)]
mod tests;

use memtool_analyzer::document::ReportDocument;
use serde::Serialize;

use overview_view::OverviewView;
use run_view::RunView;

/// Everything that the templates fill in.
#[derive(Serialize)]
struct Page {
    policy: String,
    style: &'static str,
    script: &'static str,
    /// The document as JSON that may stand in a script element.
    data: String,
    version: &'static str,
    overview: OverviewView,
    runs: Vec<RunView>,
    forecast: Option<forecast_view::ForecastView>,
    settings: Option<forecast_view::SettingsView>,
}

/// The report's HTML.
///
/// # Errors
/// Where the document cannot be written as JSON or a template does not fit its view, which are faults of memtool.
pub(crate) fn render(document: &ReportDocument) -> anyhow::Result<String> {
    let page = Page {
        policy: content_policy::policy(templates::STYLE, templates::SCRIPT),
        style: templates::STYLE,
        script: templates::SCRIPT,
        data: inert(&serde_json::to_string(document)?),
        version: env!("CARGO_PKG_VERSION"),
        overview: OverviewView::new(document),
        runs: document.runs.iter().enumerate().map(|(index, run)| RunView::new(index, run)).collect(),
        forecast: forecast_view::forecast(&document.predictions),
        settings: document.tuning.as_ref().map(forecast_view::settings),
    };
    templates::render(&page)
}

/// JSON in which nothing ends a script element or begins a comment.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
