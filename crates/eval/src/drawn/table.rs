//! A table of one part: figures by name, and the programs behind them.

use std::fmt::Write as _;

use crate::markdown::{self, percent};

/// A figure of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Figure {
    Count(usize),
    /// `None` where nothing was counted.
    Share(Option<f64>),
    /// From -1 to 1; `None` where nothing could be ranked.
    Rank(Option<f64>),
}

impl Figure {
    fn text(self) -> String {
        match self {
            Self::Count(count) => count.to_string(),
            Self::Share(share) => percent(share),
            Self::Rank(rank) => rank.map_or_else(|| "–".to_owned(), |rank| format!("{rank:.2}")),
        }
    }
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

    pub(super) fn rank(mut self, name: &'static str, rank: Option<f64>) -> Self {
        self.figures.push((name, Figure::Rank(rank)));
        self
    }

    /// Whether anything came of what was asked, which the first figure counts.
    fn has_results(&self) -> bool {
        let none = [Figure::Count(0), Figure::Share(None), Figure::Rank(None)];
        self.figures.iter().skip(1).any(|(_, figure)| !none.contains(figure))
    }

    fn row(&self, part: &str) -> Vec<String> {
        std::iter::once(part.to_owned()).chain(self.figures.iter().map(|(_, figure)| figure.text())).collect()
    }
}

/// The tables of all parts, question by question; parts of which nothing came are left out.
pub(super) fn page(parts: &[(&str, &[Table])]) -> String {
    let mut page = String::new();
    let Some((_, first)) = parts.first() else { return page };
    for (place, question) in first.iter().enumerate() {
        let names: Vec<&str> =
            std::iter::once("programs").chain(question.figures.iter().map(|(name, _)| *name)).collect();
        let with_results = parts.iter().filter(|(_, tables)| tables[place].has_results());
        let rows: Vec<_> = with_results.map(|(part, tables)| tables[place].row(part)).collect();
        if !rows.is_empty() {
            let _ = writeln!(page, "### {}\n\n{}", question.title, markdown::table(&names, rows));
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
        let of = |found| Table::new("leak").count("runs", 4).count("found", found).share("recall", None);
        let (a, b, c) = ([of(1)], [of(2).programs("missed in", vec!["saw 2".to_owned()])], [of(0)]);
        let parts: [(&str, &[Table]); 3] = [("A", &a), ("B", &b), ("C", &c)];
        let table = "### leak\n\n| programs | runs | found | recall |\n|---|---:|---:|---:|\n\
                     | A | 4 | 1 | – |\n| B | 4 | 2 | – |\n\n";
        assert_eq!(page(&parts), table);
        assert_eq!(names(&parts), "B leak, missed in: saw 2\n");
    }
}
