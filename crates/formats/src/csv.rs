//! Lines of tables whose cells a character parts, as CSV has them.

/// Cells of a CSV line: quotes around a cell keep separators in it, two in a row are one.
pub(crate) fn split(line: &str, separator: char) -> Vec<String> {
    if separator == ' ' {
        return line.split_whitespace().map(str::to_owned).collect();
    }
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, cells.last_mut()) {
            ('"', Some(cell)) if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            ('"', _) => quoted = !quoted,
            (letter, _) if letter == separator && !quoted => cells.push(String::new()),
            (letter, Some(cell)) => cell.push(letter),
            (_, None) => {}
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// What parts the cells of a table, by its header: blanks where nothing else does.
pub(crate) fn separator(header: &str) -> char {
    let count = |letter: &char| header.matches(*letter).count();
    let most = ['\t', ';', '|', ','].into_iter().rev().max_by_key(count);
    most.filter(|letter| count(letter) > 0).unwrap_or(if header.trim().contains(' ') { ' ' } else { ',' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_separators() {
        assert_eq!(split(r#"a, "b, c","d ""e""","#, ','), ["a", "b, c", "d \"e\"", ""]);
    }

    #[test]
    fn the_most_frequent_separator_parts_a_header() {
        assert_eq!([separator("a,b;c,d"), separator("a\tb"), separator("a;b")], [',', '\t', ';']);
        assert_eq!([separator("time  rss"), separator("rss")], [' ', ',']);
        assert_eq!(split(" 1   2.5 ", ' '), ["1", "2.5"]);
    }
}
