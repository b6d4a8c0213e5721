//! From a stream to a run: every whole line reads back, whatever stands between.

use std::io::Read;

use super::build::RunBuilder;
use super::line::{parse, parse_header};
use super::v1::Record;
use crate::error::ReadError;
use crate::run::{Run, Warning};
use crate::window::Window;

/// Reads a stream's text as a run.
///
/// A line that cannot be read is left out with a warning: after a disk was full for a while,
/// the rest of a torn line stands glued to the next record, and both are lost.
///
/// # Errors
/// Where the header is missing, damaged or of another version, more than half of the lines
/// are damaged, or there is no snapshot.
pub fn read_stream(text: &str) -> Result<Run, ReadError> {
    read_bytes(text.as_bytes())
}

/// Reads a stream of which some lines may not be text.
pub(crate) fn read_bytes(stream: &[u8]) -> Result<Run, ReadError> {
    read_lines(&mut Window::new(stream, &mut Vec::new()), usize::MAX)
}

/// Reads a stream of any size line by line, and keeps so many snapshots at most.
pub(crate) fn read_lines<R: Read>(window: &mut Window<'_, R>, most: usize) -> Result<Run, ReadError> {
    let mut lines = Lines { window, number: 0 };
    let first = lines.next()?.ok_or(ReadError::Empty)?;
    let mut builder = RunBuilder::new(parse_header(first.text)?, most)?;
    let (mut count, mut damage, mut torn) = (0, None, None);
    while let Some(line) = lines.next()? {
        count += 1;
        match parse(line.text, line.number) {
            Ok(Record::Header(_)) => return Err(second_header(line.number)),
            Ok(record) => builder.add(record),
            Err(ReadError::UnknownRecord { .. }) => builder.unknown += 1,
            // Only the very last line can be torn: one that ends in a line feed was written whole.
            Err(ReadError::Json { .. }) if !line.ended => {
                (torn, count) = (Some(line.number), count - 1);
            }
            Err(error) => damage.get_or_insert(Damage { lines: 0, first: line.number, error }).lines += 1,
        }
    }
    if let Some(damage) = damage {
        if 2 * damage.lines > count || !builder.has_memory() {
            return Err(damage.error);
        }
        builder.warn(damage.warning());
    }
    builder.finish(torn)
}

/// The lines of a stream that are not blank.
struct Lines<'w, 'b, R> {
    window: &'w mut Window<'b, R>,
    /// Of the last line, from 1.
    number: usize,
}

struct Line<'a> {
    text: &'a [u8],
    number: usize,
    /// Whether a line feed ended it.
    ended: bool,
}

impl<R: Read> Lines<'_, '_, R> {
    fn next(&mut self) -> Result<Option<Line<'_>>, ReadError> {
        loop {
            let (length, ended) = self.length()?;
            if length == 0 && !ended {
                return Ok(None);
            }
            self.number += 1;
            if self.window.ahead()[..length].trim_ascii().is_empty() {
                self.window.pass(length + usize::from(ended));
                continue;
            }
            let text = self.window.take(length, usize::from(ended));
            return Ok(Some(Line { text, number: self.number, ended }));
        }
    }

    /// How long the line ahead is, and whether a line feed ends it.
    fn length(&mut self) -> Result<(usize, bool), ReadError> {
        let mut seen = 0;
        loop {
            let ahead = self.window.ahead();
            if let Some(found) = memchr::memchr(b'\n', &ahead[seen..]) {
                return Ok((seen + found, true));
            }
            seen = ahead.len();
            if !self.window.more()? {
                return Ok((seen, false));
            }
        }
    }
}

fn second_header(line: usize) -> ReadError {
    ReadError::Value {
        place: format!("line {line}"),
        expected: "a record of the same run",
        found: "a second header".to_owned(),
    }
}

/// Lines that were left out.
struct Damage {
    lines: usize,
    first: usize,
    error: ReadError,
}

