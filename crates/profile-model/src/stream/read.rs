//! From a stream to a run: every whole line reads back, whatever stands between.

use std::io::Read;

use super::block::{Block, OtherLine, Part};
use super::line::{no_header, parse, parse_header};
use super::run_builder::RunBuilder;
use super::snapshot_sink::{OnSnapshots, Passed, SnapshotSink};
use super::v1::Record;
use crate::downsample::Downsampler;
use crate::error::ReadError;
use crate::lookahead::Lookahead;
use crate::parallel::{Block as _, parse_blocks};
use crate::run::Run;
use crate::warning::Warning;

/// A stream of fewer blocks is parsed before threads would have started.
const FEW: usize = 8;

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
    read_lines(&mut Lookahead::new(stream, &mut Vec::new()), usize::MAX, 0)
}

/// Reads a stream of any size, and keeps so many snapshots at most. Up to so many threads parse
/// beside this one where the stream is long.
pub(crate) fn read_lines<R: Read + Send>(
    input: &mut Lookahead<'_, R>,
    most: usize,
    helpers: usize,
) -> Result<Run, ReadError> {
    Lines::read(input, SnapshotSink::Kept(Downsampler::new(most)), helpers)?.finish()
}

/// The same, but snapshots are passed on; `None` where they stand out of order or are
/// more than `most`: then nothing that was passed on is of use.
pub(crate) fn pass_lines<'k, R: Read + Send>(
    input: &mut Lookahead<'_, R>,
    most: usize,
    helpers: usize,
    sink: &'k mut OnSnapshots<'k>,
) -> Result<Option<Run>, ReadError> {
    let lines = Lines::read(input, SnapshotSink::Passed(Passed::new(sink, most)), helpers)?;
    if lines.is_lost() { Ok(None) } else { lines.finish().map(Some) }
}

/// What the lines so far add up to.
struct Lines<'k> {
    /// Nothing before the header.
    builder: Option<RunBuilder<'k>>,
    /// What the builder will have.
    keep: Option<SnapshotSink<'k>>,
    /// Lines in the blocks before.
    before: usize,
    /// Lines after the header that are not blank.
    count: usize,
    damage: Option<Damage>,
    torn: Option<usize>,
}

impl<'k> Lines<'k> {
    fn read<R: Read + Send>(
        input: &mut Lookahead<'_, R>,
        keep: SnapshotSink<'k>,
        helpers: usize,
    ) -> Result<Self, ReadError> {
        let mut lines =
            Self { builder: None, keep: Some(keep), before: 0, count: 0, damage: None, torn: None };
        let (mut left, mut block) = (Vec::new(), Block::default());
        let mut few = 0..FEW;
        while helpers == 0 || few.next().is_some() {
            if !block.fill(input, &mut left)? {
                return Ok(lines);
            }
            block.parse();
            lines.add(&mut block)?;
            if lines.is_lost() {
                return Ok(lines);
            }
        }
        parse_blocks(input, &mut left, helpers, Block::default, |block| {
            lines.add(block)?;
            Ok::<_, ReadError>(!lines.is_lost())
        })?;
        Ok(lines)
    }

    fn is_lost(&self) -> bool {
        self.builder.as_ref().is_some_and(RunBuilder::is_lost)
    }

    /// Takes the lines of the next block.
    fn add(&mut self, block: &mut Block) -> Result<(), ReadError> {
        block.each(|part| match (part, &mut self.builder) {
            (Part::Snapshots(..), None) => Err(no_header()),
            (Part::Snapshots(some), Some(builder)) => {
                self.count += some.rows.len();
                builder.snapshots(some);
                Ok(())
            }
            (Part::Other(_, letters, _), None) => {
                let keep = self.keep.take();
                self.builder = keep.map(|keep| RunBuilder::new(parse_header(letters)?, keep)).transpose()?;
                Ok(())
            }
            (Part::Other(line, letters, whole), Some(_)) => self.add_other(line, letters, whole),
        })?;
        self.before += block.lines();
        Ok(())
    }

