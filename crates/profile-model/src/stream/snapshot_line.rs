//! Snapshot lines as the recorder spells them, of which a stream mostly consists.
//!
//! serde reads an enum told by its tag twice: first as anything, then as what the tag says. Here
//! the fields are read as they come, each expected to be the one that followed last time. A line that is
//! spelt in any other way, with blanks, escapes or fields that are not known, and one with a figure that
//! cannot be, is left to serde.

use std::collections::BTreeMap;

use super::snapshot_field::Field;
use super::v1::SnapshotRecord;
use crate::json_token::{level, string};
use crate::level::PressureLevel;
use crate::number::{float, whole};
use crate::ranges;
use crate::units::{Mib, Offset};

const TAG: &[u8] = br#"{"type":"snapshot","#;

/// How many fields are sizes of memory.
const SIZES: usize = Field::HeapFree as usize;

/// A snapshot's figures, and where in the text its label and its meters stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SnapshotLine {
    pub(super) at: Offset,
    sizes: [Option<Mib>; SIZES],
    pub(super) percent: Option<f64>,
    pub(super) gc_collections: Option<u64>,
    pub(super) py_blocks: Option<u64>,
    pub(super) batch_size: Option<u32>,
    pub(super) level: Option<PressureLevel>,
    label: Option<Place>,
    meters: Option<Place>,
}

/// A part of a text, by its first byte and the one after it.
type Place = (u32, u32);

impl SnapshotLine {
    /// The figures of a record; its label and its meters stand beside.
    pub(super) const fn of(record: &SnapshotRecord) -> Self {
        let live = &record.live;
        Self {
            at: record.t_ns,
            sizes: [
                record.rss_mb,
                record.children_rss_mb,
                record.shared_mb,
                record.pss_mb,
                record.vms_mb,
                record.available_mb,
                record.peak_rss_mb,
                record.group_mb,
                live.heap_used_mb,
                live.heap_free_mb,
            ],
            percent: record.percent,
            gc_collections: record.gc_collections,
            py_blocks: live.py_blocks,
            batch_size: record.batch_size,
            level: record.pressure_level,
            label: None,
            meters: None,
        }
    }

    /// A size of memory.
    #[inline]
    pub(super) const fn size(&self, field: Field) -> Option<Mib> {
        self.sizes[field as usize - 1]
    }

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

fn piece(text: &[u8], (from, to): Place) -> Option<&[u8]> {
    text.get(from as usize..to as usize)
}

/// Reads lines, and remembers which field followed which.
#[derive(Debug)]
pub(super) struct SnapshotReader {
    /// First the field that begins a line, then by field.
    following: [Field; 1 + Field::ALL.len()],
}

impl Default for SnapshotReader {
    fn default() -> Self {
        Self { following: [Field::Time; 1 + Field::ALL.len()] }
    }
}

impl SnapshotReader {
    /// Reads the line that begins at a byte of a text into an empty one, and tells the byte after its end; `None` where
    /// it is for serde.
    #[inline]
    pub(super) fn read(&mut self, text: &[u8], from: usize, line: &mut SnapshotLine) -> Option<usize> {
        let mut rest = text.get(from..)?.strip_prefix(TAG)?;
        // Each field once: a second one is a fault, which serde tells.
        let (mut seen, mut before) = (0_u32, 0);
        loop {
            let (field, value) = self.key(before, rest)?;
            before = field as usize + 1;
            let bit = 1 << field as u32;
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
            rest = line.take(field, value, text.len())?;
            match rest {
                [b',', next @ ..] => rest = next,
                [b'}', end @ ..] => {
                    let end = match end {
                        [b'\n', next @ ..] | [b'\r', b'\n', next @ ..] => next,
                        [] => end,
                        _ => return None,
                    };
                    // The one field that must be there.
                    return (seen & 1 << Field::Time as u32 != 0).then(|| text.len() - end.len());
                }
                _ => return None,
            }
        }
    }

    /// The field that a text begins with, and what follows its name.
    #[inline]
    fn key<'a>(&mut self, before: usize, text: &'a [u8]) -> Option<(Field, &'a [u8])> {
        let expected = self.following[before];
        if let Some(value) = expected.strip(text) {
            return Some((expected, value));
        }
        let (field, value) = Field::ALL.into_iter().find_map(|field| Some((field, field.strip(text)?)))?;
        self.following[before] = field;
        Some((field, value))
    }
}

