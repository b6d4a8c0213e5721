//! A part of a stream: whole lines, read at once and parsed apart from the parts around it.

use std::io::{self, Read};
use std::mem;
use std::ops::Range;

use super::line::parse;
use super::snapshot_line::{Beside, SnapshotReader};
use super::v1::Record;
use crate::lookahead::{Lookahead, refuse_endless};
use crate::snapshot::{Snapshot, SnapshotKind};
use crate::units::Offset;

/// Bytes of a block: with what is parsed of it, it stays in a processor's second cache, and handing it to another thread
/// costs little beside it.
const BYTES: usize = 256 << 10;

/// Snapshots that are given on at once: they stay in a processor's first cache while they are completed and columns are
/// made of them.
const AT_ONCE: usize = 256;

/// A snapshot that says nothing: copied whole, which is quicker than setting its fields one by one.
const EMPTY: Snapshot = Snapshot {
    at: Offset::START,
    rss: None,
    children_rss: None,
    shared: None,
    pss: None,
    vms: None,
    system_percent: None,
    available: None,
    level: None,
    gc_collections: None,
    batch_size: None,
    kind: SnapshotKind::Regular,
    operation: None,
};

/// Lines of a stream, and what they say.
#[derive(Default)]
pub(super) struct Block {
    text: Vec<u8>,
    /// Snapshots in their usual spelling, in order.
    snapshots: Vec<Snapshot>,
    /// What some of them say beside their figures, in order.
    beside: Vec<Beside>,
    /// All other lines that are not blank, in order.
    others: Vec<OtherLine>,
    /// All lines.
    lines: usize,
    /// Whether a line feed ends the last one.
    ended: bool,
    reader: Box<SnapshotReader>,
}

/// A line that is no snapshot in its usual spelling.
pub(super) struct OtherLine {
    /// How many lines of the block stand before it.
    pub(super) before: usize,
    /// How many of its snapshots do.
    snapshots: usize,
    place: Range<usize>,
    /// `None` where something is wrong: it is told by parsing the line again with its number.
    pub(super) record: Option<Box<Record>>,
}

/// What stands next in a block.
pub(super) enum Part<'a> {
    /// Some snapshots, at most so many as are given on at once.
    Snapshots(SnapshotLines<'a>),
    /// Any other line with its letters, and whether a line feed ends it.
    Other(OtherLine, &'a [u8], bool),
}

/// Snapshots in a row.
pub(super) struct SnapshotLines<'a> {
    pub(super) snapshots: &'a mut [Snapshot],
    /// The first one's place in the block.
    pub(super) first: usize,
    /// What some of them say beside their figures.
    pub(super) beside: &'a [Beside],
    /// What they were read from.
    pub(super) text: &'a [u8],
}

impl Block {
    /// Reads the next block: so many bytes, and on to the end of a line. `left` has the beginning
    /// of a line that was read before, and takes what is read too far. False at the file's end.
    pub(super) fn fill<R: Read>(
        &mut self,
        input: &mut Lookahead<'_, R>,
        left: &mut Vec<u8>,
    ) -> io::Result<bool> {
        self.text.clear();
        self.text.append(left);
        let mut wanted = BYTES;
        let end = loop {
            let from = self.text.len();
            if input.append(wanted, &mut self.text)? == 0 {
                self.ended = self.text.last() == Some(&b'\n');
                return Ok(!self.text.is_empty());
            }
            if let Some(end) = memchr::memrchr(b'\n', &self.text[from..]) {
                break from + end + 1;
            }
            refuse_endless(self.text.len())?;
            // A long line costs no more than twice its length.
            wanted = BYTES.max(self.text.len());
        };
        left.extend_from_slice(&self.text[end..]);
        self.text.truncate(end);
        self.ended = true;
        Ok(true)
    }

    /// Parses all its lines.
    pub(super) fn parse(&mut self) {
        self.snapshots.clear();
        self.beside.clear();
        self.others.clear();
        self.lines = 0;
        let (mut start, mut beside) = (0, Beside::default());
        while start < self.text.len() {
            let place = self.snapshots.len();
            let snapshot = self.snapshots.push_mut(EMPTY);
            start = match self.reader.read(&self.text, start, snapshot, &mut beside) {
                Some((next, false)) => next,
                Some((next, true)) => {
                    beside.place = place;
                    self.beside.push(mem::take(&mut beside));
                    next
                }
                None => {
                    self.snapshots.pop();
                    beside = Beside::default();
                    self.parse_other(start)
                }
            };
            self.lines += 1;
        }
    }

    /// Parses the line that begins at a byte in the plain way, and tells the byte after it.
    fn parse_other(&mut self, start: usize) -> usize {
        let rest = &self.text[start..];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..length];
        if !line.trim_ascii().is_empty() {
            self.others.push(OtherLine {
                before: self.lines,
                snapshots: self.snapshots.len(),
                place: start..start + length,
                record: parse(line, 0).ok().map(Box::new),
            });
        }
        start + length + 1
    }

    /// Gives what its lines say, in their order.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Part<'_>> {
        let Self { text, snapshots, beside, others, lines, ended, .. } = self;
        let (text, mut snapshots, mut beside) =
            (text.as_slice(), snapshots.as_mut_slice(), beside.as_slice());
        let mut first = 0;
        let mut others = others.drain(..).peekable();
        std::iter::from_fn(move || {
            let next = others.peek().map_or(snapshots.len(), |line| line.snapshots - first).min(AT_ONCE);
            if next > 0 {
                let some = snapshots.split_off_mut(..next)?;
                let more =
                    beside.split_off(..beside.partition_point(|beside| beside.place < first + next))?;
                let lines = SnapshotLines { snapshots: some, first, beside: more, text };
                first += next;
                return Some(Part::Snapshots(lines));
            }
            let line = others.next()?;
            let letters = &text[line.place.clone()];
            let whole = *ended || line.before + 1 < *lines;
            Some(Part::Other(line, letters, whole))
        })
    }

    /// How many lines it has, blank ones too.
    pub(super) const fn lines(&self) -> usize {
        self.lines
    }
}