impl Damage {
    fn warning(&self) -> Warning {
        let told = self.error.to_string();
        let reason = told.strip_prefix(&format!("line {}, ", self.first)).unwrap_or(&told).to_owned();
        Warning::DamagedLines { count: self.lines, first: self.first, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::PressureLevel;
    use crate::units::Mib;

    const HEADER: &str =
        r#"{"type":"header","version":1,"run_id":"r","started":"2026-01-01T00:00:00Z","config":{}}"#;
    const FOOTER: &str = r#"{"type":"footer","t_ns":99,"counters":{}}"#;

    fn stream(lines: &[&str]) -> String {
        let mut all = vec![HEADER];
        all.extend(lines);
        all.push(FOOTER);
        all.join("\n") + "\n"
    }

    fn run(lines: &[&str]) -> Run {
        read_stream(&stream(lines)).expect("a run")
    }

    fn snapshot(t_ns: u32) -> String {
        format!(r#"{{"type":"snapshot","t_ns":{t_ns},"rss_mb":100.5}}"#)
    }

    #[test]
    fn a_torn_line_glued_to_the_next_is_one_damaged_line() {
        let [first, second] = [snapshot(1), snapshot(3)];
        let glued = format!(r#"{{"type":"snap{second}"#);
        let run = run(&[&first, &glued, &second]);
        assert_eq!(run.snapshots.len(), 2);
        let [Warning::DamagedLines { count: 1, first: 3, reason }] = &run.warnings[..] else {
            panic!("{:?}", run.warnings)
        };
        assert!(reason.starts_with("column 15: unknown variant `snap{`"), "{reason}");
        assert!(run.warnings[0].to_string().contains("left out: line 3, column 15"), "{}", run.warnings[0]);
    }

    #[test]
    fn damage_is_counted_and_its_first_line_named() {
        let lines = [snapshot(1), snapshot(2)];
        let huge = r#"{"type":"snapshot","t_ns":3,"rss_mb":1e308}"#;
        let run = run(&[&lines[0], huge, "#", &lines[1]]);
        let reason = "rss_mb: expected mebibytes from 0 to 1e9, found 1e308".to_owned();
        assert_eq!(run.warnings, [Warning::DamagedLines { count: 2, first: 3, reason }]);
        assert_eq!(run.snapshots.len(), 2);
    }

    #[test]
    fn a_file_damaged_for_the_most_part_is_refused_with_its_first_fault() {
        let one = snapshot(1);
        assert!(read_stream(&stream(&[&one, "#", "#"])).is_ok(), "half of four");
        let found = read_stream(&stream(&[&one, "#", "#", "#"])).expect_err("three of five").to_string();
        assert!(found.starts_with("line 3, column 1: expected value"), "{found}");
        // Where the only snapshot is the damaged one, that is what is wrong with the file.
        let found = read_stream(&stream(&["#"])).expect_err("no snapshot").to_string();
        assert!(found.starts_with("line 2, column 1"), "{found}");
    }

    #[test]
    fn bytes_that_are_not_text_damage_their_line_only() {
        let one = snapshot(1);
        let bad: &[u8] = b"{\"type\":\"operation\",\"t_ns\":1,\"name\":\"b\xfcro\"}";
        let bytes = [HEADER.as_bytes(), one.as_bytes(), bad, FOOTER.as_bytes(), b""].join(&b'\n');
        let run = read_bytes(&bytes).expect("a run");
        assert!(matches!(run.warnings[..], [Warning::DamagedLines { count: 1, first: 3, .. }]));
        assert!(run.operations.names().is_empty());
    }

    #[test]
    fn what_a_snapshot_leaves_out_follows_from_the_settings_and_the_line_before() {
        let run = run(&[
            r#"{"type":"snapshot","t_ns":1,"rss_mb":3000,"gc_collections":7}"#,
            r#"{"type":"snapshot","t_ns":2,"rss_mb":100,"available_mb":499,"children_rss_mb":60,"shared_mb":5,"pss_mb":97.5}"#,
            r#"{"type":"snapshot","t_ns":3,"gc_collections":9}"#,
            r#"{"type":"snapshot","t_ns":4,"rss_mb":1,"pressure_level":"high"}"#,
        ]);
        let levels: Vec<_> = run.snapshots.iter().map(|s| s.level).collect();
        use PressureLevel::{Critical, High};
        assert_eq!(levels, [Some(High), Some(Critical), None, Some(High)]);
        let collections: Vec<_> = run.snapshots.iter().map(|s| s.gc_collections).collect();
        assert_eq!(collections, [Some(7), Some(7), Some(9), Some(9)]);
        let second = run.snapshots[1];
        let parts = [second.children_rss, second.shared, second.pss];
        assert_eq!(parts, [60.0, 5.0, 97.5].map(|mb| Some(Mib::new(mb))));
    }

    #[test]
    fn a_batch_whose_end_is_lost_overlaps_what_came_after() {
        let start = |n: u32, t: u32| {
            format!(r#"{{"type":"batch_start","t_ns":{t},"batch":{n},"batch_size":5,"items":5}}"#)
        };
        let end =
            |n: u32, t: u32, rest: &str| format!(r#"{{"type":"batch_end","t_ns":{t},"batch":{n}{rest}}}"#);
        let overlapping = |lines: &[String]| {
            let mut all = vec![snapshot(0)];
            all.extend_from_slice(lines);
            let run = run(&all.iter().map(String::as_str).collect::<Vec<_>>());
            run.batches.iter().map(|batch| batch.overlapping).collect::<Vec<_>>()
        };
        assert_eq!(overlapping(&[start(1, 1), end(1, 2, ""), start(2, 2)]), [false, false]);
        assert_eq!(overlapping(&[start(1, 1), start(2, 3), end(2, 4, "")]), [true, false]);
        assert_eq!(overlapping(&[start(1, 1), start(2, 1)]), [true, true]);
        let told = end(1, 2, r#","overlapping":true,"cpu_s":0.25"#);
        assert_eq!(overlapping(&[start(1, 1), told.clone(), start(2, 3)]), [true, false]);
        let run = run(&[&snapshot(0), &start(1, 1), &told]);
        assert_eq!(run.batches[0].cpu_seconds, Some(0.25));
    }

    #[test]
    fn thinning_is_told_with_and_without_a_footer() {
        let one = snapshot(1);
        let note = |every: u32| format!(r#"{{"type":"note","t_ns":2,"text":"t","thinning":{every}}}"#);
        let cut = [HEADER, &one, &note(2), &note(4), ""].join("\n");
        let run = read_stream(&cut).expect("a run");
        assert_eq!(run.warnings, [Warning::EndedWithoutClosing, Warning::ThinnedTo { every: 4 }]);
        let closed = FOOTER.replace("}}", r#"},"thinned_records":12}"#);
        let run = read_stream(&[HEADER, &one, &note(2), &closed, ""].join("\n")).expect("a run");
        assert_eq!(run.warnings, [Warning::Thinned(12)]);
    }
}
