//! The templates, with escaping on: what comes from a file is text wherever it is filled in.

use anyhow::Context as _;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, escape_formatter};
use serde::Serialize;

use crate::escape;

pub(super) const STYLE: &str = include_str!("assets/report.css");
pub(super) const SCRIPT: &str = include_str!("assets/report.js");

const TEMPLATES: [(&str, &str); 7] = [
    ("report.html", include_str!("templates/report.html")),
    ("overview.html", include_str!("templates/overview.html")),
    ("run.html", include_str!("templates/run.html")),
    ("chart.html", include_str!("templates/chart.html")),
    ("finding.html", include_str!("templates/finding.html")),
    ("table.html", include_str!("templates/table.html")),
    ("forecast.html", include_str!("templates/forecast.html")),
];

/// Fills in the page's templates.
///
/// # Errors
/// Where a template does not fit its view, which is a fault of memtool.
pub(super) fn render(page: &impl Serialize) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    // Characters that reorder or hide text are no markup, and would pass.
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(escape::control(text))),
        _ => escape_formatter(out, state, value),
    });
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).context("a template of the report is broken")?;
    }
    let template = environment.get_template("report.html").context("the report has no template")?;
    template.render(Value::from(Serde(page))).context("the report cannot be laid out")
}
