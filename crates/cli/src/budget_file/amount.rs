//! The values of a budget file: amounts of memory and percent, with the sign of the budget before them.

use memtool_analyzer::gate::LeakBudget;

use crate::args::mebibytes;

/// `<= 2GiB` or `2GiB`, in MiB.
pub(super) fn most(text: &str, of: &str) -> Result<f64, String> {
    if text.trim_start().starts_with(['>', '=']) {
        return Err(format!("a budget for the {of} is written <= 2GiB, found {text}"));
    }
    mebibytes(unsigned(text, "<=")).map_err(|error| format!("{error}; found {text}"))
}

/// `>= 15%` or `15%`, as a share.
pub(super) fn headroom(text: &str) -> Result<f64, String> {
    if text.trim_start().starts_with(['<', '=']) {
        return Err(format!("a budget for headroom is written >= 15%, found {text}"));
    }
    percent(unsigned(text, ">="), (0.0, 100.0), text)
}

/// `5%` or `<= 5%`, as a share.
pub(super) fn tolerance(text: &str) -> Result<f64, String> {
    percent(unsigned(text, "<="), (0.5, 100.0), text)
}

/// `none` or `suspected`.
pub(super) fn leak(text: &str) -> Result<LeakBudget, String> {
    match text.trim() {
        "none" => Ok(LeakBudget::None),
        "suspected" => Ok(LeakBudget::Suspected),
        other => Err(format!("expected none or suspected, found {other}")),
    }
}

fn unsigned<'a>(text: &'a str, sign: &str) -> &'a str {
    let text = text.trim();
    text.strip_prefix(sign).unwrap_or(text).trim_start()
}

fn percent(amount: &str, (least, most): (f64, f64), text: &str) -> Result<f64, String> {
    let number = amount.strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
    let found = number.filter(|number| (least..=most).contains(number));
    found
        .map(|number| number / 100.0)
        .ok_or_else(|| format!("expected percent from {least} to {most}, such as 5%; found {text}"))
}
