//! A table of one part: figures by name, and the programs behind them.

use std::fmt::Write as _;

/// A figure of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Figure {
    Count(usize),
    /// `None` where nothing was counted.
    Share(Option<f64>),
}

/// What one question gave on one part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    title: String,
    figures: Vec<(&'static str, Figure)>,
    programs: Vec<(&'static str, Vec<String>)>,
}

impl Table {
    pub(super) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), figures: Vec::new(), programs: Vec::new() }
    }

    pub(super) fn count(mut self, name: &'static str, count: usize) -> Self {
        self.figures.push((name, Figure::Count(count)));
        self
    }

    pub(super) fn share(mut self, name: &'static str, share: Option<f64>) -> Self {
        self.figures.push((name, Figure::Share(share)));
        self
    }

    pub(super) fn programs(mut self, name: &'static str, programs: Vec<String>) -> Self {
        self.programs.push((name, programs));
        self
    }

    fn row(&self) -> String {
        let figures = self.figures.iter().map(|(name, figure)| match figure {
            Figure::Count(count) => format!("{name} {count}"),
            Figure::Share(Some(share)) => format!("{name} {share:.3}"),
            Figure::Share(None) => format!("{name} -"),
        });
        figures.collect::<Vec<_>>().join(", ")
    }
}

/// The tables of all parts, question by question.
pub(super) fn page(parts: &[(&str, &[Table])]) -> String {
    let mut page = String::new();
    let Some((_, first)) = parts.first() else { return page };
    for (place, table) in first.iter().enumerate() {
        let _ = writeln!(page, "{}", table.title);
        for (part, tables) in parts {
            let _ = writeln!(page, "  {part}  {}", tables[place].row());
        }
    }
    page
}

/// The programs behind the figures.
pub(super) fn names(parts: &[(&str, &[Table])]) -> String {
    let mut page = String::new();
    for (part, tables) in parts {
        for table in *tables {
            for (name, programs) in table.programs.iter().filter(|(_, programs)| !programs.is_empty()) {
                let _ = writeln!(page, "{part} {}, {name}: {}", table.title, programs.join("; "));
            }
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_below_each_question() {
        let of = |found| Table::new("leak").count("found", found).share("recall", None);
        let (a, b) = ([of(1)], [of(2).programs("missed in", vec!["saw 2".to_owned()])]);
        let parts: [(&str, &[Table]); 2] = [("A", &a), ("B", &b)];
        assert_eq!(page(&parts), "leak\n  A  found 1, recall -\n  B  found 2, recall -\n");
        assert_eq!(names(&parts), "B leak, missed in: saw 2\n");
    }
}
