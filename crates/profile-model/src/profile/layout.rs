//! How the rows of a history are laid out, learnt from one of them.
//!
//! A profile's writer spells every row alike: the same keys in the same order with the same
//! blanks. What stands between the values is therefore compared as a whole, 32 bytes at a time,
//! and only the values are read. A row that differs in any way is left to serde, so that a
//! layout decides how fast a row is read and never what it says.

use super::sample::Sample;
use crate::json_token::{level, or_null, string};
use crate::spelling::Spelling;
use crate::time::{Clock, Spelled};

/// The keys of a row, in the order of the existing manager.
const KEYS: [&str; 9] = [
    "timestamp",
    "rss_mb",
    "vms_mb",
    "percent",
    "available_mb",
    "pressure_level",
    "gc_collections",
    "batch_size",
    "operation",
];

/// Bytes that are compared at once: the longest key at an indent of four fits.
const WIDTH: usize = 32;

/// What stands before each value, and after the last.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    before: [Glue; KEYS.len()],
    end: Glue,
    /// How the last numbers were spelt, in the order of their keys.
    spellings: [Spelling; 6],
}

/// A few bytes, filled up with zeros.
#[derive(Debug, Clone, Copy)]
struct Glue {
    bytes: [u8; WIDTH],
    mask: [u8; WIDTH],
    length: usize,
}

impl Glue {
    fn new(text: &[u8]) -> Option<Self> {
        let (mut bytes, mut mask) = ([0; WIDTH], [0; WIDTH]);
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        mask[..text.len()].fill(0xff);
        Some(Self { bytes, mask, length: text.len() })
    }

    /// What follows these bytes, if the text begins with them and is long enough to tell.
    #[inline(always)]
    fn strip<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (start, _) = text.split_first_chunk::<WIDTH>()?;
        let glue = self.bytes.iter().zip(&self.mask);
        let differ =
            start.iter().zip(glue).fold(0, |differ, (byte, (own, mask))| differ | ((byte & mask) ^ own));
        if differ == 0 { text.get(self.length..) } else { None }
    }
}

impl Layout {
    /// The layout of the row at the beginning of a text, if it has all keys in their order.
    pub(super) fn learn(text: &[u8]) -> Option<Self> {
        let mut before = [Glue::new(b"")?; KEYS.len()];
        let mut rest = text;
        for (place, key) in KEYS.iter().enumerate() {
            let start = rest;
            rest = strip(blank(rest), if place == 0 { b"{" } else { b"," })?;
            rest = strip(blank(rest), b"\"")?;
            rest = strip(strip(rest, key.as_bytes())?, b"\"")?;
            rest = blank(strip(blank(rest), b":")?);
            before[place] = Glue::new(&start[..start.len() - rest.len()])?;
            rest = after_value(rest)?;
        }
        let start = rest;
        rest = strip(blank(rest), b"}")?;
        let end = Glue::new(&start[..start.len() - rest.len()])?;
        Some(Self { before, end, spellings: Default::default() })
    }

    /// Letters from the start of a row to its first value.
    pub(super) const fn start(&self) -> usize {
        self.before[0].length
    }

    /// Reads the row at the beginning of a text, and tells what follows it; `None` where it is
    /// laid out in another way, or goes on too near to the text's end.
    pub(super) fn read<'a>(&mut self, text: &'a [u8], clock: &mut Clock) -> Option<(Sample<'a>, &'a [u8])> {
        let [timestamp, rss, vms, percent, available, pressure, collections, batch_size, operation] =
            &self.before;
        let [rss_spelt, vms_spelt, percent_spelt, available_spelt, collections_spelt, size_spelt] =
            &mut self.spellings;
        let (at, rest) = time(timestamp.strip(text)?, clock)?;
        let (rss_mb, rest) = rss_spelt.float(rss.strip(rest)?)?;
        let (vms_mb, rest) = float_or_null(vms.strip(rest)?, vms_spelt)?;
        let (system_percent, rest) = float_or_null(percent.strip(rest)?, percent_spelt)?;
        let (available_mb, rest) = float_or_null(available.strip(rest)?, available_spelt)?;
        let (level, rest) = or_null(pressure.strip(rest)?, level)?;
        let (gc_collections, rest) = whole_or_null(collections.strip(rest)?, collections_spelt)?;
        let (batch_size, rest) = whole_or_null(batch_size.strip(rest)?, size_spelt)?;
        let (operation, rest) = or_null(operation.strip(rest)?, string)?;
        let sample = Sample {
            at,
            rss_mb,
            vms_mb,
            system_percent,
            available_mb,
            level,
            gc_collections,
            batch_size: batch_size.map(u32::try_from).transpose().ok()?,
            operation: operation.map(std::str::from_utf8).transpose().ok()?,
        };
        Some((sample, self.end.strip(rest)?))
    }
}

