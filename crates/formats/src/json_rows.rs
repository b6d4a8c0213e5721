//! Where the rows stand in a JSON document that is one object: an array of objects, arrays side by side, or a data frame
//! as pandas writes it.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::guess;
use crate::number::{number, size};

/// How deep in a document rows are looked for.
const DEEPEST: usize = 3;
/// Members of an object that are looked at.
const MOST_MEMBERS: usize = 1000;

/// What the beginning of a document tells; it may be cut.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Document {
    /// The first row.
    pub(crate) first: Option<String>,
    pub(crate) rows: Rows,
    /// The unit of memory that it states beside the rows.
    pub(crate) unit: Option<String>,
    /// Seconds between rows that it states.
    pub(crate) interval_s: Option<f64>,
}

/// Where the rows are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Rows {
    /// Nowhere: the object is the only row.
    #[default]
    Whole,
    /// The objects of an array, which lies there.
    Objects(Range<usize>),
    /// Columns side by side, each an array, or an object by the rows' names; by pandas' default.
    Columns(Range<usize>),
    /// Names in `columns` and rows of values in `data`, as pandas' `split` has them.
    Split(Range<usize>),
}

/// A member of an object: its name and where its value lies.
type Member = (String, Range<usize>);

impl Document {
    /// Looks through the text of an object.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Self::default();
        let mut candidates = Vec::new();
        found.visit(text, 0..text.len(), 0, &mut candidates);
        let names_both = |(_, first): &&(Rows, String)| {
            let names = names(first);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            guess::memory(&names).is_some() && (guess::time(&names).is_some() || found.interval_s.is_some())
        };
        // A sample that lists its processes is a row itself.
        let own: Vec<Member> = members(text, 0..text.len());
        let own: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
        let is_row = guess::time(&own).is_some();
        let first = candidates.first().filter(|(rows, _)| !is_row || !matches!(rows, Rows::Objects(_)));
        let best = candidates.iter().find(names_both).or(first);
        if let Some((rows, first)) = best {
            (found.rows, found.first) = (rows.clone(), Some(first.clone()));
        }
        found
    }

    fn visit(&mut self, text: &str, object: Range<usize>, depth: usize, found: &mut Vec<(Rows, String)>) {
        let members = members(text, object.clone());
        for (name, value) in &members {
            self.take_fact(name, &text[value.clone()]);
        }
        found.extend(side_by_side(text, &object, &members));
        for (_, value) in members {
            let inside = text[value.clone()].trim_start_matches('[').trim_start();
            if text[value.clone()].starts_with('[') && inside.starts_with('{') {
                let first = text.len().min(value.end) - inside.len();
                let end = value_end(&text[first..value.end]).map(|length| first + length);
                if let Some(end) = end {
                    found.push((Rows::Objects(value), text[first..end].to_owned()));
                }
            } else if text[value.clone()].starts_with('{') && depth < DEEPEST {
                self.visit(text, value, depth + 1, found);
            }
        }
    }

    /// Takes what a member says of all rows.
    fn take_fact(&mut self, name: &str, value: &str) {
        if let Some(text) = value.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            let is_unit = guess::is_unit(name) && size(&format!("1{text}"), 1.0).is_some();
            if is_unit && text.parse::<f64>().is_err() {
                self.unit.get_or_insert_with(|| text.to_owned());
            } else if guess::is_unit(name) && text.eq_ignore_ascii_case("bytes") {
                self.unit.get_or_insert_with(|| "B".to_owned());
            }
        } else if let Some(interval) = guess::interval(name).zip(number(value)) {
            let (unit_s, count) = interval;
            self.interval_s = self.interval_s.or(Some(count * unit_s).filter(|seconds| *seconds > 0.0));
        }
    }
}

