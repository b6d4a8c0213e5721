//! OpenMetrics and Prometheus text: `name{labels} value time`.

use memtool_profile_model::{ReadError, Run};

use super::answer::take;
use super::cautions::{CAUTIONS, NOT_IN_USE};
use super::metric::{Kind, Labels, origin};
use super::series::kept;
use crate::cursor::Cursor;
use crate::head::Head;
use crate::input::Input;
use crate::reader::{Certainty, Reader};
use crate::traces::Traces;

/// The reader of OpenMetrics text with times.
pub(crate) const TEXT: Reader = Reader {
    name: "openmetrics",
    tool: "OpenMetrics and Prometheus text with times (promtool tsdb dump)",
    versions: "2.42",
    record: "promtool tsdb dump --match=process_resident_memory_bytes DATA > metrics.txt",
    tells: "one run per series, at the times of the scrapes",
    cannot_tell: "what happens between two scrapes",
    cautions: CAUTIONS,
    marks: &[],
    sniff,
    read,
};

/// A time of so many is in milliseconds, one of fewer in seconds: the year 5138, or 1973.
const MILLISECONDS_FROM: f64 = 1e11;
/// Letters of a series' name and labels.
const LONGEST_KEY: usize = 4096;

/// One sample's line.
struct Sample<'l> {
    /// Name and labels as they stand.
    key: &'l str,
    value: f64,
    /// Seconds since 1970.
    at: Option<f64>,
}

/// Reads a sample's line; `None` where it is none.
fn line(text: &str) -> Option<Sample<'_>> {
    let name_end = text.find(['{', ' '])?;
    let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    if !text.bytes().take(name_end).all(named)
        || !text.starts_with(|first: char| !first.is_ascii_digit() && first != ' ')
    {
        return None;
    }
    let key_end = if text.as_bytes()[name_end] == b'{' { labels_end(text, name_end)? } else { name_end };
    // What follows `#` is an example that belongs to the sample.
    let rest = text[key_end..].split(" # ").next()?;
    let mut words = rest.split_ascii_whitespace();
    let value = words.next()?.parse().ok()?;
    let at = match words.next() {
        Some(word) => Some(word.parse().ok().filter(|at: &f64| at.is_finite())?),
        None => None,
    };
    let at = at.map(|at| if at.abs() >= MILLISECONDS_FROM { at / 1000.0 } else { at });
    words.next().is_none().then_some(Sample { key: &text[..key_end], value, at })
}

/// Where the labels end that begin at a brace; a brace inside a text is none.
fn labels_end(text: &str, start: usize) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'}' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Takes a name and labels apart.
fn labels(key: &str) -> Labels {
    let (name, rest) = key.split_once('{').unwrap_or((key, ""));
    let mut labels = vec![("__name__".to_owned(), name.to_owned())];
    let mut cursor = Cursor::new(rest.trim_end_matches('}'));
    while let Some(label) = cursor.before("=\"") {
        let Some(value) = quoted(&mut cursor) else { break };
        let label = label.trim_start_matches([',', ' ']).to_owned();
        if label == "__name__" {
            labels[0].1 = value;
        } else {
            labels.push((label, value));
        }
    }
    Labels(labels)
}

/// Steps over a text up to its closing quote.
fn quoted(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut value = cursor.before("\"")?.to_owned();
    while value.ends_with('\\') {
        value.pop();
        value.push('"');
        value.push_str(cursor.before("\"")?);
    }
    Some(value)
}

fn sniff(head: &Head<'_>) -> Certainty {
    let comments =
        head.lines().filter(|line| line.starts_with("# TYPE ") || line.starts_with("# HELP ")).count();
    let mut samples = head.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).take(3);
    match (comments, samples.next().and_then(line)) {
        (1.., Some(_)) => Certainty::Yes,
        (0, Some(sample)) if sample.key.ends_with('}') && samples.all(|text| line(text).is_some()) => {
            Certainty::Maybe
        }
        _ => Certainty::No,
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut traces: Traces<String> = Traces::new(input.limits);
    let mut undated = 0_usize;
    while let Some(next) = input.lines.next()? {
        if next.text.starts_with('#') || next.text.trim().is_empty() {
            continue;
        }
        let Some(sample) = line(next.text).filter(|sample| sample.key.len() <= LONGEST_KEY && next.whole)
        else {
            input.faults.expected(next.number, "a metric with a value", next.text);
            continue;
        };
        let Some(at) = sample.at else {
            undated += 1;
            continue;
        };
        add(&mut traces, &sample, at);
    }
    if traces.iter_mut().all(|(_, trace)| trace.len() == 0) && undated > 0 {
        return Err(ReadError::Refused {
            what: "one moment of a metrics page, without times".to_owned(),
            advice: "let Prometheus scrape it and ask query_range, or record the process with memtool record --pid"
                .to_owned(),
        });
    }
    let runs = traces.finish(&input.faults, "metrics text")?;
    kept(runs).ok_or(ReadError::NoSamples("metrics text"))
}

fn add(traces: &mut Traces<String>, sample: &Sample<'_>, at: f64) {
    let labels = labels(sample.key);
    let (measure, in_use) = match labels.kind() {
        Kind::Memory(measure) | Kind::Expression(measure) => (measure, true),
        Kind::NotInUse(measure) => (measure, false),
        Kind::Other => return,
    };
    let trace = traces.of(sample.key.to_owned(), || origin(&TEXT, &labels, measure));
    let Some(trace) = trace else { return };
    if trace.len() == 0 {
        trace.run.process.job = labels.job().map(memtool_profile_model::printable);
        if !in_use {
            trace.warn(NOT_IN_USE.warning());
        }
    }
    take(trace, at, sample.value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let sample =
            line(r#"rss_bytes{a="x } y",b="q\"r"} 1.5e+06 1795976184.5 # {trace="1"} 2"#).expect("a sample");
        assert_eq!((sample.value, sample.at), (1.5e6, Some(1_795_976_184.5)));
        let found = labels(sample.key);
        let of = |place: usize| (found.0[place].0.as_str(), found.0[place].1.as_str());
        assert_eq!([of(0), of(1), of(2)], [("__name__", "rss_bytes"), ("a", "x } y"), ("b", "q\"r")]);
        assert_eq!(line("rss_bytes 5 1795976184500").and_then(|sample| sample.at), Some(1_795_976_184.5));
        assert_eq!(line("rss_bytes 5").and_then(|sample| sample.at), None);
    }

    #[test]
    fn other_lines_are_none() {
        for text in ["", "a", "5 6", "a{b=\"c\" 5", "a b c", "a 5 6 7", "a 5 x", "täglich 5"] {
            assert!(line(text).is_none(), "{text}");
        }
    }
}