// Inlined with the number's own reading: a result that goes through memory costs as much as the number.

#[inline(always)]
fn float_or_null<'a>(text: &'a [u8], spelling: &mut Spelling) -> Option<(Option<f64>, &'a [u8])> {
    or_null(text, |text| spelling.float(text))
}

#[inline(always)]
fn whole_or_null<'a>(text: &'a [u8], spelling: &mut Spelling) -> Option<(Option<u64>, &'a [u8])> {
    or_null(text, |text| spelling.whole(text))
}

/// A time between its quotes: all its letters are looked at, so that no quote is missed.
#[inline]
fn time<'a>(text: &'a [u8], clock: &mut Clock) -> Option<(Spelled, &'a [u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let length = Clock::LENGTHS.into_iter().find(|length| inside.get(*length) == Some(&b'"'))?;
    let (letters, rest) = inside.split_at(length);
    Some((clock.read(letters)?, &rest[1..]))
}

fn blank(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
    &text[end.unwrap_or(text.len())..]
}

fn strip<'a>(text: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    text.strip_prefix(start)
}

/// What follows a simple value: a text without escapes, a number or a word.
fn after_value(text: &[u8]) -> Option<&[u8]> {
    if let Some((_, rest)) = string(text) {
        return Some(rest);
    }
    let end = text.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"+-.".contains(byte)))?;
    (end > 0).then(|| &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{ "timestamp": "2026-01-01T00:00:01", "rss_mb": 100.5, "vms_mb": null, "percent": 1,
        "available_mb": 2e3, "pressure_level": "low", "gc_collections": 7, "batch_size": 500, "operation": "load" }"#;

    fn read(layout: &mut Layout, text: &str) -> Option<f64> {
        let text = format!("{text},                                         ");
        layout.read(text.as_bytes(), &mut Clock::default()).map(|(sample, rest)| {
            assert!(rest.starts_with(b","), "the whole row is taken");
            sample.rss_mb
        })
    }

    #[test]
    fn a_row_like_the_one_learnt_from_is_read() {
        let mut layout = Layout::learn(ROW.as_bytes()).expect("a layout");
        assert_eq!(read(&mut layout, ROW), Some(100.5));
        assert_eq!(read(&mut layout, &ROW.replace("100.5", "99").replace("\"load\"", "null")), Some(99.0));
    }

    #[test]
    fn a_row_that_differs_is_left_alone() {
        let mut layout = Layout::learn(ROW.as_bytes()).expect("a layout");
        let others = [
            ("rss_mb", "rss_md"),
            ("\"rss_mb\": ", "\"rss_mb\":"),
            ("100.5", "NaN"),
            ("100.5", "1e400"),
            ("100.5", "\"100\""),
            ("\"low\"", "\"lower\""),
            ("500", "5000000000"),
            ("7,", "7.5,"),
            ("load", "lo\\u0061d"),
            ("load\" }", "load\", \"more\": 1 }"),
            ("T00", " 00"),
        ];
        for (from, to) in others {
            assert!(ROW.contains(from));
            assert_eq!(read(&mut layout, &ROW.replace(from, to)), None, "{from} → {to}");
        }
        assert!(Layout::learn(ROW.replace("percent", "share").as_bytes()).is_none());
    }
}