impl SnapshotLine {
    /// Reads the value of a field, and tells what follows; of a text so long, for places in it.
    #[inline]
    fn take<'a>(&mut self, field: Field, value: &'a [u8], length: usize) -> Option<&'a [u8]> {
        match field {
            Field::Time => {
                let (at, rest) = whole(value)?;
                self.at = Offset::from_nanos(i64::try_from(at).ok()?);
                Some(rest)
            }
            Field::Percent => {
                let Some((percent, rest)) = float(value) else { return null(value) };
                self.percent = Some(percent).filter(|percent| ranges::is_percent(*percent));
                self.percent.map(|_| rest)
            }
            Field::Level => {
                let Some((found, rest)) = level(value) else { return null(value) };
                self.level = Some(found);
                Some(rest)
            }
            Field::Collections | Field::Blocks | Field::BatchSize => {
                let Some((count, rest)) = whole(value) else { return null(value) };
                match field {
                    Field::Collections => self.gc_collections = Some(count),
                    Field::Blocks => self.py_blocks = Some(count),
                    _ => self.batch_size = Some(u32::try_from(count).ok()?),
                }
                ranges::is_count(count).then_some(rest)
            }
            Field::Label => {
                let Some((name, rest)) = string(value) else { return null(value) };
                std::str::from_utf8(name).ok()?;
                // Between its quotes.
                let (from, to) = place(length, &value[1..], rest)?;
                self.label = Some((from, to - 1));
                Some(rest)
            }
            Field::Meters => {
                let (_, rest) = meters(value)?;
                self.meters = Some(place(length, value, rest)?);
                Some(rest)
            }
            _ => {
                let Some((mb, rest)) = float(value) else { return null(value) };
                self.sizes[field as usize - 1] = Some(Mib::new(mb));
                // A negative RSS is a failed probe.
                (ranges::is_size(mb) || field == Field::Rss && mb <= 0.0).then_some(rest)
            }
        }
    }
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

    /// A line read by serde and checked, the plain way.
    fn plain(line: &[u8]) -> Option<SnapshotRecord> {
        match parse(line, 1) {
            Ok(Record::Snapshot(record)) => Some(record),
            _ => None,
        }
    }

    /// A line read here, as the record that it stands for.
    fn record(reader: &mut SnapshotReader, text: &[u8]) -> Option<SnapshotRecord> {
        let mut line = SnapshotLine::default();
        let end = reader.read(text, 0, &mut line)?;
        assert_eq!(end, text.len());
        let mut record = SnapshotRecord {
            t_ns: line.at,
            rss_mb: line.size(Field::Rss),
            children_rss_mb: line.size(Field::Children),
            shared_mb: line.size(Field::Shared),
            pss_mb: line.size(Field::Pss),
            vms_mb: line.size(Field::Vms),
            available_mb: line.size(Field::Available),
            percent: line.percent,
            pressure_level: line.level,
            gc_collections: line.gc_collections,
            batch_size: line.batch_size,
            operation: line.label(text).map(str::to_owned),
            peak_rss_mb: line.size(Field::PeakRss),
            group_mb: line.size(Field::Group),
            ..SnapshotRecord::default()
        };
        record.live.heap_used_mb = line.size(Field::HeapUsed);
        record.live.heap_free_mb = line.size(Field::HeapFree);
        record.live.py_blocks = line.py_blocks;
        record.live.meters =
            line.meters(text).into_iter().flatten().map(|(name, mb)| (name.to_owned(), mb)).collect();
        Some(record)
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
    fn a_line_ends_where_its_text_goes_on() {
        let text =
            b"{\"type\":\"snapshot\",\"t_ns\":1}\r\n{\"type\":\"snapshot\",\"t_ns\":2,\"rss_mb\":5}\nrest";
        let (mut reader, mut line) = (SnapshotReader::default(), SnapshotLine::default());
        let second = reader.read(text, 0, &mut line).expect("a line");
        line = SnapshotLine::default();
        let end = reader.read(text, second, &mut line).expect("another one");
        assert_eq!((&text[end..], line.size(Field::Rss)), (&b"rest"[..], Some(Mib::new(5.0))));
        assert_eq!(reader.read(text, end, &mut line), None);
    }
}
