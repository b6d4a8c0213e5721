//! Snapshot lines as the recorder spells them, of which a stream mostly consists.
//!
//! serde reads an enum told by its tag twice: first as anything, then as what the tag says. Here
//! the fields are read as they come, each expected to be the one that followed last time. A line that is
//! spelt in any other way, with blanks, escapes or fields that are not known, and one with a figure that
//! cannot be, is left to serde.

use std::collections::BTreeMap;

use super::line_shape::LineShapes;
use super::snapshot_field::{Field, TAG};
use super::v1::SnapshotRecord;
use crate::json_token::{level, string};
use crate::number::float;
use crate::ranges;
use crate::snapshot::Snapshot;
use crate::snapshot_columns::SnapshotColumns;
use crate::spelling::Spelling;
use crate::units::{Mib, Offset};

/// The fields that a snapshot has no room for, as bits.
const BESIDE: u32 = 1 << Field::PeakRss as u32
    | 1 << Field::Group as u32
    | 1 << Field::HeapUsed as u32
    | 1 << Field::HeapFree as u32
    | 1 << Field::Label as u32
    | 1 << Field::Blocks as u32
    | 1 << Field::Meters as u32;

/// What a line says beside the figures of its snapshot; most say nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// Its snapshot's row in the block.
    pub(super) row: usize,
    pub(super) peak_rss: Option<Mib>,
    pub(super) group: Option<Mib>,
    pub(super) heap_used: Option<Mib>,
    pub(super) heap_free: Option<Mib>,
    pub(super) py_blocks: Option<u64>,
    label: Option<Place>,
    meters: Option<Place>,
}

/// A part of a text, by its first byte and the one after it.
type Place = (u32, u32);

impl Beside {
    /// Its label in the text that it was read from.
    #[inline]
    pub(super) fn label<'a>(&self, text: &'a [u8]) -> Option<&'a str> {
        std::str::from_utf8(piece(text, self.label?)?).ok()
    }

    /// Its meters in the text that it was read from, by name.
    #[inline]
    pub(super) fn meters<'a>(&self, text: &'a [u8]) -> Option<BTreeMap<&'a str, Mib>> {
        meters(piece(text, self.meters?)?).map(|(meters, _)| meters)
    }
}

/// The figures of a record, without a resident size of 0 or less, which is a failed probe; its label and its meters
/// stand in the record.
pub(super) fn parts(record: &SnapshotRecord) -> (Snapshot, Beside) {
    let snapshot = Snapshot {
        at: record.t_ns,
        rss: record.rss_mb.filter(|rss| rss.get() > 0.0),
        children_rss: record.children_rss_mb,
        shared: record.shared_mb,
        pss: record.pss_mb,
        vms: record.vms_mb,
        system_percent: record.percent,
        available: record.available_mb,
        level: record.pressure_level,
        gc_collections: record.gc_collections,
        batch_size: record.batch_size,
        ..Snapshot::default()
    };
    let beside = Beside {
        peak_rss: record.peak_rss_mb,
        group: record.group_mb,
        heap_used: record.live.heap_used_mb,
        heap_free: record.live.heap_free_mb,
        py_blocks: record.live.py_blocks,
        ..Beside::default()
    };
    (snapshot, beside)
}

fn piece(text: &[u8], (from, to): Place) -> Option<&[u8]> {
    text.get(from as usize..to as usize)
}

/// Reads lines, and remembers which field followed which, how its numbers were spelt, and what whole lines look like.
#[derive(Debug)]
pub(super) struct SnapshotReader {
    /// First the field that begins a line, then by field.
    following: [Field; 1 + Field::ALL.len()],
    /// By field.
    spellings: [Spelling; Field::ALL.len()],
    shapes: LineShapes,
}

impl Default for SnapshotReader {
    fn default() -> Self {
        Self {
            following: [Field::Time; 1 + Field::ALL.len()],
            spellings: [Spelling::default(); Field::ALL.len()],
            shapes: LineShapes::default(),
        }
    }
}

