//! Tables on a terminal. Only this module uses comfy-table.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width, presets,
};

use crate::{escape, output};

/// Blanks behind a column.
const PADDING: u16 = 2;
/// Rows that are laid out together: a cell takes ten times the memory of its text.
const BLOCK: usize = 1000;

/// How a cell is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Not at all.
    Plain,
    /// Good.
    Good,
    /// Worth attention.
    Warn,
    /// To be acted on.
    Bad,
}

/// One cell's text and tone.
#[derive(Clone)]
pub(crate) struct Field(pub(crate) String, pub(crate) Tone);

impl<T: Into<String>> From<T> for Field {
    fn from(text: T) -> Self {
        Self(text.into(), Tone::Plain)
    }
}

/// One column's title, and whether its values are numbers.
#[derive(Clone)]
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
pub(crate) fn width_of(columns: &[Column], rows: impl Iterator<Item = Vec<Field>>) -> usize {
    let mut widths: Vec<usize> = columns.iter().map(|column| column.title.chars().count()).collect();
    for row in rows {
        for (width, field) in widths.iter_mut().zip(row) {
            *width = (*width).max(field.0.chars().count());
        }
    }
    widths.iter().map(|width| width + usize::from(PADDING)).sum()
}

/// Lays out rows, one line each: callers shorten names so that eighty columns suffice.
pub(crate) fn render(columns: &[Column], rows: Vec<Vec<Field>>) -> String {
    render_each(columns, &rows, Vec::clone)
}

/// The same of rows that are made as they are laid out, so that a table of 100,000 takes little more than its text.
pub(crate) fn render_each<T>(columns: &[Column], items: &[T], row: impl Fn(&T) -> Vec<Field>) -> String {
    let mut header = plain_table();
    header.add_row(columns.iter().map(|column| {
        styled(column.title.as_str().into(), output::colours()).add_attribute(Attribute::Bold)
    }));
    let blocks = || items.chunks(BLOCK).map(|items| block(items.iter().map(&row)));
    let mut widths = header.column_max_content_widths();
    for block in blocks() {
        for (width, of_block) in widths.iter_mut().zip(block.column_max_content_widths()) {
            *width = (*width).max(of_block);
        }
    }
    let mut page = String::new();
    for mut table in std::iter::once(header).chain(blocks()) {
        for ((column, shape), width) in table.column_iter_mut().zip(columns).zip(&widths) {
            column.set_padding((0, PADDING));
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + PADDING)));
            if shape.number {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for line in table.lines() {
            page.push_str(line.trim_end());
            page.push('\n');
        }
    }
    page
}

/// Some rows of a table.
fn block(rows: impl Iterator<Item = Vec<Field>>) -> Table {
    let (mut table, coloured) = (plain_table(), output::colours());
    for row in rows {
        table.add_row(row.into_iter().map(|field| styled(field, coloured)));
    }
    table
}

/// A table without lines, of no rows.
fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if output::colours() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(output::width());
    table
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
    #[test]
    fn a_table_of_several_blocks_has_one_width_and_one_header() {
        let items: Vec<usize> = (0..=BLOCK).collect();
        let row = |item: &usize| vec![Field::from("x".repeat(item / BLOCK * 9 + 1)), item.to_string().into()];
        let page = render_each(&[text("run"), number("peak")], &items, row);
        let lines: Vec<&str> = page.lines().collect();
        assert_eq!(lines.len(), 1 + items.len());
        assert_eq!(
            [lines[0], lines[1], lines[BLOCK], lines[BLOCK + 1]],
            ["run         peak", "x              0", "x            999", "xxxxxxxxxx  1000"]
        );
    }
}
