//! Rows of `ps`: where its columns stand, by a header or by the row's own shape.

use memtool_profile_model::Mib;

use crate::clock::duration;
use crate::number::{KIB, kib, number, sized};

/// Where the columns of a table stand.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Columns {
    pid: Option<usize>,
    rss: usize,
    vsz: Option<usize>,
    pss: Option<usize>,
    elapsed: Option<usize>,
    /// When the process started, as five words: `lstart`.
    started: Option<usize>,
    command: Option<usize>,
}

/// What `ps aux` prints, header or not.
const AUX: Columns = Columns {
    pid: Some(1),
    rss: 5,
    vsz: Some(4),
    pss: None,
    elapsed: None,
    started: None,
    command: Some(10),
};

/// Words of `lstart`: weekday, month, day, time, year.
const LSTART_WORDS: usize = 5;

/// One process in one row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row<'a> {
    pub(super) pid: Option<u32>,
    pub(super) rss: Mib,
    pub(super) vms: Option<Mib>,
    pub(super) pss: Option<Mib>,
    /// Seconds since the process started, where the row tells.
    pub(super) elapsed_s: Option<f64>,
    pub(super) command: Option<&'a str>,
    /// The size as it stands, where nothing named the columns.
    pub(super) guessed: Option<u64>,
}

/// The columns that a header names.
pub(super) fn header(words: &[&str]) -> Option<Columns> {
    let place = |names: &[&str]| words.iter().position(|word| names.contains(word));
    place(&["PID", "COMMAND", "CMD", "VSZ", "USER", "%MEM", "%CPU", "ELAPSED", "COMM"])?;
    let rss = place(&["RSS", "RSZ"])?;
    let is_name = |word: &&str| !word.chars().any(|c| c.is_ascii_lowercase()) && number(word).is_none();
    words.iter().all(is_name).then(|| Columns {
        pid: place(&["PID"]),
        rss,
        vsz: place(&["VSZ", "VSIZE"]),
        pss: place(&["PSS"]),
        elapsed: place(&["ELAPSED"]),
        started: place(&["STARTED"]),
        command: place(&["COMMAND", "CMD", "COMM"]),
    })
}

/// The rows of `ps aux` are known by their shape.
pub(super) fn is_aux(words: &[&str]) -> bool {
    let numeric = |at: usize| words.get(at).is_some_and(|word| number(word).is_some());
    words.len() >= 11 && number(words[0]).is_none() && (1..6).all(numeric) && words[9].contains(':')
}

/// A row, by the header before it, or by its shape.
pub(super) fn row<'a>(words: &[&'a str], columns: Option<Columns>) -> Option<Row<'a>> {
    match columns.or_else(|| is_aux(words).then_some(AUX)) {
        Some(columns) => named_row(words, columns),
        None => bare_row(words),
    }
}

fn named_row<'a>(words: &[&'a str], columns: Columns) -> Option<Row<'a>> {
    let words = without_start(words, columns.started);
    let cell = |place: Option<usize>| words.get(place?).copied();
    let pid = match columns.pid {
        None => None,
        Some(at) => Some(words.get(at)?.parse().ok()?),
    };
    Some(Row {
        pid,
        rss: kib(words.get(columns.rss)?)?,
        vms: cell(columns.vsz).and_then(kib),
        pss: cell(columns.pss).and_then(kib),
        elapsed_s: cell(columns.elapsed).and_then(duration),
        command: cell(columns.command),
        guessed: None,
    })
}

/// A row whose start time takes one word, as its header does.
fn without_start<'a>(words: &[&'a str], started: Option<usize>) -> Vec<&'a str> {
    let is_weekday = |at: usize| words.get(at).is_some_and(|word| word.chars().all(char::is_alphabetic));
    match started {
        Some(at) if is_weekday(at) && words.len() >= at + LSTART_WORDS => {
            [&words[..=at], &words[at + LSTART_WORDS..]].concat()
        }
        _ => words.to_vec(),
    }
}

/// Whole numbers that a line of /proc/PID/statm has, in pages: it is no row of ps.
const STATM_NUMBERS: usize = 7;

/// A row without names: whole numbers first, shares of processor and memory among them passed over.
///
/// Three are a pid and two sizes, of which RSS is the smaller; two are sizes, or a pid and RSS where a
/// command follows; one alone is RSS.
fn bare_row<'a>(words: &[&'a str]) -> Option<Row<'a>> {
    let is_whole = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let leading = words.iter().take_while(|word| number(word).is_some()).count();
    let whole: Vec<&str> = words[..leading].iter().copied().filter(|word| is_whole(word)).collect();
    let command = words.get(leading).copied().filter(|word| word.contains(char::is_alphabetic));
    let (pid, sizes) = match whole[..] {
        [] => return None,
        _ if command.is_none() && whole.len() == STATM_NUMBERS => return None,
        [rss] if command.is_none() => (None, [Some(rss), None]),
        [_] => return None,
        [pid, rss] if command.is_some() => (Some(pid), [Some(rss), None]),
        [a, b] => (None, [Some(a), Some(b)]),
        [pid, a, b, ..] => (Some(pid), [Some(a), Some(b)]),
    };
    let mut sizes: Vec<u64> =
        sizes.into_iter().flatten().map(|size| size.parse().ok()).collect::<Option<_>>()?;
    sizes.sort_unstable();
    Some(Row {
        pid: pid.and_then(|pid| pid.parse().ok()),
        rss: sized(sizes[0] as f64, KIB)?,
        vms: sizes.get(1).and_then(|size| sized(*size as f64, KIB)),
        pss: None,
        elapsed_s: None,
        command,
        guessed: Some(sizes[0]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<&str> {
        line.split_ascii_whitespace().collect()
    }

    /// Process id, KiB, seconds since the start, and command.
    type Figures = (Option<u32>, f64, Option<f64>, Option<String>);

    fn figures(header_line: &str, line: &str) -> Option<Figures> {
        let found = row(&words(line), header(&words(header_line)))?;
        Some((found.pid, found.rss.get() * 1024.0, found.elapsed_s, found.command.map(str::to_owned)))
    }

    #[test]
    fn rows_by_a_header() {
        let python = Some("python3".to_owned());
        assert_eq!(
            figures("PID ELAPSED RSS VSZ COMMAND", "257 01:02 16008 244184 python3 a.py"),
            Some((Some(257), 16008.0, Some(62.0), python.clone()))
        );
        assert_eq!(
            figures("STARTED PID RSS COMMAND", "Sun Nov 29 23:26:04 2026 257 16008 python3"),
            Some((Some(257), 16008.0, None, python))
        );
    }

    #[test]
    fn rows_by_their_shape() {
        let found = |line: &str| figures("", line).map(|(pid, kib, _, command)| (pid, kib, command));
        let python = Some("python3".to_owned());
        let aux = "root 257 0.0 0.1 244184 16008 ? S 23:26 0:00 python3 a.py";
        assert_eq!(found(aux), Some((Some(257), 16008.0, python.clone())));
        assert_eq!(found("16008 244184"), Some((None, 16008.0, None)));
        assert_eq!(found("257 16008 python3 a.py"), Some((Some(257), 16008.0, python.clone())));
        assert_eq!(found("257 16008 244184 python3"), Some((Some(257), 16008.0, python)));
        assert_eq!(found("1.7 0.0 16008 00:02"), Some((None, 16008.0, None)));
        assert_eq!([found("python 5"), found("42 items"), found("1.5"), found("")], [None, None, None, None]);
    }
}