impl SnapshotReader {
    /// Reads the line that begins at a byte of a text into the next row of columns, and what else it says into something
    /// empty; tells the byte after its end and whether it says anything else. `None` where it is for serde: columns are
    /// to be cut to the rows before then.
    #[inline(always)]
    pub(super) fn read(
        &mut self,
        text: &[u8],
        from: usize,
        columns: &mut SnapshotColumns,
        beside: &mut Beside,
    ) -> Option<(usize, bool)> {
        if let Some(length) = self.shapes.read(text.get(from..)?, columns) {
            return Some((from + length, false));
        }
        self.read_fields(text, from, columns, beside)
    }

    /// Reads a line of any shape, field by field.
    #[inline(never)]
    fn read_fields(
        &mut self,
        text: &[u8],
        from: usize,
        columns: &mut SnapshotColumns,
        beside: &mut Beside,
    ) -> Option<(usize, bool)> {
        let mut rest = text.get(from..)?.strip_prefix(TAG)?;
        let Self { following, spellings, shapes } = self;
        let mut line = Line { length: text.len(), spellings, row: columns.len(), columns, beside };
        // Each field once: a second one is a fault, which serde tells.
        let (mut seen, mut before) = (0_u32, 0);
        loop {
            let expected = following[before];
            let (field, next) = match line.take(expected, rest) {
                Some(next) => (expected, next),
                None => line.take_other(&mut following[before], rest)?,
            };
            before = field as usize + 1;
            let bit = 1 << field as u32;
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
            match next {
                [b',', next @ ..] => rest = next,
                [b'}', end @ ..] => {
                    let end = match end {
                        [b'\n', next @ ..] | [b'\r', b'\n', next @ ..] => next,
                        [] => end,
                        _ => return None,
                    };
                    // The one field that must be there.
                    let timed = seen & 1 << Field::Time as u32 != 0;
                    let (end, says_more) = (text.len() - end.len(), seen & BESIDE != 0);
                    if timed && !says_more {
                        shapes.note(text, from, end);
                    }
                    return timed.then_some((end, says_more));
                }
                _ => return None,
            }
        }
    }
}

/// A line on its way into a row of columns and what it says beside.
struct Line<'s> {
    /// Of the text that it stands in, for places.
    length: usize,
    spellings: &'s mut [Spelling; Field::ALL.len()],
    row: usize,
    columns: &'s mut SnapshotColumns,
    beside: &'s mut Beside,
}