/// The rows of columns that stand side by side in an object, and the first of them.
fn side_by_side(text: &str, object: &Range<usize>, members: &[Member]) -> Option<(Rows, String)> {
    let firsts: Vec<(&str, String, bool)> = members
        .iter()
        .filter_map(|(name, value)| {
            let text = &text[value.clone()];
            let (inside, keyed) = match text.as_bytes().first()? {
                b'[' => (&text[1..], false),
                b'{' => (text[1..].split_once(':')?.1, true),
                _ => return None,
            };
            let inside = inside.trim_start();
            let cell = inside.get(..value_end(inside)?)?;
            Some((name.as_str(), cell.to_owned(), keyed))
        })
        .collect();
    if let [("columns", _, false), .., ("data", row, false)]
    | [("data", row, false), .., ("columns", _, false)] = &firsts[..]
        && row.starts_with('[')
    {
        return split_first(text, members, row).map(|first| (Rows::Split(object.clone()), first));
    }
    let cells = firsts.iter().filter(|(_, cell, _)| !cell.starts_with(['[', '{']));
    let row: Vec<String> = cells.map(|(name, cell, _)| format!("{}:{cell}", Value::from(*name))).collect();
    (row.len() >= 2).then(|| (Rows::Columns(object.clone()), format!("{{{}}}", row.join(","))))
}

fn split_first(text: &str, members: &[Member], row: &str) -> Option<String> {
    let columns = members.iter().find(|(name, _)| name == "columns")?;
    let names: Vec<Value> = serde_json::from_str(&text[columns.1.clone()]).ok()?;
    let values: Vec<Value> = serde_json::from_str(row).ok()?;
    Some(row_of(names.iter().zip(&values)))
}

/// A row as an object's text.
fn row_of<'v>(cells: impl Iterator<Item = (&'v Value, &'v Value)>) -> String {
    let name = |name: &Value| name.as_str().map_or_else(|| name.to_string(), str::to_owned);
    Value::Object(cells.map(|(column, value)| (name(column), value.clone())).collect()).to_string()
}

/// The rows of columns side by side, or of pandas' `split`, each a line; `None` where they are not as long as each other.
pub(crate) fn lines(text: &str, rows: &Rows) -> Option<Vec<u8>> {
    let lines: Vec<String> = match rows {
        Rows::Columns(object) => {
            let object: Map<String, Value> = serde_json::from_str(text.get(object.clone())?).ok()?;
            let cells = |column: &Value| -> Option<Vec<Value>> {
                match column {
                    Value::Array(cells) => Some(cells.clone()),
                    Value::Object(cells) => Some(in_order(cells)),
                    _ => None,
                }
            };
            let columns: Vec<(Value, Vec<Value>)> = object
                .iter()
                .filter_map(|(name, column)| Some((Value::from(name.as_str()), cells(column)?)))
                .filter(|(_, cells)| !cells.iter().any(|cell| cell.is_array() || cell.is_object()))
                .collect();
            let length = columns.iter().map(|(_, cells)| cells.len()).max()?;
            let full: Vec<_> = columns.iter().filter(|(_, cells)| cells.len() == length).collect();
            (0..length).map(|at| row_of(full.iter().map(|(name, cells)| (name, &cells[at])))).collect()
        }
        Rows::Split(object) => {
            let object: Map<String, Value> = serde_json::from_str(text.get(object.clone())?).ok()?;
            let (names, data) = (object.get("columns")?.as_array()?, object.get("data")?.as_array()?);
            data.iter().filter_map(Value::as_array).map(|row| row_of(names.iter().zip(row))).collect()
        }
        Rows::Whole | Rows::Objects(_) => return None,
    };
    Some(lines.join("\n").into_bytes())
}

/// Values in the order of their keys, as numbers where these are some: `"10"` stands behind `"2"`.
fn in_order(cells: &Map<String, Value>) -> Vec<Value> {
    let mut cells: Vec<(Option<f64>, &Value)> =
        cells.iter().map(|(key, value)| (number(key), value)).collect();
    if cells.iter().all(|(key, _)| key.is_some()) {
        cells.sort_by(|(a, _), (b, _)| a.unwrap_or(0.0).total_cmp(&b.unwrap_or(0.0)));
    }
    cells.into_iter().map(|(_, value)| value.clone()).collect()
}

/// The names of a row's members.
fn names(row: &str) -> Vec<String> {
    let mut names = Vec::new();
    names_of(&serde_json::from_str(row).unwrap_or_default(), "", &mut names);
    names
}