    /// Takes a line that is no snapshot in its usual spelling.
    fn add_other(&mut self, line: OtherLine, letters: &[u8], whole: bool) -> Result<(), ReadError> {
        let Some(builder) = &mut self.builder else { return Ok(()) };
        self.count += 1;
        let number = self.before + line.before + 1;
        match line.record.map_or_else(|| parse(letters, number), |record| Ok(*record)) {
            Ok(Record::Header(_)) => return Err(second_header(number)),
            Ok(record) => builder.add(record),
            Err(ReadError::UnknownRecord { .. }) => builder.unknown += 1,
            // Only the very last line can be torn: one that ends in a line feed was written whole.
            Err(ReadError::Json { .. }) if !whole => {
                (self.torn, self.count) = (Some(number), self.count - 1);
            }
            Err(error) => {
                self.damage.get_or_insert(Damage { lines: 0, first: number, error }).lines += 1;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Run, ReadError> {
        let mut builder = self.builder.ok_or(ReadError::Empty)?;
        if let Some(damage) = self.damage {
            if 2 * damage.lines > self.count || !builder.has_memory() {
                return Err(damage.error);
            }
            builder.warn(damage.warning());
        }
        builder.finish(self.torn)
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
    use crate::snapshot_columns::SnapshotRows;
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

    #[test]
    fn batches_and_collections_stand_in_order_of_time_whatever_the_order_of_their_lines() {
        let text = stream(&[
            r#"{"type":"snapshot","t_ns":1,"rss_mb":5}"#,
            r#"{"type":"batch_start","t_ns":9,"batch":2,"batch_size":1,"items":1}"#,
            r#"{"type":"batch_start","t_ns":4,"batch":1,"batch_size":1,"items":1}"#,
            r#"{"type":"batch_end","t_ns":12,"batch":2,"rss_mb":7}"#,
            r#"{"type":"gc","t_ns":8,"forced":true}"#,
            r#"{"type":"gc","t_ns":3,"forced":false}"#,
        ]);
        let run = read_stream(&text).expect("a stream");
        let batches: Vec<_> =
            run.batches.iter().map(|batch| (batch.start.nanos(), batch.end.is_some())).collect();
        assert_eq!(batches, [(4, false), (9, true)]);
        assert_eq!(run.collections.iter().map(|gc| gc.at.nanos()).collect::<Vec<_>>(), [3, 8]);
    }

    /// A stream of many blocks, in which lines are blank, damaged, unknown, out of order and torn.
    fn long_stream() -> String {
        use std::fmt::Write as _;
        let mut text = format!("{HEADER}\n");
        for index in 0..60_000_u64 {
            let at = index * 1_000 - u64::from(index % 5_000 == 4_999) * 1_500;
            let _ = match index % 20_011 {
                7 => writeln!(text, "\n  "),
                11 => writeln!(text, "{{\"type\":\"snapshot\",\"t_ns\":{at},\"rss"),
                13 => writeln!(text, "{{\"type\":\"later\",\"t_ns\":{at}}}"),
                17 => writeln!(
                    text,
                    "{{\"type\":\"batch_start\",\"t_ns\":{at},\"batch\":{index},\"batch_size\":5,\"items\":5}}"
                ),
                19 => writeln!(text, "{{\"type\":\"operation\",\"t_ns\":{at},\"name\":\"part {index}\"}}"),
                _ => writeln!(
                    text,
                    "{{\"type\":\"snapshot\",\"t_ns\":{at},\"rss_mb\":{}.5,\"available_mb\":9000.25}}",
                    index % 977
                ),
            };
        }
        text + "{\"type\":\"note\",\"t_ns\":70000000,\"text\":\"\"}\n{\"type\":\"snap"
    }

    fn run(lines: &[&str]) -> Run {
        read_stream(&stream(lines)).expect("a run")
    }

    fn snapshot(t_ns: u32) -> String {
        format!(r#"{{"type":"snapshot","t_ns":{t_ns},"rss_mb":100.5}}"#)
    }

    #[test]
    fn batches_are_kept_within_the_memory_given() {
        let batches: String = (0..3000)
            .map(|n| {
                format!(
                    "{{\"type\":\"batch_start\",\"t_ns\":{n},\"batch\":{n},\"batch_size\":1,\"items\":1}}\n"
                )
            })
            .collect();
        let text =
            format!("{HEADER}\n{{\"type\":\"snapshot\",\"t_ns\":1,\"rss_mb\":5}}\n{batches}{FOOTER}\n");
        let read = |most| {
            read_lines(&mut Lookahead::new(text.as_bytes(), &mut Vec::new()), most, 0).expect("a stream")
        };
        let (all, some) = (read(usize::MAX), read(16));
        assert_eq!((all.batches.len(), some.batches.len()), (3000, 1000));
        assert!(some.warnings.contains(&Warning::NoRoom(2000)), "{:?}", some.warnings);
        assert!(!all.warnings.iter().any(|warning| matches!(warning, Warning::NoRoom(_))));
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

    #[test]
    fn threads_read_what_one_does() {
        let text = long_stream();
        let read = |helpers| {
            let run = read_lines(&mut Lookahead::new(text.as_bytes(), &mut Vec::new()), usize::MAX, helpers);
            run.expect("a run")
        };
        let alone = read(0);
        assert!(alone.snapshots.len() > 50_000 && alone.warnings.len() >= 3, "{:?}", alone.warnings);
        for helpers in [1, 2, 5] {
            assert!(read(helpers) == alone, "{helpers} helpers");
        }
    }

    #[test]
    fn what_is_passed_on_is_what_would_be_kept() {
        let mut lines: Vec<String> = long_stream().lines().map(str::to_owned).collect();
        let at =
            |line: &String| line.split("\"t_ns\":").nth(1)?.split([',', '}']).next()?.parse::<u64>().ok();
        // In order, with two at one time.
        let mut last = 0;
        lines.retain(|line| {
            let Some(at) = at(line) else { return true };
            let in_order = last <= at;
            last = last.max(at);
            in_order
        });
        let again = lines.iter().rposition(|line| line.contains("snapshot\",\"t_ns")).expect("a snapshot");
        lines.insert(again, lines[again].replace("rss_mb", "vms_mb"));
        let pass = |text: &str, most| {
            let mut passed = Vec::new();
            let mut sink = |_: &_, _: &_, some: &SnapshotRows<'_>| passed.extend(some.snapshots());
            let run = pass_lines(&mut Lookahead::new(text.as_bytes(), &mut Vec::new()), most, 1, &mut sink);
            run.expect("a stream").map(|run| Run { snapshots: passed, ..run })
        };
        let text = lines.join("\n");
        let kept =
            read_lines(&mut Lookahead::new(text.as_bytes(), &mut Vec::new()), usize::MAX, 1).expect("a run");
        assert!(kept.warnings.iter().any(|warning| matches!(warning, Warning::RepeatedTime(1))));
        assert!(kept.warnings.iter().any(|warning| matches!(warning, Warning::MissingRss(1))));
        assert!(pass(&text, usize::MAX) == Some(kept));
        assert!(pass(&text, 1000).is_none(), "more than may be kept");
        assert!(pass(&long_stream(), usize::MAX).is_none(), "out of order");
    }

    #[test]
    fn a_fault_ends_the_reading_at_once() {
        let text = long_stream();
        let header = text.lines().next().expect("a header");
        let twice = text.replacen("{\"type\":\"note\"", &format!("{header}\n{{\"type\":\"note\""), 1);
        let told = |helpers| {
            read_lines(&mut Lookahead::new(twice.as_bytes(), &mut Vec::new()), usize::MAX, helpers)
                .expect_err("two headers")
                .to_string()
        };
        assert!(told(0).contains("a second header"), "{}", told(0));
        assert_eq!(told(2), told(0));
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let header = format!("{}\n", long_stream().lines().next().expect("a header"));
        let told = |helpers| {
            let endless = header.as_bytes().chain(std::io::repeat(b'x').take(1 << 30));
            read_lines(&mut Lookahead::new(endless, &mut Vec::new()), usize::MAX, helpers)
                .expect_err("an endless line")
                .to_string()
        };
        assert!(told(2).contains("longer than 8 MiB"), "{}", told(2));
    }
}