impl Line<'_> {
    /// Reads a field that is not the one expected, and remembers what followed.
    #[cold]
    fn take_other<'a>(&mut self, expected: &mut Field, text: &'a [u8]) -> Option<(Field, &'a [u8])> {
        let field = Field::ALL.into_iter().find(|field| field.strip(text).is_some())?;
        if field == *expected {
            return None;
        }
        *expected = field;
        self.take(field, text).map(|rest| (field, rest))
    }

    /// Reads a field with its name, and tells what follows; `None` where the text begins with another one, too.
    ///
    /// Each field has a way of its own down to its number: one jump a field.
    #[inline(always)]
    fn take<'a>(&mut self, field: Field, text: &'a [u8]) -> Option<&'a [u8]> {
        let spelling = &mut self.spellings[field as usize];
        let (row, columns) = (self.row, &mut *self.columns);
        match field {
            Field::Time => {
                let (at, rest) = spelling.whole(Field::Time.strip(text)?)?;
                columns.at.push(Offset::from_nanos(i64::try_from(at).ok()?));
                Some(rest)
            }
            Field::Rss => {
                let value = Field::Rss.strip(text)?;
                let Some((mb, rest)) = spelling.float(value) else { return null(value) };
                // A failed probe.
                if mb <= 0.0 {
                    return Some(rest);
                }
                SnapshotColumns::put(&mut columns.rss, row, Some(Mib::new(mb)));
                ranges::is_size(mb).then_some(rest)
            }
            Field::Children => size(Field::Children.strip(text)?, spelling, row, &mut columns.children_rss),
            Field::Shared => size(Field::Shared.strip(text)?, spelling, row, &mut columns.shared),
            Field::Pss => size(Field::Pss.strip(text)?, spelling, row, &mut columns.pss),
            Field::Vms => size(Field::Vms.strip(text)?, spelling, row, &mut columns.vms),
            Field::Available => size(Field::Available.strip(text)?, spelling, row, &mut columns.available),
            Field::PeakRss => one_size(Field::PeakRss.strip(text)?, spelling, &mut self.beside.peak_rss),
            Field::Group => one_size(Field::Group.strip(text)?, spelling, &mut self.beside.group),
            Field::HeapUsed => one_size(Field::HeapUsed.strip(text)?, spelling, &mut self.beside.heap_used),
            Field::HeapFree => one_size(Field::HeapFree.strip(text)?, spelling, &mut self.beside.heap_free),
            Field::Percent => {
                let value = Field::Percent.strip(text)?;
                let Some((percent, rest)) = spelling.float(value) else { return null(value) };
                SnapshotColumns::put(&mut columns.system_percent, row, Some(percent));
                ranges::is_percent(percent).then_some(rest)
            }
            Field::Level => {
                let value = Field::Level.strip(text)?;
                let Some((found, rest)) = level(value) else { return null(value) };
                SnapshotColumns::put(&mut columns.level, row, Some(found));
                Some(rest)
            }
            Field::Collections => {
                let value = Field::Collections.strip(text)?;
                let Some((count, rest)) = spelling.whole(value) else { return null(value) };
                SnapshotColumns::put(&mut columns.gc_collections, row, Some(count));
                ranges::is_count(count).then_some(rest)
            }
            Field::BatchSize => {
                let value = Field::BatchSize.strip(text)?;
                let Some((size, rest)) = spelling.whole(value) else { return null(value) };
                SnapshotColumns::put(&mut columns.batch_size, row, Some(u32::try_from(size).ok()?));
                Some(rest)
            }
            Field::Blocks => {
                let value = Field::Blocks.strip(text)?;
                let Some((count, rest)) = spelling.whole(value) else { return null(value) };
                self.beside.py_blocks = Some(count);
                ranges::is_count(count).then_some(rest)
            }
            Field::Label => {
                let value = Field::Label.strip(text)?;
                let Some((name, rest)) = string(value) else { return null(value) };
                std::str::from_utf8(name).ok()?;
                // Between its quotes.
                let (from, to) = place(self.length, &value[1..], rest)?;
                self.beside.label = Some((from, to - 1));
                Some(rest)
            }
            Field::Meters => {
                let value = Field::Meters.strip(text)?;
                let (_, rest) = meters(value)?;
                self.beside.meters = Some(place(self.length, value, rest)?);
                Some(rest)
            }
        }
    }
}

/// Reads a size of memory into a row of a column, and tells what follows.
#[inline(always)]
fn size<'a>(
    value: &'a [u8],
    spelling: &mut Spelling,
    row: usize,
    column: &mut Vec<Option<Mib>>,
) -> Option<&'a [u8]> {
    let Some((mb, rest)) = spelling.float(value) else { return null(value) };
    SnapshotColumns::put(column, row, Some(Mib::new(mb)));
    ranges::is_size(mb).then_some(rest)
}

/// Reads a size that has no column.
#[inline(always)]
fn one_size<'a>(value: &'a [u8], spelling: &mut Spelling, into: &mut Option<Mib>) -> Option<&'a [u8]> {
    let Some((mb, rest)) = spelling.float(value) else { return null(value) };
    *into = Some(Mib::new(mb));
    ranges::is_size(mb).then_some(rest)
}

/// What follows a value that is left open.
fn null(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"null")
}

/// Where in a text of some length a part begins and ends, by what follows each.
fn place(length: usize, from: &[u8], to: &[u8]) -> Option<Place> {
    let at = |rest: &[u8]| u32::try_from(length - rest.len()).ok();
    at(from).zip(at(to))
}