/// The paths of an object's members that are no lists.
pub(crate) fn names_of(value: &Value, before: &str, names: &mut Vec<String>) {
    for (name, inner) in value.as_object().into_iter().flatten().take(100) {
        let path = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        match inner {
            Value::Object(_) if path.len() < 200 => names_of(inner, &path, names),
            // No cell of a row.
            Value::Array(_) => {}
            _ => names.push(path),
        }
    }
}

/// The members of the object that lies there; the last may be cut.
fn members(text: &str, object: Range<usize>) -> Vec<Member> {
    let mut found = Vec::new();
    let mut at = object.start + 1;
    while found.len() < MOST_MEMBERS {
        let Some(rest) = text.get(at..object.end) else { break };
        let ahead = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        let Some(quoted) = ahead.starts_with('"').then(|| value_end(ahead)).flatten() else { break };
        let Ok(name) = serde_json::from_str::<String>(&ahead[..quoted]) else { break };
        let Some(value) = ahead[quoted..].trim_start().strip_prefix(':').map(str::trim_start) else { break };
        let start = object.end - value.len();
        let end = value_end(value).map_or(object.end, |length| start + length);
        found.push((name, start..end));
        at = end;
    }
    found
}

/// How long the value is that a text begins with; `None` where it does not end.
fn value_end(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => {
                quoted = !quoted;
                if !quoted && depth == 0 {
                    return Some(at + 1);
                }
            }
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        match Document::of(text).rows {
            Rows::Objects(range) => vec![text[range].to_owned()],
            rows => {
                let lines = lines(text, &rows).unwrap_or_default();
                String::from_utf8(lines).expect("text").lines().map(str::to_owned).collect()
            }
        }
    }

    #[test]
    fn the_array_whose_rows_have_a_time_and_a_size_is_the_one() {
        let text =
            r#"{"host":"a","phases":[{"name":"load"}],"result":{"samples":[{"t":1,"rss":4096}, {"t":2}]}}"#;
        let found = Document::of(text);
        assert_eq!(found.first.as_deref(), Some(r#"{"t":1,"rss":4096}"#));
        assert_eq!(rows(text), [r#"[{"t":1,"rss":4096}, {"t":2}]"#]);
        let cut = Document::of(&text[..78]);
        assert_eq!((cut.first, cut.rows != Rows::Whole), (Some(r#"{"t":1,"rss":4096}"#.to_owned()), true));
    }

    #[test]
    fn facts_beside_the_rows() {
        let text = r#"{"meta":{"unit":"MB","interval_ms":500},"samples":[{"rss":1}]}"#;
        let found = Document::of(text);
        assert_eq!((found.unit.as_deref(), found.interval_s), (Some("MB"), Some(0.5)));
        let none = Document::of(r#"{"unit":"jobs","interval":"daily","samples":[{"rss":1}]}"#);
        assert_eq!((none.unit, none.interval_s), (None, None));
    }

    #[test]
    fn columns_side_by_side_and_data_frames_of_pandas() {
        let expected = [r#"{"rss":10,"time":1}"#, r#"{"rss":20,"time":2}"#];
        for text in [
            r#"{"time":[1,2],"rss":[10,20],"tags":["x"]}"#,
            r#"{"time":{"0":1,"1":2},"rss":{"0":10,"1":20}}"#,
            r#"{"columns":["time","rss"],"index":[0,1],"data":[[1,10],[2,20]]}"#,
            r#"{"name":"a","series":{"time":[1,2],"rss":[10,20]}}"#,
        ] {
            assert_eq!(rows(text), expected, "{text}");
            assert!(Document::of(text).first.is_some_and(|row| row.contains("\"time\":1")), "{text}");
        }
    }

    #[test]
    fn other_objects_are_one_row() {
        for text in
            [r#"{"time":1,"rss":4096}"#, "{", "{}", r#"{"a":[]}"#, r#"{"a":[1]}"#, r#"{"a""#, r#"{"a":[{"#]
        {
            assert_eq!(Document::of(text).rows, Rows::Whole, "{text}");
        }
    }
}
