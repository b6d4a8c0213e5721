//! Snapshot lines as the recorder spells them, of which a stream mostly consists.
//!
//! serde reads an enum told by its tag twice: first as anything, then as what the tag says. Here
//! the fields are read as they come. A line that is spelt in any other way, with blanks, escapes or
//! fields that are not known, is left to serde.

use super::v1::SnapshotRecord;
use crate::json_token::{level, or_null, string};
use crate::number::{float, whole};
use crate::units::{Mib, Offset};

const TAG: &[u8] = br#"{"type":"snapshot","#;

/// How many fields there are.
const FIELDS: usize = 18;

/// Reads a line; `None` where it is for serde.
pub(super) fn snapshot(line: &[u8]) -> Option<SnapshotRecord> {
    let mut rest = line.strip_suffix(b"\r").unwrap_or(line).strip_prefix(TAG)?;
    let mut record = SnapshotRecord::default();
    // Each field once: a second one is a fault, which serde tells.
    let mut seen = [false; FIELDS];
    loop {
        let (name, value) = string(rest)?;
        let value = value.strip_prefix(b":")?;
        let field;
        (field, rest) = read(name, value, &mut record)?;
        if std::mem::replace(&mut seen[field], true) {
            return None;
        }
        match rest {
            [b',', next @ ..] => rest = next,
            b"}" => break,
            _ => return None,
        }
    }
    // The one field that must be there.
    seen[0].then_some(record)
}

/// Reads the value of a field, and tells the field's number and what follows.
fn read<'a>(name: &[u8], value: &'a [u8], record: &mut SnapshotRecord) -> Option<(usize, &'a [u8])> {
    let mut size = |number: usize, field: fn(&mut SnapshotRecord) -> &mut Option<Mib>| {
        let (found, rest) = or_null(value, float)?;
        *field(record) = found.map(Mib::new);
        Some((number, rest))
    };
    match name {
        b"t_ns" => {
            let (at, rest) = whole(value)?;
            record.t_ns = Offset::from_nanos(i64::try_from(at).ok()?);
            Some((0, rest))
        }
        b"rss_mb" => size(1, |r| &mut r.rss_mb),
        b"children_rss_mb" => size(2, |r| &mut r.children_rss_mb),
        b"shared_mb" => size(3, |r| &mut r.shared_mb),
        b"pss_mb" => size(4, |r| &mut r.pss_mb),
        b"vms_mb" => size(5, |r| &mut r.vms_mb),
        b"available_mb" => size(6, |r| &mut r.available_mb),
        b"percent" => {
            let (percent, rest) = or_null(value, float)?;
            record.percent = percent;
            Some((7, rest))
        }
        b"pressure_level" => {
            let (level, rest) = or_null(value, level)?;
            record.pressure_level = level;
            Some((8, rest))
        }
        b"gc_collections" => {
            let (collections, rest) = or_null(value, whole)?;
            record.gc_collections = collections;
            Some((9, rest))
        }
        b"batch_size" => {
            let (size, rest) = or_null(value, whole)?;
            record.batch_size = size.map(u32::try_from).transpose().ok()?;
            Some((10, rest))
        }
        b"operation" => {
            let (name, rest) = or_null(value, string)?;
            record.operation = name.map(std::str::from_utf8).transpose().ok()?.map(str::to_owned);
            Some((11, rest))
        }
        b"peak_rss_mb" => size(12, |r| &mut r.peak_rss_mb),
        b"group_mb" => size(13, |r| &mut r.group_mb),
        b"heap_used_mb" => size(14, |r| &mut r.live.heap_used_mb),
        b"heap_free_mb" => size(15, |r| &mut r.live.heap_free_mb),
        b"py_blocks" => {
            let (blocks, rest) = or_null(value, whole)?;
            record.live.py_blocks = blocks;
            Some((16, rest))
        }
        b"meters" => Some((17, meters(value, record)?)),
        _ => None,
    }
}

/// Reads an object of sizes that has at least one; what follows it.
fn meters<'a>(object: &'a [u8], record: &mut SnapshotRecord) -> Option<&'a [u8]> {
    let mut rest = object.strip_prefix(b"{")?;
    loop {
        let (name, value) = string(rest)?;
        let (size, after) = float(value.strip_prefix(b":")?)?;
        let name = std::str::from_utf8(name).ok()?.to_owned();
        record.live.meters.insert(name, Mib::new(size));
        match after {
            [b',', next @ ..] => rest = next,
            [b'}', next @ ..] => return Some(next),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::v1::Record;
    use super::*;

    fn by_serde(line: &[u8]) -> Option<SnapshotRecord> {
        match serde_json::from_slice(line) {
            Ok(Record::Snapshot(record)) => Some(record),
            _ => None,
        }
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
        let lines = real_lines();
        assert!(lines.len() > 50);
        for line in lines {
            assert_eq!(snapshot(&line).expect("a plain line"), by_serde(&line).expect("a record"));
        }
    }

    #[test]
    fn a_damaged_line_is_what_serde_says_or_left_to_it() {
        let mut lines = real_lines();
        lines.push(br#"{"type":"snapshot","t_ns":7,"rss_mb":null,"pressure_level":"high","operation":"a b","percent":9.5}"#.to_vec());
        lines.push(br#"{"type":"snapshot","t_ns":7,"rss_mb":5.5,"heap_used_mb":3.25,"heap_free_mb":0.5,"py_blocks":12,"meters":{"duckdb":1.5,"pool":2.0},"group_mb":9.0,"peak_rss_mb":6.0}"#.to_vec());
        let words =
            ["1", "\"", "\\", "{", "}", ",", ":", "null", "\u{fc}", " ", ".", "e5", "-", "0", "\"type\":"];
        let mut state = 3_u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % bound
        };
        let mut read = 0;
        for _ in 0..20_000 {
            let mut line = lines[below(lines.len())].clone();
            let at = below(line.len());
            let end = (at + below(3)).min(line.len());
            line.splice(at..end, words[below(words.len())].bytes());
            if let Some(record) = snapshot(&line) {
                assert_eq!(Some(record), by_serde(&line), "{}", String::from_utf8_lossy(&line));
                read += 1;
            }
        }
        assert!((1_000..15_000).contains(&read), "{read} read");
    }
}