/// Reads an object of sizes that has at least one; what follows it.
fn meters(object: &[u8]) -> Option<(BTreeMap<&str, Mib>, &[u8])> {
    let mut rest = object.strip_prefix(b"{")?;
    let mut meters = BTreeMap::new();
    loop {
        let (name, value) = string(rest)?;
        let (size, after) = float(value.strip_prefix(b":")?)?;
        let name = std::str::from_utf8(name).ok().filter(|_| ranges::is_size(size))?;
        meters.insert(name, Mib::new(size));
        match after {
            [b',', next @ ..] => rest = next,
            [b'}', next @ ..] => return Some((meters, next)),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::parse;
    use super::super::v1::Record;
    use super::*;

    /// A line read by serde and checked, the plain way; without the resident size of a failed probe.
    fn plain(line: &[u8]) -> Option<SnapshotRecord> {
        match parse(line, 1) {
            Ok(Record::Snapshot(record)) => {
                Some(SnapshotRecord { rss_mb: record.rss_mb.filter(|rss| rss.get() > 0.0), ..record })
            }
            _ => None,
        }
    }

    /// A line read here, as the record that it stands for.
    fn record(reader: &mut SnapshotReader, text: &[u8]) -> Option<SnapshotRecord> {
        let (mut columns, mut beside) = (SnapshotColumns::default(), Beside::default());
        let (end, says_more) = reader.read(text, 0, &mut columns, &mut beside)?;
        assert_eq!(end, text.len());
        columns.complete();
        Some(record_of(&columns, text, says_more.then_some(&beside)))
    }

    /// The record that the first row stands for, with what its line says beside.
    fn record_of(columns: &SnapshotColumns, text: &[u8], beside: Option<&Beside>) -> SnapshotRecord {
        let line = columns.rows(0..1).snapshot(0);
        let mut record = SnapshotRecord {
            t_ns: line.at,
            rss_mb: line.rss,
            children_rss_mb: line.children_rss,
            shared_mb: line.shared,
            pss_mb: line.pss,
            vms_mb: line.vms,
            available_mb: line.available,
            percent: line.system_percent,
            pressure_level: line.level,
            gc_collections: line.gc_collections,
            batch_size: line.batch_size,
            ..SnapshotRecord::default()
        };
        if let Some(beside) = beside {
            record.operation = beside.label(text).map(str::to_owned);
            record.peak_rss_mb = beside.peak_rss;
            record.group_mb = beside.group;
            record.live.heap_used_mb = beside.heap_used;
            record.live.heap_free_mb = beside.heap_free;
            record.live.py_blocks = beside.py_blocks;
            record.live.meters =
                beside.meters(text).into_iter().flatten().map(|(name, mb)| (name.to_owned(), mb)).collect();
        }
        record
    }

    fn real_lines() -> Vec<Vec<u8>> {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/runs/memory_stream_20261123T043010Z_phases.ndjson"
        );
        let text = std::fs::read(path).expect("a fixture");
        text.split(|b| *b == b'\n').filter(|line| line.starts_with(TAG)).map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn every_line_of_a_real_stream_is_plain() {
        let (lines, mut reader) = (real_lines(), SnapshotReader::default());
        assert!(lines.len() > 50);
        for line in lines {
            assert_eq!(record(&mut reader, &line).expect("a plain line"), plain(&line).expect("a record"));
        }
    }

    #[test]
    fn a_damaged_line_is_what_serde_says_or_left_to_it() {
        let mut lines = real_lines();
        lines.push(br#"{"type":"snapshot","t_ns":7,"rss_mb":null,"pressure_level":"high","operation":"a b","percent":9.5}"#.to_vec());
        lines.push(br#"{"type":"snapshot","t_ns":7,"rss_mb":5.5,"heap_used_mb":3.25,"heap_free_mb":0.5,"py_blocks":12,"meters":{"duckdb":1.5,"pool":2.0},"group_mb":9.0,"peak_rss_mb":6.0}"#.to_vec());
        let words = [
            "1",
            "\"",
            "\\",
            "{",
            "}",
            ",",
            ":",
            "null",
            "\u{fc}",
            " ",
            ".",
            "e5",
            "-",
            "0",
            "\"type\":",
            "99999",
        ];
        let mut state = 3_u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % bound
        };
        let (mut read, mut reader) = (0, SnapshotReader::default());
        for _ in 0..20_000 {
            let mut line = lines[below(lines.len())].clone();
            let at = below(line.len());
            let end = (at + below(3)).min(line.len());
            line.splice(at..end, words[below(words.len())].bytes());
            if let Some(record) = record(&mut reader, &line) {
                assert_eq!(Some(record), plain(&line), "{}", String::from_utf8_lossy(&line));
                read += 1;
            }
        }
        assert!((1_000..15_000).contains(&read), "{read} read");
    }

    #[test]
    fn lines_in_a_row_are_what_serde_says_of_each_or_left_to_it() {
        let mut state = 7_u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let mut lines = Vec::new();
        for index in 0..40_000_u64 {
            let (at, rss, left) = (index * 1_000_003, below(90_000), 1_000_000 + below(300_000));
            let hundredths = |size: u64| format!("{:?}", size as f64 / 100.0);
            let mut line = match index / 5_000 {
                0 | 3 => {
                    format!(r#""t_ns":{at},"rss_mb":{},"batch_size":{}"#, hundredths(rss), 90 + below(20))
                }
                1 => {
                    format!(r#""rss_mb":{},"t_ns":{at},"available_mb":{}"#, hundredths(rss), hundredths(left))
                }
                2 => format!(
                    r#""t_ns":{at},"rss_mb":0.00,"gc_collections":{},"percent":{}.5"#,
                    below(12),
                    below(120)
                ),
                4 => format!(
                    r#""t_ns":{at},"rss_mb":{}.5,"gc_collections":{}"#,
                    below(3),
                    10_u64.pow(7) + index
                ),
                5 => format!(r#""t_ns":{at},"shared_mb":{left}.25,"vms_mb":{rss}.5,"pss_mb":0.{rss:05}"#),
                _ => format!(r#""t_ns":{at},"children_rss_mb":{}.0,"operation":"load""#, below(30)),
            };
            line = format!("{{\"type\":\"snapshot\",{line}}}");
            if below(9) == 0 {
                let place = below(line.len() as u64) as usize;
                let letter = b"0123456789.,:-+e}{\"n\r x"[below(23) as usize];
                line.replace_range(place..=place, std::str::from_utf8(&[letter]).expect("a letter"));
            }
            lines.push(line);
        }
        let text = lines.join("\n") + "\n";
        let (mut reader, mut from, mut read) = (SnapshotReader::default(), 0, 0);
        for line in &lines {
            let next = from + line.len() + 1;
            let (mut columns, mut beside) = (SnapshotColumns::default(), Beside::default());
            if let Some((end, says_more)) = reader.read(text.as_bytes(), from, &mut columns, &mut beside) {
                assert_eq!(end, next, "{line}");
                columns.complete();
                let found = record_of(&columns, text.as_bytes(), says_more.then_some(&beside));
                assert_eq!(Some(found), plain(line.as_bytes()), "{line}");
                read += 1;
            }
            from = next;
        }
        assert!((30_000..39_500).contains(&read), "{read} read");
    }

    #[test]
    fn a_line_ends_where_its_text_goes_on() {
        let text =
            b"{\"type\":\"snapshot\",\"t_ns\":1}\r\n{\"type\":\"snapshot\",\"t_ns\":2,\"rss_mb\":5}\nrest";
        let mut reader = SnapshotReader::default();
        let mut read = |from| {
            let mut columns = SnapshotColumns::default();
            let (end, _) = reader.read(text, from, &mut columns, &mut Beside::default())?;
            Some((end, columns.rss.first().copied().flatten()))
        };
        let (second, _) = read(0).expect("a line");
        let (end, rss) = read(second).expect("another one");
        assert_eq!((&text[end..], rss), (&b"rest"[..], Some(Mib::new(5.0))));
        assert_eq!(read(end), None);
    }
}
