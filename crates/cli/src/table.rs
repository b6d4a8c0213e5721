//! Tables on a terminal. The only place that knows comfy-table.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, presets,
};

use crate::{escape, output};

/// Blanks behind a column.
const PADDING: u16 = 2;

/// How a cell is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Not at all.
    Plain,
    /// Good.
    Good,
    /// To be looked at.
    Warn,
    /// To be acted on.
    Bad,
}

/// One cell's text and tone.
pub(crate) struct Field(pub(crate) String, pub(crate) Tone);

impl<T: Into<String>> From<T> for Field {
    fn from(text: T) -> Self {
        Self(text.into(), Tone::Plain)
    }
}

/// One column's title, and whether its values are numbers.
pub(crate) struct Column {
    title: String,
    number: bool,
}

pub(crate) fn text(title: &str) -> Column {
    Column { title: title.to_owned(), number: false }
}

pub(crate) fn number(title: &str) -> Column {
    Column { title: title.to_owned(), number: true }
}

/// Columns of a terminal that some columns of a table take.
pub(crate) fn width_of(columns: &[Column], rows: &[Vec<Field>]) -> usize {
    let cell = |row: &Vec<Field>, index: usize| row.get(index).map_or(0, |field| field.0.chars().count());
    let width = |(index, column): (usize, &Column)| {
        let widest = rows.iter().map(|row| cell(row, index)).max().unwrap_or(0);
        widest.max(column.title.chars().count()) + usize::from(PADDING)
    };
    columns.iter().enumerate().map(width).sum()
}

/// Lays out rows, one line each: callers shorten names so that eighty columns suffice.
pub(crate) fn render(columns: &[Column], rows: Vec<Vec<Field>>) -> String {
    let coloured = output::colours();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if coloured {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(output::width());
    table.set_header(
        columns.iter().map(|c| styled(c.title.as_str().into(), coloured).add_attribute(Attribute::Bold)),
    );
    for row in rows {
        table.add_row(row.into_iter().map(|field| styled(field, coloured)));
    }
    for (column, shape) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, PADDING));
        column.set_constraint(ColumnConstraint::ContentWidth);
        if shape.number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

fn styled(field: Field, coloured: bool) -> Cell {
    let cell = Cell::new(escape::control(&field.0));
    match (coloured, field.1) {
        (true, Tone::Good) => cell.fg(Color::Green),
        (true, Tone::Warn) => cell.fg(Color::Yellow),
        (true, Tone::Bad) => cell.fg(Color::Red),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_right_aligned_and_lines_end_without_blanks() {
        let rows =
            vec![vec![Field::from("a"), Field::from("1,234")], vec![Field::from("bcd"), Field::from("5")]];
        let page = render(&[text("run"), number("peak")], rows);
        let lines: Vec<&str> = page.lines().collect();
        assert_eq!(lines.iter().map(|l| l.chars().count()).max(), Some("bcd".len() + 2 + "1,234".len()));
        assert!(lines[2].ends_with("    5") && lines.iter().all(|l| l.trim_end() == *l), "{page}");
    }
}
