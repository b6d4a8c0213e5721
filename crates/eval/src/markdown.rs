//! Markdown tables: text in the first column, figures in the others.

/// A table; each row has a cell for every name.
pub(crate) fn table(names: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let figures = "---:|".repeat(names.len().saturating_sub(1));
    let head = format!("| {} |\n|---|{figures}\n", names.join(" | "));
    head + &rows.into_iter().map(|cells| format!("| {} |\n", cells.join(" | "))).collect::<String>()
}

/// A share in per cent with a digit behind the point; a dash where nothing was counted.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_below_its_names() {
        let rows = [vec!["a".to_owned(), percent(Some(0.125))], vec!["b".to_owned(), percent(None)]];
        assert_eq!(
            table(&["program", "share"], rows),
            "| program | share |\n|---|---:|\n| a | 12.5 % |\n| b | – |\n"
        );
    }
}
